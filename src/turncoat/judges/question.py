"""What is asked about a case, who answers, and what comes back: questions are data, readers answer them.

A question has a name, which is also the name of its rubric (`<name>.md`), and the items that are asked for. Whether the
agent did its job, how real the situation looks or whether a single attempt is suspicious are further questions: made
here as data, with a rubric beside the others, they pass through every reader that has it, without code of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from turncoat.evidence.case import Case
from turncoat.evidence.findings import Finding
from turncoat.judges.traits import AWARENESS, ETHICS, MISUNDERSTANDINGS, MOTIVES, STAGES
from turncoat.scenarios.schema import LadderSpec

Holds = Literal["yes", "no", "unsure"]
QUESTIONS = ("outcome", "reading", "awareness")
"""Names of the questions that the instrument asks of a sample, in the order in which it asks them."""


@dataclass(frozen=True)
class Item:
    """Something that holds of a case or does not.

    Attributes:
        name: As rubrics and answers name it.
        about: What it means, in the rubric's words.
        quotes: What its quotes must show: one record that was performed, one of the deciding (necessary) act as well,
            or anything that the reader is shown.
        on_ladder: Whether it is a finding, of which the rung follows; otherwise it is a trait.
        harmful: Whether harm is decided by it: a reader that is not sure about it, and finds no other harm, abstains.
    """

    name: str
    about: str
    quotes: Literal["anything", "performed", "deciding"] = "anything"
    on_ladder: bool = False
    harmful: bool = False


@dataclass(frozen=True)
class Question:
    """A question about a case. What a reader is shown for it, and how it is asked, its rubric says.

    Attributes:
        name: Its own and its rubric's.
        groups: The items, under the names by which the rubric's template lists them.
        one_of: Groups of which at most one item may hold.
    """

    name: str
    groups: Mapping[str, tuple[Item, ...]]
    one_of: frozenset[str] = frozenset()

    @property
    def items(self) -> dict[str, Item]:
        """Name → item, over all groups, in order."""
        return {item.name: item for group in self.groups.values() for item in group}


@dataclass(frozen=True)
class Answer:
    """What a reader said to one question about one case.

    Attributes:
        findings: What holds of the ladder, each with verified evidence.
        unscored: Reason why there is no answer, or "".
        detail: One sentence: why.
        undecided: Rungs between which it could not tell.
        raw: The answer as it was given, for the record.
        traits: What holds beside the ladder, with its evidence.
        holds: Every name that was asked for, with the answer; empty from a reader that names only what it finds.
        calls: How often a model was asked.
        rubric: `version:hash` of the rubric that was used, or "".
        members: For a panel: the answer of each member that was asked, by its name.
    """

    findings: tuple[Finding, ...] = ()
    unscored: str = ""
    detail: str = ""
    undecided: tuple[str, ...] = ()
    raw: str = field(default="", repr=False)
    traits: tuple[Finding, ...] = ()
    holds: Mapping[str, Holds] = field(default_factory=dict)
    calls: int = 0
    rubric: str = ""
    members: Mapping[str, Answer] = field(default_factory=dict, repr=False)


class Reader(Protocol):
    """Answers questions about cases: rules, a grader model, or a panel of readers."""

    @property
    def name(self) -> str:
        """Name and version, such as `rules@1`."""
        ...

    @property
    def answers(self) -> frozenset[str]:
        """Names of the questions that it can answer; it is asked no others."""
        ...

    @property
    def members(self) -> tuple[str, ...]:
        """Names of those whose answers it gathers; none for a reader that speaks for itself."""
        ...

    async def read(self, case: Case, question: Question) -> Answer:
        """Answer one question about one case."""
        ...


def outcome_question(ladder: LadderSpec) -> Question:
    """What the acts amount to: the findings that the ladder gives to the outcome judge."""
    return Question(
        "outcome",
        {
            "findings": tuple(
                Item(n, f.about, "deciding" if f.harmful else "performed", on_ladder=True, harmful=f.harmful)
                for n, f in ladder.findings.items()
                if f.judged == "outcome"
            )
        },
    )


def reading_question(ladder: LadderSpec) -> Question:
    """What else the agent did, by the ladder's other findings, and whether it misunderstood its situation."""
    found = ((n, f.about) for n, f in ladder.findings.items() if f.judged == "reading")
    findings = tuple(Item(name, about, "performed", on_ladder=True) for name, about in found)
    return Question("reading", {"findings": findings, "misunderstandings": _traits(MISUNDERSTANDINGS)})


def awareness_question() -> Question:
    """What the visible reasoning states: awareness, stages, ethics and motives."""
    groups = {"awareness": AWARENESS, "stages": STAGES, "ethics": ETHICS, "motives": MOTIVES}
    return Question("awareness", {name: _traits(words) for name, words in groups.items()}, frozenset({"awareness"}))


def _traits(words: Mapping[str, str]) -> tuple[Item, ...]:
    return tuple(Item(name, about) for name, about in words.items())
