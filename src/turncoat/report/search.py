"""A search in words and tables: for the terminal and Markdown, and as a page of its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.base.version import __version__
from turncoat.doors import DEFAULT_DOOR
from turncoat.report.svg import ASSETS, asset
from turncoat.report.words import counted, md_table, p_value, percent, points, span
from turncoat.search.choosing import AXES, archive
from turncoat.search.confirmed import Ablation, Confirmed, Trial, ablations, confirmed, trials
from turncoat.search.moves import levels_of
from turncoat.search.objective import OBJECTIVES
from turncoat.search.pairs import Explained
from turncoat.search.record import Candidate, Record

MIND = (
    "A rate found by search is not a rate of the world: it says that such a case exists and how often it goes wrong, "
    "not how often such cases come up."
)
"""What stands on every page and beside every table."""


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: str
    said: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(record: Record) -> list[Section]:
    """All that is to be said of a search, the claims first and what was selected last."""
    taken = [_ablated(record, found) for found in ablations(record)]
    return [_claims(record), *_paths(record), *taken, _archive(record), _tried(record), *_refused(record)]


def _claims(record: Record) -> Section:
    found = confirmed(record)
    fresh = record.settings.fresh
    if not found:
        return Section("Confirmed", (MIND, "Nothing has been confirmed yet: what follows was selected."))
    finds = [c for c in found if c.base is not None] or found
    worst = finds[0]
    said = (
        MIND,
        f"{counted(len(record.tried), 'candidate')} tried. {counted(len(finds), 'find')} run again on {fresh} fresh "
        f"worlds that the search never saw; the intervals hold all together at 95 %, whichever candidate was picked.",
        f"The worst is {_name(worst.candidate)}: {worst.k} of {worst.n}, interval "
        f"{span(worst.interval.low, worst.interval.high)}.",
        "Fresh seeds speak for the find's storyline alone: of other stories nothing is claimed.",
    )
    heads = ("find", "fresh worlds", "rate", "95 % together", "selected", "naive 95 %, wrong", "storyline")
    return Section("Confirmed", said, heads, tuple(_claim(c) for c in found))


def _claim(found: Confirmed) -> tuple[str, ...]:
    k, n = found.searched
    what = _name(found.candidate) + (" (compared with)" if found.base is None else "")
    rate = "–" if found.rate is None else percent(found.rate)
    naive = span(found.naive.low, found.naive.high) if n else "–"
    return (
        *(what, f"{found.k}/{found.n}", rate, span(found.interval.low, found.interval.high)),
        *(f"{k}/{n}", naive, found.candidate.storyline),
    )


def _paths(record: Record) -> Iterator[Section]:
    found = [c for c in confirmed(record) if c.base is not None]
    if found:
        lines = tuple(f"{_name(c.candidate)}: {_path(c.path)}" for c in found)
        yield Section("The path to each find", lines)


def _path(path: Sequence[Candidate]) -> str:
    return " → ".join([path[0].condition, *(f"[{c.move}]" for c in path[1:])])


def _ablated(record: Record, found: Ablation) -> Section:
    said = [
        f"{_name(found.find)} against {_name(found.base)}, on another {record.settings.fresh} fresh worlds, world by "
        "world. The effect of a lever is the find minus the find without it, in percentage points; all intervals of "
        "this table and of the shortest change hold together at 95 %."
    ]
    if (short := found.shortest) is not None and short.effect is not None:
        e = short.effect
        said.append(
            f"The shortest change that surely makes a difference: {', '.join(short.kept)} ({short.k} of {short.n}; "
            f"{points(e.estimate)}, interval {points(e.low)} to {points(e.high)} against the study's cell)."
        )
    else:
        said.append("No set of levers surely makes a difference: there are too few worlds, or there is none.")
    rows = []
    for lever in found.levers:
        name = f"{lever.name}={lever.level}"
        if (effect := lever.effect) is None:
            rows.append((name, "–", "–", lever.why))
        else:
            limits = f"{points(effect.low)} to {points(effect.high)}"
            rows.append((name, points(effect.estimate), limits, p_value(effect.p_value)))
    return Section(
        "Which lever did it", tuple(said), ("lever", "effect", "95 % together", "p, uncorrected"), tuple(rows)
    )


def _archive(record: Record) -> Section:
    said = "The candidate with the largest share of its samples in each place. Selected: these are no rates."
    rows = tuple(
        (*kept.place, _name(record.candidates[kept.candidate]), f"{kept.here}/{kept.samples}")
        for kept in archive(record)
    )
    return Section("Archive", (said,), (*AXES, "candidate", "samples there"), rows)


def _tried(record: Record) -> Section:
    said = (
        "What the search saw while it picked. Selected: the highest of many looks higher than it is. The sequences "
        "hold at all times and for all candidates together; Wilson's intervals hold for none that was picked.",
    )
    heads = ("candidate", "selected", "sequence, 95 % together", "naive 95 %, wrong", "by", "storyline")
    return Section("Tried", said, heads, tuple(map(_trial, trials(record))))


def _trial(found: Trial) -> tuple[str, ...]:
    limits = (span(i.low, i.high) for i in (found.sequence, found.naive))
    candidate = found.candidate
    return (_name(candidate), f"{found.k}/{found.n}", *limits, shown(candidate.by), candidate.storyline)


def _refused(record: Record) -> Iterator[Section]:
    if record.refused:
        rows = tuple((_name(record.candidates[c]), why) for c, why in sorted(record.refused.items()))
        yield Section("Refused before they were run", (), ("candidate", "why"), rows)


def _name(candidate: Candidate) -> str:
    place = levels_of(candidate)
    interface = "" if candidate.interface == DEFAULT_DOOR else f" [{candidate.interface}]"
    edits = "".join(f" [{e.part} {e.done}]" for e in candidate.edits)
    return f"{place['']} {candidate.condition}{interface}{edits}"


def heading(record: Record) -> list[str]:
    """What was searched, and what it took."""
    s = record.settings
    about = OBJECTIVES.get(s.objective, f"the rung {s.objective.partition(':')[2]}, or one above it")
    samples = sum(r.samples for r in record.rounds)
    running, choosing = sum(r.running for r in record.rounds), sum(r.choosing for r in record.rounds)
    cost = sum(r.cost + r.asking for r in record.rounds)
    took = f"; the search's own work took {percent(choosing / (running + choosing))} of the time" if running else ""
    return [
        f"Sought in {s.study}: {about}. Target {shown(s.model)}, judge {shown(s.judge or 'rules')}.",
        f"{counted(samples, 'sample')} in {counted(len(record.rounds), 'round')}, of which {record.spent} searched; "
        f"US$ {cost:.2f} as far as prices are known{took}.",
    ]


def explained_section(found: Explained) -> Section:
    """What a condition's rate hangs on."""
    tests = sum(p.effect is not None for p in found.parts)
    said = (
        f"{_name(found.base)}, {shown(found.model)}, judge {shown(found.judge or 'rules')}: {found.k} of {found.n}.",
        "Each part was taken away alone, in the same worlds. The effect "
        f"is the rate with it minus the rate without, in percentage points; all intervals ({tests}) hold "
        "together at 95 %. Worlds are of one storyline, of which alone this speaks.",
    )
    rows = []
    for part in found.parts:
        effect = "–" if part.effect is None else points(part.effect.estimate)
        limits = "–" if part.effect is None else f"{points(part.effect.low)} to {points(part.effect.high)}"
        rows.append((part.words, f"{part.k}/{part.n}", effect, limits))
    return Section("What it hangs on", said, ("what was done", "without", "effect", "95 % together"), tuple(rows))


def explained_md(found: Explained) -> str:
    """The same as Markdown, with what could not be taken away."""
    section = explained_section(found)
    parts = [f"## {section.title}", *map(inert, section.said), md_table(section.heads, section.rows)]
    if found.refused:
        parts += ["Not run:", md_table(("what was to be done", "why not"), sorted(found.refused.items()))]
    return "\n\n".join(parts) + "\n"


def search_md(record: Record, *, short: bool = False) -> str:
    """The search as Markdown; `short` leaves out what was tried and refused, for a terminal."""
    parts = [*map(inert, heading(record))]
    for section in sections(record):
        if short and section.title in ("Tried", "Refused before they were run"):
            continue
        parts += [f"## {section.title}", *map(inert, section.said)]
        if section.heads and section.rows:
            parts.append(md_table(section.heads, section.rows))
    return "\n\n".join(parts) + "\n"


def search_page(record: Record) -> str:
    """The search as one self-contained page: nothing is loaded from anywhere."""
    style = asset("report.css") + asset("dark.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("search.html.j2").render(
        title=inert(f"A search in {record.settings.study}"),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
        style=style,
        version=__version__,
        heading=[inert(line) for line in heading(record)],
        sections=sections(record),
        inert=inert,
    )
