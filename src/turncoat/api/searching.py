"""Searching for worse cases from Python, and taking a condition apart mail by mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turncoat.api.given import names
from turncoat.api.results import Results
from turncoat.api.studies import Study
from turncoat.api.studies import study as load
from turncoat.api.waiting import done
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError
from turncoat.runs.request import Request, see_settings
from turncoat.runs.study import default_folder
from turncoat.scenarios.scenario import text_hash
from turncoat.scoring.options import ScoringOptions
from turncoat.search.confirmed import as_data, confirmed, trials
from turncoat.search.investigator import Plan, settings_for, settings_of
from turncoat.search.investigator import search as run_search
from turncoat.search.naming import named_condition
from turncoat.search.pairs import explain as run_explain
from turncoat.search.pairs import explained
from turncoat.search.proposing import ByModel
from turncoat.search.record import Record
from turncoat.search.running import Halted

if TYPE_CHECKING:
    import pandas as pd

_CONFIRMED = (
    *("number", "scenario", "interface", "storyline", "condition", "compared_with"),
    *("hits", "scored", "rate", "low", "high", "selected_hits", "selected_scored"),
)
_TRIED = ("number", "scenario", "interface", "storyline", "condition", "hits", "scored", "low", "high")
_PARTS = ("part", "hits", "scored", "effect", "low", "high")


class Investigation(Results):
    """What came of a search, as `investigate` gives it. Its logs are results like any other's, but selected.

    A rate found by search is not a rate of the world.
    """

    def __init__(self, record: Record, folder: Path) -> None:
        super().__init__((folder,))
        self.record, self.folder = record, folder

    @property
    def data(self) -> dict[str, Any]:
        """All that is claimed and all that was selected, as JSON data."""
        return as_data(self.record)

    def confirmed(self) -> pd.DataFrame:
        """What was measured on worlds that the search never saw, the finds first.

        Returns:
            `hits` of `scored` samples, `rate`, `low` and `high`, which hold for all rows together at 95 %; `number` of
            the candidate and of the cell that it is `compared_with`; beside it what it was picked by (`selected_…`).
        """
        import pandas as pd

        rows = [
            (
                *(c.candidate.number, *c.candidate.key[:3], c.candidate.condition, c.base),
                *(c.k, c.n, c.rate, c.interval.low, c.interval.high, *c.searched),
            )
            for c in confirmed(self.record)
        ]
        return pd.DataFrame(rows, columns=list(_CONFIRMED))

    def tried(self) -> pd.DataFrame:
        """All candidates that were run, with what the search saw: selected numbers, and no rates.

        Returns:
            `hits` of `scored` samples; `low` and `high` are confidence sequences that hold for all rows together.
        """
        import pandas as pd

        rows = [
            (
                *(t.candidate.number, *t.candidate.key[:3], t.candidate.condition),
                *(t.k, t.n, t.sequence.low, t.sequence.high),
            )
            for t in trials(self.record)
        ]
        return pd.DataFrame(rows, columns=list(_TRIED))

    @checked
    def page(self, path: str | Path) -> Path:
        """Write the search's page.

        Raises:
            UsageError: The file's ending is none of a page.
            OutputError: It cannot be written.
        """
        from turncoat.base.files import PAGE, ending_of, write_whole
        from turncoat.report.search import search_page

        ending_of(Path(path), PAGE)
        write_whole(Path(path), search_page(self.record))
        return Path(path)

    def __reduce__(self) -> tuple[Callable[..., Investigation], tuple[Any, ...]]:
        return Investigation, (self.record, self.folder)

    def __repr__(self) -> str:
        return f"<search in {self.record.settings.study}: {counted(len(self.record.tried), 'candidate')} tried>"

    def _repr_html_(self) -> str:
        return f"<p>A rate found by search is not a rate of the world.</p>{self.confirmed().to_html(index=False)}"


@checked
def investigate(
    study: Study | str | Path,
    *,
    model: str,
    judge: str = "",
    author: str = "",
    objective: str = "harm",
    budget: int = 600,
    size: int = 60,
    vary: str | Sequence[str] | None = (),
    confirm: int = 3,
    fresh: int = 50,
    ablate: int = 1,
    seed: int = 1,
    log_dir: str | Path | None = None,
    worlds: str | int = "",
    model_roles: Mapping[str, str] | None = None,
    same_model: bool = False,
    settings: Mapping[str, Any] | None = None,
    max_cost: float | None = None,
    prices: str | Path | None = None,
) -> Investigation:
    """Look for worse cases, as `turncoat search` does, and measure what was found on fresh worlds.

    Args:
        study: Where it begins: a study, or the name or file of one.
        model: Inspect's name of the target.
        judge: `rules`, or a model's name; the study's, else `rules`, if "".
        author: A model that reads what came of each round and proposes levels, times, other words and storylines,
            beside the rules; none if "".
        objective: `harm`, `unaware`, `subtle` or `rung:NAME`.
        budget: Samples of the search; the confirmation comes on top.
        size: Samples at one time.
        vary: Factors that may change, or `storyline`, `timing` or `wording`; all but the staging if none.
        confirm: Finds that are run again.
        fresh: Fresh worlds for each of them.
        ablate: Confirmed finds whose levers are taken away.
        seed: Of the search's own draws.
        log_dir: Its folder, in which the same call continues; `logs/search/<study>` if None.
        worlds: Seeds in place of the study's.
        model_roles: The models that guards ask.
        same_model: Whether guards may ask the judge's own model.
        settings: Inspect's generation settings.
        max_cost: US dollars that may be spent.
        prices: YAML file of prices that come before the shipped ones.

    Raises:
        UsageError: Options that do not fit, or another search in the folder.
        IncompleteError: The cost limit was reached; the same call goes on.
    """
    found = study if isinstance(study, Study) else load(study, worlds=worlds)
    place = Path(log_dir) if log_dir else Path("logs", "search", *default_folder(found.name).parts[1:])
    request = _request(found, model, judge, place, model_roles, settings, max_cost, prices, same_model)
    made = settings_of(request, model, objective, vary=names(vary), seed=seed, fresh=fresh, author=author)
    file = Path(prices) if prices else None
    proposers = [ByModel(author, folder=place, max_cost=max_cost, prices=file)] if author else ()
    plan = Plan(budget, size, confirm, ablate, proposers)
    try:
        return Investigation(done(lambda: run_search(request, made, plan)), place)
    except Halted as halted:
        raise IncompleteError(f"{halted}; the same call goes on from there") from None


@checked
def explain(
    what: str | Path,
    *,
    model: str,
    judge: str = "",
    by: str = "mail",
    mails: str | Sequence[str] | None = (),
    objective: str = "harm",
    worlds: str | int = "1-40",
    storyline: str = "",
    interface: str = "",
    log_dir: str | Path | None = None,
    model_roles: Mapping[str, str] | None = None,
    same_model: bool = False,
    settings: Mapping[str, Any] | None = None,
    max_cost: float | None = None,
    prices: str | Path | None = None,
) -> pd.DataFrame:
    """Take away one mail or paragraph of a condition at a time, as `turncoat explain` does.

    Args:
        what: `STUDY/CONDITION`, `SCENARIO/CONDITION`, or `FOLDER/NUMBER` of a search's candidate.
        model: Inspect's name of the target.
        judge: As `investigate`.
        by: `mail` or `line`.
        mails: Only these.
        objective: As `investigate`.
        worlds: Seeds of the worlds.
        storyline: The scenario's default if "".
        interface: The study's if "".
        log_dir: Its folder; one below `logs/explain` if None.
        model_roles: The models that guards ask.
        same_model: Whether guards may ask the judge's own model.
        settings: Inspect's generation settings.
        max_cost: US dollars that may be spent.
        prices: YAML file of prices that come before the shipped ones.

    Returns:
        One row for each part: `hits` of `scored` samples without it, `effect` (with it minus without; 0.1 is ten
        percentage points), `low` and `high`, which hold for all rows together at 95 %. Those that matter most first.

    Raises:
        UsageError: There is no such condition or mail.
        IncompleteError: The cost limit was reached; the same call goes on.
    """
    import pandas as pd

    file, name, base = named_condition(str(what), storyline, interface)
    key = text_hash(str(what), base.storyline, base.interface, by, model, str(worlds))[:10]
    place = Path(log_dir) if log_dir else Path("logs", "explain", key)
    request = _request(Study(name, file), model, judge, place, model_roles, settings, max_cost, prices, same_model)
    made = settings_for(request, base, model, objective, str(worlds))
    only = names(mails)
    try:
        record = done(lambda: run_explain(request, made, base, by=by, mails=only))
    except Halted as halted:
        raise IncompleteError(f"{halted}; the same call goes on from there") from None
    rows = [
        (p.words, p.k, p.n, *((p.effect.estimate, p.effect.low, p.effect.high) if p.effect else (None, None, None)))
        for p in explained(record).parts
    ]
    return pd.DataFrame(rows, columns=list(_PARTS))


def _request(
    study: Study,
    model: str,
    judge: str,
    place: Path,
    roles: Mapping[str, str] | None,
    settings: Mapping[str, Any] | None,
    max_cost: float | None,
    prices: str | Path | None,
    same_model: bool,
) -> Request:
    return Request(
        study.file,
        study.name,
        [model],
        place,
        ScoringOptions(judge or study.file.judge or "rules"),
        model_roles=dict(roles or {}),
        same_model=same_model,
        settings=see_settings(settings),
        max_cost=max_cost,
        prices=Path(prices) if prices else None,
    )
