"""The loop of a training: steps, checkpoints, curves, evaluation, selection. A method says what a step is.

A run that goes on from a checkpoint has the same bits as one left alone. For that, everything that changes from step to
step is one of the `parts` (or the loop's own), and what a step draws comes from torch's global generators, which are
seeded for each step by its number, or from streams of the context that the step names by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from baselines.training.averages import Average
from baselines.training.parts import Part, copied, evaluating, modules
from baselines.training.precision import precise
from baselines.training.seeding import NumberedSeeds, left_alone
from baselines.training.selection import Best
from baselines.training.watch import Watch, Watched, finite
from repro.contracts import Context, single


@dataclass
class Validation:
    """What is measured of a model while it is trained, when, and what that decides.

    Attributes:
        measure: the numbers, which become curves; called in evaluation mode, without gradients, and seeded.
        every: after so many steps and at the end, or what says after a step whether to.
        selection: the model ends as this best one, and its patience ends the training; None: it ends as the last.
        others: best ones that are kept beside.
    """

    measure: Callable[[], Watched]
    every: int | Callable[[], bool]
    selection: Best | None = None
    others: tuple[Best, ...] = ()


@dataclass
class Loop:
    """A training, or one stage of it.

    Attributes:
        context: the harness.
        parts: all that a checkpoint has to hold, by name: modules, optimisers, whatever counts.
        step: makes one step, given its number from 0, and returns the numbers to watch. Their means become curves; one
            that is not finite ends the training as diverged.
        until: how many steps there are, or what says after each which share of the training is over, 1 at the end.
        validation: what is measured on the way.
        average: of parameters; evaluations and the copies of the best see it in place, and so does the end where
            nothing is selected.
        kept: the parts that a finished training keeps, which are the trained model's; None: the modules.
        curve_every: steps between the points of a curve.
        name: of a stage of a fit that has several: of its checkpoints, streams and curves. See `run_stages`.
        done: steps so far.
    """

    context: Context
    parts: Mapping[str, Part]
    step: Callable[[int], Watched]
    until: int | Callable[[], float]
    validation: Validation | None = None
    average: Average | None = None
    kept: tuple[str, ...] | None = None
    curve_every: int = 100
    name: str = ""
    done: int = field(default=0, init=False)

    def run(self, number: int = 1, of: int = 1) -> None:
        """From the last checkpoint to the end; at once where it has come there already. Raises Diverged.

        As a stage it is the `number`-th `of` so many.
        """
        if self.name:
            self.context = self.context.part(self.name, number=number, of=of, own_streams=True)
        self._watch = Watch(self.context, self.curve_every)
        saved = self.context.restore()
        if saved is not None:
            self._restore(saved)
        if saved is None or not saved["finished"]:
            with left_alone(self.context.device), precise(self.context.precision, self.context.device):
                self._train()
            self._finish()

    def _train(self) -> None:
        steps, evaluations = NumberedSeeds(self.context, "step"), NumberedSeeds(self.context, "evaluation")
        while not self._is_over():
            steps.sow(self.done)
            watched = self.step(self.done)
            self.done += 1
            self._watch.add(self.done, watched)
            if self.validation is not None and self._is_due(self.validation.every):
                evaluations.sow(self.done)
                self._validate(self.validation)
            self._report()
            self.context.save(self._state)

    def _is_over(self) -> bool:
        selection = self.validation.selection if self.validation is not None else None
        return self._share() >= 1 or (selection is not None and selection.is_exhausted)

    def _share(self) -> float:
        """Which share of the training is over."""
        if isinstance(self.until, int):
            return self.done / self.until if self.done < self.until else 1.0
        return self.until()

    def _is_due(self, every: int | Callable[[], bool]) -> bool:
        return self.done % every == 0 or self._share() >= 1 if isinstance(every, int) else every()

    def _validate(self, validation: Validation) -> None:
        networks = modules(self.parts.values())
        with evaluating(networks), self.average.in_place() if self.average is not None else nullcontext():
            measured = validation.measure()
            numbers = {name: finite(name, float(value), self.done) for name, value in measured.items()}
            for best in self._bests():
                best.offer(numbers)
        for name, number in numbers.items():
            self.context.curve(name, self.done, number, single(self.context.seeds))

    def _report(self) -> None:
        done, total = (self.done, self.until) if isinstance(self.until, int) else (int(1000 * self.until()), 1000)
        self.context.progress(done, total, **self._watch.shown)

    def _finish(self) -> None:
        """The model becomes the selected one, or the averaged one, and is what is left of the training."""
        self._watch.read()
        if self.validation is not None and self.validation.selection is not None:
            self.validation.selection.settle()
        elif self.average is not None:
            self.average.settle()
        self.context.save(self._finished, force=True)

    def _bests(self) -> list[Best]:
        if self.validation is None:
            return []
        return [*filter(None, [self.validation.selection]), *self.validation.others]

    def _kept(self) -> list[str]:
        if self.kept is not None:
            return list(self.kept)
        return [name for name, part in self.parts.items() if isinstance(part, nn.Module)]

    def _state(self) -> dict[str, Any]:
        return {
            "finished": False,
            "done": self.done,
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "best": [best.state_dict() for best in self._bests()],
            "average": self.average.state_dict() if self.average is not None else None,
            "watch": self._watch.state_dict(),
        }

    def _finished(self) -> dict[str, Any]:
        """Copies, since a later stage of the fit may go on with these parts, and saves them again."""
        best = [best.state_dict() for best in self._bests()]
        if self.validation is not None and self.validation.selection is not None:
            best[0] |= {"weights": {}}  # they are those of the parts
        parts = {name: copied(self.parts[name].state_dict()) for name in self._kept()}
        return {"finished": True, "done": self.done, "parts": parts, "best": best}

    def _restore(self, saved: Mapping[str, Any]) -> None:
        expected = self._kept() if saved["finished"] else list(self.parts)
        if sorted(saved["parts"]) != sorted(expected):
            raise ValueError(
                f"a checkpoint of {', '.join(saved['parts'])} was found for a training of {', '.join(expected)}: where "
                "a fit has several loops, each needs a name of its own"
            )
        self.done = int(saved["done"])
        for name, state in saved["parts"].items():
            self.parts[name].load_state_dict(state)
        for best, state in zip(self._bests(), saved["best"], strict=True):
            best.load_state_dict(state)
        if not saved["finished"]:
            self._watch.load_state_dict(saved["watch"])
            if self.average is not None:
                self.average.load_state_dict(saved["average"])


def run_stages(*stages: Loop) -> None:
    """Runs the stages of a fit one after another; those that a checkpoint has finished are not run again.

    They may share parts, whatever they are: a finished stage keeps what a later one goes on with. Raises ValueError
    where a stage has no name of its own.
    """
    names = [stage.name for stage in stages]
    if not all(names) or len(set(names)) < len(names):
        raise ValueError(f"every stage of a fit has a name of its own; these are {names}")
    for number, stage in enumerate(stages, start=1):
        later = [part for other in stages[number:] for part in other.parts.values()]
        shared = (name for name, part in stage.parts.items() if any(part is other for other in later))
        stage.kept = tuple(dict.fromkeys([*stage._kept(), *shared]))
        stage.run(number, len(stages))
