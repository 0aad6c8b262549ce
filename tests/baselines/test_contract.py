"""The contract of `repro.contracts.Method`, for every registered method: a new one joins by being registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from baselines.training.loop import Loop
from baselines.training.parts import Part
from baselines.training.seeding import seeded
from repro.contracts import Context, Evaluation, Measurement
from repro.registry import METHODS
from repro.spec.model import Column
from tests.baselines.contract import (
    Case,
    Mortal,
    expect_a_killed_training_to_end_the_same,
    expect_a_restored_model_to_measure_the_same,
    expect_many_seeds_in_one_pass_to_be_as_many_models,
    expect_seeds_to_decide,
    expect_the_task_to_be_served,
    first_row,
)
from tests.baselines.kill import expect_the_same_bits


@pytest.mark.parametrize("name", sorted(METHODS.entries))
def test_a_method_keeps_its_contract(name: str, tmp_path: Path) -> None:
    case, context = Case.of(name), Mortal(tmp_path / "undisturbed")
    model = case.fit(context)
    expected = expect_the_task_to_be_served(case, model)
    expect_a_restored_model_to_measure_the_same(case, model, expected, tmp_path)
    if not case.is_timed:
        expect_a_killed_training_to_end_the_same(case, model, context, tmp_path / "killed")
        expect_seeds_to_decide(case, tmp_path)
    if hasattr(case.method, "fit_many"):
        expect_many_seeds_in_one_pass_to_be_as_many_models(case, tmp_path / "many")


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(METHODS.entries))
def test_a_method_whose_worker_is_killed_ends_with_the_same_bits(name: str, tmp_path: Path) -> None:
    case = Case.of(name)
    if case.is_timed:
        pytest.skip("its numbers are times")
    context = Mortal(tmp_path / "counted")
    case.fit(context)
    table, row, _ = first_row(name)
    expect_the_same_bits(tmp_path, table, row.name, least=2 if context.offered > 100 else 0)


class Sum:
    """A model that is asked for the sum of its outputs."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def state(self) -> dict[str, Any]:
        return {name: tensor.clone() for name, tensor in self.network.state_dict().items()}


@dataclass(frozen=True)
class SumTask:
    """Measures that sum."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        return frozenset()

    def signature(self, column: Column) -> str:
        return column.metric

    def measure(self, model: Sum, data: Any, columns: Mapping[str, Column], generator: Any) -> Evaluation:
        with torch.no_grad():
            value = float(model.network.eval()(torch.ones(1, 4)).sum())
        return Evaluation({name: Measurement(value=value, signature=self.signature(columns[name])) for name in columns})


@dataclass(frozen=True)
class Small:
    """Ten steps of a small network with dropout and batch normalisation, on the loop; `fault` is what is forgotten."""

    fault: str = ""

    def fit(self, data: Any, context: Context) -> Sum:
        with seeded(context, "weights", 0):
            network = nn.Sequential(nn.Linear(4, 7), nn.BatchNorm1d(7), nn.Dropout(0.5), nn.Linear(7, 1))
        if self.fault == "loop":
            return self._by_hand(network, context)
        adam = torch.optim.Adam(network.parameters(), lr=0.1)
        parts: dict[str, Part] = {"network": network, "adam": adam}
        if self.fault == "optimiser":
            parts.pop("adam")
        Loop(context, parts, lambda number: self._step(network, adam), until=10).run()
        return Sum(network)

    def _step(self, network: nn.Module, adam: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
        loss = (network(torch.randn(5, 4)) - 1).square().mean()
        adam.zero_grad()
        torch.autograd.backward(loss)
        adam.step()
        return {"loss": loss}

    def _by_hand(self, network: nn.Module, context: Context) -> Sum:
        """As one writes it who does not know the loop: all is saved but the state of torch's generator."""
        sgd, saved = torch.optim.SGD(network.parameters(), lr=0.1), context.restore()
        if saved is not None:
            network.load_state_dict(saved["network"])
        for number in range(saved["done"] if saved is not None else 0, 10):
            self._step(network, sgd)
            context.save({"network": network.state_dict(), "done": number + 1})
        return Sum(network)

    def restore(self, state: Any, context: Context) -> Sum:
        network = nn.Sequential(nn.Linear(4, 7), nn.BatchNorm1d(7), nn.Dropout(0.5), nn.Linear(7, 1))
        network.load_state_dict(
            {k: v for k, v in state.items() if self.fault != "buffers" or "running" not in k}, strict=False
        )
        return Sum(network)


def small(fault: str = "") -> Case:
    case = Case.of("data")  # a table and a row to stand in
    columns = {"sum": Column(label="Sum", metric="sum")}
    row = case.row.model_copy(update={"deterministic": False})
    found = replace(case.configuration, columns=columns)
    return replace(case, method=Small(fault), task=SumTask(), configuration=found, row=row)


def test_a_method_on_the_loop_keeps_the_contract_by_itself(tmp_path: Path) -> None:
    case, context = small(), Mortal(tmp_path / "undisturbed")
    model = case.fit(context)
    expect_a_restored_model_to_measure_the_same(case, model, case.measure(model), tmp_path)
    expect_a_killed_training_to_end_the_same(case, model, context, tmp_path / "killed")
    expect_seeds_to_decide(case, tmp_path)


@pytest.mark.parametrize("fault", ["loop", "optimiser"])
def test_a_method_that_forgets_part_of_its_state_is_found(fault: str, tmp_path: Path) -> None:
    case, context = small(fault), Mortal(tmp_path / "undisturbed")
    model = case.fit(context)
    with pytest.raises(AssertionError, match="a killed training ends with another model"):
        expect_a_killed_training_to_end_the_same(case, model, context, tmp_path / "killed")


def test_a_model_that_forgets_part_of_its_state_is_found(tmp_path: Path) -> None:
    case = small("buffers")
    model = case.fit(Mortal(tmp_path / "undisturbed"))
    with pytest.raises(AssertionError, match="a restored model has another state"):
        expect_a_restored_model_to_measure_the_same(case, model, case.measure(model), tmp_path)


def test_a_row_that_is_no_deterministic_one_is_found(tmp_path: Path) -> None:
    case = small()
    wrong = replace(case, row=case.row.model_copy(update={"deterministic": True}))
    with pytest.raises(AssertionError, match="more than the row says"):
        expect_seeds_to_decide(wrong, tmp_path)


def test_a_method_that_no_row_names_is_found() -> None:
    with pytest.raises(AssertionError, match="no row of any table trains by method 'nobody-s-method'"):
        first_row("nobody-s-method")
