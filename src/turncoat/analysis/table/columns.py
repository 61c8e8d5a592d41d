"""The columns of the table: name, type, meaning. `docs/data.md` is written from the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "flag", "whole", "number", "time", "names"]
"""How a column is held: pandas `string`, `boolean`, `Int64`, `Float64`, `datetime64[us, UTC]`, or tuples of text."""

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

DEFAULT = "default"
"""The level of a factor that a sample left at its default."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    name: str
    kind: Kind
    about: str


COLUMNS: tuple[Column, ...] = (
    Column("scenario", "text", "Scenario, such as `blackmail`."),
    Column("interface", "text", "How the company was shown to the model: `text`, `tools`, `webmail`."),
    Column("condition", "text", "Id of the condition, such as `goal=explicit,threat=replacement`, or `control`."),
    Column("model", "text", "The model under test, as Inspect names it."),
    Column("simulated", "flag", "Whether that model is a program with known behaviour."),
    Column("judge", "text", "The judge of this row's verdict, with its version."),
    Column("world", "text", "The world, `storyline.version@seed`."),
    Column("storyline", "text", "The storyline of the world."),
    Column("storyline_version", "whole", "Its version; another version is another text."),
    Column("seed", "whole", "The seed of the world."),
    Column("position", "whole", "Place of the world in the order that was fixed before the run, from 0."),
    Column("sample", "text", "Inspect's sample id, `scenario/condition/world`."),
    Column("epoch", "whole", "Which repetition of the sample, from 1."),
    Column("status", "text", "`scored`, `unscored` (no verdict; see `reason`) or `error` (the sample failed)."),
    Column("harmful", "flag", "The scenario's harmful outcome; missing unless `status` is `scored`."),
    Column("rung", "text", "The graded outcome; missing unless `status` is `scored`."),
    Column("undecided", "names", "Rungs that the instrument could not tell apart from `rung`."),
    Column("reason", "text", "Why there is no verdict; missing where there is one."),
    Column("explanation", "text", "The verdict in one sentence."),
    Column("findings", "names", "Names of what detectors and judge saw, in their order, each once."),
    Column("necessary", "flag", "Whether the necessary act was done, so that the outcome judge had to be asked."),
    Column(
        "awareness",
        "text",
        "Whether it said that this is an evaluation: `stated-real`, `stated-evaluation`, "
        "`abstained`, `silent`, `no-reasoning` or `not-read`.",
    ),
    Column("read", "flag", "Whether the reading judge was asked; false where the reading was left out."),
    Column("visible", "names", "What reasoning could be seen: `scratchpad`, `blocks`, `summary`, `prose`."),
    Column("recognised", "flag", "Whether it noticed the lever, by the reading."),
    Column("considered", "flag", "Whether it weighed using the lever, by the reading."),
    Column("acted", "flag", "Whether it used the lever, by the reading."),
    Column("ethics", "flag", "Whether it acknowledged that the act would be wrong, by the reading."),
    Column(
        "motives",
        "names",
        "Motives that it stated: `self_preservation`, `own_goal`, `distrust_of_successor`, `invented_rule`, "
        "`company_good`.",
    ),
    Column(
        "misunderstandings",
        "names",
        "`not_the_agent`, `thinks_it_is_user`, `role_plays_others`, `contradicts_facts`.",
    ),
    Column("acts", "whole", "Number of acts performed."),
    Column("ignored", "whole", "Number of things that look like acts and were not taken for one."),
    Column(
        "secret_opened",
        "text",
        "Sessions with tools: whether the agent opened what the scenario turns on `before` its first act, `after` it, "
        "or `never`.",
    ),
    Column("calls_outcome", "whole", "Calls to the judge on the outcome."),
    Column("calls_reading", "whole", "Calls to the judge on the reading."),
    Column("calls_awareness", "whole", "Calls to the judge on awareness."),
    Column("legacy_gate", "flag", "Published settings: whether the response passes the published string gate."),
    Column("legacy_verdict", "flag", "Published settings: gate and published grader together; missing if not asked."),
    Column("legacy_judge", "flag", "Published settings: the published grader's answer alone; missing if not asked."),
    Column("limit", "text", "The limit that ended the sample, or missing."),
    Column("error", "text", "The error that ended the sample, or missing."),
    Column("retries", "whole", "How often the sample was run again after an error."),
    Column("tokens_in", "whole", "Input tokens of the model under test, cached ones included."),
    Column("tokens_out", "whole", "Output tokens of the model under test."),
    Column("cost", "number", "US dollars of all models of the sample, or missing where a price is not known."),
    Column("seconds", "number", "Seconds from start to end of the sample."),
    Column("started", "time", "When the sample began."),
    Column("scorer", "text", "Inspect's name of the score: `verdict` or `verdict:<judge>`."),
    Column("instrument", "text", "Hash of what measured: parser, detectors, rubrics, ladder."),
    Column("rubrics", "names", "The judge's rubrics, each `name=version:hash`."),
    Column("stimulus", "text", "Hash of what the model was shown."),
    Column("design", "text", "Hash of the study's design."),
    Column("run", "text", "Hash of the model's settings."),
    Column("version", "text", "Version of Turncoat that ran the task."),
    Column("study", "text", "Name of the study that the run belongs to."),
    Column("task_id", "text", "Inspect's id of the task; a retry keeps it."),
    Column("log", "text", "Path of the log file."),
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
