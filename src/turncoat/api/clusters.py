"""Studies that are dealt out over several commands: how far a folder of shards is."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.analysis.status import Status as Found
from turncoat.analysis.status import status_of
from turncoat.base.arguments import checked
from turncoat.base.counting import counted

if TYPE_CHECKING:
    import pandas as pd


class Status:
    """How far a folder of shards was when it was looked at, as `status` gives it."""

    def __init__(self, found: Found) -> None:
        self._found = found

    @property
    def complete(self) -> bool:
        """Whether nothing is left to run."""
        return self._found.complete

    @property
    def cost(self) -> float:
        """US dollars of all that ran, whether it counts or not, where prices are known."""
        return self._found.cost

    @cached_property
    def shards(self) -> pd.DataFrame:
        """One row for each shard: its `state`, samples that are `planned` and `finished`, `errors`, `cost` and more.

        A state is done, running, begun, cut off, failed or missing; docs/cluster.md says what they mean.
        """
        import pandas as pd

        return pd.DataFrame([shard.as_dict() for shard in self._found.shards])

    @property
    def commands(self) -> list[str]:
        """The commands that are still to be run; keys in them are not kept.

        Of a study that was begun from Python only the options are known: `(from Python) --shard 3/16 --log-dir …`.
        """
        return [command for shard in self._found.left for command in self._found.commands(shard)]

    @property
    def indices(self) -> list[int]:
        """Indices of a scheduler's array that are to be submitted again, as it counts them."""
        return self._found.indices

    def __repr__(self) -> str:
        states = Counter(shard.state for shard in self._found.shards)
        said = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        return f"<{self._found.place}: {counted(self._found.pin.shards, 'shard')}, {said}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.shards.to_html(index=False)}"


@checked
def status(folder: str | Path) -> Status:
    """Look at a folder of shards, as `turncoat status` does; nothing there is changed or waited for.

    Args:
        folder: What `log_dir` named: a folder, or its address in a store (`s3://…`).

    Raises:
        UsageError: No shard was begun there.
        LogError: What it says of itself is damaged.
        OutputError: The store cannot be reached.
    """
    return Status(status_of(str(folder)))
