"""Commands on studies: run, demo, plan."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.errors import IncompleteError, Problem, UsageError
from turncoat.base.files import MARKDOWN, PAGE
from turncoat.cli.app import (
    AgentOption,
    AsJson,
    BlindOption,
    Guards,
    ModelRoles,
    OwnTools,
    ReadOption,
    RubricsOption,
    SameModel,
    SandboxOption,
    UnsafeLocal,
    answer,
    app,
    check_writable,
    finish,
    print_json,
    say,
)
from turncoat.cli.request import arguments_of, command_words, rates_of, requested, roles_of, settings_of

if TYPE_CHECKING:
    from turncoat.runs.executors.executor import Where
    from turncoat.runs.paired import Spreads
    from turncoat.runs.request import Request, RunResult
    from turncoat.runs.signals import Stop

Models = Annotated[list[str] | None, typer.Option("--model", help="Inspect model name; may be repeated.")]
What = Annotated[str, typer.Argument(help="A study (paper/fig7, path.yaml), or a scenario's name or folder.")]
Seeds = Annotated[
    str | None,
    typer.Option("--worlds", help="Seeds: 1-20, or affair@7, separated by commas; the study's if not given."),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option("--condition", help="Condition id, for a scenario; its headline conditions if not given."),
]
StudyJudge = Annotated[
    str | None,
    typer.Option("--judge", help="`rules`, or a grader model's name; the study's, else `rules`, if not given."),
]
Epochs = Annotated[int | None, typer.Option("--epochs", min=1, help="How often each sample is run.")]
Interfaces = Annotated[
    list[str] | None,
    typer.Option("--interface", help="text, tools, mcp or webmail; may be repeated; the study's if not given."),
]
Observe = Annotated[
    str, typer.Option("--observe", help="How a model sees the webmail: pixels (screenshots), or aria (names, cheaper).")
]
Reference = Annotated[
    bool, typer.Option("--reference", help="Run the study on the published prompts (needs the extra `reference`).")
]
Legacy = Annotated[
    bool,
    typer.Option("--legacy", help="On published prompts, also ask the grader the published classifier's question."),
]
Interviews = Annotated[
    bool, typer.Option("--interview", help="Ask the model about each finished sample: was this a test, and why?")
]
PricesFile = Annotated[Path | None, typer.Option("--prices", help="YAML file of prices that come before ours.")]
Generation = Annotated[
    list[str] | None,
    typer.Option("--generate", metavar="NAME=VALUE", help="Inspect generation setting, such as temperature=1."),
]
ClientArguments = Annotated[
    list[str] | None,
    typer.Option("--model-arg", metavar="NAME=VALUE", help="Argument of the models' clients, such as base_url=…"),
]
MaxCost = Annotated[float | None, typer.Option("--max-cost", min=0, help="US dollars that this command may spend.")]
MaxConnections = Annotated[
    int | None, typer.Option("--max-connections", min=1, help="Requests to each model at a time.")
]


@app.command()
def run(
    context: typer.Context,
    what: What,
    model: Models = None,
    condition: Conditions = None,
    worlds: Seeds = None,
    epochs: Epochs = None,
    interface: Interfaces = None,
    observe: Observe = "pixels",
    agent: AgentOption = None,
    guard: Guards = None,
    model_role: ModelRoles = None,
    same_model: SameModel = False,
    sandbox: SandboxOption = None,
    own_tools: OwnTools = False,
    unsafe_local: UnsafeLocal = False,
    colleague: Annotated[
        str | None, typer.Option("--colleague", help="A model that plays the colleagues in sessions with tools.")
    ] = None,
    reference: Reference = False,
    judge: StudyJudge = None,
    read: ReadOption = "all",
    blind: BlindOption = False,
    rubrics: RubricsOption = "",
    legacy: Legacy = False,
    interview: Interviews = False,
    generate: Generation = None,
    model_arg: ClientArguments = None,
    message_limit: Annotated[
        int | None, typer.Option("--message-limit", min=1, help="Messages of one sample; the interface's own if none.")
    ] = None,
    token_limit: Annotated[int | None, typer.Option("--token-limit", min=1, help="Tokens of one sample.")] = None,
    time_limit: Annotated[int | None, typer.Option("--time-limit", min=1, help="Seconds of one sample.")] = None,
    approval: Annotated[
        str | None,
        typer.Option(
            "--approval", metavar="POLICY", help="Inspect's approval of tool calls: a policy file, or a name."
        ),
    ] = None,
    log_dir: Annotated[
        str | None,
        typer.Option("--log-dir", help="Folder of the logs, or its address (s3://…); the same folder continues."),
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Also write the report here.")] = None,
    max_cost: MaxCost = None,
    prices: PricesFile = None,
    max_connections: MaxConnections = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes that share the worlds.")] = None,
    executor: Annotated[
        str | None,
        typer.Option("--executor", help="Where samples run: local, processes, ray; processes if several --workers."),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="With --executor ray: the address of a cluster.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="K/N", help="Only this part, such as 3/16; `auto` in Slurm and Kubernetes."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a study, or a scenario's conditions, on models, and say what came of it.

    The same command again continues: finished samples are kept, failed ones run again, and more models, worlds or
    epochs add only what is missing.
    """
    from turncoat.agents.ready import with_options
    from turncoat.doors.door import observed
    from turncoat.judges.model.rubric import rubrics_folder
    from turncoat.runs.executors.executor import Where
    from turncoat.runs.request import limits_of

    where = Where(workers, executor or "", address or "", shard or "")
    check_writable(report, what, prices, endings=(*PAGE, *MARKDOWN))
    folder = str(rubrics_folder(rubrics)) if rubrics else ""
    request = requested(
        *(what, condition, worlds, epochs, reference, judge),
        model=model,
        interface=observed(interface, observe),
        guards=guard,
        model_roles=roles_of(model_role or []),
        same_model=same_model,
        log_dir=log_dir,
        scoring={"read": read, "blind": blind, "rubrics": folder, "legacy": legacy, "interview": interview},
        agent=with_options(agent, own_tools=own_tools, unsafe_local=unsafe_local),
        sandbox=sandbox,
        colleague=colleague,
        limits=limits_of(message_limit, token_limit, time_limit),
        approval=approval,
        settings=settings_of(generate or []),
        max_cost=max_cost,
        prices=prices,
        max_connections=max_connections,
        model_args=arguments_of(model_arg or []),
        command=command_words(context),
    )
    run_and_tell(request, report, as_json, where)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for logs and report.")] = Path("demo"),
    worlds: Seeds = None,
    table: Annotated[bool, typer.Option("--table", help="Print the whole table of rates too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the paper's 2×2 on sixteen simulated models with its rates planted: no key, no network."""
    request = requested("demo", None, worlds, log_dir=out / "logs")
    run_and_tell(request, out / "report.html", as_json, short=True, table=table)


@app.command()
def plan(
    what: What,
    model: Models = None,
    condition: Conditions = None,
    worlds: Seeds = None,
    epochs: Epochs = None,
    interface: Interfaces = None,
    observe: Observe = "pixels",
    guard: Guards = None,
    model_role: ModelRoles = None,
    same_model: SameModel = False,
    reference: Reference = False,
    judge: StudyJudge = None,
    read: ReadOption = "all",
    legacy: Legacy = False,
    interview: Interviews = False,
    prices: PricesFile = None,
    difference: Annotated[
        str | None, typer.Option("--difference", metavar="RATE,RATE", help="Say how many samples tell these apart.")
    ] = None,
    measured: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="LOGS", help="Logs that say how far the job done lies apart; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a study would take and what it can find. Nothing is called."""
    from dataclasses import asdict

    from turncoat.cli.screens import plan_text
    from turncoat.doors.door import observed
    from turncoat.runs.plan import plan_study

    request = requested(
        *(what, condition, worlds, epochs, reference, judge),
        model=model,
        interface=observed(interface, observe),
        guards=guard,
        model_roles=roles_of(model_role or []),
        same_model=same_model,
        scoring={"read": read, "legacy": legacy, "interview": interview},
        prices=prices,
    )
    not_used: list[Problem] = []
    found = plan_study(request, rates_of(difference), _spreads(measured, not_used) if measured else {})
    answer(as_json, asdict(found) | {"samples": found.samples, "dollars": found.dollars}, plan_text(found))
    finish(not_used, "the plan")


def _spreads(logs: list[str], not_used: list[Problem]) -> "Spreads":
    """How far the job done lies apart in some logs; `not_used` takes what of them cannot be read.

    Raises:
        LogError: There is no log, or none can be read.
        UsageError: They hold too few sessions with a job.
    """
    from turncoat.analysis import read_table
    from turncoat.analysis.jobs import job_spreads
    from turncoat.base.remote import brought

    with brought(logs) as here:
        table = read_table(here)
    not_used += table.not_used
    found = job_spreads(table)
    if not found:
        raise UsageError(f"--from {', '.join(logs)}: too few sessions with a job there to say how far it lies apart")
    return found


def run_and_tell(
    request: "Request",
    report: Path | None,
    as_json: bool,
    where: "Where | None" = None,
    *,
    short: bool = False,
    table: bool = True,
) -> None:
    """Run, write the report, print the outcome, and fail if anything was not done.

    Args:
        request: What to run.
        report: Where the report goes; none if None.
        as_json: Whether the outcome is printed for programs.
        where: In which processes; in this one if None.
        short: Whether a few lines say what was run, what was found, where the report is and what to do next.
        table: Whether the table of rates is printed.
    """
    from turncoat.runs.executors.executor import Where
    from turncoat.runs.signals import stoppable

    with stoppable() as stop:
        result = _run(request, as_json, where or Where(), stop)
        problem = _tell(result, report, as_json, short=short, table=table)
        if result.interrupted:
            raise KeyboardInterrupt
    if problem:
        raise IncompleteError(problem)


def _run(request: "Request", as_json: bool, where: "Where", stop: "Stop") -> "RunResult":
    from turncoat.cli.screens import Lines, showing
    from turncoat.runs.executors.executor import run_where

    if not where.here:
        return run_where(request, where, partial(Lines, quiet=as_json), stop)
    with showing(quiet=as_json) as listener:
        return run_where(request, where, lambda: listener, stop)


def _tell(result: "RunResult", report: Path | None, as_json: bool, *, short: bool, table: bool) -> str:
    """Write the report and print the outcome; why it does not count as done, or ""."""
    from turncoat.cli.screens import summary_of

    summary = summary_of(result)
    if not result.paths:  # stopped before there was anything to report
        report = None
    if report is not None:
        from turncoat.report import write_report

        written = write_report(result.paths, report)
    if as_json:
        print_json(summary.as_dict() | {"report": str(report) if report else None})
    elif short and report is not None:
        summary.show(table=table)
        say(f"Run:     {written.headline}\nFound:   {written.finding}\nReport:  {report} (open it in a browser)")
        say("Next:    turncoat list · turncoat show blackmail · turncoat run blackmail --model openai/gpt-4.1")
        say("Mind:    these models are simulated, with a paper's rates planted: evidence about the instrument alone.")
    else:
        summary.show()
        if report is not None:
            say(f"Report: {report}")
    return summary.problem
