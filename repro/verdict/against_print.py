"""A measured cell against the number in print: what the test says of it, before and after the correction for its table.

All of it is on the scale of the column (`repro.verdict.scales`), with the deviation of a seed moderated by those of the
other cells of the column (`repro.verdict.moderation`):

- reproduced:   the 90 % t interval of mean - print lies inside the margin (two one-sided tests at 5 %);
- deviates:     off by more than the margin: p < DEVIATES in the prediction test of a print that is known no better than
                the margin, and p < 0.05 after the correction for all tested cells of the table (Benjamini-Hochberg);
- tension:      not that, but the print lies outside the 95 % prediction interval (p < 0.05, uncorrected: the correction
                protects from alarms, and says nothing for agreement);
- consistent:   inside it, the 90 % interval touches the margin, and the 95 % interval of the difference, the noise of
                the print included, stays within three margins (and within a factor of two);
- inconclusive: the rest: the numbers agree with the print as they do with much else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from repro.spec.model import Column
from repro.verdict.model import CellStatus, CellVerdict, Interval
from repro.verdict.moderation import moderated
from repro.verdict.power import seeds_for_deviation, seeds_for_equivalence
from repro.verdict.prediction import Prediction, predict, predict_share
from repro.verdict.scales import Scaled
from repro.verdict.stats import ALPHA, DEVIATES, Spread, benjamini_hochberg, difference_interval, wilson


@dataclass(frozen=True)
class Tested:
    """A cell that is tested. `doubt`: why an unknown selection keeps the print from being shown equal; else empty."""

    verdict: CellVerdict
    column: Column
    scaled: Scaled
    doubt: str = ""

    @property
    def is_end_of_scale(self) -> bool:
        """Whether it is a share of 0 or 100 % in every run, whose spread is the one of a proportion."""
        sample = self.scaled.sample
        return self.column.unit == "%" and sample.n >= 2 and sample.constant and sample.mean in (0.0, 100.0)


def settled(cells: Mapping[tuple[str, str], Tested]) -> dict[tuple[str, str], CellVerdict]:
    """The verdicts of all tested cells of a table, by row and column."""
    spreads = _spreads(cells)
    drafts = {key: _draft(cell, spreads[key]) for key, cell in cells.items()}
    adjusted = benjamini_hochberg([draft.beyond for draft in drafts.values()])
    return {key: _settle(cells[key], draft, p) for (key, draft), p in zip(drafts.items(), adjusted, strict=True)}


def deviates(mean: float, target: float, column: Column) -> CellStatus:
    """On which side of the print a mean is that deviates from it."""
    if column.better is None:
        return "deviates"
    return "deviates better" if (mean < target) == (column.better == "lower") else "deviates worse"


@dataclass(frozen=True)
class _Draft:
    """A cell before the correction: `beyond` is the p-value of "the difference is within the margin"."""

    verdict: CellVerdict
    beyond: float
    spread: Spread


def _spreads(cells: Mapping[tuple[str, str], Tested]) -> dict[tuple[str, str], Spread]:
    """The deviation of each cell, moderated within its column and scale; of a constant one its own."""
    found = {key: cell.scaled.sample.spread for key, cell in cells.items()}
    together: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, cell in cells.items():
        if not cell.scaled.sample.constant:
            together.setdefault((key[1], cell.scaled.scale), []).append(key)
    for keys in together.values():
        found |= dict(zip(keys, moderated([cells[key].scaled.sample for key in keys]), strict=True))
    return found


def _draft(cell: Tested, spread: Spread) -> _Draft:
    scaled = cell.scaled
    sample, printed = scaled.sample, scaled.printed
    beside = replace(printed, half_width=scaled.margin)
    if cell.is_end_of_scale:
        items = cell.column.items
        trials = sample.n * (items or 1)
        around = wilson(trials * sample.mean / 100, trials, 0.90)
        difference = Interval(100 * around.low - printed.target, 100 * around.high - printed.target)
        prediction, beyond = (predict_share(sample.mean, each, sample.n, items) for each in (printed, beside))
    else:
        difference = difference_interval(sample, printed.target, spread=spread)
        prediction, beyond = (predict(sample, each, spread) for each in (printed, beside))
    verdict = replace(
        cell.verdict,
        status=_status(scaled, difference, prediction),
        scale=scaled.scale,
        margin=scaled.said_margin,
        difference=scaled.said(difference),
        prediction=scaled.said(prediction.interval),
        p=prediction.p,
    )
    return _Draft(verdict, beyond.p, spread)


def _status(scaled: Scaled, difference: Interval, prediction: Prediction) -> CellStatus:
    """The status of a cell that does not deviate."""
    margin = scaled.margin + 1e-12 * max(abs(scaled.printed.target), scaled.margin)
    if -margin <= difference.low and difference.high <= margin:
        return "reproduced"
    if prediction.p < ALPHA:
        return "tension"
    touches = difference.low <= margin and difference.high >= -margin
    near = scaled.room is not None and prediction.reach is not None and prediction.reach <= scaled.room
    return "consistent" if touches and near else "inconclusive"


def _settle(cell: Tested, draft: _Draft, adjusted: float) -> CellVerdict:
    verdict = replace(draft.verdict, p_adjusted=adjusted)
    if verdict.status == "reproduced":
        return _doubted(verdict, cell.doubt)
    if adjusted < ALPHA and draft.beyond < DEVIATES:
        assert verdict.mean is not None
        assert verdict.target is not None
        said = deviates(verdict.mean, verdict.target, cell.column)
        if not cell.doubt or said == "deviates better":
            return replace(verdict, status=said, detail=joined(verdict.detail, cell.doubt))
    return _doubted(verdict, cell.doubt) if cell.doubt else _with_seeds(verdict, cell.scaled, draft.spread)


def _doubted(verdict: CellVerdict, doubt: str) -> CellVerdict:
    """A print selected in an unstated way is never shown equal, nor a worse number than it shown to deviate."""
    if not doubt:
        return verdict
    status = "inconclusive" if verdict.status == "reproduced" else verdict.status
    return replace(verdict, status=status, detail=joined(verdict.detail, doubt))


def _with_seeds(verdict: CellVerdict, scaled: Scaled, spread: Spread) -> CellVerdict:
    """How many seeds would decide the cell if its true mean and deviation are the measured ones."""
    if spread.sd == 0:
        return verdict
    sample, printed = scaled.sample, scaled.printed
    bias, room = abs(sample.mean - printed.target) / spread.sd, scaled.margin / spread.sd
    seeds = seeds_for_equivalence(bias, room) if bias < room else seeds_for_deviation(bias, room, printed.k)
    if seeds is not None:
        return replace(verdict, seeds_needed=max(seeds, sample.n + 1))
    print_runs = "one run" if printed.k == 1 else f"{printed.k} runs"
    note = f"no number of seeds would probably decide it: the print counts as {print_runs}"
    return replace(verdict, detail=joined(verdict.detail, note))


def joined(*notes: str) -> str:
    """Remarks as one line."""
    return "; ".join(note for note in notes if note)
