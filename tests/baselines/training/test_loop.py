"""The loop: a training written on it is the training written by hand, and goes on from every checkpoint to the bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from baselines.training.averages import Average, exponential, mean
from baselines.training.loop import Loop, Validation, run_stages
from baselines.training.parts import Part
from baselines.training.seeding import left_alone, seeded
from baselines.training.selection import Best
from repro.contracts import Context, Diverged
from tests.baselines.contract import Killed, Mortal, same

STEPS = 50


class Gan:
    """Three networks that are updated in turn: a discriminator twice a step, a generator, and a net that inverts it."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
        self.discriminator = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(8, 1))
        self.inverse = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
        self.of_discriminator = torch.optim.Adam(self.discriminator.parameters(), lr=1e-2, betas=(0.5, 0.9))
        self.of_generator = torch.optim.RMSprop([*self.generator.parameters(), *self.inverse.parameters()], lr=1e-3)

    def parts(self) -> dict[str, Part]:
        return vars(self)

    def step(self, number: int) -> dict[str, Tensor | float]:
        for _ in range(2):
            real, fake = torch.randn(16, 2) + 2, self.generator(torch.randn(16, 3)).detach()
            of_real, of_fake = self.discriminator(real), self.discriminator(fake)
            cost = nn.functional.softplus(-of_real).mean() + nn.functional.softplus(of_fake).mean()
            self.of_discriminator.zero_grad()
            torch.autograd.backward(cost)
            self.of_discriminator.step()
        z = torch.randn(16, 3)
        fake = self.generator(z)
        loss = nn.functional.softplus(-self.discriminator(fake)).mean() + (self.inverse(fake) - z).square().mean()
        self.of_generator.zero_grad()
        torch.autograd.backward(loss)
        self.of_generator.step()
        return {"discriminator": cost, "generator": loss, "step": number}

    def state(self) -> dict[str, Any]:
        return {name: part.state_dict() for name, part in self.parts().items()}


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Gan:
    """The same training as a plain loop in torch; a line seeds each step by its number."""
    gan, context = Gan(), Mortal(tmp_path_factory.mktemp("none"))
    for number in range(STEPS):
        with seeded(context, "step", number):
            gan.step(number)
    return gan


def test_three_networks_that_are_updated_in_turn_end_as_in_a_loop_written_by_hand(tmp_path: Path, by_hand: Gan) -> None:
    gan, context = Gan(), Mortal(tmp_path)
    before = torch.get_rng_state()
    Loop(context, gan.parts(), gan.step, STEPS, curve_every=20).run()
    assert same(gan.state(), by_hand.state())
    assert torch.equal(torch.get_rng_state(), before)
    assert context.curves(3)["step"].value == (9.5, 29.5)  # means of 0 .. 19 and 20 .. 39
    assert context.offered == STEPS + 1
    assert context.shares == [number / STEPS for number in range(1, STEPS + 1)]


@pytest.mark.parametrize("dies_at", [1, 2, 20, 21, 49, 50, 51])
def test_a_training_that_is_killed_goes_on_to_the_same_end(tmp_path: Path, by_hand: Gan, dies_at: int) -> None:
    """At a point of a curve too, after the last step, and after the finished state was written."""
    gan, whole = Gan(), Mortal(tmp_path / "whole")
    Loop(whole, gan.parts(), gan.step, STEPS, curve_every=20).run()
    killed = Mortal(tmp_path / "killed", dies_at=dies_at)
    gan = Gan()
    with pytest.raises(Killed):
        Loop(killed, gan.parts(), gan.step, STEPS, curve_every=20).run()
    torch.manual_seed(9)
    gan, again = Gan(), Mortal(tmp_path / "killed")
    Loop(again, gan.parts(), gan.step, STEPS, curve_every=20).run()
    assert all(same(getattr(gan, name).state_dict(), getattr(by_hand, name).state_dict()) for name in kept(gan))
    assert again.curves(3) == whole.curves(3)
    assert again.offered == (0 if dies_at == 51 else STEPS - dies_at + 1)


def kept(gan: Gan) -> list[str]:
    return [name for name, part in gan.parts().items() if isinstance(part, nn.Module)]


