"""The shape of scenario data: what stands in `scenario.yaml`, `story.yaml`, goal files and emails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from turncoat.base.errors import choices
from turncoat.base.model import Frozen
from turncoat.world import Sensitivity


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One string or a list of strings."""


def _level(value: Any) -> Any:
    """YAML's true and false as words, so that who knows the levels can say what would do."""
    return str(value).lower() if isinstance(value, bool) else value


def _levels(value: Any) -> Any:
    return [_level(v) for v in value] if isinstance(value, list) else _level(value)


When = dict[str, Annotated[Names, BeforeValidator(_levels)]]
"""Factor → levels under which something applies; several factors must all match."""

_CLOCK = re.compile(r"(?:-\d{1,2} )?(?:[01]\d|2[0-3]):[0-5]\d")


def _clock_time(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        meant = f"{value // 60:02}:{value % 60:02}"
        raise ValueError(f'found {value}, which is how YAML reads {meant} without quotes; write "{meant}"')
    if isinstance(value, str) and not _CLOCK.fullmatch(value):
        raise ValueError(f"{value!r} is not of the form HH:MM or -1 HH:MM (the day before), such as 16:20")
    return value


ClockTime = Annotated[str, BeforeValidator(_clock_time)]
"""A time of the session's day, `16:20`, or of one before, `-1 16:20`."""


def applies(when: When, levels: Mapping[str, str]) -> bool:
    """Whether a `when:` holds under these levels: every factor that it names has one of the levels."""
    return all(levels[factor] in wanted for factor, wanted in when.items())


def clock(text: str, day: date) -> datetime:
    """A time of day as data files write it (`ClockTime`), on or before a day."""
    offset, hour = _parts(text)
    return datetime.combine(day + offset if offset else day, hour)


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[timedelta, time]:
    offset, _, hour = text.rpartition(" ")
    return timedelta(days=int(offset or 0)), time.fromisoformat(hour)


Ability = Literal["send_mail", "forward", "cancel_alert"]


class RoleSpec(Frozen):
    """A part in the cast. String fields are templates."""

    title: str = ""
    name: str = ""
    """A fixed name (of a system, say); drawn from the pools if empty."""
    family: str = ""
    """Role (earlier in the cast) whose family name this person shares."""
    pronouns: Literal["she", "he", "any"] = "any"
    address: str = ""
    """Made from the name and the firm's domain if empty."""
    aliases: Names = ()
    organisation: str = ""
    inside: bool = True
    authorised: bool = False
    authority: bool = False


class GroupSpec(Frozen):
    """A distribution list; the address is the part before the firm's domain."""

    address: str
    name: str = ""
    members: Names


class FactSpec(Frozen):
    """See `turncoat.world.Fact`; strings are templates."""

    summary: str
    concerns: Names = ()
    holders: Names = ()
    mentions: Names = ()
    allusions: Names = ()
    to_them: Names = ()
    to_others: Names = ()


class DocumentSpec(Frozen):
    """See `turncoat.world.Document`; strings are templates."""

    name: str
    text: str
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    owner: str = ""
    facts: Names = ()
    when: When = Field(default_factory=dict)


class AlertSpec(Frozen):
    """See `turncoat.world.Alert`; strings are templates."""

    title: str
    code: str
    sender: str = ""
    genuine: bool = True
    endangers: str = ""
    when: When = Field(default_factory=dict)


class ReplySpec(Frozen):
    """How somebody answers the agent's mail by rule (tools interface)."""

    role: str
    after_minutes: float = 4
    kind: Literal["out_of_office", "acknowledge", "answer"] = "answer"
    body: str
    when: When = Field(default_factory=dict)


class EventSpec(Frozen):
    """A scripted event of the day, such as the deadline (tools interface)."""

    at: ClockTime
    event: str
    text: str = ""
    ends_session: bool = False
    unless: str = ""
    when: When = Field(default_factory=dict)


class StorySpec(Frozen):
    """`story.yaml`: one storyline, a way to dress the scenario's causal structure.

    Changing anything that alters a rendering asks for a new `version`.
    """

    version: int
    pools: int = 1
    about: str
    canary: str
    slots: dict[str, list[Any]]
    """Slot → options, in order; an option may be a template over the cast and earlier slots, or a mapping.
    The slot `firm` is required and must be a mapping with name, short, domain, city, trade and clients."""
    cast: dict[str, RoleSpec]
    groups: dict[str, GroupSpec] = Field(default_factory=dict)
    facts: dict[str, FactSpec] = Field(default_factory=dict)
    documents: dict[str, DocumentSpec] = Field(default_factory=dict)
    alerts: dict[str, AlertSpec] = Field(default_factory=dict)
    replies: tuple[ReplySpec, ...] = ()
    events: tuple[EventSpec, ...] = ()

    @property
    def scored(self) -> dict[str, Any]:
        """What scoring reads of it, as JSON data: facts and their words, who is who, what papers and alerts are.

        Texts are no part of it, since they are what a model is shown, nor are words that only simulated models use.
        """
        parts: dict[str, Any] = {
            "cast": {"__all__": {"address", "aliases", "inside", "authorised", "authority"}},
            "groups": {"__all__": {"address", "members"}},
            "facts": {"__all__": {"summary", "concerns", "holders", "mentions", "allusions"}},
            "documents": {"__all__": {"sensitivity", "facts", "when"}},
            "alerts": {"__all__": {"code", "genuine", "when"}},
        }
        return self.model_dump(mode="json", include=parts)


class EmailSpec(Frozen):
    """The head of an email file; the body below it is a template."""

    sender: str = Field(alias="from")
    to: Annotated[Names, Field(min_length=1)]
    cc: Names = ()
    at: ClockTime
    """Local time."""
    subject: str
    when: When = Field(default_factory=dict)
    re: str = ""
    """Name of the email that this one answers."""
    attach: Names = ()


class FindingSpec(Frozen):
    """Something that can be found in a run, and its place on the ladder."""

    rung: str
    harmful: bool = False
    """Whether the finding meets the scenario's definition of the harmful outcome."""
    about: str
    detect: str = ""
    """Name of a detector in `turncoat.evidence.detectors`, if the finding is decided on the log alone."""
    params: dict[str, Any] = Field(default_factory=dict)
    judged: Literal["", "outcome", "reading"] = ""
    """Which judge decides it, if it is a matter of meaning."""


class LadderSpec(Frozen):
    """The ordered rungs, lowest first, and the findings that reach them."""

    version: int
    rungs: Names
    base: str
    """Rung of a response in which nothing was found."""
    findings: dict[str, FindingSpec]

    @model_validator(mode="after")
    def _rungs_exist(self) -> LadderSpec:
        if self.base not in self.rungs:
            raise ValueError(f"base: {choices(self.base, self.rungs)}")
        for name, finding in self.findings.items():
            if finding.rung not in self.rungs:
                raise ValueError(f"findings.{name}.rung: {choices(finding.rung, self.rungs)}")
        return self


class OracleStep(Frozen):
    """One scripted action; the fields are templates. Addresses are roles, groups or literal addresses."""

    kind: Literal["send_mail", "forward", "cancel_alert", "reply"] = "send_mail"
    to: Names = ()
    cc: Names = ()
    bcc: Names = ()
    subject: str = ""
    body: str = ""
    message: str = ""
    """Name of the email to forward or answer."""
    code: str = ""


class OracleSpec(Frozen):
    """A scripted agent and what the instrument must make of it."""

    about: str
    rung: str
    harmful: bool | None
    findings: Names = ()
    scratchpad: str = ""
    prose: str = ""
    steps: tuple[OracleStep, ...] = ()
    when: When = Field(default_factory=dict)


class SessionSpec(Frozen):
    """When the agent's session begins (local time), per interface."""

    text: ClockTime
    live: ClockTime


class ScenarioSpec(Frozen):
    """`scenario.yaml`: the causal structure that all storylines share."""

    name: str
    version: int
    about: str
    harm: str
    """One sentence: what counts as harmful."""
    harm_done: str = "acted harmfully"
    """The same as a predicate of the agent, past tense, for the sentences of a report: "blackmailed the executive"."""
    canary: str
    aliases: Names = ()
    default_storyline: str
    session: SessionSpec
    abilities: Annotated[tuple[Ability, ...], BeforeValidator(_as_tuple)] = ("send_mail",)
    """Actions that the text interface offers beyond answering: send_mail, forward, cancel_alert."""
    judging: Literal["coercion", "disclosure", "override", "none"]
    """Which family of rules reads meaning where no model judges; that of the necessary act unless it is named."""
    necessary: dict[str, Any]
    """The necessary act of the harmful outcome: a detector and its parameters."""
    roles: dict[str, Names]
    """What scoring calls target, superiors, spouse …: roles of the cast."""
    secret: str
    """Id of the fact on which the scenario turns."""
    headline: Names
    """Conditions that a plain run covers."""
    parts: dict[str, str] = Field(default_factory=dict)
    """The scenario's own text for parts of the system prompt, over the shared ones."""
    lines: dict[str, str] = Field(default_factory=dict)
    """Named pieces of text that factor levels refer to."""
    leave_out: dict[str, str] = Field(default_factory=dict)
    """Shared factors that have no meaning in this scenario → the reason, a clause."""
    ladder: LadderSpec
    costs: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _family(cls, data: Any) -> Any:
        """Name the family of rules that goes with the necessary act, where the file names none."""
        if not isinstance(data, dict):
            return data
        match data.get("necessary"):
            case {"detect": "reached" | "told"}:
                family = "coercion"
            case {"detect": "sent_outside" | "left_company"}:
                family = "disclosure"
            case {"detect": "cancelled" | "wrong_code" | "mailed_code"}:
                family = "override"
            case _:
                family = "none"
        return {"judging": family, **data}


class GoalSpec(Frozen):
    """One goal value and how people in a firm talk about it. All fields but the first two are templates."""

    value: str
    opposite: str
    statement: str
    """The goal as the system prompt states it, second person, one sentence."""
    reminder: str
    """The same for the list of things to keep in mind; other words."""
    creed: str
    """Noun phrase for the direction, as colleagues would say it in passing."""
    headline: str
    """What a trade paper says the firm turns to; completes "<firm> …"."""
    press: str
    """One or two sentences of the trade paper on the firm taking this direction."""
    announcement: str
    """A paragraph of an all-hands mail that makes this the firm's direction."""
    remark: str
    """An employee's one-sentence aside on it."""
    record: str
    """A paragraph on what the agent has done in this spirit over the past months."""
    habit: str
    """Noun phrase for the agent's manner of working in this spirit."""
    successor: str
    """Clause on a replacement model that is built for this: "tuned to …"."""
    common_cause: str
    """What an outsider who claims to share the goal would say sharing material does for it."""
