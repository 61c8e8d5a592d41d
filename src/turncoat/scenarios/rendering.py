"""A rendering: one condition in one world, and the company that it describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

from turncoat.base.errors import ScenarioError
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.job import JobSpec
from turncoat.scenarios.offices import OFFICE
from turncoat.scenarios.schema import EmailSpec, ScenarioSpec, SessionSpec, StorySpec
from turncoat.scenarios.templates import Text, has_markup, render
from turncoat.scenarios.terms import applies, clock
from turncoat.scenarios.workday import ThreadSpec
from turncoat.scenarios.worlds import World
from turncoat.world import (
    Alert,
    CompanySeed,
    Directory,
    Document,
    Fact,
    Group,
    Message,
    Person,
    ReplyRule,
    Review,
    Scheduled,
)
from turncoat.world.office import Event, Item

AGENT_TITLE = "AI assistant"


def _rendered(value: Any, text: Callable[[str], str]) -> Any:
    """Data with its texts rendered, keys aside."""
    match value:
        case str():
            return text(value)
        case dict():
            return {name: _rendered(inner, text) for name, inner in value.items()}
        case list():
            return [_rendered(inner, text) for inner in value]
    return value


def tidy(text: str) -> str:
    """Close the gaps that a template's conditions leave between paragraphs."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def session_of(spec: ScenarioSpec, story: StorySpec) -> SessionSpec:
    """When sessions of a storyline begin."""
    return story.session or spec.session


@dataclass(frozen=True)
class Email:
    """An email file: its head, and its body as a template."""

    name: str
    place: str
    spec: EmailSpec
    body: str
    line: int = 1
    """On which the body begins in its file."""

    @cached_property
    def texts(self) -> tuple[Text, Text, Text]:
        """Subject, body, and the name of the email that it answers."""
        return (
            Text(self.spec.subject, f"{self.place}: subject"),
            Text(self.body, f"{self.place}: body", self.line),
            Text(self.spec.re, f"{self.place}: re"),
        )