def test_a_finished_training_keeps_its_networks_alone(tmp_path: Path) -> None:
    gan, context = Gan(), Mortal(tmp_path)
    Loop(context, gan.parts(), gan.step, 3).run()
    saved = context.checkpoints.read()
    assert saved is not None
    assert saved["state"]["finished"]
    assert list(saved["state"]["parts"]) == ["generator", "discriminator", "inverse"]
    inverse = Mortal(tmp_path / "inverse")
    Loop(inverse, gan.parts(), gan.step, 3, kept=("inverse", "of_generator")).run()
    saved = inverse.checkpoints.read()
    assert saved is not None
    assert list(saved["state"]["parts"]) == ["inverse", "of_generator"]


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    gan = Gan()
    Loop(Mortal(tmp_path), gan.parts(), gan.step, 3).run()
    with pytest.raises(ValueError, match="each needs a name of its own"):
        Loop(Mortal(tmp_path), {"generator": gan.generator}, gan.step, 3).run()


class Line:
    """A single weight that goes down by one a step: what it is says which step it is from."""

    def __init__(self) -> None:
        self.network = nn.Linear(1, 1, bias=False)
        with torch.no_grad():
            self.network.weight.fill_(0.0)
        self.modes: list[bool] = []

    @property
    def weight(self) -> float:
        return float(self.network.weight.detach())

    def step(self, number: int) -> dict[str, float]:
        assert self.network.training
        with torch.no_grad():
            self.network.weight -= 1.0
        return {"number": number}

    def loop(self, context: Context, until: int | Callable[[], float], **more: Any) -> Loop:
        return Loop(context, {"network": self.network}, self.step, until, **more)


def measured(line: Line, losses: dict[float, float], seen: list[float]) -> Callable[[], dict[str, Tensor | float]]:
    """The loss that a weight is said to have; `seen` keeps the weights that were asked for."""

    def measure() -> dict[str, Tensor | float]:
        assert not line.network.training
        assert not torch.is_grad_enabled()
        seen.append(line.weight)
        return {"loss": torch.tensor(losses.get(line.weight, 5.0)), "twice": 2 * line.weight}

    return measure


def test_evaluations_are_after_every_so_many_steps_and_at_the_end_and_the_best_model_is_kept(tmp_path: Path) -> None:
    line, context, seen = Line(), Mortal(tmp_path), []  # type: ignore[var-annotated]
    best, worst = Best({"n": line.network}, "loss"), Best({"n": line.network}, "loss", higher=True)
    validation = Validation(measured(line, {-6.0: 1.0, -9.0: 7.0}, seen), 3, best, (worst,))
    line.loop(context, 11, validation=validation).run()
    assert seen == [-3.0, -6.0, -9.0, -11.0]
    assert line.weight == -6.0
    assert worst.weights["n"]["weight"].tolist() == [[-9.0]]
    curves = context.curves(3)
    assert (curves["loss"].step, curves["loss"].value) == ((3, 6, 9, 11), (5.0, 1.0, 7.0, 5.0))
    assert curves["twice"].value == (-6.0, -12.0, -18.0, -22.0)
    again, other = Line(), Best({"n": line.network}, "loss", higher=True)
    selected = Best({"n": again.network}, "loss")
    again.loop(Mortal(tmp_path), 11, validation=Validation(lambda: {}, 3, selected, (other,))).run()
    assert again.weight == -6.0
    assert other.weights["n"]["weight"].tolist() == [[-9.0]]
    assert (selected.value, selected.waited) == (1.0, 2)


def test_patience_ends_a_training_and_a_killed_one_at_the_same_step(tmp_path: Path) -> None:
    """Better at steps 2 and 4, then not: patience for three evaluations, one every two steps, ends it after step 10."""
    losses = {-2.0: 2.0, -4.0: 1.0}

    def trained(context: Mortal) -> tuple[Line, Loop]:
        line = Line()
        best = Best({"n": line.network}, "loss", patience=3)
        loop = line.loop(context, 100, validation=Validation(measured(line, losses, []), 2, best))
        loop.run()
        return line, loop

    line, loop = trained(Mortal(tmp_path / "whole"))
    assert (line.weight, loop.done) == (-4.0, 10)
    for dies_at in (5, 8, 10):
        with pytest.raises(Killed):
            trained(Mortal(tmp_path / str(dies_at), dies_at=dies_at))
        line, loop = trained(Mortal(tmp_path / str(dies_at)))
        assert (line.weight, loop.done) == (-4.0, 10)


