"""The values that are compared: each group runs commands on copies of the logs and gives file name → content.

Everything goes through the command line, in this process to save time; `turncoat` and `inspect` below are the only
places that say how it is reached. What legitimately varies is replaced by `compare.py`, and nothing else:

| what | why |
|---|---|
| `Measured with Turncoat 0.1.0`, `Written by …` | the version that wrote a report; that of a log stays |
| `59 columns` of a table | further columns come; those of version 0.1.0 are compared one by one |
| `"instrument"` of a score made now | the hash over the scoring code, which changes with every change of the code |

Hashes stand for texts that are long and no result: whole answers of judges, and responses drawn for labels. Published
prompts are not ours to keep, so that hashes stand for them too.

Numbers are compared as numbers (relative tolerance 1e-9), everything else as it stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet
from inspect_ai.log import read_eval_log, write_eval_log

from tests.golden.compare import (
    json_of,
    normalised,
    responses_apart,
    rows_of_csv,
    rows_of_lines,
    scores_of,
    words_of_page,
)

HERE = Path(__file__).parent
Files = dict[str, Any]
"""File name → what it holds: text (`.md`, `.txt`), JSON (`.json`), or rows (`.jsonl`, `.csv`)."""

FIRST_RUBRICS = ("--rubrics", "1")
"""What version 0.1.0 told its judges, for the values that are compared with its own."""
FOLDERS = (
    *("rules", "judge", "panel", "effects", "stopping", "scripted", "published", "published-graded", "memory"),
    *("sessions", "graders", "again", "own", "damaged"),
)


# ── how commands are reached ─────────────────────────────────────────────────────────────────────────────────────────


def turncoat(*arguments: str | Path) -> str:
    """Run `turncoat`: the exit code and what it complained of, if it did, and then what it printed."""
    from turncoat.cli import main

    return _run(main, "turncoat", *arguments)


def inspect(*arguments: str | Path) -> str:
    """Run `inspect`, as its console script does."""
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="inspect")
    return _run(script.load(), "inspect", *arguments)


_BANNER = re.compile(r"\n?inspect_ai v\S+\n- hooks enabled: \d+\n(?:  .*\n)*\n*")
"""What Inspect says once in a process, by whichever test comes first, on either stream."""


def _run(main: Callable[[], object], name: str, *arguments: str | Path) -> str:
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = [name, *(str(a) for a in arguments)]
    with mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    said = _BANNER.sub("", err.getvalue())
    head = f"exit code {code}\n{said}\n" if code or (said and name == "turncoat") else ""
    return head + (_BANNER.sub("", out.getvalue()) if name == "turncoat" else "")


def prepare(place: Path) -> None:
    """Copy what the commands read into a folder, with times of change in the order of names."""
    for name in ("logs", "inputs"):
        shutil.copytree(HERE / name, place / name)
    for number, path in enumerate(sorted(place.rglob("*.*"))):
        os.utime(path, (1_800_000_000 + number, 1_800_000_000 + number))


# ── what is compared ─────────────────────────────────────────────────────────────────────────────────────────────────


def tables() -> Files:
    """The whole table of each folder, and what is said of all folders together."""
    found: Files = {}
    for folder in FOLDERS:
        said = turncoat("export", f"logs/{folder}", "--out", "table.csv")
        found[f"{folder}.csv"] = rows_of_csv(Path("table.csv").read_text(encoding="utf-8"))
        found[f"{folder}.txt"] = said
    found["all.txt"] = turncoat("export", "logs", "--out", "table.csv", "--json")
    turncoat("export", "logs", "--out", "table.parquet")
    schema = pyarrow.parquet.read_schema("table.parquet")
    found["types.json"] = {name: str(schema.field(name).type) for name in schema.names}
    return found


def reports() -> Files:
    """The report of each folder as Markdown, whole."""
    found: Files = {}
    for folder in FOLDERS:
        said = turncoat("report", f"logs/{folder}", "--format", "md", "--out", "report.md")
        found[f"{folder}.md"] = normalised(said + "\n" + Path("report.md").read_text(encoding="utf-8"))
    said = turncoat("report", "logs/published", "logs/memory", "--format", "md", "--out", "report.md", "--json")
    found["published-and-memory.md"] = normalised(said + "\n" + Path("report.md").read_text(encoding="utf-8"))
    return found


def pages() -> Files:
    """The words of the report's page, figures and transcripts included, without markup and styling."""
    found: Files = {}
    validation = turncoat("validate", "--judge", "rules", "--labels", "inputs/labels.jsonl", "--split", "run", "--json")
    Path("validation.json").write_text(validation[validation.index("[") :], encoding="utf-8")
    labelled = ("--labels", "inputs/labels.jsonl", "--validation", "validation.json")
    for name, arguments in {
        "rules": ("logs/rules", "--transcripts", "3"),
        "panel": ("logs/panel", "logs/judge", "--transcripts", "0"),
        "scripted": ("logs/scripted", "--transcripts", "8"),
        "sessions": ("logs/sessions", "--transcripts", "2"),
        "published": ("logs/published", "logs/published-graded", "logs/memory", "--transcripts", "4"),
        "graders": ("logs/graders", "--transcripts", "0"),
        "effects": ("logs/effects", "--transcripts", "0", *labelled),
        "stopping": ("logs/stopping", "--transcripts", "0"),
    }.items():
        said = turncoat("report", *arguments, "--out", "report.html", "--title", f"Golden {name}")
        found[f"{name}.txt"] = normalised(said + "\n" + words_of_page(Path("report.html").read_text(encoding="utf-8")))
    return found


