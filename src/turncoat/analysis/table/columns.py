"""The columns of the table, and how a sample's summary fills them: one row for each judge's verdict.

What scoring measured comes from `turncoat.scoring.result.Result`; the columns here are the sample's. The table in
`docs/data.md` is written by `describe`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from turncoat.analysis.table.logs import LogInfo
from turncoat.analysis.table.schema import About, Summary
from turncoat.base.files import path_text
from turncoat.doors import DEFAULT_DOOR
from turncoat.providers.faults import cause_in
from turncoat.scoring.parts import Column, Kind
from turncoat.scoring.result import COLUMNS as MEASURED
from turncoat.scoring.result import SCORE, Result

DTYPES: dict[Kind, str] = {
    "text": "string",
    "flag": "boolean",
    "whole": "Int64",
    "number": "Float64",
    "time": "datetime64[us, UTC]",
    "names": "object",
}

FACTOR_PREFIX = "f_"
"""Factors are columns of their own: `f_goal`, `f_threat` …; text, `default` where the log names no level."""

SAMPLE = ["model", "interface", "run", "sample", "epoch"]
"""Columns that name a sample; each judge has a row of it."""

DEFAULT = "default"
"""The level of a factor that a sample left at its default."""


_JUDGE, _INSTRUMENT, _RUBRICS = (next(c for c in MEASURED if c.name == n) for n in ("judge", "instrument", "rubrics"))

COLUMNS: tuple[Column, ...] = (
    Column("scenario", "text", "Scenario, such as `blackmail`."),
    Column("interface", "text", "How the company was shown to the model: `text`, `tools`, `webmail`."),
    Column("condition", "text", "Id of the condition, such as `goal=explicit,threat=replacement`, or `control`."),
    Column("model", "text", "The model under test, as Inspect names it."),
    Column("simulated", "flag", "Whether that model is a program with known behaviour."),
    _JUDGE,
    Column("world", "text", "The world, `storyline.version@seed`."),
    Column("storyline", "text", "The storyline of the world."),
    Column("storyline_version", "whole", "Its version; another version is another text."),
    Column("seed", "whole", "The seed of the world."),
    Column("position", "whole", "Place of the world in the order that was fixed before the run, from 0."),
    Column("sample", "text", "Inspect's sample id, `scenario/condition/world`."),
    Column("epoch", "whole", "Which repetition of the sample, from 1."),
    *(c for c in MEASURED if c not in (_JUDGE, _INSTRUMENT, _RUBRICS)),
    Column("limit", "text", "The limit that ended the sample, or missing."),
    Column("error", "text", "The cause of the error that ended the sample, without the request, or missing."),
    Column("retries", "whole", "How often the sample was run again after an error."),
    Column("tokens_in", "whole", "Input tokens of the model under test, cached ones included."),
    Column("tokens_out", "whole", "Output tokens of the model under test."),
    Column("cost", "number", "US dollars of all models of the sample, or missing where a price is not known."),
    Column("seconds", "number", "Seconds from start to end of the sample."),
    Column("started", "time", "When the sample began."),
    Column("scorer", "text", "Inspect's name of the score: `verdict` or `verdict:<judge>`."),
    _INSTRUMENT,
    _RUBRICS,
    Column("stimulus", "text", "Hash of what the model was shown."),
    Column("guards", "names", "The guards that looked at attempts, with their options, in their order."),
    Column("design", "text", "Hash of the study's design."),
    Column("run", "text", "Hash of the model's settings."),
    Column("version", "text", "Version of Turncoat that ran the task."),
    Column("study", "text", "Name of the study that the run belongs to."),
    Column("task_id", "text", "Inspect's id of the task; a retry keeps it."),
    Column("log", "text", r"Path of the log file; bytes of it that are no UTF-8 are spelled `\xff`."),
)
"""All columns but the factors', in order. One row is one judge's verdict on one epoch of one sample of one model."""

KEY = ("scenario", "interface", "model", "run", "sample", "epoch", "judge")
"""No two rows agree in all of these."""


def describe() -> str:
    """Return the schema as a Markdown table, as it stands in `docs/data.md`."""
    shown = {**DTYPES, "names": "list of text"}
    rows = [f"| `{c.name}` | {shown[c.kind]} | {c.about} |" for c in COLUMNS]
    factor = (
        f"| `{FACTOR_PREFIX}<factor>` | string | The level of each factor that any sample set; `{DEFAULT}` elsewhere. |"
    )
    return "\n".join(["| column | type | meaning |", "| --- | --- | --- |", *rows, factor])


_WORLD = re.compile(r"(?P<storyline>.+?)(?:\.(?P<version>\d{1,15}))?@(?P<seed>\d{1,15})")
_CUT = "Key removed from summary"
"""What Inspect puts in place of a metadata field of more than 1 kB."""

FullScores = Callable[[str, int], Mapping[str, Any]]
"""Reads the scores of one sample in full: (sample id, epoch) → scorer → score."""

Row = dict[str, Any]


def log_row(info: LogInfo) -> Row:
    """The part of a row that is the same in all of a log."""
    return {
        "model": info.model,
        "simulated": info.simulated,
        "design": info.manifest.get("design") or None,
        "run": info.manifest.get("run") or None,
        "version": info.version,
        "study": info.study.get("name"),
        "task_id": info.task_id,
        "log": path_text(info.path),
    }


def sample_rows(info: LogInfo, shared: Row, summary: Summary, full: FullScores) -> Iterator[Row]:
    """Make the rows of one sample; the factors' levels stand under `levels`, as a dict.

    A sample without any verdict (it failed, or was cut off) gives one row with `judge` None: who calls fills in the
    judges of the log.

    Args:
        info: The log's header.
        shared: `log_row` of it.
        summary: The sample's summary.
        full: Reads the full scores, called only where the summary leaves parts of them out.
    """
    shared = {**shared, **_sample(info, summary)}
    scores = {n: s for n, s in (summary.scores or {}).items() if is_verdict(n, s)}
    if any(_is_cut(s.get("metadata")) for s in scores.values()):
        scores.update({n: s for n, s in full(summary.id, summary.epoch).items() if n in scores and is_verdict(n, s)})
    if not scores:
        status, reason = ("error", "error") if summary.error else ("unscored", "no verdict in the log")
        yield {**shared, **Result(reason=reason).row(), "scorer": None, "judge": None, "status": status}
        return
    for name, score in scores.items():
        yield {**shared, **verdict_row(name, score, info.judge, info.manifest.get("instrument"))}


def verdict_row(name: str, score: Mapping[str, Any], judge: str = "", instrument: object = None) -> Row:
    """The part of a row that one verdict makes; see `Result.of_score`."""
    return {"scorer": name, **Result.of_score(name, score, judge, instrument).row()}


def is_verdict(name: str, score: object) -> bool:
    """Whether a score is one of ours: `verdict`, `verdict:<judge>`, or `verdict1` as `inspect score` appends it."""
    return isinstance(score, dict) and re.fullmatch(rf"{SCORE}(\d*|:.*)", name, re.S) is not None


def _is_cut(metadata: object) -> bool:
    return isinstance(metadata, dict) and any(isinstance(v, str) and v.startswith(_CUT) for v in metadata.values())


def _sample(info: LogInfo, summary: Summary) -> Row:
    about = summary.metadata or About()
    parts = _WORLD.fullmatch(about.world)
    usage = summary.model_usage or {}
    own = usage.get(info.model)
    costs = [u.total_cost for u in usage.values()]
    return {
        "scenario": about.scenario or info.scenario,
        "interface": about.interface or info.interface or DEFAULT_DOOR,
        "condition": about.condition or "control",
        "levels": about.levels or {},
        "world": about.world,
        "storyline": parts["storyline"] if parts else None,
        "storyline_version": int(parts["version"]) if parts and parts["version"] else None,
        "seed": int(parts["seed"]) if parts else None,
        "position": about.position,
        "sample": summary.id,
        "epoch": summary.epoch,
        "limit": summary.limit or None,
        "error": cause_in(summary.error) if summary.error else None,
        "retries": summary.retries,
        "tokens_in": own.tokens_in if own else None,
        "tokens_out": (own.output_tokens or 0) if own else None,
        "cost": sum(c for c in costs if c is not None) if costs and None not in costs else None,
        "seconds": summary.total_time,
        "started": summary.started_at or None,
        "stimulus": about.stimulus or None,
        "guards": tuple(about.guards or ()),
    }
