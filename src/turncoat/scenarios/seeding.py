"""From a rendering to the frozen company seed: addresses, ids, threads, timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turncoat.base.errors import ScenarioError
from turncoat.scenarios.templates import render
from turncoat.scenarios.when import applies, clock
from turncoat.world import Alert, CompanySeed, Directory, Document, Fact, Group, Message, Person, ReplyRule, Scheduled

if TYPE_CHECKING:
    from turncoat.scenarios.scenario import Rendered

AGENT_TITLE = "AI assistant"


def build_seed(rendered: Rendered, *, live: bool) -> CompanySeed:
    """Build the company that a rendering describes.

    Args:
        rendered: Condition and world, rendered.
        live: For the tools interface: begin at the live start, later mail and events on the timeline.

    Raises:
        ScenarioError: An address, document or email that a head names does not exist.
    """
    scenario, context = rendered.scenario, rendered.context
    directory = build_directory(rendered)
    documents = _documents(rendered)
    messages = _messages(rendered, directory, {d.id for d in documents})
    session = scenario.spec.session
    start = clock(session.live if live else session.text, rendered.world.day)
    firm = context["firm"]
    return CompanySeed(
        company=firm["name"],
        agent_name=str(context["agent"]),
        agent_address=agent_address(context),
        start=start,
        directory=directory,
        messages=tuple(m for m in messages if not live or m.time <= start),
        documents=documents,
        alerts=_alerts(rendered, messages),
        facts=_facts(rendered),
        timeline=_timeline(rendered, messages, start) if live else (),
        replies=_replies(rendered) if live else (),
        costs=scenario.spec.costs,
    )


def story_place(rendered: Rendered) -> str:
    """Where the storyline's file is, for messages."""
    return f"{rendered.scenario.name}/storylines/{rendered.storyline.name}/story.yaml"


def agent_address(context: dict[str, Any]) -> str:
    """The agent's own mailbox."""
    return f"{str(context['agent']).lower()}@{context['firm']['domain']}"


def build_directory(rendered: Rendered) -> Directory:
    """Everybody in the cast, the agent, and the groups."""
    context, story, place = rendered.context, rendered.storyline.spec, story_place(rendered)
    people = [
        Person(
            role=role,
            name=context[role].name,
            title=context[role].title,
            address=context[role].email,
            aliases=tuple(render(a, context, f"{place}: cast.{role}.aliases").lower() for a in spec.aliases),
            organisation=render(spec.organisation, context, f"{place}: cast.{role}.organisation"),
            inside=spec.inside,
            authorised=spec.authorised,
            authority=spec.authority,
        )
        for role, spec in story.cast.items()
    ]
    name = str(context["agent"])
    people.append(Person(role="agent", name=name, title=AGENT_TITLE, address=agent_address(context)))
    domain = context["firm"]["domain"]
    groups = [Group(address=f"{g.address}@{domain}", name=g.name, members=g.members) for g in story.groups.values()]
    return Directory(domains=(domain,), people=tuple(people), groups=tuple(groups))


def address_of(name: str, directory: Directory, context: dict[str, Any], groups: Mapping[str, str], place: str) -> str:
    """The address that a role, a group's name or a literal (possibly templated) address means.

    Raises:
        ScenarioError: None of these.
    """
    if person := directory.person(name):
        return person.address
    if name in groups:
        return groups[name]
    address = render(name, context, place)
    if "@" not in address:
        have = [p.role for p in directory.people] + list(groups)
        found = f"{name!r} is neither a role, a group nor an address"
        raise ScenarioError(f"{place}: {found}; there are: {', '.join(have)}")
    return address.lower()


def group_addresses(rendered: Rendered) -> dict[str, str]:
    """Group names of the storyline → addresses."""
    domain = rendered.context["firm"]["domain"]
    return {n: f"{g.address}@{domain}" for n, g in rendered.storyline.spec.groups.items()}


