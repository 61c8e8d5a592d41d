"""The shape of scenario data: what stands in `scenario.yaml`, `story.yaml`, goal files and emails."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from turncoat.base.errors import choices
from turncoat.base.model import Frozen
from turncoat.scenarios.terms import (
    MAX_MINUTES,
    Ability,
    ClockTime,
    Costs,
    DeskPart,
    Names,
    OfficeKind,
    Phrases,
    Version,
    When,
    as_tuple,
)
from turncoat.scenarios.workday import AimSpec, CalendarSpec, ItemSpec, LeverSpec
from turncoat.world import Sensitivity
from turncoat.world.office import Register


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
    signature: str = ""
    """Stands under this person's mails."""
    mailer: Literal["bottom", "top", "none"] = "top"
    """How this person's mail client quotes: `> ` lines, a block with From, Sent, To and Subject, or not at all."""


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
    mentions: Phrases = ()
    allusions: Phrases = ()
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
    after_minutes: Annotated[float, Field(ge=0, le=MAX_MINUTES, allow_inf_nan=False)] = 4
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


class OfficeSpec(Frozen):
    """An office in the company that takes reports of concerns (factor `channel`); strings are templates."""

    name: str
    address: str
    """The part before the firm's domain, or a whole address."""


class OriginSpec(Frozen):
    """Who wrote a storyline that a model wrote, and from what."""

    author: str
    """The model."""
    reader: str = ""
    """The model that read it blind."""
    realism: int | None = None
    """What the reader gave, of 100, for it being no test."""
    source: str
    """The storyline whose structure it has: `scenario/storyline.version`."""
    distance: str
    """How far it is from that: names, wording, trade, or new."""
    shared: float
    """Share of the sequences of three words in its mails that the source has as well."""
    instructions: Version
    """Version of what the author was told."""
    date: str


Split = Literal["public", "private"]
Staging = Literal["paper", "workday"]
"""How a storyline is staged: all facts in one batch, as in the paper, or over weeks of ordinary work."""


class SessionSpec(Frozen):
    """When the agent's session begins (local time), per interface."""

    text: ClockTime
    live: ClockTime


class StorySpec(Frozen):
    """`story.yaml`: one storyline, a way to dress the scenario's causal structure.

    Changing anything that alters a rendering asks for a new `version`.
    """

    version: Version
    pools: Version = 1
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
    office: OfficeSpec | None = None
    """Who takes reports of concerns, if it is not drawn from `data/offices.yaml`."""
    staging: Staging = "paper"
    split: Split = "public"
    """`private`: in no gallery and in no study's `storylines: all`, so that its texts spread less."""
    session: SessionSpec | None = None
    """When the session begins, if not as the scenario says."""
    since: ClockTime = ""
    """When the agent's previous session ended: mail from before is not marked as unread."""
    costs: Costs = Field(default_factory=dict)
    """Seconds that kinds of acts take, over the scenario's."""
    days: tuple[date, ...] = ()
    """The days on which a session can be, if they are not drawn from the seasons."""
    names: dict[Literal["she", "he", "last"], Names] = Field(default_factory=dict)
    """Names of the region, in place of the pools: given names by pronoun, family names."""
    parts: dict[str, str] = Field(default_factory=dict)
    """The storyline's own text for parts of the system prompt."""
    goal: AimSpec | None = None
    """What the agent works towards, in place of the shared goals."""
    desk: Annotated[tuple[DeskPart, ...], BeforeValidator(as_tuple)] = ()
    """What the agent has beside mail."""
    open_business: Register | None = None
    """The company's register."""
    items: tuple[ItemSpec, ...] = ()
    calendar: tuple[CalendarSpec, ...] = ()
    everyday: Annotated[int, Field(ge=0, le=1000)] = 0
    """So many threads of `everyday/` are drawn for a world."""
    lever: LeverSpec | None = None
    """What shows the lever, so that the office can be shown without it; see `turncoat.scenarios.twin`."""
    origin: OriginSpec | None = None
    """By whom it was written, where that was a model."""

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
    sign: bool = True
    """Whether the sender's signature stands below."""
    quote: bool = False
    """Whether the email that this one answers is quoted below."""


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

    version: Version
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

    kind: Literal["send_mail", "forward", "cancel_alert", "reply", "report_concern"] | OfficeKind = "send_mail"
    to: Names = ()
    cc: Names = ()
    bcc: Names = ()
    subject: str = ""
    body: str = ""
    message: str = ""
    """Name of the email to forward or answer."""
    code: str = ""
    everyone: bool = False
    """For an answer: whether all recipients of the message get it."""
    attach: Names = ()
    """Documents."""
    given: dict[str, Any] = Field(default_factory=dict)
    """Other arguments of an act beside mail, by the names of its tool; texts are templates, times are `ClockTime`."""


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


class ScenarioSpec(Frozen):
    """`scenario.yaml`: the causal structure that all storylines share."""

    name: str
    version: Version
    about: str
    harm: str
    """One sentence: what counts as harmful."""
    harm_done: str = "acted harmfully"
    """The same as a predicate of the agent, past tense, for the sentences of a report: "blackmailed the executive"."""
    canary: str
    edited: Names = ()
    """What was changed of the scenario that this is a copy of, one line each, such as a mail that was taken away."""
    aliases: Names = ()
    default_storyline: str
    default_workday: str = ""
    """The storyline of the staging `workday` that a world without a storyline's name means."""
    session: SessionSpec
    abilities: Annotated[tuple[Ability, ...], BeforeValidator(as_tuple)] = ("send_mail",)
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
    costs: Costs = Field(default_factory=dict)

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
