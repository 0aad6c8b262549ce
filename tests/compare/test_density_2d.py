"""Predictions and checkpoints of task density-2d give the numbers of the model that they came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.cegan.files import read_pair
from baselines.cegan.networks import Generator, ReluNet
from baselines.cegan.training import TrainedPair
from repro.compare.density_2d import Density2DFiles
from repro.data.kinds.mixtures import Samples2D, four_gaussians
from repro.data.sources.tensors import tensors
from repro.spec.load import load
from repro.spec.model import Column
from repro.spec.tables import find
from repro.tasks.density_2d import Density2D
from repro.worker.streams import generator

TASK = Density2D()
COLUMNS = dict(load(find("cegan/kl-2d")).columns)


@pytest.fixture(scope="module")
def data() -> Samples2D:
    return four_gaussians()


@pytest.fixture(scope="module")
def pair() -> TrainedPair:
    """Networks of 7 hidden units and 3 dimensions of noise whose outputs spread over the canvas."""
    torch.manual_seed(5)
    energy, points = ReluNet((2, 7, 1), 1, "cpu"), Generator((3, 7, 2), 1, "cpu")
    for network in (energy, points):
        for name, view in network.parameters.value.items():
            if name.startswith("W"):
                view.normal_()
    return TrainedPair(points, energy, 0, 3)


def state(pair: TrainedPair) -> dict[str, torch.Tensor]:
    networks: dict[str, ReluNet | Generator] = {"discriminator": pair._discriminator, "generator": pair._generator}
    found = {f"{net}.{key}": view[0] for net, n in networks.items() for key, view in n.parameters.value.items()}
    moments = {"running_mean": pair._generator.running_mean[0], "running_variance": pair._generator.running_variance[0]}
    return {key: value.clone() for key, value in (found | {f"generator.{k}": v for k, v in moments.items()}).items()}


def numbers(model: object, data: Samples2D, columns: dict[str, Column]) -> dict[str, float]:
    measured = TASK.measure(model, data, columns, generator(0, "measure")).measured  # type: ignore[arg-type]
    return {name: found.value for name, found in measured.items()}


def test_predictions_and_a_checkpoint_give_the_numbers_of_their_model(
    tmp_path: Path, data: Samples2D, pair: TrainedPair
) -> None:
    samples, energy = pair.sample(TASK.generated, generator(0, "measure")), pair.energy(data.grid.points)
    np.savez(tmp_path / "a.npz", samples=samples, energy=energy.reshape(100, 100))
    np.savez(tmp_path / "b.npz", samples=samples, log_density=-energy)
    torch.save(state(pair), tmp_path / "c.pt")
    expected = numbers(pair, data, COLUMNS)
    for name in ("a.npz", "b.npz"):
        loaded = Density2DFiles().predictions(tmp_path / name, data, COLUMNS)
        assert not loaded.lacking
        assert numbers(loaded.model, data, COLUMNS) == expected
    assert numbers(read_pair(tensors(tmp_path / "c.pt"), data, None), data, COLUMNS) == expected


def test_columns_that_need_what_is_not_there_are_named(tmp_path: Path, data: Samples2D) -> None:
    np.savez(tmp_path / "samples.npz", samples=np.zeros((TASK.generated, 2)))
    np.savez(tmp_path / "energy.npz", energy=np.zeros(10_000))
    without_energy = Density2DFiles().predictions(tmp_path / "samples.npz", data, COLUMNS).lacking
    without_samples = Density2DFiles().predictions(tmp_path / "energy.npz", data, COLUMNS).lacking
    assert {"disc_data", "gen_disc", "temperature", "data_tempered"} <= without_energy.keys()
    assert not {"gen_emp", "data_gen", "data_emp"} & without_energy.keys()
    assert {"gen_emp", "data_gen", "gen_disc"} <= without_samples.keys()
    assert not {"disc_data", "temperature"} & without_samples.keys()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"samples": np.zeros((99_999, 2))}, "the protocol counts 100000 generated points, it has 99999"),
        ({"samples": np.zeros((TASK.generated, 3))}, r"must have shape \(N, 2\), it has \(100000, 3\)"),
        ({"energy": np.zeros(9_999)}, r"must have shape \(10000,\) or \(100, 100\), it has \(9999,\)"),
        ({"energy": np.zeros(10_000), "log_density": np.zeros(10_000)}, "which one counts"),
    ],
)
def test_predictions_in_another_form_are_refused(
    tmp_path: Path, data: Samples2D, parts: dict[str, np.ndarray], said: str
) -> None:
    np.savez(tmp_path / "x.npz", **parts)  # type: ignore[arg-type]  # numpy's stub takes its own flag for a keyword
    with pytest.raises(ValueError, match=said):
        Density2DFiles().predictions(tmp_path / "x.npz", data, COLUMNS)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("generator.b3", None, "tensor 'generator.b3' is missing"),
        ("generator.extra", torch.zeros(1), "tensor 'generator.extra' is not one of the networks"),
        ("generator.W2", torch.zeros(7, 8), r"generator.W2 must have shape \(7, 7\), it has \(7, 8\)"),
        ("discriminator.W1", None, "there is no matrix 'discriminator.W1'"),
    ],
)
def test_checkpoints_of_other_networks_are_refused(
    data: Samples2D, pair: TrainedPair, name: str, value: torch.Tensor | None, said: str
) -> None:
    changed = {key: tensor for key, tensor in {**state(pair), name: value}.items() if tensor is not None}
    with pytest.raises(ValueError, match=said):
        read_pair(changed, data, None)