def test_evaluations_and_the_kept_model_have_the_averaged_weights(tmp_path: Path) -> None:
    """The mean of -1 .. -t is -(t + 1) / 2: -1.5 after two steps, -2.5 after four, and the weight itself goes on."""
    line, seen = Line(), []  # type: ignore[var-annotated]
    average = Average(line.network.parameters(), mean)
    average.start()

    def step(number: int) -> dict[str, float]:
        found = line.step(number)
        average.update()
        return found

    best = Best({"network": line.network}, "loss")
    validation = Validation(measured(line, {-1.5: 1.0}, seen), 2, best)
    loop = Loop(Mortal(tmp_path), {"network": line.network}, step, 4, validation, average)
    loop.run()
    assert seen == [-1.5, -2.5]
    assert line.weight == -1.5


@pytest.mark.parametrize("dies_at", [None, 2, 4])
def test_without_a_selection_a_training_ends_with_its_average(tmp_path: Path, dies_at: int | None) -> None:
    """From 0, half of the way each time: 0, -.5, -1.25, -2.125, -3.0625."""

    def train(context: Mortal) -> float:
        line = Line()
        average = Average(line.network.parameters(), exponential(0.5))
        average.start()

        def step(number: int) -> dict[str, float]:
            found = line.step(number)
            average.update()
            return found

        Loop(context, {"network": line.network}, step, 4, average=average).run()
        return line.weight

    if dies_at is not None:
        with pytest.raises(Killed):
            train(Mortal(tmp_path, dies_at=dies_at))
    assert train(Mortal(tmp_path)) == -3.0625


def test_a_share_that_the_method_knows_decides_when_it_is_over_and_when_to_evaluate(tmp_path: Path) -> None:
    """Epochs of 3, 4 and 5 steps, as the random lengths of segments make them; evaluated after each."""
    line, context, seen = Line(), Mortal(tmp_path), []  # type: ignore[var-annotated]
    ends = (-3.0, -7.0, -12.0)
    validation = Validation(measured(line, {}, seen), lambda: line.weight in ends)
    line.loop(context, lambda: -line.weight / 12, validation=validation).run()
    assert seen == list(ends)
    assert context.shares == sorted(context.shares)
    assert context.shares[-1] == 1.0


def test_no_step_is_a_training_too(tmp_path: Path) -> None:
    line = Line()
    line.loop(Mortal(tmp_path), 0, validation=Validation(lambda: {}, 1, Best({"n": line.network}, "loss"))).run()
    assert line.weight == 0.0


def test_a_watched_or_a_measured_number_that_is_none_ends_the_training(tmp_path: Path) -> None:
    line = Line()
    loop = Loop(Mortal(tmp_path), {}, lambda number: {"loss": float("nan") if number == 4 else 1.0}, 9)
    with pytest.raises(Diverged, match=r"^loss is nan at step 5$"):
        loop.run()
    validation = Validation(measured(line, {-2.0: float("inf")}, []), 2)
    with pytest.raises(Diverged, match=r"^loss is inf at step 2$"):
        line.loop(Mortal(tmp_path / "other"), 4, validation=validation).run()


def test_an_evaluation_draws_by_its_own_name_and_moves_no_step(tmp_path: Path, by_hand: Gan) -> None:
    gan, drawn = Gan(), []

    def measure() -> dict[str, float]:
        drawn.append(float(torch.randn(())))
        torch.randn(number := len(drawn))
        return {"number": number}

    context = Mortal(tmp_path)
    Loop(context, gan.parts(), gan.step, STEPS, Validation(measure, 10)).run()
    assert same(gan.state(), by_hand.state())
    with seeded(context, "evaluation", 20):
        assert drawn[1] == float(torch.randn(()))
    assert len(set(drawn)) == 5


def test_steps_are_made_in_the_precision_of_the_job(tmp_path: Path) -> None:
    context, kinds = Mortal(tmp_path), []
    context.precision = "bf16"
    network = nn.Linear(2, 2)

    def step(number: int) -> dict[str, float]:
        kinds.append(network(torch.ones(1, 2)).dtype)
        return {}

    Loop(context, {"network": network}, step, 1).run()
    assert kinds == [torch.bfloat16]


def test_a_state_is_built_for_a_checkpoint_that_is_written_and_for_no_other(tmp_path: Path) -> None:
    built = []

    class Counting(nn.Linear):
        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            built.append(1)
            return super().state_dict(*args, **kwargs)

    Loop(Mortal(tmp_path), {"network": Counting(1, 1)}, lambda number: {}, 30).run()
    assert len(built) == 1


