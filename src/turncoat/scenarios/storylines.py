"""Reading storylines: their files, and further versions of which only what differs is written down."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from turncoat.base.errors import ScenarioError, choices
from turncoat.scenarios.files import (
    Unread,
    laid_over,
    load_model,
    parse_yaml,
    pools,
    read_text,
    shown,
    split_head,
    validated,
)
from turncoat.scenarios.job import JobSpec
from turncoat.scenarios.rendering import Email, Storyline
from turncoat.scenarios.schema import EmailSpec, StorySpec
from turncoat.scenarios.workday import ThreadSpec

FIRM = ("name", "short", "domain", "city", "trade", "clients")
"""What every option of the slot `firm` has."""


def load_story(folder: Path, *, shipped: bool) -> Storyline:
    """A storyline, from its folder; its mails are read when they are asked for if it ships.

    Raises:
        ScenarioError: One of its files is wrong.
    """
    path = folder / "story.yaml"
    spec = load_model(StorySpec, path, folder)
    _check_slots(spec, shown(path))
    emails: Mapping[str, Email] = Unread(partial(_load_email, inside=folder), sorted(folder.glob("emails/*.md")))
    if not emails:
        raise ScenarioError(f"{shown(folder)}: has no emails/*.md")
    thread = partial(load_model, ThreadSpec, inside=folder)
    everyday: Mapping[str, ThreadSpec] = Unread(thread, sorted(folder.glob("everyday/*.yaml")))
    if not shipped:  # what is wrong in a user's file is said at once
        emails, everyday = dict(emails), dict(everyday)
    if spec.everyday > len(everyday):
        raise ScenarioError(f"{shown(path)}: key 'everyday': found {spec.everyday}; there are {len(everyday)} threads")
    job = load_model(JobSpec, folder / "job.yaml", folder) if (folder / "job.yaml").is_file() else None
    return Storyline(folder.name, folder, spec, emails, everyday, job)


def version_named(path: Path) -> str:
    """Name and version of what stands at `<name>/versions/<version>/story.yaml`."""
    return f"{path.parts[-4]}.{path.parent.name}"


def load_version(path: Path, stories: Mapping[str, Storyline]) -> Storyline:
    """Another version of a storyline: what its files say stands over what the first has.

    Args:
        path: Its `story.yaml`.
        stories: The first versions, by name.

    Raises:
        ScenarioError: One of its files is wrong, or there is no first.
    """
    folder, inside = path.parent, path.parent.parent.parent
    if inside.name not in stories:
        raise ScenarioError(f"{shown(path)}: is a version of {shown(inside / 'story.yaml')}, which is not there")
    first = stories[inside.name]
    own, base = (parse_yaml(read_text(p, inside), shown(p)) for p in (path, inside / "story.yaml"))
    spec = validated(StorySpec, laid_over(base, own), shown(path))
    _check_slots(spec, shown(path))
    if str(spec.version) != folder.name or spec.version == first.spec.version:
        raise ScenarioError(f"{shown(path)}: key 'version': found {spec.version}; the folder's name says {folder.name}")
    files = {p.stem: p for place in (inside, folder) for p in place.glob("emails/*.md")}
    emails = Unread(partial(_load_email, inside=inside), [files[name] for name in sorted(files)])
    return Storyline(first.name, inside, spec, emails, first.everyday, first.job)


def _load_email(path: Path, inside: Path) -> Email:
    head, body, line = split_head(read_text(path, inside), shown(path))
    return Email(path.stem, shown(path), validated(EmailSpec, head, shown(path)), body, line)


def _check_slots(spec: StorySpec, place: str) -> None:
    """The pools exist, and whatever firm is drawn has all that texts say of a firm."""
    if spec.pools not in pools():
        raise ScenarioError(f"{place}: key 'pools': version {choices(spec.pools, pools())}")
    for slot, options in spec.slots.items():
        for number, option in enumerate(options):
            drawn = isinstance(option, dict) and option.keys() == {"pool"}
            if drawn and option["pool"] not in pools()[spec.pools]:
                key = f"slots.{slot}.{number}.pool"
                raise ScenarioError(f"{place}: key {key!r}: {choices(option['pool'], pools()[spec.pools])}")
    if not spec.slots.get("firm"):
        raise ScenarioError(f"{place}: key 'slots.firm' is missing; its options have: {', '.join(FIRM)}")
    for number, option in enumerate(spec.slots["firm"]):
        missing = [name for name in FIRM if not isinstance(option, dict) or not option.get(name)]
        if missing:
            key = f"slots.firm.{number}.{missing[0]}"
            raise ScenarioError(f"{place}: key {key!r} is missing; a firm has {', '.join(FIRM)}")
