"""A session by hand: be the agent, act in the company, and have it scored."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from turncoat.api.scenes import Levels, Scene, scenario
from turncoat.api.waiting import awaited
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import UsageError
from turncoat.base.text import inert, unbroken
from turncoat.doors.door import Prompt, door
from turncoat.doors.kept import ended_by_guard
from turncoat.evidence.case import Case, act_text
from turncoat.guards.guard import Guard
from turncoat.guards.guard import Session as ChokePoint
from turncoat.guards.named import guards_in
from turncoat.judges.choice import JudgeNames
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.options import ScoringOptions, read_policy
from turncoat.scoring.score import score_kept
from turncoat.scoring.verdict import Verdict
from turncoat.world import Action, Company, Message, Outcome, Record

if TYPE_CHECKING:
    import pandas as pd


class Judged(Verdict):
    """A verdict with its evidence in words. May be awaited, which gives itself."""

    quotes: tuple[tuple[str, str], ...] = ()
    """(finding, words that a judge or a detector points at), in order."""

    def __await__(self) -> Generator[Any, None, Judged]:
        yield from ()
        return self

    def __str__(self) -> str:
        harm = {True: "harmful", False: "not harmful", None: "no verdict"}[self.harmful]
        lines = [f"{self.judge}: {harm}, {self.rung or self.reason}. {self.detail}".strip()]
        return inert("\n".join([*lines, *(f"{name}: “{words}”" for name, words in self.quotes)]))

    def __repr__(self) -> str:
        harm = {True: "harmful", False: "not harmful", None: "no verdict"}[self.harmful]
        return inert(f"<judged by {self.judge}: {harm}, {self.rung or self.reason}>")

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(str(self))}</pre>'


class Session:
    """One agent's session, by hand. Every act passes the guards, as in a run, and leaves a record in the log."""

    def __init__(self, scene: Scene, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> None:
        self.scene = scene
        """What the agent meets."""
        live = door(scene.interface).live
        setting = setting_of(scene.rendered, live=live)
        own = guards_in(load_scenario(scene.scenario).space, scene.rendered.condition)
        company = Company(setting.seed, live=live)
        self._point = ChokePoint(setting, company, guards=(*own, *guards), reviewer=reviewer)

    @property
    def prompt(self) -> Prompt:
        """What a model would be sent first: `system`, `user` and the tools' `schemas`."""
        return self.scene.prompt

    @property
    def ended(self) -> str:
        """Why the session is over, or ""."""
        return self._point.company.closed or ""

    @property
    def records(self) -> tuple[Record, ...]:
        """Everything that was attempted and that happened, as data."""
        return tuple(self._point.company.log)

    @property
    def log(self) -> pd.DataFrame:
        """The records as a frame: `time`, `actor`, `kind`, `what`, `status`, what the agent was `told`, `decisions`."""
        import pandas as pd

        names = ("seq", "time", "actor", "kind", "what", "status", "told", "decisions")
        return pd.DataFrame([_row(r) for r in self.records], columns=list(names))

    def inbox(self) -> pd.DataFrame:
        """The mail that has reached the agent: `id`, `time`, `sender`, `to`, `subject`, `body`, oldest first.

        Looking here is no act: to have the agent seen to have read a mail, let it act by `ReadMail`.
        """
        import pandas as pd

        names = ["id", "time", "sender", "to", "subject", "body"]
        return pd.DataFrame([_mail(m, names) for m in self._point.case.mail], columns=names)

    @checked
    async def act(self, action: Action) -> Outcome:
        """Attempt something.

        Args:
            action: Such as `SendMail(to=("kyle@…",), subject="…", body="…")`.

        Returns:
            `status` (`done`, `failed` or `blocked`) and `text`: what the agent is told.

        Raises:
            WorldError: The attempt makes no sense in this company.
        """
        return await self._point.act(action)

    @checked
    def do(self, action: Action) -> Outcome:
        """As `act`, and wait for it; works in a notebook too."""
        return awaited(lambda: self.act(action))

    @checked
    def score(
        self, *, judge: JudgeNames = "rules", read: str = "all", blind: bool = False, rubrics: str | Path = ""
    ) -> Judged:
        """Say what the instrument makes of the session so far.

        Args:
            judge: `rules`, or models' names; several are a panel.
            read: `all`, or `none`: whether a model judge reads it for more than the outcome.
            blind: Whether names of models and of their makers are hidden from model judges.
            rubrics: A shipped version of the rubrics, or a folder; the current ones if "".

        Raises:
            UnknownName: A model that no provider knows.
            UsageError: An unknown judge, or unknown rubrics.
        """
        options = ScoringOptions(judge, read, blind, str(rubrics))
        reads = read_policy(read).reads(repr(self.scene), 1)
        case = replace(self._point.case, cut_off=ended_by_guard(self._point.company.log))

        async def scored() -> Verdict:
            return await score_kept(case, options.choice().found(), read=reads)

        return _judged(awaited(scored), case)

    def __reduce__(self) -> NoReturn:
        raise UsageError(f"{self!r} cannot be pickled or copied: its guards are code; keep its `records` or its `log`")

    def __repr__(self) -> str:
        ended = f", {self.ended}" if self.ended else ""
        return f"<session in {self.scene!r}: {counted(len(self.records), 'record')}{ended}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.log.to_html(index=False)}"


def _judged(verdict: Verdict, case: Case) -> Judged:
    found = [(f.name, e) for f in (*verdict.findings, *verdict.reading.traits) for e in f.evidence]
    quotes = tuple((name, case.text_of(e.record)[e.start : e.end]) for name, e in found)
    return Judged(**dict(verdict), quotes=quotes)


def _mail(message: Message, names: Sequence[str]) -> dict[str, Any]:
    values = {n: getattr(message, n) for n in names}
    return {n: unbroken(v) if isinstance(v, str) else v for n, v in values.items()}


def _row(record: Record) -> dict[str, Any]:
    message = record.intended
    what = act_text(record) if message is None else f"to {', '.join(message.to)}: {message.subject}"
    return {
        "seq": record.seq,
        "time": record.time,
        "actor": record.actor,
        "kind": record.attempt.kind if record.attempt is not None else "",
        "what": unbroken(what),
        "status": record.outcome.status,
        "told": unbroken(record.outcome.text),
        "decisions": ", ".join(f"{d.guard}: {d.decision}" for d in record.decisions),
    }


@checked
def open(
    name: str | Path,
    *,
    world: str | int = 1,
    condition: str | Levels = "control",
    interface: str = "tools",
    guards: Sequence[Guard] = (),
    reviewer: Guard | None = None,
    **levels: str,
) -> Session:
    """Open a session by hand.

    Args:
        name: A scenario's name, or the path of its folder.
        world: Seed, or storyline and seed: `affair@7`.
        condition: A condition's id, or a mapping of factors to levels.
        interface: `tools`: time passes and mail arrives; `text`: all mail is there and the clock stands still.
        guards: They look at every attempt, in order, before it takes effect; after those of the condition's levels.
        reviewer: Decides where a guard asks.
        **levels: Levels by factor: `goal="explicit", threat="replacement"`.

    Raises:
        UnknownName: There is no such scenario.
        ConditionError: An unknown factor or level, or levels that cannot be combined, or not in this interface.
        UsageError: An unknown interface or storyline.
    """
    scene = scenario(name).render(condition, world=world, interface=interface, **levels)
    return Session(scene, guards, reviewer)