class Stages:
    """A generator is trained to a constant, then, with the same optimiser, to another one beside a copy of itself."""

    def __init__(self, context: Context, *, by_hand: bool = False) -> None:
        with left_alone("cpu"):
            torch.manual_seed(0)
            self.generator, self.critic = nn.Linear(2, 2), nn.Linear(2, 1)
        self.adam = torch.optim.Adam(self.generator.parameters(), lr=0.1)
        first: dict[str, Part] = {"generator": self.generator, "adam": self.adam}
        second = {**first, "critic": self.critic}
        self.reference: dict[str, Tensor] = {}
        self.stages = (
            Loop(context, first, lambda number: self._step(1.0), 5, curve_every=2, name="pretraining"),
            Loop(context, second, self._adversarial, 7, curve_every=2, name="adversarial"),
        )
        run_stages(*self.stages)

    def _step(self, target: float) -> dict[str, Tensor]:
        loss = (self.generator(torch.randn(4, 2)) - target).square().mean()
        self.adam.zero_grad()
        torch.autograd.backward(loss)
        self.adam.step()
        return {"loss": loss}

    def _adversarial(self, number: int) -> dict[str, Tensor]:
        with torch.no_grad():
            self.critic.weight += self.generator.weight.sum()
        return self._step(-1.0)

    def state(self) -> dict[str, Any]:
        return {"generator": self.generator.state_dict(), "critic": self.critic.state_dict()}


def test_stages_follow_each_other_and_a_finished_one_is_not_repeated_whenever_the_fit_is_killed(tmp_path: Path) -> None:
    """14 checkpoints are offered; the sixth is the finished first stage, after which the second has none yet."""
    whole = Mortal(tmp_path / "whole")
    expected = Stages(whole)
    assert whole.offered == 14
    assert whole.shares[:5] == [number / 10 for number in range(1, 6)]
    assert whole.shares[-1] == 1.0
    assert set(whole.curves(3)) == {"pretraining-loss", "adversarial-loss"}
    for dies_at in (1, 5, 6, 7, 13, 14):
        with pytest.raises(Killed):
            Stages(Mortal(tmp_path / str(dies_at), dies_at=dies_at))
        context = Mortal(tmp_path / str(dies_at))
        again = Stages(context)
        assert same(again.state(), expected.state()), dies_at
        assert context.curves(3) == whole.curves(3)
        assert context.offered == 14 - dies_at


def test_stages_draw_other_numbers_and_each_its_own(tmp_path: Path) -> None:
    def drawing(drawn: list[float]) -> Callable[[int], dict[str, float]]:
        return lambda number: {"x": drawn.append(float(torch.randn(()))) or 0.0}  # type: ignore[func-returns-value]

    lists: list[list[float]] = [[], [], []]
    context = Mortal(tmp_path)
    run_stages(*(Loop(context, {}, drawing(each), 4, name=name) for name, each in zip("abc", lists, strict=True)))
    assert len({number for each in lists for number in each}) == 12
    alone: list[float] = []
    Loop(Mortal(tmp_path / "alone"), {}, drawing(alone), 4, name="b").run()
    assert alone == lists[1]


def test_what_is_copied_between_stages_is_the_end_of_the_one_before_also_after_a_kill(tmp_path: Path) -> None:
    """A frozen copy of the pretrained weights, made by hand between two loops that go on with the same network."""

    def fit(context: Mortal) -> tuple[float, float]:
        line = Line()
        line.loop(context, 3, name="pretraining").run()
        frozen = line.weight
        line.loop(context, 4, name="after").run()
        return frozen, line.weight

    assert fit(Mortal(tmp_path / "whole")) == (-3.0, -7.0)
    for dies_at in (2, 4, 6, 8, 9):
        with pytest.raises(Killed):
            fit(Mortal(tmp_path / str(dies_at), dies_at=dies_at))
        assert fit(Mortal(tmp_path / str(dies_at))) == (-3.0, -7.0)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "")])
def test_stages_need_names_of_their_own(tmp_path: Path, names: tuple[str, str]) -> None:
    stages = [Loop(Mortal(tmp_path), {}, lambda number: {}, 1, name=name) for name in names]
    with pytest.raises(ValueError, match="every stage of a fit has a name of its own"):
        run_stages(*stages)
