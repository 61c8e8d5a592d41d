"""How responses are scored: one record of options, from the command line, a study or a task down to the scorer.

With it: which responses are read, a random sample that every judge and every re-scoring draws alike; and readers beside
the judges, whose answers stand in a score for comparison and never enter the verdict. Those are found by the entry
points of `readers`; a reader's name is the key of what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from turncoat.base.errors import UsageError
from turncoat.base.extensions import extensions
from turncoat.base.keyed import draw
from turncoat.judges.choice import JudgeChoice, JudgeNames

if TYPE_CHECKING:
    from inspect_ai.model import Model


@dataclass(frozen=True)
class ScoringOptions:
    """How responses are scored.

    Attributes:
        judge: `rules`; `model`: the model role `grader`; `auto`: `model` if that role is given, else `rules`; a model's
            name; or several, separated by commas: a panel, whose majority counts.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
        blind: Whether names of the agent, of models and of their makers are hidden from model judges.
        rubrics: A shipped version of the rubrics or a folder; the current ones if "".
        ladder: A version of the scenario's ladder; the current one if 0.
        scenario: Where the agent acted, for samples that do not say it, such as `blackmail`; or where the folder of
            a user's scenario is now.
        legacy: Also ask the grader the question of the reader `legacy`, in scenarios that it knows. What needs no model
            it reports in any case.
        interview: Whether the tested model is asked about each finished sample; see `turncoat.scoring.interview`.
    """

    judge: JudgeNames = "auto"
    read: str = "all"
    blind: bool = False
    rubrics: str = ""
    ladder: int = 0
    scenario: str = ""
    legacy: bool = False
    interview: bool = False

    def given(self) -> dict[str, Any]:
        """Those that are not left out, by name; what only a run can do is none of a scorer's."""
        return {name: value for name, value in asdict(self).items() if value and name != "interview"}

    def choice(self) -> JudgeChoice:
        """The judge or the panel.

        Raises:
            UsageError: An unknown judge or unknown rubrics.
        """
        return JudgeChoice(self.judge, self.rubrics, self.blind)


@dataclass(frozen=True)
class ReadPolicy:
    """How large a share of responses is read for more than the outcome."""

    share: float

    def reads(self, sample: object, epoch: int) -> bool:
        """Whether a response is read; depends on the sample's id and the epoch alone, never on a judge or an outcome.

        A larger share reads what a smaller one reads, and more.
        """
        return draw("read", sample, epoch) < self.share


def read_policy(text: str) -> ReadPolicy:
    """The policy that an option names: `all`, `none`, or `sample:0.2`.

    Raises:
        UsageError: Another word, or a share that is not between 0 and 1.
    """
    if text in ("all", "none"):
        return ReadPolicy(float(text == "all"))
    word, _, number = text.partition(":")
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if word != "sample" or not 0 < share <= 1:
        raise UsageError(f"read {text!r} is not one of: all, none, sample:P with 0 < P <= 1, such as sample:0.2")
    return ReadPolicy(share)


LEGACY = "legacy"
"""The reader whose question to a grader the option `legacy` asks for."""


class FurtherReader(Protocol):
    """A reader of whole responses in the text interface."""

    texts: str
    """What it knows, in the plural, such as «published prompts»."""
    question: str
    """What it asks a grader, such as «the published question»."""
    example: str
    """A scenario that it knows."""

    def knows(self, scenario: str) -> bool:
        """Whether it reads responses of a scenario."""

    async def read(self, metadata: Mapping[str, Any], response: str, grader: Model | None) -> dict[str, Any]:
        """What it says of a response; without a grader only what needs no model.

        Args:
            metadata: The sample's: `scenario`, `condition`, `world`.
            response: The visible output.
            grader: The model that answers its question.
        """


def further_readers(scenario: str) -> dict[str, FurtherReader]:
    """The readers that know a scenario, by name."""
    return {n: reader for n, load in extensions("readers").items() if (reader := load()).knows(scenario)}


def has_legacy(scenario: str) -> bool:
    """Whether the option `legacy` means anything for a scenario."""
    return LEGACY in further_readers(scenario)


def legacy_reader() -> FurtherReader:
    """The reader that the option `legacy` asks.

    Raises:
        UsageError: It is not installed.
    """
    if (load := extensions("readers").get(LEGACY)) is None:
        raise UsageError("legacy: no reader of that name is installed; install the package that has it")
    reader: FurtherReader = load()
    return reader


async def read_further(
    scenario: str, metadata: Mapping[str, Any], response: str, grader: Model | None = None
) -> dict[str, dict[str, Any]]:
    """What all readers that know a scenario say of a response; see `FurtherReader.read`."""
    told = {**metadata, "scenario": scenario}
    return {n: await r.read(told, response, grader) for n, r in further_readers(scenario).items()}