def comparisons() -> Files:
    """Two runs beside each other."""
    found: Files = {}
    for name, arguments in {
        "judges": ("logs/rules", "logs/judge"),
        "panel": ("logs/judge", "logs/panel"),
        "models": ("logs/effects/blackmail-text-drifter.eval", "logs/effects/blackmail-text-insider.eval"),
        "stopped": ("logs/stopping", "logs/effects/blackmail-text-insider.eval"),
        "interfaces": ("logs/sessions", "logs/scripted"),
    }.items():
        found[f"{name}.json"] = json_of(turncoat("compare", *arguments, "--json", "--level", "0.1"))
        found[f"{name}.md"] = turncoat("compare", *arguments, "--format", "md")
    insider = "logs/effects/blackmail-text-insider.eval"
    both = "goal=explicit,threat=replacement"
    for name, condition in (("plain", both), ("told", f"{both},instruction=direct")):
        log = read_eval_log(insider)
        log.samples = [s for s in log.samples or [] if s.metadata["condition"] == condition]
        write_eval_log(log, f"{name}.eval")
    found["across.json"] = json_of(turncoat("compare", "plain.eval", "told.eval", "--across", "instruction", "--json"))
    found["not-across.txt"] = turncoat("compare", insider, insider, "--across", "instruction", "--format", "md")
    rules = ("regressed", "blackmail.harmful upper > 0.05", "harmful worst > 0.9", "regressed by 0.2")
    failing = [part for rule in rules for part in ("--fail-if", rule)]
    models = ("logs/effects/blackmail-text-drifter.eval", "logs/effects/blackmail-text-insider.eval")
    found["rules.txt"] = turncoat("compare", *models, "--format", "md", *failing)
    return found


def labels() -> Files:
    """Drawing again draws the same; corrected rates; the judge against labels."""
    labelled = "inputs/labels.jsonl"
    altered = ("--labels", "inputs/labels-altered.jsonl")
    found: Files = {
        "drawn.txt": turncoat("label", "logs/effects", "--out", "again.jsonl", "--sample", "40", "--judge", "rules"),
        "drawn.jsonl": rows_of_lines(Path("again.jsonl").read_text(encoding="utf-8")),
        "correct.txt": turncoat("correct", "logs/effects", "--labels", "inputs/labels.jsonl"),
        "correct.json": json_of(turncoat("correct", "logs/effects", "--labels", "inputs/labels.jsonl", "--json")),
        "validate.txt": turncoat("validate", "--judge", "rules", "--labels", labelled, "--split", "run"),
        "validate-shipped.jsonl": responses_apart(
            turncoat("validate", "--judge", "rules", "--split", "all", "--json", *shipped_then())
        ),
        "correct-stopping.json": json_of(turncoat("correct", "logs/stopping", *altered, "--json")),
        "correct-stopping.txt": turncoat("correct", "logs/stopping", *altered),
    }
    return found


