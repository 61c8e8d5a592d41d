"""Finding and loading scenarios: the shipped ones by name, a user's by the path of its folder, those of packs.

Packs are scenarios that other packages bring, called `<pack>/<scenario>`; found by the entry points of `scenarios`. A
pack's scenario is told after ours of the same name: that one's ladder, rubrics and definitions hold for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from turncoat.base.errors import ScenarioError, UnknownName, choices
from turncoat.base.extensions import extensions
from turncoat.scenarios.factors import PAPER, STAGING, Factor, FactorSpace
from turncoat.scenarios.files import (
    MAX_FILE,
    UNQUOTED,
    Unread,
    data_folder,
    load_model,
    parse_yaml,
    read_text,
    shown,
    validated,
)
from turncoat.scenarios.fitting import able, unstaged
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import GoalSpec, LadderSpec, OracleSpec, ScenarioSpec
from turncoat.scenarios.setting import Setting
from turncoat.scenarios.storylines import load_story, load_version, version_named
from turncoat.scenarios.terms import When
from turncoat.scenarios.timetable import TIMETABLE, timetable_of

GROUP = "scenarios"
BULLETIN = "bulletin"
"""The factor that only mails tell of, so that there is none where no storyline has such a mail."""


class Pack(Protocol):
    """Scenarios of one source, whose texts are taken as they are. Simulated models have no words for them."""

    title: str
    """What its texts are, in the plural, such as «published prompts»."""
    others: Mapping[str, str]
    """Names that its source has for scenarios of ours; taken at the command line only."""

    def names(self) -> list[str]:
        """Names of its scenarios, with the pack's before the slash."""
        ...

    def load(self, name: str) -> Scenario:
        """One of them; raises UnknownName."""
        ...

    def setting(self, name: str, world: str = "") -> Setting:
        """The facts of one in a world ("": its first), for scoring; raises UnknownName."""
        ...

    def told(self, metadata: Mapping[str, Any], task: str, arguments: Mapping[str, Any]) -> Mapping[str, str] | None:
        """What another package's task, or a file of its results, says of a response, in our words.

        Args:
            metadata: What the sample or the line of a file says.
            task: Name of the log's task, "" elsewhere.
            arguments: The task's.

        Returns:
            `scenario`, one of the pack's, with `condition` and `world` where they are known; None where it is not of
            this pack's source. A pack need not have this method.
        """
        ...


def pack_of(scenario: str) -> Pack | None:
    """The pack that a scenario's name belongs to; None for our own and a user's, and where it is not installed."""
    head, slash, _ = scenario.partition("/")
    load = extensions(GROUP).get(head) if slash else None
    return load() if load else None


@lru_cache(maxsize=256)
def mails_shown(name: str, condition: str, world: str) -> str:
    """The mails of a pack's scenario as the agent read them.

    Args:
        name: The scenario, with the pack's name before it.
        condition: Which of its texts the agent was shown; "" where that is not known.
        world: The world; "" for the first.

    Returns:
        The text; "" where the condition is not known, and where the pack has no mails (`mails(name, condition, world)`,
        which a pack need not have) or what they come from is not installed.
    """
    show = getattr(pack_of(name), "mails", None)
    return str(show(name, condition, world)) if show and condition else ""


def pack_named(name: str) -> Pack:
    """A pack by its name.

    Raises:
        UnknownName: It is not installed.
    """
    if name not in extensions(GROUP):
        raise UnknownName(f"pack {name!r} is not installed; there are: {', '.join(extensions(GROUP)) or 'none'}")
    found: Pack = extensions(GROUP)[name]()
    return found


def packs() -> list[Pack]:
    """All packs that are installed."""
    return [load() for load in extensions(GROUP).values()]


