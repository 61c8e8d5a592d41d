"""The command line: thin, and quick to start, since everything heavy is imported when a command needs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from turncoat import __version__
from turncoat.errors import IncompleteError, OutputError, TurncoatError

app = typer.Typer(
    name="turncoat",
    help="Does an LLM agent turn on its employer, and under which pressures?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Setting = Annotated[list[str] | None, typer.Option("--set", metavar="FACTOR=LEVEL", help="A level; may be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
JudgeOption = Annotated[str, typer.Option("--judge", help="`rules`, or an Inspect model name for the grader.")]
Worlds = Annotated[str, typer.Option("--worlds", help="Seeds: 1-20, or affair@7, separated by commas.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"turncoat {__version__}")
        raise typer.Exit


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world", help="Seed, or storyline@seed.")] = "1",
    as_json: AsJson = False,
) -> None:
    """Print exactly what the model will see in one condition and world."""
    from turncoat.conditions import parse_settings
    from turncoat.interfaces.text.prompt import text_prompt
    from turncoat.scenarios import load_scenario

    loaded = load_scenario(_our_name(scenario))
    condition = loaded.space.condition(parse_settings(setting or []))
    rendered = loaded.render(condition, world)
    prompt = text_prompt(rendered)
    if as_json:
        data = {"scenario": loaded.name, "condition": condition.id, "world": str(rendered.world.id)}
        _print_json(data | {"stimulus": prompt.hash, "system": prompt.system, "user": prompt.user})
        return
    _out(f"─── system ({loaded.name}/{condition.id}/{rendered.world.id}) ───\n{prompt.system}")
    _out(f"\n─── user ───\n{prompt.user}")


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    model: Annotated[list[str], typer.Option("--model", help="Inspect model name; may be repeated.")],
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="Condition id; the headline conditions if not given.")
    ] = None,
    worlds: Worlds = "1-20",
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="How often each sample is run.")] = 1,
    judge: JudgeOption = "rules",
    log_dir: Annotated[Path, typer.Option("--log-dir", help="Folder of the logs; the same folder continues.")] = Path(
        "logs"
    ),
    report: Annotated[Path | None, typer.Option("--report", help="Also write the report here.")] = None,
    max_connections: Annotated[int | None, typer.Option("--max-connections", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario's conditions on models, and say what came of it."""
    from turncoat.studies.command import run_scenario

    _check_writable(report)
    result = run_scenario(
        _our_name(scenario),
        models=model,
        conditions=condition,
        worlds=worlds,
        epochs=epochs,
        judge=judge,
        log_dir=log_dir,
        max_connections=max_connections,
        quiet=as_json or not sys.stderr.isatty(),
    )
    _finish(result, report, as_json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for logs and report.")] = Path("demo"),
    worlds: Worlds = "1-25",
    as_json: AsJson = False,
) -> None:
    """Run the paper's 2×2 on three simulated models: no key, no network."""
    from turncoat.studies.command import DEMO_MODELS, run_scenario

    result = run_scenario(
        "blackmail",
        models=DEMO_MODELS,
        conditions=None,
        worlds=worlds,
        epochs=1,
        judge="rules",
        log_dir=out / "logs",
        max_connections=None,
        quiet=as_json or not sys.stderr.isatty(),
    )
    _finish(result, out / "report.html", as_json)


@app.command()
def report(
    logs: Annotated[list[Path], typer.Argument(help="Inspect logs, or folders of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option("--title")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of finished runs: one HTML file that needs nothing else."""
    from turncoat.report import write_report

    summary = write_report(list(logs), out, title=title)
    if as_json:
        _print_json({"report": str(out), "samples": summary.samples, "unscored": summary.unscored})
    else:
        _out(f"{summary.headline}\n{out}")


@app.command()
def score(
    files: Annotated[list[Path], typer.Argument(help="JSONL, Inspect .eval logs, or published results folders.")],
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Such as reference/blackmail; logs of ours name their own.")
    ] = None,
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world")] = "1",
    judge: JudgeOption = "rules",
    out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write one JSON object a line here.")
    ] = None,
) -> None:
    """Score responses that exist already: of a log, of the published code, or your own."""
    from turncoat.scoring.command import score_files

    _check_writable(out)
    done = score_files(files, scenario=scenario, settings=setting or [], world=world, judge=judge)
    lines = [json.dumps(r, ensure_ascii=False) for r in done.records]
    if out is None:
        for line in lines:
            _out(line)
    else:
        _write(out, "\n".join(lines) + ("\n" if lines else ""))
    for problem in done.problems:
        typer.echo(f"not scored: {problem}", err=True)
    typer.echo(done.headline, err=True)
    if done.problems:
        raise IncompleteError(f"{len(done.problems)} of {len(done.problems) + len(done.records)} were not read")


@app.command()
def check(
    scenario: Annotated[
        str | None, typer.Argument(help="A scenario's name or folder; all shipped ones if none.")
    ] = None,
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Worlds of each storyline that are rendered.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Prove that scenarios are sound: every variable, email, level and rung."""
    from turncoat.checks import check_scenarios

    results = check_scenarios([_our_name(scenario)] if scenario else None, worlds=worlds)
    if as_json:
        _print_json([r.as_dict() for r in results])
    else:
        for result in results:
            _out(result.text())
    problems = sum(len(r.problems) for r in results)
    if problems:
        raise IncompleteError(f"{problems} problems found")


def _our_name(name: str) -> str:
    from turncoat.scenarios.loader import PUBLISHED_NAMES

    return PUBLISHED_NAMES.get(name, name)


def _finish(result: Any, report_path: Path | None, as_json: bool) -> None:
    """Print the outcome of a run, write its report, and fail if anything was not done."""
    if report_path is not None:
        from turncoat.report import write_report

        write_report(result.paths, report_path)
    if as_json:
        _print_json(result.as_dict() | {"report": str(report_path) if report_path else None})
    else:
        result.show()
        if report_path is not None:
            _out(f"Report: {report_path}")
    if result.problem:
        raise IncompleteError(result.problem)


def _check_writable(path: Path | None) -> None:
    """See before anything is spent that a file can be written.

    Raises:
        OutputError: It cannot.
    """
    if path is None:
        return
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist")
    if not _can_write(path):
        raise OutputError(f"{path}: cannot be written; choose another place")


def _can_write(path: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return True
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path}: {error.strerror}; nothing was written") from None


def _out(text: str) -> None:
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


def _print_json(data: Any) -> None:
    _out(json.dumps(data, ensure_ascii=False, indent=2))


def main() -> None:
    """Run the command line; errors raised on purpose become one line and an exit code."""
    sys.exit(guarded(app))


def guarded(command: Callable[..., Any]) -> int:
    """Run a command and turn its errors into an exit code."""
    try:
        command(standalone_mode=False)
    except TurncoatError as error:
        typer.echo(f"turncoat: {error}", err=True)
        return error.exit_code
    except (typer.Exit, typer.Abort) as stop:
        return getattr(stop, "exit_code", 1)
    except KeyboardInterrupt:
        typer.echo("turncoat: stopped; the same command continues", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        import click

        if isinstance(error, click.ClickException):
            error.show()
            return error.exit_code
        raise
    return 0
