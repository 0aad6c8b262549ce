"""The generated pages: what was measured against print in README.md, all of `results/README.md` and of `docs/tasks.md`.

`python -m repro.commands.readme` in a checkout writes them. Of README.md only what stands between
`<!-- report:begin -->` and `<!-- report:end -->` is generated.
"""

from __future__ import annotations

from pathlib import Path

from repro.commands import describe
from repro.commands.coverage import Known, known, page
from repro.commands.excerpts import excerpt
from repro.files import write_atomic

NOTHING = "*Nothing is accepted yet: what a run of your own gives is the example above.*"
BEGIN, END = "<!-- report:begin -->\n", "<!-- report:end -->"
PAGE = Path("results", "README.md")
TASKS_PAGE = Path("docs", "tasks.md")


def report(now: Known) -> str:
    """Of the tables whose printed numbers were measured at paper scale the summary, the first block and the claims;
    the others stand in `results/README.md`.
    """
    views = [view for view in now.at("paper") if view.counts]
    return "\n\n".join(excerpt(view, "results/") for view in views) or NOTHING


def rewritten(text: str, now: Known) -> str:
    """The README with its region as it would be now. Raises ValueError where a marker is missing."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or END not in rest:
        raise ValueError(f"expected one region, between {BEGIN.strip()} and {END}")
    return f"{before}{BEGIN}{report(now)}\n{END}{after}"


def renew(checkout: Path) -> None:
    """Writes the pages of a checkout."""
    now, readme = known(), checkout / "README.md"
    write_atomic(readme, rewritten(readme.read_text(encoding="utf-8"), now).encode())
    write_atomic(checkout / PAGE, page(now).encode())
    write_atomic(checkout / TASKS_PAGE, describe.page().encode())


if __name__ == "__main__":
    renew(Path())
