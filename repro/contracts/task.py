"""What a task promises: an evaluation protocol with parameters, and the numbers of a trained model under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from repro.strict import Strict

if TYPE_CHECKING:
    import numpy as np

    from repro.spec.model import Column

Arrays: TypeAlias = "dict[str, np.ndarray]"


class Measurement(Strict):
    """One measured number and how it was computed: two numbers compare only where their signatures agree."""

    value: float
    signature: str


@dataclass(frozen=True)
class Evaluation:
    """What a task measured of one model: numbers by column, arrays by name that figures are drawn from, and words by
    column where the column is no number.
    """

    measured: dict[str, Measurement]
    artifacts: Arrays = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


class Task(Protocol):
    """An evaluation protocol: a frozen dataclass whose fields are its parameters, all with literal defaults.

    A spec sets them by `protocol:`, a column those that it reads by a `protocol:` of its own, for which the harness
    makes another instance (`repro.tasks.protocol`). Importing a task must not import a training framework.

    Attributes:
        VIEW: the fields that a training's view of the data depends on, as a literal tuple. They are part of what the
            training is: another value of one is another training. For tasks with `view`, see `Viewing`.
        OTHERS: the roles of further trained models that the task looks at, as a literal tuple, see `Comparing`.
    """

    VIEW: ClassVar[tuple[str, ...]]
    OTHERS: ClassVar[tuple[str, ...]]

    def reads(self, column: Column) -> frozenset[str]:
        """The fields that a column's number depends on under this instance. Raises ValueError as `signature` does."""

    def signature(self, column: Column) -> str:
        """How a column's number is computed: everything that would make two numbers incomparable, in one line.

        It is made from what this instance is, so that it cannot say what was not run: a field that is read stands in
        it, one that is not does not. Raises ValueError for a column that the task cannot measure, and for one with
        arguments or a split that its metric does not read.
        """

    def measure(
        self, model: Any, data: Any, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number or words for a trained model. Never NaN: what cannot be had is an error."""


@runtime_checkable
class Viewing(Protocol):
    """A task whose trainings do not see all of its data: a labelled subset, no labels of the test split."""

    def view(self, data: Any, seed: int) -> Any:
        """What a training of a seed sees. It depends on the data, the seed and the fields in `VIEW` alone."""


@runtime_checkable
class Evaluating(Protocol):
    """A task that a training may ask on the way, by `context.evaluate(model)`."""

    def evaluate(self, model: Any, view: Any, generator: np.random.Generator) -> Mapping[str, float]:
        """Numbers by name, on what a view keeps for validation; without a view of the task's own, on the data's."""


class Comparing(Protocol):
    """A task that looks at further trained models: one a role of `OTHERS`, which the spec gives by `beside:`.

    As a `Task` too it has a default for them, and refuses it.
    """

    def measure(
        self,
        model: Any,
        data: Any,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
        *,
        others: Mapping[str, Any],
    ) -> Evaluation:
        """As `Task.measure`, beside the models of the other roles."""
