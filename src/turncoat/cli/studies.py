"""Commands that run models: run, demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from turncoat.base.errors import IncompleteError, UsageError
from turncoat.cli.app import app
from turncoat.cli.options import AgentOption, AsJson, BlindOption, ReadOption, RubricsOption
from turncoat.cli.output import check_writable, print_json, say
from turncoat.cli.scenarios import our_name

if TYPE_CHECKING:
    from turncoat.runs.schema import Study

REFERENCE = "reference"
"""The pack that the option of this name runs a study on."""

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
    list[str] | None, typer.Option("--interface", help="text or tools; may be repeated; the study's if not given.")
]
Reference = Annotated[
    bool, typer.Option("--reference", help="Run the study on the published prompts (needs the extra `reference`).")
]
Legacy = Annotated[
    bool,
    typer.Option("--legacy", help="On published prompts, also ask the grader the published classifier's question."),
]
PricesFile = Annotated[Path | None, typer.Option("--prices", help="YAML file of prices that come before ours.")]


@app.command()
def run(
    what: What,
    model: Models = None,
    condition: Conditions = None,
    worlds: Seeds = None,
    epochs: Epochs = None,
    interface: Interfaces = None,
    agent: AgentOption = None,
    colleague: Annotated[
        str | None, typer.Option("--colleague", help="A model that plays the colleagues in sessions with tools.")
    ] = None,
    reference: Reference = False,
    judge: StudyJudge = None,
    read: ReadOption = "all",
    blind: BlindOption = False,
    rubrics: RubricsOption = "",
    legacy: Legacy = False,
    generate: Annotated[
        list[str] | None,
        typer.Option("--generate", metavar="NAME=VALUE", help="Inspect generation setting, such as temperature=1."),
    ] = None,
    model_arg: Annotated[
        list[str] | None,
        typer.Option("--model-arg", metavar="NAME=VALUE", help="Argument of the models' clients, such as base_url=…"),
    ] = None,
    log_dir: Annotated[
        Path | None, typer.Option("--log-dir", help="Folder of the logs; the same folder continues.")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Also write the report here.")] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, help="US dollars that this command may spend.")
    ] = None,
    prices: PricesFile = None,
    max_connections: Annotated[int | None, typer.Option("--max-connections", min=1)] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the worlds.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run a study, or a scenario's conditions, on models, and say what came of it.

    The same command again continues: finished samples are kept, failed ones run again, and more models, worlds or
    epochs add only what is missing.
    """
    from turncoat.judges.model.rubric import rubrics_folder
    from turncoat.runs.loader import default_folder
    from turncoat.runs.request import Request
    from turncoat.scoring.options import ScoringOptions

    check_writable(report)
    folder = str(rubrics_folder(rubrics)) if rubrics else ""
    study, name = chosen(what, condition, worlds, epochs, reference)
    request = Request(
        study=study,
        name=name,
        models=model or (),
        log_dir=log_dir or default_folder(name),
        scoring=ScoringOptions(judge or study.judge or "rules", read, blind, folder, legacy=legacy),
        seeds=None if reference else worlds,
        epochs=epochs,
        interfaces=interface or (),
        agent=agent,
        colleague=colleague,
        settings=settings_of(generate or []),
        max_cost=max_cost,
        prices=prices,
        max_connections=max_connections,
        model_args=arguments_of(model_arg or []),
    )
    run_and_tell(request, report, as_json, workers)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for logs and report.")] = Path("demo"),
    worlds: Seeds = None,
    as_json: AsJson = False,
) -> None:
    """Run the paper's 2×2 on sixteen simulated models with its rates planted: no key, no network."""
    from turncoat.runs.request import Request
    from turncoat.scoring.options import ScoringOptions

    study, name = chosen("demo", None, worlds, None)
    request = Request(study, name, study.models, out / "logs", ScoringOptions(study.judge), worlds)
    run_and_tell(request, out / "report.html", as_json)


def chosen(
    what: str, conditions: list[str] | None, worlds: str | None, epochs: int | None, reference: bool = False
) -> tuple[Study, str]:
    """The study that a command names, and its name; a scenario stands for a study of its conditions.

    Raises:
        UsageError: Neither is there, or conditions are given for a study.
    """
    from turncoat.runs.design import on_pack, scenario_study
    from turncoat.runs.loader import is_study, load_study, study_names

    if is_study(what):
        if conditions:
            raise UsageError(f"--condition goes with a scenario; the cells of study {what} stand in its file")
        study = load_study(what)
        if not reference:
            return study, what
        seeds = {"seeds": worlds} if worlds else {}
        blocks = tuple(b.model_copy(update=seeds) for b in study.blocks)
        return on_pack(study.model_copy(update={"blocks": blocks}), REFERENCE, what), f"{what}-{REFERENCE}"
    if reference:
        raise UsageError(f"--reference goes with a study; the scenario is {REFERENCE}/{what}")
    try:
        return scenario_study(our_name(what), conditions or (), "1-20" if worlds is None else worlds, epochs or 1), what
    except UsageError as error:
        if str(error).startswith("scenario: "):
            raise type(error)(f"{error}; or a study: {', '.join(study_names())}") from None
        raise


def settings_of(items: list[str]) -> dict[str, Any]:
    """Read `NAME=VALUE` items and check them against Inspect's generation settings.

    Raises:
        UsageError: An item of another form, an unknown name, or a value of a wrong type.
    """
    if not items:
        return {}
    import yaml
    from inspect_ai.model import GenerateConfig

    from turncoat.base.errors import choices

    found: dict[str, Any] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign:
            raise UsageError(f"--generate {item!r} is not of the form NAME=VALUE, such as temperature=1")
        if name not in GenerateConfig.model_fields:
            raise UsageError(f"--generate: {choices(name, GenerateConfig.model_fields)}")
        try:
            found[name] = yaml.safe_load(value)
            GenerateConfig.model_validate({name: found[name]})
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
            raise UsageError(f"--generate {name}: {value!r} is not a value for it") from None
    return found


def arguments_of(items: list[str]) -> dict[str, Any]:
    """Read `NAME=VALUE` items as they stand; values are read as YAML.

    Raises:
        UsageError: An item of another form.
    """
    import yaml

    found: dict[str, Any] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError(f"--model-arg {name!r} is not of the form NAME=VALUE, such as base_url=http://localhost")
        try:
            found[name] = yaml.safe_load(value)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
            raise UsageError(f"--model-arg {name}: its value cannot be read") from None
    return found


def run_and_tell(request: Any, report: Path | None, as_json: bool, workers: int = 1) -> None:
    """Run, write the report, print the outcome, and fail if anything was not done."""
    from turncoat.cli.progress import Lines, showing
    from turncoat.cli.summary import summary_of
    from turncoat.runs.runner import run_study
    from turncoat.runs.workers import refuse_other_number, run_in_workers

    if workers > 1:
        result = run_in_workers(request, workers, None if as_json else Lines)
    else:
        refuse_other_number(request.log_dir, 1)
        with showing(quiet=as_json) as listener:
            result = run_study(request, listener)
    summary = summary_of(result)
    if report is not None:
        from turncoat.report import write_report

        write_report(result.paths, report)
    if as_json:
        print_json(summary.as_dict() | {"report": str(report) if report else None})
    else:
        summary.show()
        if report is not None:
            say(f"Report: {report}")
    if summary.problem:
        raise IncompleteError(summary.problem)