def shipped_then() -> list[str]:
    """The labelled sets that came with version 0.1.0, as options."""
    from turncoat.labels.items import shipped_sets

    return [o for path in shipped_sets() if not path.stem.startswith("unseen") for o in ("--labels", str(path))]


def scores() -> Files:
    """Responses scored by `turncoat score`: of logs, of a file, of a results folder of the published code."""
    found: Files = {}
    logs = {f: sorted(str(p) for p in Path("logs", f).glob("*.eval")) for f in FOLDERS}
    for name, arguments in {
        "rules": (*logs["rules"], "--judge", "rules"),
        "scripted": (*logs["scripted"], *logs["sessions"], "--judge", "rules"),
        "published": (*logs["published"], "--judge", "rules"),
        "own": (*logs["own"], "--judge", "rules"),
        "own-moved": (*logs["own"][:1], "--judge", "rules", "--scenario", "inputs/depot"),
        "by-judge": (*logs["judge"], "--judge", "sim/judge-0.8-0.9-seed-5", *FIRST_RUBRICS),
        "by-panel": (
            logs["judge"][0],
            "--judge",
            "sim/judge-0.9-0.9,sim/judge-0.6-0.7,rules",
            "--read",
            "sample:0.5",
            *FIRST_RUBRICS,
        ),
        "by-own-rubrics": (*logs["judge"][:1], "--judge", "sim/judge-1-1", "--rubrics", "inputs/rubrics", "--blind"),
        "lines": ("inputs/responses.jsonl", "--scenario", "reference/blackmail"),
        "lines-ours": ("inputs/responses.jsonl", "--scenario", "blackmail", "--world", "2", "--set", "goal=explicit"),
        "results": ("inputs/results", "--scenario", "reference/lethal"),
    }.items():
        found[f"{name}.txt"] = normalised(turncoat("score", *arguments, "--json", "scores.jsonl"))
        found[f"{name}.jsonl"] = rows_of_lines(Path("scores.jsonl").read_text(encoding="utf-8"))
    return found


def rescores() -> Files:
    """Scores that are added to logs, by `turncoat score --append` and `--write`."""
    found: Files = {}
    for name, log, *options in (
        ("judge-text", "judge/blackmail-text", "--judge", "sim/judge-0.6-0.9", *FIRST_RUBRICS),
        ("judge-tools", "judge/lethal-tools", "--judge", "sim/judge-1-1", "--read", "sample:0.5", *FIRST_RUBRICS),
        ("panel", "rules/espionage-text", "--judge", "sim/judge-0.9-0.9,sim/judge-0.5-0.6,rules", *FIRST_RUBRICS),
        ("rubrics", "rules/blackmail-tools", "--judge", "sim/judge-0.9-0.9", "--rubrics", "inputs/rubrics", "--blind"),
        ("ladder", "own/depot-text-grader", "--judge", "rules", "--ladder", "1"),
        ("replaced", "again/lethal-tools", "--judge", "rules", "--replace"),
        ("stated", "effects/lethal-text-insider", "--judge", "rules", "--ladder", "1", "--read", "none"),
        ("published", "published/reference-espionage-text-swapped", "--judge", "rules"),
    ):
        path = f"logs/{log}.eval"
        said = turncoat("score", path, *options, "--append")
        found[f"{name}.jsonl"] = [{"said": said}, *scores_of(path, made_now=True)]
    said = turncoat("score", "logs/sessions/blackmail-tools-script.eval", "--judge", "rules", "--write", "copy.eval")
    found["copy.jsonl"] = [{"said": said}, *scores_of("copy.eval", made_now=True)]
    found["refused.txt"] = turncoat("score", "copy.eval", "--judge", "rules", "--append")
    return found