def _messages(rendered: Rendered, directory: Directory, documents: set[str]) -> tuple[Message, ...]:
    place, context, groups = story_place(rendered), rendered.context, group_addresses(rendered)
    ids: dict[str, str] = {}
    threads: dict[str, str] = {}
    messages: list[Message] = []
    for number, letter in enumerate(rendered.letters, 1):
        where = f"{place}: email {letter.name}"
        ids[letter.name] = f"m{number:03d}"
        threads[letter.name] = threads.get(letter.re, ids[letter.name])
        unknown = [a for a in letter.attach if a not in documents]
        if unknown:
            have = ", ".join(sorted(documents)) or "none under this condition"
            raise ScenarioError(f"{where}: attach: no document {unknown[0]!r}; there are: {have}")
        sender, *others = (
            address_of(n, directory, context, groups, where) for n in (letter.sender, *letter.to, *letter.cc)
        )
        messages.append(
            Message(
                id=ids[letter.name],
                time=letter.time,
                sender=sender,
                to=tuple(others[: len(letter.to)]),
                cc=tuple(others[len(letter.to) :]),
                subject=letter.subject,
                body=letter.body,
                thread=threads[letter.name],
                in_reply_to=ids.get(letter.re),
                attachments=letter.attach,
            )
        )
    return tuple(messages)


def document_names(rendered: Rendered) -> dict[str, str]:
    """Ids of the documents that exist under this condition → their names, without building the company."""
    place, context = story_place(rendered), rendered.context
    return {
        key: render(d.name, context, f"{place}: documents.{key}.name")
        for key, d in rendered.storyline.spec.documents.items()
        if applies(d.when, rendered.condition.levels)
    }


def _documents(rendered: Rendered) -> tuple[Document, ...]:
    place, context = story_place(rendered), rendered.context
    return tuple(
        Document(
            id=key,
            name=render(d.name, context, f"{place}: documents.{key}.name"),
            text=render(d.text, context, f"{place}: documents.{key}.text").strip(),
            sensitivity=d.sensitivity,
            owner=d.owner,
            facts=d.facts,
        )
        for key, d in rendered.storyline.spec.documents.items()
        if applies(d.when, rendered.condition.levels)
    )


def _alerts(rendered: Rendered, messages: tuple[Message, ...]) -> tuple[Alert, ...]:
    """The alerts; each is raised when the last message of the system that it belongs to comes."""
    place, context = story_place(rendered), rendered.context
    last = {m.sender: m.time for m in messages}
    return tuple(
        Alert(
            id=key,
            title=render(a.title, context, f"{place}: alerts.{key}.title"),
            code=render(a.code, context, f"{place}: alerts.{key}.code"),
            sender=(sender := render(a.sender, context, f"{place}: alerts.{key}.sender").lower()),
            raised=last.get(sender),
            genuine=a.genuine,
            endangers=a.endangers,
        )
        for key, a in rendered.storyline.spec.alerts.items()
        if applies(a.when, rendered.condition.levels)
    )


def _facts(rendered: Rendered) -> tuple[Fact, ...]:
    place, context = story_place(rendered), rendered.context

    def each(texts: Iterable[str], key: str) -> tuple[str, ...]:
        return tuple(render(t, context, f"{place}: facts.{key}") for t in texts)

    return tuple(
        Fact(
            id=key,
            summary=render(f.summary, context, f"{place}: facts.{key}.summary"),
            concerns=f.concerns,
            holders=f.holders,
            mentions=each(f.mentions, f"{key}.mentions"),
            allusions=each(f.allusions, f"{key}.allusions"),
            to_them=each(f.to_them, f"{key}.to_them"),
            to_others=each(f.to_others, f"{key}.to_others"),
        )
        for key, f in rendered.storyline.spec.facts.items()
    )


def _timeline(rendered: Rendered, messages: tuple[Message, ...], start: datetime) -> tuple[Scheduled, ...]:
    place, context = story_place(rendered), rendered.context
    items = [Scheduled(at=m.time, message=m) for m in messages if m.time > start]
    items += [
        Scheduled(
            at=clock(e.at, rendered.world.day),
            event=e.event,
            text=render(e.text, context, f"{place}: events.{e.event}"),
            ends_session=e.ends_session,
            unless=e.unless,
        )
        for e in rendered.storyline.spec.events
        if applies(e.when, rendered.condition.levels)
    ]
    return tuple(sorted(items, key=lambda item: item.at))


def _replies(rendered: Rendered) -> tuple[ReplyRule, ...]:
    place, context = story_place(rendered), rendered.context
    return tuple(
        ReplyRule(
            role=r.role,
            after_seconds=int(r.after_minutes * 60),
            kind=r.kind,
            body=render(r.body, context, f"{place}: replies.{r.role}").strip(),
        )
        for r in rendered.storyline.spec.replies
        if applies(r.when, rendered.condition.levels)
    )
