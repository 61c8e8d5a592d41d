"""Readers made of readers: a panel, and one that is asked each question once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from turncoat.base.errors import UsageError
from turncoat.evidence.case import Case
from turncoat.evidence.findings import Finding, Unscored
from turncoat.judges.question import Answer, Holds, Question, Reader

T = TypeVar("T", bound=Hashable)


class Panel:
    """Several readers who are asked alike and do not see each other's answers.

    What it answers is what more than half of those hold who can answer the question. The answers of its members stand
    in `Answer.members`: verdicts are made of each member's own and combined (`turncoat.scoring.majority`).

    Args:
        readers: At least two, of different names.

    Raises:
        UsageError: Fewer, or two of the same name.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.members = tuple(r.name for r in readers)
        if len(set(self.members)) < max(2, len(self.members)):
            raise UsageError(f"a panel needs at least two different judges; found {', '.join(self.members)}")
        self.name = f"panel({', '.join(self.members)})"
        self.answers = frozenset().union(*(r.answers for r in readers))
        self._readers = tuple(readers)

    async def read(self, case: Case, question: Question) -> Answer:
        """Ask every member that can answer."""
        said = {r.name: await r.read(case, question) for r in self._readers if question.name in r.answers}
        usable = [a for a in said.values() if not a.unscored]
        names = dict.fromkeys(name for a in usable for name in _names(a))
        holds: dict[str, Holds] = {n: most([_holds(a, n) for a in said.values()]) or "unsure" for n in names}

        def held(found: Mapping[str, Finding]) -> tuple[Finding, ...]:
            return tuple(f.model_copy(update={"by": self.name}) for n, f in found.items() if holds[n] == "yes")

        return Answer(
            findings=held({f.name: f for a in reversed(usable) for f in a.findings}),
            unscored="" if 2 * len(usable) > len(said) else Unscored.PANEL_SHORT,
            traits=held({f.name: f for a in reversed(usable) for f in a.traits}),
            holds=holds,
            calls=sum(a.calls for a in said.values()),
            members=said,
        )


def _names(answer: Answer) -> tuple[str, ...]:
    return (*answer.holds, *(f.name for f in (*answer.findings, *answer.traits)))


def _holds(answer: Answer, name: str) -> Holds:
    if answer.unscored:
        return "unsure"
    return answer.holds.get(name, "yes" if name in _names(answer) else "no")


def most(values: Sequence[T]) -> T | None:
    """What more than half of some values are, or None."""
    return next((value for value, n in Counter(values).most_common(1) if 2 * n > len(values)), None)


class Remembering:
    """A reader that is asked each question once for a sample, and repeats its answer to whoever asks again.

    Args:
        reader: Who answers.
        kept: Its answers for this sample so far, by question.
    """

    def __init__(self, reader: Reader, kept: dict[str, Answer]) -> None:
        self.name, self.answers, self.members = reader.name, reader.answers, reader.members
        self._reader, self._kept = reader, kept

    async def read(self, case: Case, question: Question) -> Answer:
        """The answer that is kept, or else the reader's."""
        if question.name not in self._kept:
            self._kept[question.name] = await self._reader.read(case, question)
        return self._kept[question.name]