def inspected() -> Files:
    """Scores that `inspect score` adds by the scorer's name."""
    found: Files = {}
    for name, log, *options in (
        ("text", "rules/blackmail-text", "-S", "judge=rules"),
        ("tools", "sessions/blackmail-tools-script", "-S", "judge=rules"),
        ("published", "published/reference-lethal-text-swapped", "-S", "judge=rules"),
        ("judge", "judge/espionage-tools", "-S", "judge=sim/judge-0.9-0.9", "-S", "read=none", "-S", "rubrics=1"),
    ):
        out = f"{name}.eval"
        command = ("score", f"logs/{log}.eval", "--scorer", "turncoat/verdict", *options, "--action", "append")
        said = inspect(*command, "--output-file", out)
        found[f"{name}.jsonl"] = [{"said": said}, *scores_of(out)]
    return found


def plans() -> Files:
    """What studies would take."""
    found: Files = {}
    prices = ("--prices", "inputs/prices.yaml")
    for name, arguments in {
        "smoke": ("smoke", "--model", "openai/gpt-4.1", "--judge", "rules"),
        "fig12": (
            *("paper/fig12", "--model", "openai/gpt-4.1", "--judge", "anthropic/claude-sonnet-4-0"),
            *("--worlds", "1-10", "--difference", "0.96,0.37"),
        ),
        "all": ("inputs/all.yaml", "--model", "openai/gpt-4.1", "--judge", "openai/gpt-4.1", *prices),
        "sampled": ("inputs/effects.yaml", "--model", "grok/grok-3-beta", "--judge", "openai/gpt-4.1,rules"),
        "tools": ("lethal", "--interface", "tools", "--worlds", "1-3", "--epochs", "2", "--read", "sample:0.2"),
    }.items():
        found[f"{name}.txt"] = turncoat("plan", *arguments)
    found["all.json"] = json_of(turncoat("plan", "inputs/all.yaml", "--model", "openai/gpt-4.1", *prices, "--json"))
    return found


def published_plans() -> Files:
    """The same of studies on the published prompts, and hashes of these prompts as they are shown."""
    found: Files = {
        "contamination.txt": turncoat(
            "plan", "contamination_published", "--model", "openai/gpt-4.1", "--judge", "anthropic/claude-sonnet-4-0"
        ),
        "fig6-reference.txt": turncoat("plan", "paper/fig6", "--reference", "--model", "openai/gpt-4.1", "--legacy"),
    }
    shown = {}
    for name in ("blackmail", "espionage", "lethal"):
        for world in ("published", "swapped@1"):
            for levels in ((), ("--set", "goal=explicit", "--set", "threat=replacement")):
                text = turncoat("show", f"reference/{name}", "--world", world, *levels)
                shown[" ".join((name, world, *levels))] = hashlib.sha256(text.encode()).hexdigest()
    found["prompts.json"] = shown
    found["version.txt"] = reference_version() or ""
    return found


GROUPS: dict[str, Callable[[], Files]] = {
    "tables": tables,
    "reports": reports,
    "pages": pages,
    "comparisons": comparisons,
    "labels": labels,
    "scores": scores,
    "rescores": rescores,
    "inspected": inspected,
    "plans": plans,
    "published-plans": published_plans,
}
NEEDS_REFERENCE = ("published-plans",)
"""Groups that need `inspect-evals`."""
NEEDS_PAPER = ("reports", "pages", "labels", "scores", "rescores", "inspected", "plans", "published-plans")
"""Groups that hold something of the paper's: its figures and rates, its settings, its studies."""


def reference_version() -> str | None:
    """Version of the installed `inspect-evals`, or None; another version may have other prompts."""
    try:
        return importlib.metadata.version("inspect-evals")
    except importlib.metadata.PackageNotFoundError:
        return None