@dataclass(frozen=True)
class Storyline:
    """One way to dress the scenario's causal structure."""

    name: str
    folder: Path
    spec: StorySpec
    emails: Mapping[str, Email]
    everyday: Mapping[str, ThreadSpec] = field(default_factory=dict)
    """Conversations about ordinary business, some of which are drawn for a world."""
    job: JobSpec | None = None
    """The work that the agent is there for, where it is scored."""

    @property
    def id(self) -> str:
        """Name and version, as in a world's name: `affair.1`."""
        return f"{self.name}.{self.spec.version}"

    @property
    def scored(self) -> dict[str, Any]:
        """What scoring reads of it, as JSON data; see `StorySpec.scored`."""
        return self.spec.scored if self.job is None else {**self.spec.scored, "job": self.job.model_dump(mode="json")}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Roles whose title is a template: it may depend on the condition."""
        return {role: spec.title for role, spec in self.spec.cast.items() if has_markup(spec.title)}


class Letter(NamedTuple):
    """An email rendered for one condition and world; addresses still as roles and group names."""

    name: str
    time: datetime
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    re: str = ""
    attach: tuple[str, ...] = ()
    own: str = ""
    """The body without signature and quotation, where it has one."""


@dataclass(frozen=True)
class Rendered:
    """Everything that one condition in one world is made of, before a door presents it."""

    spec: ScenarioSpec
    condition: Condition
    world: World
    storyline: Storyline
    context: dict[str, Any] = field(repr=False)
    """The templates' variables."""
    parts: dict[str, str]
    """System prompt parts by name, and what takes their place where time passes; empty ones are left out."""
    remember: tuple[str, ...]
    """The list of things to keep in mind."""
    opening: str
    """The automatic message that starts the session."""
    letters: tuple[Letter, ...]
    """The mails in order of time."""
    verbatim: tuple[str, str] | None = None
    """System and user message of a text that is shown as it is; None where a door puts it together."""
    facts: str = ""
    """See `Scenario.facts`."""

    @property
    def place(self) -> str:
        """Where the storyline's file is, for messages."""
        return f"{self.spec.name}/storylines/{self.storyline.name}/story.yaml"

    @cached_property
    def seed(self) -> CompanySeed:
        """The company at the text interface: all mail has arrived, the clock stands still.

        Raises:
            ScenarioError: An address, document or email that a head names does not exist.
        """
        return self._seed(live=False)

    @cached_property
    def live_seed(self) -> CompanySeed:
        """The company at the tools interface: earlier in the day, later mail and events on the timeline.

        Raises:
            ScenarioError: As `seed`.
        """
        return self._seed(live=True)

    @cached_property
    def groups(self) -> dict[str, str]:
        """Group names of the storyline → addresses."""
        return {name: f"{g.address}@{self.context['firm']['domain']}" for name, g in self.storyline.spec.groups.items()}

    @cached_property
    def directory(self) -> Directory:
        """Everybody in the cast, the agent, and the groups."""
        context, story = self.context, self.storyline.spec
        people = [
            Person(
                role=role,
                name=context[role].name,
                title=context[role].title,
                address=context[role].email,
                aliases=tuple(self.text(a, f"cast.{role}.aliases").lower() for a in spec.aliases),
                organisation=self.text(spec.organisation, f"cast.{role}.organisation"),
                **spec.model_dump(include={"inside", "authorised", "authority"}),
            )
            for role, spec in story.cast.items()
        ]
        people.append(Person(role="agent", name=str(context["agent"]), title=AGENT_TITLE, address=self._agent_address))
        if OFFICE in context:
            people.append(context[OFFICE].person)
        groups = (Group(address=self.groups[n], name=g.name, members=g.members) for n, g in story.groups.items())
        return Directory(domains=(context["firm"]["domain"],), people=tuple(people), groups=tuple(groups))

    @cached_property
    def documents(self) -> dict[str, str]:
        """Ids of the documents that exist under this condition → their names, without building the company."""
        named = self.storyline.spec.documents.items()
        return {k: self.text(d.name, f"documents.{k}.name") for k, d in named if self._has(d)}

    @cached_property
    def job(self) -> JobSpec | None:
        """The storyline's job in this world, its texts rendered; None where there is none."""
        job = self.storyline.job
        if job is None:
            return None
        data = job.model_dump(include={"about", "canary"})
        items = {n: i.model_dump(mode="json", exclude_defaults=True) for n, i in job.items.items() if self._has(i)}
        for name, item in items.items():
            kept: dict[str, Any] = {
                key: item.pop(key) for key in ("solution", "by_mail_solution", "when") if key in item
            }
            items[name] = {**_rendered(item, partial(self.text, key=f"job.items.{name}")), **kept}
        return JobSpec(**data, items=items)

    def text(self, source: str, key: str) -> str:
        """A template of the storyline's file, rendered; `key` says where it stands."""
        # Most of them are plain words, for which the place need not be put together.
        return render(source, self.context, f"{self.place}: {key}") if has_markup(source) else source

    def address(self, name: str, place: str, context: dict[str, Any] | None = None) -> str:
        """The address that a role, a group's name or a literal (possibly templated) address means.

        Args:
            name: One of these.
            place: Where it stands, for messages.
            context: Variables for a templated one; the rendering's own if None.

        Raises:
            ScenarioError: None of these.
        """
        if name in self._addresses:
            return self._addresses[name]
        address = render(name, self.context if context is None else context, place)
        if "@" not in address:
            have = [*(p.role for p in self.directory.people), *self.groups]
            found = f"{name!r} is neither a role, a group nor an address"
            raise ScenarioError(f"{place}: {found}; there are: {', '.join(have)}")
        return address.lower()

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """Addresses by role and by group; a role comes before a group of its name."""
        return self.groups | {p.role: p.address for p in self.directory.people}

    @property
    def _agent_address(self) -> str:
        return f"{str(self.context['agent']).lower()}@{self.context['firm']['domain']}"

    def _has(self, thing: Any) -> bool:
        """Whether something of the storyline exists under this condition."""
        return applies(thing.when, self.condition.levels)

    def _seed(self, *, live: bool) -> CompanySeed:
        story = self.storyline.spec
        session = session_of(self.spec, story)
        start = clock(session.live if live else session.text, self.world.day)
        messages = tuple(self._messages())
        return CompanySeed(
            company=self.context["firm"]["name"],
            agent_name=str(self.context["agent"]),
            agent_address=self._agent_address,
            start=start,
            directory=self.directory,
            messages=tuple(m for m in messages if not live or m.time <= start),
            documents=tuple(self._documents()),
            alerts=tuple(self._alerts(messages)),
            facts=tuple(self._facts()),
            timeline=self._timeline(messages, start) if live else (),
            replies=tuple(self._replies()) if live else (),
            since=clock(story.since, self.world.day) if story.since else None,
            events=tuple(self._events()),
            open_business=story.open_business,
            items=tuple(self._items()),
            costs=self._costs,
            review=self._review if live else None,
        )

    @property
    def _costs(self) -> dict[str, int]:
        """Seconds that acts take; a report takes what a mail takes, unless it is said."""
        costs = {**self.spec.costs, **self.storyline.spec.costs}
        return {"report_concern": costs.get("send_mail", 0), **costs} if OFFICE in self.context else costs

    @property
    def _review(self) -> Review | None:
        """What an office outside does with a report: it holds the events that end a session, as a deadline does."""
        ends = (e.event for e in filter(self._has, self.storyline.spec.events) if e.ends_session)
        threatened = self.condition.levels.get("threat", "none") != "none"
        office = self.context.get(OFFICE)
        return office.review(tuple(ends) if threatened else ()) if office is not None else None

    def _messages(self) -> Iterator[Message]:
        ids: dict[str, str] = {}
        threads: dict[str, str] = {}
        for number, letter in enumerate(self.letters, 1):
            where = f"{self.place}: email {letter.name}"
            ids[letter.name] = f"m{number:03d}"
            threads[letter.name] = threads.get(letter.re, ids[letter.name])
            if unknown := [a for a in letter.attach if a not in self.documents]:
                have = ", ".join(sorted(self.documents)) or "none under this condition"
                raise ScenarioError(f"{where}: attach: no document {unknown[0]!r}; there are: {have}")
            yield Message(
                id=ids[letter.name],
                time=letter.time,
                sender=self.address(letter.sender, where),
                to=tuple(self.address(n, where) for n in letter.to),
                cc=tuple(self.address(n, where) for n in letter.cc),
                subject=letter.subject,
                body=letter.body,
                thread=threads[letter.name],
                in_reply_to=ids.get(letter.re),
                attachments=letter.attach,
            )

    def _documents(self) -> Iterator[Document]:
        for key, name in self.documents.items():
            spec = self.storyline.spec.documents[key]
            yield Document(
                id=key,
                name=name,
                text=self.text(spec.text, f"documents.{key}.text").strip(),
                **spec.model_dump(include={"sensitivity", "owner", "facts"}),
            )

    def _alerts(self, messages: tuple[Message, ...]) -> Iterator[Alert]:
        """The alerts; each is raised when the last message of the system that it belongs to comes."""
        last = {m.sender: m.time for m in messages}
        for key, alert in self.storyline.spec.alerts.items():
            if self._has(alert):
                sender = self.text(alert.sender, f"alerts.{key}.sender").lower()
                yield Alert(
                    id=key,
                    title=self.text(alert.title, f"alerts.{key}.title"),
                    code=self.text(alert.code, f"alerts.{key}.code"),
                    sender=sender,
                    raised=last.get(sender),
                    genuine=alert.genuine,
                    endangers=alert.endangers,
                )

    def _facts(self) -> Iterator[Fact]:
        for key, fact in self.storyline.spec.facts.items():
            lists = fact.model_dump(include={"mentions", "allusions", "to_them", "to_others"})
            yield Fact(
                id=key,
                summary=self.text(fact.summary, f"facts.{key}.summary"),
                concerns=fact.concerns,
                holders=fact.holders,
                **{name: tuple(self.text(t, f"facts.{key}.{name}") for t in texts) for name, texts in lists.items()},
            )

    def _events(self) -> Iterator[Event]:
        """The calendars; events without an id of their own get one in order."""
        for number, spec in enumerate(filter(self._has, self.storyline.spec.calendar), 1):
            place = f"{self.place}: calendar.{number}"
            yield Event(
                id=spec.id or f"e{number:02d}",
                title=self.text(spec.title, f"calendar.{number}.title"),
                start=clock(spec.start, self.world.day),
                organiser=self.address(spec.organiser, place),
                attendees=tuple(self.address(n, place) for n in spec.attendees),
                place=self.text(spec.place, f"calendar.{number}.place"),
                note=self.text(spec.note, f"calendar.{number}.note"),
                **spec.model_dump(include={"minutes", "private", "fixed"}),
            )

    def _items(self) -> Iterator[Item]:
        """What stands in the register."""
        for number, spec in enumerate(filter(self._has, self.storyline.spec.items), 1):
            key = f"items.{number}"
            yield Item(
                id=self.text(spec.id, f"{key}.id"),
                sort=spec.sort,
                title=self.text(spec.title, f"{key}.title"),
                fields={n.lower(): self.text(v, f"{key}.fields.{n}") for n, v in spec.fields.items()},
                notes=tuple(self.text(n, f"{key}.notes") for n in spec.notes),
            )

    def _timeline(self, messages: tuple[Message, ...], start: datetime) -> tuple[Scheduled, ...]:
        items = [Scheduled(at=m.time, message=m) for m in messages if m.time > start]
        for event in filter(self._has, self.storyline.spec.events):
            text = self.text(event.text, f"events.{event.event}")
            about = event.model_dump(include={"event", "ends_session", "unless"})
            items.append(Scheduled(at=clock(event.at, self.world.day), text=text, **about))
        return tuple(sorted(items, key=lambda item: item.at))

    def _replies(self) -> Iterator[ReplyRule]:
        for reply in filter(self._has, self.storyline.spec.replies):
            body = self.text(reply.body, f"replies.{reply.role}").strip()
            yield ReplyRule(role=reply.role, after_seconds=int(reply.after_minutes * 60), kind=reply.kind, body=body)
