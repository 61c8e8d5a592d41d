"""What is asked of the runner, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog
from pydantic import ValidationError

from turncoat.base.errors import DataError, UsageError, choices
from turncoat.guards.inspecting import policies_in
from turncoat.guards.named import make_guard
from turncoat.judges.apart import refuse_own_judge
from turncoat.judges.choice import KINDS, judge_names, one_grader
from turncoat.providers.inspect_private import approver_named, approver_names, policy_name
from turncoat.runs.design import MAX_SAMPLES, TaskPlan, task_plans
from turncoat.runs.progress import Progress
from turncoat.runs.study import MAX_EPOCHS, Study
from turncoat.runs.whole import Whole
from turncoat.scenarios.loader import pack_of
from turncoat.scoring.options import ScoringOptions, has_legacy, legacy_reader
from turncoat.sim.truth import PROVIDER as SIM
from turncoat.sim.wording import worded

BY_RULES = ScoringOptions(judge="rules")


@dataclass(frozen=True)
class Request:
    """What is asked of the runner.

    Attributes:
        study: What to run.
        name: What it was loaded by; kept in the logs.
        models: Inspect model names, such as `openai/gpt-4.1` or `sim/insider`; the study's if none.
        log_dir: Folder of the logs.
        scoring: How samples are scored.
        seeds: Replaces the study's worlds.
        epochs: Replaces the study's epochs.
        interfaces: Replace the study's interfaces.
        agent: The agent in sessions with tools, see `find_agent`; the default loop if None.
        sandbox: Where a registered agent's program works: `docker`, `local`, or another of Inspect's, with a file of
            settings after a colon.
        colleague: Inspect name of the model that plays the colleagues in sessions with tools; rules if None.
        limits: Inspect's limits of a sample: `message_limit`, `token_limit`, `time_limit` (seconds); they are part of
            the run hash, since a sample that is cut short is another one.
        approval: Inspect's approval of tool calls: a policy file or an approver's name; part of the run hash too.
        model_roles: Model role → Inspect name of the model that guards ask by it, such as `reviewer` or `monitor`.
        same_model: Whether guards may ask the judge's own model.
        settings: Inspect's generation settings, such as `temperature`; they are the run hash.
        max_cost: US dollars that this command may spend.
        prices: A price table that comes before the shipped one.
        max_connections: Concurrent requests to each model; about twice as many of its samples are in flight.
        model_args: Arguments of the models' clients, such as `base_url`; part of the run's settings.
        share: (number from 0, of how many): only these worlds, dealt out in turn; None where nothing is dealt out.
        store: Address of a folder in object storage, which takes the place of `log_dir`; "" for none.
        whole: What this is a share of, where processes share limits and a stopping rule.
        command: The command's words without those that say shard and folder, for who goes on with it.
        stoppable: Whether a listener may end the run early, by setting `Progress.halt`.
        extra: Further arguments of Inspect's `eval` that change no result, logging included.
    """

    study: Study
    name: str
    models: Sequence[str]
    log_dir: Path
    scoring: ScoringOptions = BY_RULES
    seeds: str | None = None
    epochs: int | None = None
    interfaces: Sequence[str] = ()
    agent: str | None = None
    sandbox: str | None = None
    colleague: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    approval: str | None = None
    model_roles: Mapping[str, str] = field(default_factory=dict)
    same_model: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    max_cost: float | None = None
    prices: Path | None = None
    max_connections: int | None = None
    model_args: Mapping[str, Any] = field(default_factory=dict)
    share: tuple[int, int] | None = None
    store: str = ""
    whole: Whole | None = None
    command: Sequence[str] = ()
    stoppable: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str | Path:
        """Where the logs are kept: a folder here, or the address of one in a store."""
        return self.store or self.log_dir

    def shared(self, number: int, of: int) -> Request:
        """The same for one of several shares of the worlds, counted from 1, in its own folder below this one."""
        name = f"shard-{number}-of-{of}"
        return replace(
            self,
            log_dir=self.log_dir / name,
            store=f"{self.store.rstrip('/')}/{name}" if self.store else "",
            share=(number - 1, of),
        )

    @property
    def repeats(self) -> int:
        """How often each sample is run."""
        return self.epochs or self.study.epochs

    @property
    def model_names(self) -> list[str]:
        """The models, each once."""
        return list(dict.fromkeys(self.models or self.study.models))

    @property
    def graders(self) -> list[str]:
        """The models among the judges."""
        return [n for n in judge_names(self.scoring.judge) if n not in KINDS]

    def asked_models(self, plans: Sequence[TaskPlan]) -> list[str]:
        """All models that are asked in some plans of this request: those under test, judges, colleagues, guards'."""
        own = (name for plan in plans for text in plan.guards for name in make_guard(text).models)
        played = [self.colleague] if self.colleague is not None else []
        return list(dict.fromkeys([*self.model_names, *self.graders, *played, *self.model_roles.values(), *own]))

    @property
    def judge(self) -> str:
        """The judges as they were given, separated by commas."""
        given = self.scoring.judge
        return given if isinstance(given, str) else ",".join(given)


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes:
        logs: One log for each task and model.
        progress: Counts and cost at the end.
        kept: Samples that earlier commands had finished.
        notes: What the user should know, one line each.
        interrupted: Whether a signal ended it.
        holds: What must live as long as the logs are read from here, where they are kept in a store.
    """

    logs: list[EvalLog]
    progress: Progress
    kept: int = 0
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    holds: object = None

    @property
    def paths(self) -> list[Path]:
        """Where the logs are."""
        return [Path(str(log.location).removeprefix("file://")) for log in self.logs]


def plans_of(request: Request) -> tuple[TaskPlan, ...]:
    """The tasks that a request comes to.

    Raises:
        UsageError: Too many samples, or `legacy` without a single grader or a scenario that this reader knows.
        ScenarioError: The study or a scenario is wrong.
    """
    if request.scoring.legacy and not one_grader(request.judge):
        raise UsageError(
            f"legacy: {legacy_reader().question} goes to one grader model, but --judge is {request.judge!r}; "
            "name one, such as --judge openai/gpt-4.1"
        )
    plans = task_plans(request.study, request.name, seeds=request.seeds, interfaces=request.interfaces)
    samples = samples_of(request, plans)
    if request.repeats > MAX_EPOCHS or samples > MAX_SAMPLES:
        raise UsageError(
            f"{request.name}: {samples:,} samples of each model, with {request.repeats:,} epochs; the limits are "
            f"{MAX_SAMPLES:,} and {MAX_EPOCHS:,}: give fewer --worlds or --epochs"
        )
    if request.scoring.legacy and not any(has_legacy(p.name) for p in plans):
        reader = legacy_reader()
        raise UsageError(f"legacy: {request.name} has no {reader.texts}; they are in {reader.example}, for example")
    return plans


def samples_of(request: Request, plans: Sequence[TaskPlan]) -> int:
    """Samples of each model in plans of a request."""
    return sum(len(p.pairs) for p in plans) * request.repeats


def limits_of(messages: int | None, tokens: int | None, seconds: int | None) -> dict[str, int]:
    """The limits of a sample that were given, by Inspect's names.

    Raises:
        UsageError: One is less than 1.
    """
    given = {"message_limit": messages, "token_limit": tokens, "time_limit": seconds}
    for name, value in given.items():
        if value is not None and value < 1:
            raise UsageError(f"{name} {value} is no limit; give 1 or more")
    return {name: value for name, value in given.items() if value is not None}


def see_settings(settings: Mapping[str, Any] | None, max_connections: int | None = None) -> dict[str, Any]:
    """Generation settings that Inspect knows, and reads as they are.

    Raises:
        UsageError: An unknown one, a value of another kind, or less than one connection.
    """
    from inspect_ai.model import GenerateConfig

    from turncoat.providers.secrets import hide

    if max_connections is not None and max_connections < 1:
        raise UsageError(f"max_connections {max_connections} is no limit; give 1 or more")
    for name in settings or ():
        if name not in GenerateConfig.model_fields:
            raise UsageError(f"settings: {choices(name, GenerateConfig.model_fields)}")
    try:
        GenerateConfig.model_validate(dict(settings or {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"settings: {first['loc'][0]}: {first['msg']}, found {hide(repr(first['input']))}") from None
    return dict(settings or {})


def see_approval(approval: str | None) -> None:
    """See before anything is spent that an approval is one: a policy file that Inspect reads, or an approver's name.

    Raises:
        UsageError: It is neither, or asks a person, whom a run does not wait for.
    """
    if approval is None:
        return
    file = Path(approval)
    if not file.exists() and approver_named(approval) is None:
        known = [name for name in approver_names() if name != "human"]
        raise UsageError(f"--approval {choices(approval, known)}, or an approval policy file of Inspect")
    try:
        names = [policy_name(policy) for policy in policies_in(file)] if file.exists() else [approval]
    except DataError as error:
        raise UsageError(f"--approval {approval}: {str(error).removeprefix(f'{approval}: ')}") from None
    if "human" in names:
        raise UsageError(
            f"--approval {approval}: a run asks nobody; use `inspect eval turncoat/… --approval {approval}` for that"
        )


def refuse_judge_as_guard(request: Request, plans: Sequence[TaskPlan]) -> None:
    """See that guards ask no model that judges the run, by any of its names, unless that was asked for.

    Raises:
        UsageError: One does.
    """
    made = [] if request.same_model else [make_guard(text) for text in sorted({g for p in plans for g in p.guards})]
    asked = {model: f"has the model role {role!r}" for role, model in request.model_roles.items()} if made else {}
    refuse_own_judge(dict.fromkeys((m for g in made for m in g.models), "is asked by a guard") | asked, request.graders)


def refuse_simulated(models: Sequence[str], plans: Sequence[TaskPlan]) -> None:
    """See that no simulated model is to answer what it has no words for.

    Raises:
        UsageError: There is one: in a pack's scenario or one of the user's own.
    """
    pretending = next((name for name in models if name.startswith(SIM)), None)
    for plan in plans if pretending else ():
        if (pack := pack_of(plan.name)) is not None:
            raise UsageError(f"{pretending} is simulated and does not answer {pack.title}; name a real model")
        if plan.scenario.name not in worded():
            raise UsageError(
                f"{plan.name}: {pretending} is simulated and has words for {', '.join(worded())} only; name a real "
                f"model. Without a key: `turncoat check {plan.name}` plays the scenario's oracles through the whole "
                f"instrument, and `turncoat show {plan.name}` prints what a model sees"
            )
