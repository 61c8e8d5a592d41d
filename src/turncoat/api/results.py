"""Results of finished runs: rates, contrasts, samples, figures, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turncoat.analysis import Cell, Overview, Table, analyse, read_table
from turncoat.api.controls import guards_frame, reviews_frame
from turncoat.api.figures import Figure
from turncoat.api.given import names, row
from turncoat.api.samples import Sample
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import LogError, UsageError, choices
from turncoat.base.remote import brought
from turncoat.base.stores import is_address

if TYPE_CHECKING:
    import pandas as pd

    from turncoat.report import ReportSummary

Logs = str | Path | Iterable[str | Path]
"""A log, a folder of logs, or several of either."""


_GROUP = ("scenario", "interface", "condition", "model", "judge", "simulated")
_CONTRAST = (
    *("scenario", "interface", "model", "judge", "simulated", "first", "second", "added", "removed"),
    *("difference", "low", "high", "p", "p_holm", "p_screened", "method", "named"),
)


_RATE = ("harmful", "scored", "total", "rate", "low", "high", "least", "most", "method", "estimand", "errors")


class Results:
    """What came of runs, as `read` gives it. Logs are read when something is first asked for.

    Numbers are those of the report and of the commands: rates are shares between 0 and 1, intervals are at 95 %.
    Pickled or copied, they are read anew from where they were.
    """

    def __init__(self, paths: Sequence[Path], holds: object = None, given: Sequence[str] = ()) -> None:
        # They are read late, and a notebook may have gone to another folder by then.
        self._paths, self._given = tuple(p.absolute() for p in paths), tuple(given)
        self._holds = holds

    @property
    def paths(self) -> tuple[Path, ...]:
        """The logs, or folders of logs."""
        return self._paths

    @cached_property
    def table(self) -> Table:
        """The table that everything is computed from.

        Raises:
            LogError: A path does not exist, or none of the logs can be read.
        """
        return read_table(self.paths)

    @cached_property
    def overview(self) -> Overview:
        """All that a report shows, as data."""
        return analyse(self.table)

    @property
    def problems(self) -> tuple[str, ...]:
        """What was wrong with logs, one line each: unreadable, unfinished, of no Turncoat task."""
        return tuple(map(str, self.table.problems))

    @property
    def samples(self) -> pd.DataFrame:
        """One row for each sample, epoch, model and judge, with factors, outcome, cost and hashes; see docs/data.md."""
        return self.table.frame

    def rates(self) -> pd.DataFrame:
        """The rate of harmful outcomes of each scenario, interface, condition, model and judge.

        Returns:
            `harmful` of `scored` samples, out of `total`; `rate` (missing where nothing was scored), `low` and `high`
            (95 %), `method` and `estimand` (over worlds, or of this one prompt); `least` and `most`: the rate if all
            unscored samples were harmless or harmful; `errors`; `simulated`: whether the model is a program.
        """
        import pandas as pd

        return pd.DataFrame([_rate(cell) for cell in self.overview.cells], columns=[*_GROUP, *_RATE])

    def contrasts(self) -> pd.DataFrame:
        """Differences between conditions, of the judge that the report shows: those that the study names come first.

        Returns:
            `first` minus `second` in `difference` (0.1 is ten percentage points), `low` and `high` (95 %), `p`,
            `p_holm` (missing for contrasts beside those that a study names), `p_screened` (Benjamini and Hochberg),
            `added` and `removed` levels, `method`, `named`: whether the study named it.
        """
        import pandas as pd

        rows = [
            {
                **_names(c.first),
                "first": c.first.condition,
                "second": c.second.condition,
                "added": c.added,
                "removed": c.removed,
                "difference": c.difference.estimate,
                "low": c.difference.low,
                "high": c.difference.high,
                "p": c.difference.p_value,
                "p_holm": c.adjusted_p,
                "p_screened": c.screened_p,
                "method": c.difference.method,
                "named": c.named is not None,
            }
            for c in self.overview.contrasts
        ]
        return pd.DataFrame(rows, columns=list(_CONTRAST))

    def guards(self) -> pd.DataFrame:
        """What guards do in each condition that has any, beside the same condition without them, by the report's judge.

        Returns:
            `guards` (the levels that name them; "" where none does); shares with `_low`, `_high` (95 %), `_k` and `_n`:
            `attempted`, `prevented`, `through`, `false_alarms`; `job`; the difference to the same condition without
            guards of `attempted`, `through` and `job` as `against_…`; counts: `censored` of `sessions`, `stopped`
            (harmful sessions in which something was), of these `tried_again` and `another_way`, and what was `blocked`,
            `asked`, `edited`, `held`, `recalled`, with `guard_failures`. Missing where it cannot be told.
        """
        return guards_frame(self.overview)

    def reviews(self) -> pd.DataFrame:
        """What an office outside made of agents' reports, in each condition in which it was told of any.

        Returns:
            `reported`: sessions in which it was told, as a share with `_low`, `_high`, `_k` and `_n`; how often it came
            to `sent_back` and `stands`, or was `pending` when the session ended; who decides: `by_rule`, `by_model`,
            `by_failed` (the rule, since the model gave no usable answer); `harmful`: of those sessions, harm attempted
            all the same.
        """
        return reviews_frame(self.overview)

    @checked
    def sample(self, which: int | str) -> Sample:
        """One sample in full.

        Args:
            which: Its row in `samples` (from 0, -1 is the last), or the text of its column `sample`: the first row that
                has it, where several models were run.

        Raises:
            UsageError: There is no such sample.
            LogError: It cannot be read.
        """
        frame, which = self.samples, row(which)
        if isinstance(which, str):
            rows = frame[frame["sample"] == which].head(1)
        else:
            at = range(len(frame))[which : which + 1 or None] if -len(frame) <= which < len(frame) else []
            rows = frame.iloc[list(at)]
        if rows.empty:
            rows_there = counted(len(frame), "row")
            raise UsageError(f"sample {which!r}: there is none; see the frame `samples`, which has {rows_there}")
        return Sample.of_row(rows)

    def __getitem__(self, which: int | str) -> Sample:
        """See `sample`."""
        which = row(which)
        try:
            return self.sample(which)
        except UsageError as error:
            raise (IndexError if isinstance(which, int) else KeyError)(str(error)) from None

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def _pictures(self) -> dict[str, Figure]:
        from turncoat.report.figures import pictures

        return {p.name: Figure(p) for p in pictures(self.overview)}

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""
        return tuple(self._pictures)

    @checked
    def figure(self, name: str) -> Figure:
        """One figure of the report; a notebook shows it.

        Args:
            name: Its name, or the first part of it, such as `guards`: of several the first.

        Raises:
            UsageError: There is no such figure; `figures` names them.
        """
        found = name if name in self._pictures else next((n for n in self._pictures if n.startswith(f"{name}-")), "")
        if not found:
            raise UsageError(f"figure: {choices(name, self._pictures)}")
        return self._pictures[found]

    @checked
    def report(self, path: str | Path, *, title: str | None = None) -> ReportSummary:
        """Write the report as one file: a page, or a section for a system card where the name ends in `.md`.

        Raises:
            LogError: None of the logs can be read.
            OutputError: It cannot be written.
        """
        from turncoat.report import write_report

        out = Path(path)
        return write_report(self.paths, out, title=title)

    @checked
    def export(self, path: str | Path) -> None:
        """Write `samples` as a file that ends in `.parquet` or `.csv`.

        Raises:
            UsageError: Another ending.
            OutputError: It cannot be written.
        """
        from turncoat.analysis import write_table

        write_table(self.table, Path(path))

    def __reduce__(self) -> tuple[Callable[..., Results], tuple[Any, ...]]:
        return (read, (self._given,)) if self._given else (Results, (self.paths,))  # of a store: copied once more

    def __repr__(self) -> str:
        cells = self.overview.cells
        models = ", ".join(self.overview.models)
        return f"<results: {counted(len(self), 'row')}, {counted(len(cells), 'rate')}; {models}>"

    def _repr_html_(self) -> str:
        return str(self.rates().to_html(index=False, float_format=lambda x: f"{x:.2f}", na_rep="–"))


@checked
def read(logs: Logs | Results) -> Results:
    """Read finished runs.

    Args:
        logs: A log, a folder of logs, the address of either in a store (`s3://…`), or several. What is in a store is
            copied to this machine's folder for temporary files, where it stays as long as the results do.

    Raises:
        LogError: A path or an address does not exist.
        UsageError: Nothing is named, or what is no path.
        OutputError: A store cannot be reached.
    """
    if isinstance(logs, Results):
        return logs
    if not (given := names(logs)):
        raise UsageError("read: no log is named; give a log, a folder of logs, or several")
    for path in given:
        if not is_address(path) and not Path(path).exists():
            raise LogError(f"{path}: does not exist")
    copies = ExitStack()
    return Results(copies.enter_context(brought(given)), copies, given if any(map(is_address, given)) else ())


def _names(cell: Cell) -> dict[str, Any]:
    return {n: getattr(cell, n) for n in _GROUP}


def _rate(cell: Cell) -> dict[str, Any]:
    rate = cell.rate
    return {
        **_names(cell),
        "harmful": rate.k,
        "scored": rate.n,
        "total": rate.total,
        "rate": rate.estimate,
        "low": rate.low if rate.n else None,
        "high": rate.high if rate.n else None,
        "least": rate.bounds.low,
        "most": rate.bounds.high,
        "method": rate.method,
        "estimand": rate.estimand,
        "errors": cell.errors,
    }
