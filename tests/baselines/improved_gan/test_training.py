"""Feature matching against the published step, in float64, and what must hold of its networks and losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.improved_gan.adam import RootAdam
from baselines.improved_gan.methods import FeatureMatching, FeatureMatchingRun, TrainedClassifier, flat
from baselines.improved_gan.networks import Classifier, Generator, NormalisedLinear
from baselines.improved_gan.objectives import feature_matching_loss, labelled_loss, unlabelled_loss
from repro.data.kinds.images import Split, digits
from repro.data.kinds.partly_labelled import PartlyLabelled
from repro.tasks.semi_supervised import SemiSupervised
from tests.baselines.contract import Mortal, same
from tests.baselines.improved_gan.published import Adam, Layer, Published

SMALL = FeatureMatching(
    hidden_sizes=(12, 9, 7), generator_sizes=(8, 6), noise_size=5, epochs=2, batch_size=20, initial_images=50,
    average_rate=0.05, unlabelled_weight=0.7, beta1=0.5, learning_rate=0.01,
)  # fmt: skip
TIGHT = {"rtol": 1e-9, "atol": 1e-11}  # float64: what is left is the order of sums, and Adam's division of small roots


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="module")
def view() -> PartlyLabelled:
    return SemiSupervised(labels=30).view(digits(), 0)


@dataclass
class Drawn:
    """What torch draws, in its order, while a run is made and makes steps."""

    normals: list[Tensor] = field(default_factory=list)
    uniforms: list[Tensor] = field(default_factory=list)

    @classmethod
    def recording(cls, patch: pytest.MonkeyPatch) -> Drawn:
        found, normal, uniform = cls(), torch.randn_like, torch.rand

        def randn_like(x: Tensor) -> Tensor:
            found.normals.append(normal(x))
            return found.normals[-1]

        def rand(*size: int, **where: Any) -> Tensor:
            found.uniforms.append(uniform(*size, **where))
            return found.uniforms[-1]

        patch.setattr(torch, "randn_like", randn_like)
        patch.setattr(torch, "rand", rand)
        return found

    def take(self) -> tuple[list[Tensor], list[Tensor]]:
        normals, uniforms = list(self.normals), list(self.uniforms)
        self.normals.clear()
        self.uniforms.clear()
        return normals, uniforms


def layer(of: NormalisedLinear) -> Layer:
    """A layer of ours in the other layout, with copies of its numbers."""
    return Layer(of.direction.detach().T.clone(), of.scale.detach().clone(), of.bias.detach().clone(), of.epsilon)


def published(method: FeatureMatching, classifier: Classifier, generator: Generator) -> Published:
    return Published(
        hidden=[layer(each) for each in classifier.hidden],  # type: ignore[arg-type]
        output=layer(classifier.output),
        generator_weights=[weight.detach().T.clone() for weight in generator.weights],
        generator_shifts=[shift.detach().clone() for shift in generator.shifts],
        generator_output=layer(generator.output),
        deviations=[0.3, *(0.5 for _ in method.hidden_sizes)],
        of_classifier=Adam(method.learning_rate, 0.5),
        of_generator=Adam(method.learning_rate, 0.5),
        unlabelled_weight=method.unlabelled_weight,
        average_rate=method.average_rate,
    )


def ours_of_classifier(run: FeatureMatchingRun) -> list[nn.Parameter]:
    found = [p for each in run.classifier.hidden for p in (each.direction, each.bias)]
    output = run.classifier.output
    return [*found, output.direction, output.bias, output.scale]  # type: ignore[list-item]


def ours_of_generator(run: FeatureMatchingRun) -> list[nn.Parameter]:
    last = run.generator.output
    return [*run.generator.weights, *run.generator.shifts, last.direction, last.bias, last.scale]


def expect_equal(ours: list[Any], theirs: list[Tensor]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.T if one.ndim == 2 else one, other, **TIGHT)  # type: ignore[arg-type]


def pixels(images: np.ndarray) -> Tensor:
    return torch.from_numpy(images.reshape(len(images), -1) / 255)


@pytest.mark.usefixtures("double")
def test_steps_are_the_published_ones(view: PartlyLabelled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Drawn.recording(monkeypatch)
    context = Mortal(tmp_path)
    run = FeatureMatchingRun(SMALL, view, context)
    drawn.take()
    theirs = published(SMALL, run.classifier, run.generator)
    gradients: dict[str, list[Tensor]] = {}

    def remember(name: str, parameters: list[nn.Parameter]) -> Callable[..., None]:
        def hook(*_: object) -> None:
            gradients[name] = [p.grad.clone() for p in parameters if p.grad is not None]

        return hook

    run.of_classifier.register_step_pre_hook(remember("classifier", ours_of_classifier(run)))
    run.of_generator.register_step_pre_hook(remember("generator", ours_of_generator(run)))
    assert view.labelled.labels is not None
    images, size = pixels(view.unlabelled), SMALL.batch_size
    for number in range(run.steps_per_epoch - 2, run.steps_per_epoch + 3):  # into the second epoch
        epoch, place = divmod(number, run.steps_per_epoch)
        random = context.generator(3, "epoch", epoch)
        passes = math.ceil(run.steps_per_epoch * size / 30)
        labelled = np.concatenate([random.permutation(30) for _ in range(passes)])[place * size :][:size]
        first, second = (random.permutation(len(images))[place * size :][:size] for _ in range(2))
        found = run.step(number)
        normals, uniforms = drawn.take()
        of_classifier, of_fake, of_real = normals[:4], normals[4:7], normals[7:]
        noises = [[each[role * size :][:size] for each in of_classifier] for role in range(3)]
        supervised, rest, of_theirs = theirs.classifier_step(
            pixels(view.labelled.images[labelled]), torch.from_numpy(view.labelled.labels[labelled]),
            images[first], uniforms[0], noises,
        )  # fmt: skip
        loss, of_their_generator = theirs.generator_step(images[second], uniforms[1], of_fake, of_real)
        losses = [found[name].detach() for name in ("labelled-loss", "unlabelled-loss", "generator-loss")]
        expect_equal(losses, [supervised.detach(), rest.detach(), loss.detach()])
        expect_equal(gradients["classifier"], of_theirs)
        expect_equal(gradients["generator"], of_their_generator)
        expect_equal([p.detach() for p in ours_of_classifier(run)], [p.data for p in theirs.classifier_parameters])
        expect_equal([p.detach() for p in ours_of_generator(run)], [p.data for p in theirs.generator_parameters])
        with run.average.in_place():
            expect_equal([p.detach() for p in ours_of_classifier(run)], theirs.averages)


@pytest.mark.usefixtures("double")
def test_the_first_images_set_scales_and_biases_as_published(
    view: PartlyLabelled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[Published] = []
    standardise = Classifier.standardise

    def remembered(self: Classifier, images: Tensor) -> None:
        before.append(published(SMALL, self, Generator(5, (8, 6), 64)))
        standardise(self, images)
        before[0].initialise(images, drawn.normals)

    monkeypatch.setattr(Classifier, "standardise", remembered)
    drawn = Drawn.recording(monkeypatch)
    run = FeatureMatchingRun(SMALL, view, Mortal(tmp_path))
    scales = [each.scale.detach() for each in (*run.classifier.hidden, run.classifier.output)]
    expect_equal(scales, [each.scale.data for each in (*before[0].hidden, before[0].output)])
    expect_equal([p.detach() for p in ours_of_classifier(run)], [p.data for p in before[0].classifier_parameters])


def test_on_the_images_that_set_it_every_unit_has_mean_0_and_deviation_1() -> None:
    torch.manual_seed(0)
    classifier = Classifier(64, (20, 10), 5, input_noise=0.0, hidden_noise=0.0)
    images = torch.rand(200, 64)
    classifier.standardise(images)
    logits = classifier(images).detach()
    torch.testing.assert_close(logits.mean(0), torch.zeros(5), rtol=0, atol=1e-5)
    torch.testing.assert_close(logits.std(0, correction=0), torch.ones(5), rtol=0, atol=1e-5)


def test_the_networks_have_the_numbers_of_parameters_of_the_published_ones() -> None:
    """Classifier: 1,536,500 weights, 2,260 biases, 10 scales. Generator: 442,000 weights, and of 784 pixels and 1,000
    hidden units the shifts, biases and scales.
    """
    method = FeatureMatching()
    classifier, generator = method.classifier(784, 10), Generator(100, method.generator_sizes, 784)
    assert sum(p.numel() for p in classifier.parameters()) == 1_536_500 + 2_260 + 10
    assert sum(p.numel() for p in generator.parameters()) == 100 * 500 + 500 * 500 + 500 * 784 + 1_000 + 2 * 784


def test_noise_is_there_in_training_and_not_in_evaluation() -> None:
    classifier = Classifier(4, (3,), 2, input_noise=0.3, hidden_noise=0.5)
    x = torch.rand(6, 4)
    assert not torch.equal(classifier(x), classifier(x))
    classifier.eval()
    assert torch.equal(classifier(x), classifier(x))


def test_k_logits_are_k_plus_1_classes_of_which_the_last_has_logit_0() -> None:
    torch.manual_seed(1)
    real, fake = torch.randn(8, 10, dtype=torch.float64), torch.randn(8, 10, dtype=torch.float64)
    with_zero = [torch.cat([x, torch.zeros(8, 1)], dim=1).log_softmax(1) for x in (real, fake)]
    generated = [x[:, -1] for x in with_zero]
    expected = -0.5 * (torch.log(1 - generated[0].exp()).mean() + generated[1].mean())
    torch.testing.assert_close(unlabelled_loss(real, fake), expected, rtol=1e-12, atol=0)


def test_losses_by_hand() -> None:
    """With logits log 3 and 0 of two classes, L = log 4: real with probability 4/5."""
    logits = torch.tensor([[math.log(3.0), 0.0]], dtype=torch.float64)
    assert float(labelled_loss(logits, torch.tensor([0]))) == pytest.approx(math.log(4 / 3))
    assert float(unlabelled_loss(logits, logits)) == pytest.approx(0.5 * math.log(5 / 4) + 0.5 * math.log(5))
    batch = torch.tensor([[1.0, 2.0], [3.0, 2.0]])
    assert float(feature_matching_loss(batch, batch.flip(0))) == 0
    assert float(feature_matching_loss(batch, torch.tensor([[1.0, 5.0]]))) == (1 + 9) / 2


def test_losses_stay_finite_where_a_logit_is_large() -> None:
    assert float(unlabelled_loss(torch.full((1, 10), 300.0), torch.full((1, 10), -300.0))) == pytest.approx(0, abs=1e-6)


def test_epsilon_is_below_the_root_of_adam() -> None:
    """A gradient g moves a parameter by rate g / sqrt(g^2 + 1e-8) at first: for 1e-4 by the rate over root 2."""
    parameter = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    parameter.grad = torch.full((1,), 1e-4, dtype=torch.float64)
    RootAdam([parameter], lr=0.1).step()
    assert float(parameter.detach()) == pytest.approx(-0.1 / math.sqrt(2), rel=1e-12)


def test_the_classifier_s_step_leaves_the_generator_alone_and_the_generator_s_the_classifier(
    view: PartlyLabelled, tmp_path: Path
) -> None:
    run = FeatureMatchingRun(SMALL, view, Mortal(tmp_path))
    state = [{name: t.clone() for name, t in net.state_dict().items()} for net in (run.classifier, run.generator)]
    real = run._pooled(torch.arange(20))
    run._match(real)
    assert same(run.classifier.state_dict(), state[0])
    assert not same(run.generator.state_dict(), state[1])
    after = {name: t.clone() for name, t in run.generator.state_dict().items()}
    run._classify(torch.arange(20), real)
    assert same(run.generator.state_dict(), after)


def test_without_weight_no_generator_is_trained_and_unlabelled_images_do_not_matter(
    view: PartlyLabelled, tmp_path: Path
) -> None:
    method = replace(SMALL, unlabelled_weight=0.0, epochs=1)
    run = FeatureMatchingRun(method, view, Mortal(tmp_path / "one"))
    before = {name: t.clone() for name, t in run.generator.state_dict().items()}
    assert set(run.step(0)) == {"labelled-loss"}
    assert same(run.generator.state_dict(), before)


def test_the_trained_classifier_is_the_averaged_one(view: PartlyLabelled, tmp_path: Path) -> None:
    run = FeatureMatchingRun(SMALL, view, Mortal(tmp_path))
    model = run.train()
    assert run.average.count == 2 * run.steps_per_epoch
    assert all(map(torch.equal, model.network.parameters(), run.average.values))
    again = SMALL.restore(model.state(), Mortal(tmp_path / "none"))
    assert all(map(torch.equal, again.network.parameters(), run.average.values))


def test_the_best_on_the_validation_images_is_kept_where_that_is_asked(view: PartlyLabelled, tmp_path: Path) -> None:
    task, method = SemiSupervised(labels=30), replace(SMALL, selection="best", epochs=4)
    context = Mortal(tmp_path)
    context.evaluator = lambda model: task.evaluate(model, view, np.random.default_rng(0))
    model = method.fit(view, context)
    curve = context.curves(3)["valid-error-rate"]
    assert len(curve.value) == 4
    assert task.evaluate(model, view, np.random.default_rng(0))["error-rate"] == min(curve.value)
    with pytest.raises(ValueError, match="selection: best needs validation images"):
        method.fit(replace(view, validation=None), Mortal(tmp_path / "none"))


def test_labelled_images_come_equally_often(view: PartlyLabelled, tmp_path: Path) -> None:
    run = FeatureMatchingRun(SMALL, view, Mortal(tmp_path))
    seen = torch.cat([run._batches(number)[0] for number in range(3)])  # 60 of 30 images
    assert torch.bincount(seen, minlength=30).tolist() == [2] * 30


def test_a_batch_of_more_than_all_images_is_refused(view: PartlyLabelled, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch_size 5000 is more than the 1297 unlabelled images"):
        replace(SMALL, batch_size=5000).fit(view, Mortal(tmp_path))


def test_images_are_in_0_to_1_and_predicted_in_blocks_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    images = Split(np.random.RandomState(0).randint(0, 256, (50, 8, 8, 1)).astype(np.uint8)).images
    assert float(flat(images, "cpu").max()) <= 1
    assert torch.equal(flat(np.full((1, 1, 1, 1), 255, dtype=np.uint8), "cpu"), torch.ones(1, 1))
    model = TrainedClassifier(SMALL.classifier(64, 10))
    at_once = model.predict(images)
    monkeypatch.setattr("baselines.improved_gan.methods.PREDICTED_IMAGES", 7)
    assert np.array_equal(model.predict(images), at_once)