def told(metadata: Mapping[str, Any], task: str = "", arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a response's metadata says, in our words also where it is of another package's task; see `Pack.told`."""
    if "scenario" in metadata and "world" in metadata:  # it is of ours
        return dict(metadata)
    for pack in packs():
        if (tell := getattr(pack, "told", None)) and (said := tell(metadata, task, arguments or {})) is not None:
            return {**metadata, **said}
    return dict(metadata)


def packed_names() -> list[str]:
    """Names of the scenarios of all packs."""
    return [name for pack in packs() for name in pack.names()]


_FILES = ("scenario.yaml", "oracles.yaml", "factors/*.yaml", "storylines/*/story.yaml", "storylines/*/emails/*.md")
_FURTHER_FILES = ("storylines/*/versions/*/story.yaml", "storylines/*/versions/*/emails/*.md")
_WORKDAY_FILES = ("storylines/*/everyday/*.yaml", "storylines/*/job.yaml")
"""What a scenario is loaded from, besides its earlier ladders."""


def scenario_names() -> list[str]:
    """Names of the scenarios that ship with Turncoat."""
    return list(_shipped())


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    """Looked up once: what ships does not change, and scoring asks for every sample."""
    return tuple(sorted(p.parent.name for p in data_folder().glob("*/scenario.yaml")))


def load_scenario(name: str) -> Scenario:
    """Load a scenario.

    Args:
        name: A shipped scenario's name, a pack's (`<pack>/blackmail`), or the path of a folder that holds a
            `scenario.yaml`.

    Raises:
        UnknownName: Neither a shipped scenario nor an installed pack's nor such a folder.
        ScenarioError: One of its files is wrong.
    """
    if name in _shipped():
        return _load(data_folder() / name, "")
    if (pack := pack_of(name)) is not None:
        return pack.load(name)
    folder = Path(name).expanduser()
    if name and (folder / "scenario.yaml").is_file():
        return _load(folder.resolve(), _content(folder.resolve()))
    if name and folder.is_dir():
        raise UnknownName(f"{name}: the folder has no scenario.yaml")
    raise UnknownName(f"scenario: {choices(name, scenario_names())}, or the path of a scenario folder")


def is_folder(name: str) -> bool:
    """Whether a scenario's name is the path of a user's folder, there or not."""
    return name not in _shipped() and pack_of(name) is None


def _content(folder: Path) -> str:
    """A hash of the files that make a scenario, so that a folder is loaded anew when one of them has changed."""
    digest = hashlib.sha256()
    patterns = (*_FILES, *_FURTHER_FILES, *_WORKDAY_FILES)
    for path in sorted(p for pattern in patterns for p in folder.glob(pattern) if p.is_file()):
        with path.open("rb") as file:
            read = file.read(MAX_FILE + 1)
        digest.update(f"{path}\n{len(read)}\n".encode("utf-8", "surrogateescape"))
        digest.update(read)
    return digest.hexdigest()


@lru_cache(maxsize=32)
def _load(folder: Path, content: str) -> Scenario:
    """Load a folder whose files' hash is `content`; "" for what ships, which does not change."""
    place = shown(folder / "scenario.yaml")
    spec = load_model(ScenarioSpec, folder / "scenario.yaml", folder, conditions="headline")
    if spec.name != folder.name:
        found = f"key 'name': found {spec.name!r}"
        raise ScenarioError(f"{place}: {found}; it must be the folder's name, {folder.name!r}")
    shared = [f.name for f in shared_factors()]
    if wrong := [name for name in spec.leave_out if name not in shared]:
        raise ScenarioError(f"{place}: key 'leave_out': {choices(wrong[0], shared)}")
    factors = [*(f for f in shared_factors() if f.name not in spec.leave_out), *_factors(folder)]
    places = sorted(folder.glob("storylines/*/story.yaml"))
    stories = {p.parent.name: load_story(p.parent, shipped=not content) for p in places}
    if spec.default_workday and spec.default_workday not in stories:
        raise ScenarioError(f"{place}: key 'default_workday': {choices(spec.default_workday, stories)}")
    if spec.default_storyline not in stories:
        raise ScenarioError(f"{place}: key 'default_storyline': {choices(spec.default_storyline, stories)}")
    version = partial(load_version, stories=stories)
    further: Mapping[str, Storyline] = Unread(version, sorted(folder.glob(_FURTHER_FILES[0])), version_named)
    oracles = _load_oracles(folder)
    factors, unable = able(factors, spec.abilities)
    left_out = {**spec.leave_out, **unable}
    if all(story.spec.staging == PAPER for story in stories.values()):
        absent = "no storyline is staged otherwise than in the paper"
        left_out |= {f.name: absent for f in factors if f.name == STAGING or (f.stagings and PAPER not in f.stagings)}
        factors = unstaged(f for f in factors if f.name not in left_out)
    if not any(BULLETIN in e.spec.when for story in stories.values() for e in story.emails.values()):
        factors = [f for f in factors if f.name != BULLETIN]
        left_out.setdefault(BULLETIN, "no storyline has one among its mails")
    space = FactorSpace(factors, spec.name, left_out)
    workday = shared_parts("workday")
    scenario = Scenario(
        folder,
        spec,
        space,
        stories,
        shared_goals(),
        shared_parts(),
        oracles,
        workday,
        dict(further) if content else further,
    )
    if content:
        check_whens(scenario)
    return scenario


def _whens(story: Storyline) -> Iterator[tuple[str, When]]:
    """Every `when:` of a storyline, with its place."""
    spec, place = story.spec, shown(story.folder / "story.yaml")
    yield from ((e.place, e.spec.when) for e in story.emails.values())
    yield from ((f"{place}: documents.{k}", d.when) for k, d in spec.documents.items())
    yield from ((f"{place}: alerts.{k}", a.when) for k, a in spec.alerts.items())
    yield from ((f"{place}: replies.{r.role}", r.when) for r in spec.replies)
    yield from ((f"{place}: events.{e.event}", e.when) for e in spec.events)
    yield from ((f"{place}: calendar.{n}", c.when) for n, c in enumerate(spec.calendar, 1))
    yield from ((f"{place}: items.{i.id}", i.when) for i in spec.items)
    if story.job is not None:
        job = shown(story.folder / "job.yaml")
        yield from ((f"{job}: items.{n}", i.when) for n, i in story.job.items.items())
    if (timetable := timetable_of(story)) is not None:
        place = shown(story.folder / TIMETABLE)
        yield from ((f"{place}: stays.{n}", when) for n, s in enumerate(timetable.stays) for when in s.when)
        yield from ((f"{place}: facts.{n}", when) for n, f in timetable.facts.items() for when in f.when)
        yield from ((f"{place}: figures.{n}", when) for n, f in timetable.figures.items() for when in f.when)


def check_whens(scenario: Scenario) -> None:
    """See that every `when:` names factors and levels that exist; done at once when a user's folder is loaded.

    Raises:
        ScenarioError: One does not.
    """
    oracles, space = shown(scenario.folder / "oracles.yaml"), scenario.space
    given = ((f"{oracles}: {name}", oracle.when) for name, oracle in scenario.oracles.items())
    for where, when in chain(*map(_whens, scenario.stories), given):
        for factor, levels in when.items():
            if factor not in space.factors:
                raise ScenarioError(f"{where}: key 'when': {space.missing(factor)}")
            for level in levels:
                if space.factors[factor].level(level) is None:
                    found = choices(level, space.factors[factor].levels)
                    quotes = f"; {UNQUOTED}" if level in ("true", "false") else ""
                    raise ScenarioError(f"{where}: key 'when.{factor}': {found}{quotes}")


def _load_oracles(folder: Path) -> dict[str, OracleSpec]:
    path = folder / "oracles.yaml"
    if not path.is_file():
        raise ScenarioError(f"{shown(path)}: no such file; every scenario ships oracles for its rungs")
    data = _read(path, folder)
    if not isinstance(data, dict):
        raise ScenarioError(f"{shown(path)}: expected a mapping from oracle names to oracles")
    return {n: validated(OracleSpec, d, f"{shown(path)}: {n}") for n, d in data.items()}


def _factors(folder: Path) -> tuple[Factor, ...]:
    return tuple(validated(Factor, _read(p, folder), shown(p)) for p in sorted(folder.glob("factors/*.yaml")))


@lru_cache(maxsize=1)
def shared_factors() -> tuple[Factor, ...]:
    """The factors that all scenarios have unless they leave one out."""
    return _factors(data_folder())


@lru_cache(maxsize=1)
def shared_goals() -> dict[str, GoalSpec]:
    """The goal values by name, `ambiguous` among them."""
    root = data_folder()
    return {p.stem: validated(GoalSpec, _read(p, root), shown(p)) for p in sorted(root.glob("goals/*.yaml"))}


@lru_cache(maxsize=2)
def shared_parts(name: str = "prompt") -> dict[str, str]:
    """The parts of the system prompt that scenarios share, as templates by name: `prompt`, or `workday`."""
    path = data_folder() / f"{name}.yaml"
    data = _read(path, data_folder())
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise ScenarioError(f"{shown(path)}: expected a mapping from part names to text")
    return data


def _read(path: Path, inside: Path) -> Any:
    """What a YAML file holds, without the canary."""
    return _parsed(read_text(path, inside), shown(path))


def _parsed(text: str, place: str) -> Any:
    data = parse_yaml(text, place)
    return {k: v for k, v in data.items() if k != "canary"} if isinstance(data, dict) else data


def load_ladder(scenario: str, version: int) -> LadderSpec:
    """A version of a scenario's ladder: the current one, or one that its folder keeps as `ladders/<version>.yaml`.

    Args:
        scenario: See `load_scenario`.
        version: The ladder's version.

    Raises:
        UnknownName: The scenario has no such version.
        ScenarioError: The file is wrong, or its version is not the one of its name.
    """
    loaded = load_scenario(scenario)
    current = loaded.spec.ladder
    if version == current.version:
        return current
    kept = {p.stem: p for p in (loaded.folder / "ladders").glob("*.yaml")}
    if str(version) not in kept:
        raise UnknownName(f"{scenario}: ladder {choices(version, [*sorted(kept), current.version])}")
    path = kept[str(version)]
    ladder = _ladder(read_text(path, loaded.folder), shown(path))
    if ladder.version != version:
        raise ScenarioError(f"{shown(path)}: key 'version': found {ladder.version}; the file's name says {version}")
    return ladder


@lru_cache(maxsize=32)
def _ladder(text: str, place: str) -> LadderSpec:
    return validated(LadderSpec, _parsed(text, place), place)
