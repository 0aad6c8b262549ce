"""What a training method and the harness promise each other: `fit`, `restore`, and the context of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

State: TypeAlias = "Mapping[str, Any] | Callable[[], Mapping[str, Any]]"
"""What is saved: a tree of dictionaries and lists over tensors, arrays, numbers, words and None, or what builds it."""
Precision = Literal["f32", "bf16-products", "bf16"]
"""In what the products of a training are taken; `baselines.training.precision` says what each means."""


class Diverged(Exception):
    """Training left the finite numbers; the message says what and at which step. Recorded, never scored."""


class MissingDevice(Exception):
    """The device that was asked for is not there; the message says which ones are."""


class Context(Protocol):
    """What the harness gives a method while it trains. Everything random comes from `generator`, which has no state of
    its own: the same (seed, stream) is the same sequence in every process, so a resumed run needs no generator saved.
    """

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of this pass: one for `fit`, any number for `fit_many`."""

    @property
    def device(self) -> str:
        """Where to train, as torch names it: `cpu`, `cuda:0`."""

    @property
    def precision(self) -> Precision:
        """The declared precision of this job, which `baselines.training.loop` puts in force for its steps."""

    @property
    def start(self) -> Mapping[str, Any] | None:
        """The state of the model that this training starts from, as its `state()` gave it; None: from nothing."""

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        """Random numbers of one named stream of a seed, for example `generator(seed, "noise", epoch)`."""

    def restore(self) -> Mapping[str, Any] | None:
        """The last saved state, with its tensors on the CPU; None at the beginning. Curves come back by themselves."""

    def save(self, state: State, *, force: bool = False) -> None:
        """Offers a checkpoint. It is written, atomically, when the checkpoint interval has passed or `force` is set.

        Cheap to call at every step with a callable: the state is built only when it is written.
        """

    def part(self, name: str, *, number: int = 1, of: int = 1, own_streams: bool = False) -> Context:
        """The context of one part of this fit, the `number`-th `of` so many that are trained one after another.

        Its checkpoints, curves and progress are its own, its random streams those of the whole unless `own_streams`. A
        fit that has parts saves through them alone.
        """

    def evaluate(self, model: Any) -> Mapping[str, float]:
        """The task's numbers on the validation view, by name, for a model in training.

        For methods with the class attribute `evaluates = True`; raises RuntimeError for others.
        """

    def progress(self, done: int, total: int, **shown: float) -> None:
        """Reports `done` of `total` steps with a few numbers to show beside it."""

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        """Adds a point to a learning curve of one seed."""


class TrainedModel(Protocol):
    """What every trained model offers beside what its task asks for."""

    def state(self) -> Mapping[str, Any]:
        """All that `restore` needs, the training data not among it: see `State`. It does not change afterwards."""


class Method(Protocol):
    """A training method: a frozen dataclass whose fields are its parameters.

    It may also have `fit_many(data, context) -> list[model | Diverged]`, one entry a seed of `context.seeds`, which
    fits all seeds in one pass; the harness then groups jobs that differ in nothing but the seed.

    With the class attribute `evaluates = True` its training may call `context.evaluate`.
    """

    def fit(self, data: Any, context: Context) -> Any:
        """A trained model that offers what its task asks for. Raises Diverged, MissingData or MissingDevice."""

    def restore(self, state: Mapping[str, Any], context: Context) -> Any:
        """The trained model whose `state()` this is, on `context.device`, without data: it measures to the same bits.

        The method has the parameters of the training.
        """


def single(seeds: Sequence[int]) -> int:
    """The seed of a pass over one seed."""
    if len(seeds) != 1:
        raise ValueError(f"this method fits one seed at a time, it was given {len(seeds)}")
    return seeds[0]
