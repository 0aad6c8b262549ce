"""`models`: the trained models of the store, the room they take, and their removal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from repro.cli.options import Json
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, say, say_json, say_table

Action = Annotated[str, typer.Argument(help="list or prune.", metavar="list|prune")]


def models(
    action: Action = "list",
    budget: Annotated[float | None, typer.Option(min=0.0, help="GiB that may stay; 0 by default.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those of accepted results.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """List trained models, or remove them.

    Those that accepted results rest on stay, unless they are asked for. A model is made once and measured as often as
    it is asked for. Removed, it is trained again when it is needed. What a run that goes on needs is never removed.
    After each run the store is kept to a budget: REPRO_MODELS_GIB, 20 by default.

    Example: repro models list
    """
    from repro.commands.models import listed, pruned

    if action not in ("list", "prune"):
        raise Failure(Exit.WRONG_USE, f"unknown action {action!r} (known: list, prune)")
    found = listed() if action == "list" else pruned(budget or 0.0, everything=everything)
    if json:
        say_json([
            {"key": each.model.key, "bytes": each.model.bytes, "training": each.name, "accepted": each.accepted}
            for each in found
        ])  # fmt: skip
        return
    if found:
        say_table(
            ["key", "MiB", "last used", "accepted", "training"],
            [[each.model.key[:8], f"{each.model.bytes / 2**20:.1f}",
              datetime.fromtimestamp(each.model.used, UTC).isoformat(" ", "minutes")[:16],
              "yes" if each.accepted else "no", each.name] for each in found],
            right=frozenset({"MiB"}),
        )  # fmt: skip
    size = sum(each.model.bytes for each in found) / 2**20
    say(f"{count(len(found), 'model')}, {size:.1f} MiB" + (" removed" if action == "prune" else ""))
