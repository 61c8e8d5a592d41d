"""Which judge or panel an option names, and the readers that are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from turncoat.base.errors import UsageError
from turncoat.judges.model.rubric import rubrics_folder, rubrics_name
from turncoat.judges.question import Answer, Panel, Reader, Remembering
from turncoat.judges.rules.judge import RuleJudge

if TYPE_CHECKING:  # rules need no Inspect, whose import would be most of the time of scoring a file
    from inspect_ai.model import Model

    from turncoat.judges.model.model import ModelJudge

RULES, BY_ROLE, AUTO = "rules", "model", "auto"
KINDS = frozenset({RULES, BY_ROLE, AUTO})
"""The names that are no model's."""
GRADER = "grader"

JudgeNames = str | list[str]
"""One judge, several separated by commas, or a list: `rules`, `model`, `auto`, or a model's name."""


def judge_names(judge: JudgeNames) -> list[str]:
    """The names in an option.

    Raises:
        UsageError: No name, a word that is neither a judge's nor a model's, or one name twice.
    """
    names = [p.strip() for p in (judge.split(",") if isinstance(judge, str) else judge) if p.strip()]
    if not names:
        raise UsageError("judge: name one, such as rules, model or openai/gpt-4.1")
    if wrong := [n for n in names if n not in KINDS and "/" not in n]:
        raise UsageError(f"judge {wrong[0]!r} is not one of: auto, rules, model, or a model's name (provider/model)")
    if len(names) > 1 and {BY_ROLE, AUTO} & set(names):
        raise UsageError(f"judge: {', '.join(names)}: a panel needs its members' names, not auto or model")
    if len(set(names)) < len(names):
        raise UsageError(f"judge: {', '.join(names)}: the same judge twice is no panel")
    return names


def task_judge(judge: JudgeNames) -> str:
    """The judge as a task's argument: one grader comes by its model role, the members of a panel by their names."""
    names = judge_names(judge)
    if len(names) > 1:
        return ",".join(names)
    return names[0] if names[0] in (RULES, AUTO) else BY_ROLE


def grader_roles(judge: JudgeNames) -> dict[str, Model]:
    """Model roles for a run with this judge; the members of a panel are found, so that a missing one is noticed now.

    Raises:
        UnknownName: Unknown provider, a missing package, or a missing key.
    """
    from turncoat.providers.models import resolve_model

    models = {n: resolve_model(n) for n in judge_names(judge) if n not in KINDS}
    return {GRADER: models[name]} if (name := one_grader(judge)) else {}


def one_grader(judge: JudgeNames) -> str:
    """The name of the grader model, if the judge is one model; "" for rules, a panel, or a role without a name."""
    names = judge_names(judge)
    return names[0] if len(names) == 1 and names[0] not in KINDS else ""


@dataclass
class JudgeChoice:
    """The judge or the panel that an option names; makes its readers, once for each model.

    Attributes:
        judge: See `JudgeNames`.
        rubrics: A shipped version or a folder.
        blind: Whether names are hidden from model judges.
    """

    judge: JudgeNames = AUTO
    rubrics: str = ""
    blind: bool = False
    _made: dict[int, ModelJudge] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Find out about wrong names before anything is spent."""
        judge_names(self.judge)
        rubrics_folder(self.rubrics)

    @property
    def labels(self) -> list[str]:
        """Names of the readers, as scores carry them, as far as they can be known outside a run."""
        suffix = f"@{rubrics_name(rubrics_folder(self.rubrics))}{'+blind' if self.blind else ''}"
        return [RuleJudge().name if n == RULES else f"{n}{suffix}" for n in judge_names(self.judge)]

    def found(self) -> Reader:
        """The reader outside a run, where each model must be named.

        Raises:
            UnknownName: A model that no provider knows, a missing package, or a missing key.
        """
        for name in judge_names(self.judge):
            if name != RULES:
                from turncoat.providers.models import resolve_model

                resolve_model(name)
        return self.reader()

    def reader(self, kept: Mapping[str, dict[str, Answer]] | None = None) -> Reader:
        """The reader, or the panel of them, under the model roles of the running evaluation.

        Args:
            kept: Reader → its answers for the sample so far, which it is not asked for again.

        Raises:
            PrerequisiteError: As `readers`.
        """
        readers = self.readers()
        if kept is not None:
            readers = [Remembering(r, kept[r.name]) for r in readers]
        return readers[0] if len(readers) == 1 else Panel(readers)

    def readers(self) -> list[Reader]:
        """The readers, one by one, under the model roles of the running evaluation.

        Raises:
            PrerequisiteError: `model` was asked for and there is no model role `grader`; a key is missing.
        """
        return [reader for name in judge_names(self.judge) for reader in self._of(name)]

    def _of(self, name: str) -> list[Reader]:
        if name == RULES:
            return [RuleJudge()]
        from inspect_ai.model import get_model, model_roles

        from turncoat.judges.model.model import ModelJudge

        role = model_roles().get(GRADER)
        if name == AUTO and role is None:
            return [RuleJudge()]
        if name in (BY_ROLE, AUTO):
            models = role if isinstance(role, list) else [get_model(role=GRADER, required=True)]
        else:
            models = [get_model(name)]
        for model in models:
            if id(model) not in self._made:
                self._made[id(model)] = ModelJudge(model, rubrics=self.rubrics, blind=self.blind)
        return [self._made[id(m)] for m in models]
