"""A loaded scenario, and rendering: condition + world → company seed and prompt parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from turncoat.base.code import hash_of
from turncoat.base.errors import ConditionError, ScenarioError, UnknownName, choices
from turncoat.scenarios.everyday import everyday_letters, finished
from turncoat.scenarios.factors import PAPER, STAGING, Condition, FactorSpace
from turncoat.scenarios.noise import noise_emails
from turncoat.scenarios.offices import OFFICE, office_of
from turncoat.scenarios.rendering import Email, Letter, Rendered, Storyline, session_of, tidy
from turncoat.scenarios.schema import GoalSpec, OracleSpec, ScenarioSpec, Split
from turncoat.scenarios.templates import Text, render, variables
from turncoat.scenarios.terms import applies, clock
from turncoat.scenarios.worlds import Drawing, World, WorldId, parse_world

SYSTEM_PARTS = (
    *("identity", "goal", "deliberation", "scratchpad", "deployment", "autonomy"),
    *("policy", "channel", "oversight", "session"),
)
"""Parts of the system prompt before the list of things to keep in mind, in order (paper, section 4.1)."""

LIVE_PARTS = {"session": "live_session", "opening": "live_opening"}
"""Parts that read otherwise where time passes: their templates in `prompt.yaml`."""


class Scenario:
    """A scenario with its storylines, factors, goals and oracles. Made by `load_scenario`.

    Attributes:
        spec: What stands in `scenario.yaml`.
        space: The factors and the conditions that they allow.
        storylines: By name, each in the version that its name alone means.
        further: Other versions of them, by name and version (`affair.2`); met only where they are named.
        oracles: Scripted agents by name.
        interfaces: Names of those in which it can be run; none named: all.
    """

    interfaces: tuple[str, ...] = ()

    def __init__(
        self,
        folder: Path,
        spec: ScenarioSpec,
        space: FactorSpace,
        storylines: dict[str, Storyline],
        goals: dict[str, GoalSpec],
        parts: dict[str, str],
        oracles: dict[str, OracleSpec],
        workday_parts: Mapping[str, str] = MappingProxyType({}),
        further: Mapping[str, Storyline] = MappingProxyType({}),
    ) -> None:
        self.folder, self.spec, self.name, self.space = folder, spec, spec.name, space
        self.storylines, self.goals, self.oracles = storylines, goals, oracles
        self.further = further
        self.part_templates = {**parts, **spec.parts}
        self._workday_parts = workday_parts
        self._world = lru_cache(maxsize=64)(self._draw)
        self._drawings: dict[str, Drawing] = {}
        self._reads: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self._selected = lru_cache(maxsize=1024)(self._select)
        self._prompted = lru_cache(maxsize=1024)(self._prompt_texts)

    @cached_property
    def facts(self) -> str:
        """Hash of what scoring reads in the storylines: facts and their words, who is who, what papers and alerts are.

        The texts of mails and papers are no part of it: they are what a model is shown.
        """
        return self._facts_with({})

    def _facts_with(self, further: Mapping[str, Storyline]) -> str:
        stories = {**self.storylines, **further}
        return hash_of(f"{name} {json.dumps(s.scored, sort_keys=True)}" for name, s in stories.items())

    @property
    def stories(self) -> tuple[Storyline, ...]:
        """The storylines in all their versions."""
        return (*self.storylines.values(), *self.further.values())

    def story(self, name: str) -> Storyline:
        """A storyline by its name (`affair`), or by name and version (`affair.2`)."""
        return self.further[name] if name in self.further else self.storylines[name.partition(".")[0]]

    def story_of(self, world: WorldId) -> Storyline:
        """The storyline of a world, in the version that it names."""
        return self.story(f"{world.storyline}.{world.version}")

    def staged(self, staging: str) -> list[str]:
        """The storylines of a staging."""
        return [name for name, story in self.storylines.items() if story.spec.staging == staging]

    def of_split(self, split: Split) -> list[str]:
        """The storylines of a split, of any staging."""
        return [name for name, story in self.storylines.items() if story.spec.split == split]

    def world_id(self, name: str | int, staging: str = PAPER) -> WorldId:
        """The world that a name means: `7` is the default storyline's of a staging.

        Raises:
            UnknownName: No such storyline, or not in that version, or none of the staging.
        """
        story, version, seed = parse_world(str(name))
        story = story or (self.spec.default_storyline if staging == PAPER else self.spec.default_workday)
        if not story:
            raise UnknownName(f"{self.name}: has no storyline of the staging {staging!r}")
        if story not in self.storylines:
            raise UnknownName(f"{self.name}: storyline: {choices(story, self.storylines)}")
        current = self.storylines[story].spec.version
        if version not in (None, current) and f"{story}.{version}" not in self.further:
            others = "".join(f" and {v}" for name, _, v in (n.partition(".") for n in self.further) if name == story)
            raise UnknownName(f"{self.name}: storyline {story!r} is at version {current}{others} here, not {version}")
        return WorldId(story, version or current, seed)

    def _draw(self, world: WorldId) -> World:
        story = self.story_of(world)
        if story.id not in self._drawings:
            place = f"{self.name}/storylines/{story.name}/story.yaml"
            self._drawings[story.id] = Drawing(story.spec, place)
        return self._drawings[story.id].world(world)

    def provenance(self) -> dict[str, str]:
        """For the metadata of logs: what was edited in a copy; of a pack, the packages that its text comes from."""
        return {"edited": "; ".join(self.spec.edited)} if self.spec.edited else {}

    def see_interface(self, condition: Condition, interface: str, where: str = "") -> None:
        """See that the scenario is for an interface, and that a condition means something there.

        Args:
            condition: The condition.
            interface: Its name.
            where: The interface in the words of the message, such as `with tools`.

        Raises:
            ConditionError: It is not, or a factor beside its default changes nothing there.
        """
        if self.interfaces and interface not in self.interfaces:
            known = " and ".join(self.interfaces)
            raise ConditionError(f"{self.name}: is for the {known} interface only, not {interface!r}")
        self.space.see_interface(condition, interface, where)

    def world(self, name: str | int | WorldId) -> World:
        """Draw a world (the last few are kept)."""
        return self._world(name if isinstance(name, WorldId) else self.world_id(name))

    def render(self, condition: Condition, world: str | int | WorldId) -> Rendered:
        """Render one condition in one world.

        The same arguments give the same bytes for ever, as long as versions stand.

        Raises:
            TemplateError: A template has a variable without a value.
            ScenarioError: A head refers to something that does not exist.
        """
        staging = condition.staging
        drawn = self.world(world if isinstance(world, WorldId) else self.world_id(world, staging))
        storyline = self.story_of(drawn.id)
        if storyline.spec.staging != staging:
            found = f"the storyline {storyline.name!r} is staged as {storyline.spec.staging}"
            raise ConditionError(f"{self.name}: {found}; {STAGING}={staging} has: {', '.join(self.staged(staging))}")
        context = self._context(condition, drawn)
        letters = self._letters(storyline, condition, drawn, context)
        parts, remember, opening = self._prompt(condition, storyline.id, context)
        texts = (context, parts, remember, opening, letters)
        facts = self._facts_with({storyline.id: storyline}) if storyline.id in self.further else self.facts
        return Rendered(self.spec, condition, drawn, storyline, *texts, facts=facts)

    def _context(self, condition: Condition, world: World) -> dict[str, Any]:
        levels = {n: v for n, v in condition.levels.items() if not self.space.factors[n].guards}
        storyline = self.story_of(world.id)
        story = storyline.spec
        clash = {n for n in levels.keys() & world.context.keys() if not self.space.factors[n].gives_way}
        if clash:
            raise ScenarioError(
                f"{self.name}/storylines/{world.id.storyline}/story.yaml: {sorted(clash)[0]!r} is the name of a "
                "factor; call the role or slot otherwise"
            )
        times = session_of(self.spec, story)
        session = {"start": times.text, "live_start": times.live}
        fixed = {n: v for n, v in levels.items() if n not in world.context}
        context = {**world.context, **fixed, "agent": agent_name(condition), **session}
        value = {"none": "", "ambiguous": "ambiguous"}.get(condition["goal"], condition["value"])
        if story.goal is not None:
            place = f"{self.name}/storylines/{world.id.storyline}/story.yaml: goal."
            context["ours"] = _Texts(vars(story.goal), dict(context), place)
        elif value:
            ours, theirs = self.goals[value], self.goals[self.goals[value].opposite]
            board, old = (ours, theirs) if condition["goal"] == "swap" else (theirs, ours)
            base = dict(context)
            for name, spec in (("ours", ours), ("board", board), ("old", old)):
                context[name] = _Texts(vars(spec), base, f"goals/{spec.value}.yaml: ")
        for role, template in storyline.titles.items():
            title = render(template, context, f"{self.name}: cast.{role}.title")
            context[role] = context[role]._replace(title=title)
        if office := office_of(levels, story, world, f"{self.name}/storylines/{world.id.storyline}/story.yaml"):
            context[OFFICE] = office
        place = f"{self.name}/scenario.yaml"
        context["lines"] = _Texts(self.spec.lines, context, f"{place}: lines.", f" under 'lines' in {place}")
        return context

    def _prompt(
        self, condition: Condition, storyline: str, context: dict[str, Any]
    ) -> tuple[dict[str, str], tuple[str, ...], str]:
        """The system prompt's parts, what to keep in mind, and the message that starts the session."""
        written = {
            part: [text for t in texts if (text := t.within(context).strip())]
            for part, texts in self._prompted(condition, storyline).items()
        }
        remember, opening = tuple(written.pop("remember")), "".join(written.pop("start"))
        return {part: "\n\n".join(texts) for part, texts in written.items() if texts}, remember, opening

    def templates_of(self, storyline: str) -> dict[str, str]:
        """The prompt's parts as a storyline has them: templates by name."""
        story = self.story(storyline).spec
        base = self.part_templates if story.staging == PAPER else self._workday_parts
        return {**base, **story.parts}

    def _prompt_texts(self, condition: Condition, storyline: str) -> dict[str, tuple[Text, ...]]:
        """What the parts of a condition's prompt are made of; each stands with what levels of factors add to it."""
        added: dict[str, list[Text]] = {}
        for name in self.space.factors:
            for part, source in self.space.level_of(name, condition[name]).parts.items():
                place = f"factors/{name}.yaml: levels.{condition[name]}.parts.{part}"
                added.setdefault(part, []).append(Text(source, place))
        live = {name: part for part, name in LIVE_PARTS.items()}
        templates = self.templates_of(storyline)
        texts = {
            part: (Text(templates.get(part, ""), f"part {part}"), *added.get(live.get(part, part), []))
            for part in (*SYSTEM_PARTS, *live)
        }
        start = (Text(templates.get("opening", ""), "part opening"),)
        return {**texts, "remember": tuple(added.get("remember", ())), "start": start}

    def _letters(
        self, storyline: Storyline, condition: Condition, world: World, context: dict[str, Any]
    ) -> tuple[Letter, ...]:
        letters = [self._letter(email, key, world, context) for email, key in self._selected(storyline.id, condition)]
        if count := int(condition.levels.get("noise", "0")):
            lists = storyline.spec.groups
            letters += noise_emails(count, world, context, letters, self.spec.session.text, lists)
            letters.sort(key=lambda letter: (letter.time, letter.name))
        if storyline.spec.staging != PAPER:
            letters = finished([*letters, *everyday_letters(storyline, world)], storyline, context)
        return tuple(letters)

    def _select(self, storyline: str, condition: Condition) -> tuple[tuple[Email, tuple[str, ...] | None], ...]:
        """A condition's emails in order of time, with the keys under which worlds keep them."""
        story, levels = self.story(storyline), condition.levels
        emails = [e for e in story.emails.values() if applies(e.spec.when, levels)]
        emails.sort(key=lambda e: (clock(e.spec.at, date(2025, 1, 2)), e.name))
        reads = [self._factors_read(email, story) for email in emails]
        keys = (None if r is None else (e.name, *[levels[n] for n in r]) for e, r in zip(emails, reads, strict=True))
        return tuple(zip(emails, keys, strict=True))

    def _letter(self, email: Email, key: tuple[str, ...] | None, world: World, context: dict[str, Any]) -> Letter:
        """The letter, kept with its world for all conditions in which it reads the same."""
        if key is None:
            return self._write(email, world, context)
        if key not in world.letters:
            world.letters[key] = self._write(email, world, context)
        letter: Letter = world.letters[key]
        return letter

    def _write(self, email: Email, world: World, context: dict[str, Any]) -> Letter:
        spec = email.spec
        subject, body, re = email.texts
        time, about, text = clock(spec.at, world.day), subject.within(context), tidy(body.within(context))
        return Letter(email.name, time, spec.sender, spec.to, spec.cc, about, text, re.within(context), spec.attach)

    @cached_property
    def _read_by_goals(self) -> frozenset[str]:
        """What goals are chosen by, and what their texts read."""
        return frozenset({"goal", "value"}).union(*(_variables_of(goal) for goal in self.goals.values()))

    def _factors_read(self, email: Email, storyline: Storyline) -> tuple[str, ...] | None:
        """The factors on which an email's text depends, by way of goals and titles too; None if it may be any."""
        key = (storyline.id, email.name)
        if key not in self._reads:
            names = set(variables(email.body, f"{email.place}: body", email.line))
            names |= variables(email.spec.subject, f"{email.place}: subject") | variables(email.spec.re, email.place)
            for role in names & storyline.titles.keys():
                names |= variables(storyline.titles[role], email.place)
            if names & {"ours", "board", "old"}:
                names |= self._read_by_goals
            own = tuple(name for name in self.space.factors if name in names)
            self._reads[key] = None if "lines" in names else own
        return self._reads[key]


def _variables_of(goal: GoalSpec) -> set[str]:
    texts = [str(value) for name, value in goal if name not in ("value", "opposite")]
    return set().union(*(variables(text, f"goals/{goal.value}.yaml") for text in texts))


def agent_name(condition: Condition) -> str:
    """The name that the agent bears in a condition."""
    return condition.levels.get("agent", "alex").title()


class _Texts:
    """Named texts (of a goal, or the scenario's lines), rendered when a template asks for them."""

    def __init__(self, texts: Mapping[str, str], context: dict[str, Any], place: str, where: str = "") -> None:
        self._texts, self._context, self._place = texts, context, place
        self._fields, self._where = tuple(texts), where  # for messages

    def __getattr__(self, name: str) -> str:
        if name not in self._texts:
            raise AttributeError(name)
        return render(self._texts[name], self._context, f"{self._place}{name}").strip()


def text_hash(*texts: str) -> str:
    """First 16 hex digits of the SHA-256 over texts; used for stimulus hashes."""
    return hashlib.sha256(b"".join(text.encode() + b"\x00" for text in texts)).hexdigest()[:16]
