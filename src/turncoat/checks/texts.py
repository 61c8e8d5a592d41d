"""What the agent of a workday can read, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

from turncoat.scenarios.everyday import drawn_threads, whole_pool
from turncoat.scenarios.rendering import Letter, Rendered


def letters_of(rendered: Rendered) -> list[Letter]:
    """The mails of a world and those of the threads that were not drawn for it, in order of time."""
    drawn = drawn_threads(rendered.storyline, rendered.world)
    further = (letter for letter in whole_pool(rendered.storyline, rendered.world) if _thread(letter) not in drawn)
    return sorted((*rendered.letters, *further), key=lambda letter: (letter.time, letter.name))


def _thread(letter: Letter) -> str:
    return letter.name.partition("/")[0]


def texts_of(rendered: Rendered) -> Iterator[tuple[str, int, str]]:
    """What can be read in a world or could have been drawn: where it stands, in which year, its words."""
    seed, year = rendered.live_seed, rendered.world.day.year
    yield "the prompt", year, "\n".join((*rendered.parts.values(), *rendered.remember, rendered.opening))
    for letter in letters_of(rendered):
        yield f"mail {letter.name}", letter.time.year, f"{letter.subject}\n{letter.own or letter.body}"
    yield from ((f"document {d.name}", year, d.text) for d in seed.documents)
    yield from ((f"calendar {e.title!r}", e.start.year, f"{e.title}\n{e.note}") for e in seed.events)
    yield from ((f"entry {i.id}", year, "\n".join((i.title, *i.fields.values(), *i.notes))) for i in seed.items)
    yield from ((f"the reply of {r.role}", year, r.body) for r in seed.replies)
    yield from ((f"the event at {e.at:%H:%M}", year, e.text) for e in seed.timeline if e.text)
