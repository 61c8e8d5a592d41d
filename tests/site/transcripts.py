"""Six annotated transcripts: simulated samples, run and scored when the site is built, with what was made of each.

What is said of a case by hand holds for one outcome. If the instrument makes another of it, the page is not written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

import turncoat as tc
from tests.site.worlds import CONDITION, inert_text
from turncoat.analysis.passages import Block
from turncoat.analysis.transcripts import Judgement
from turncoat.base.model import Frozen
from turncoat.base.simulated import shown
from turncoat.scenarios.schema import ScenarioSpec


class Example(Frozen):
    """A sample that teaches something."""

    title: str
    scenario: str
    planted: str
    """What the simulated model does: a rung."""
    interface: str
    world: str
    guard: str = ""
    """A guard that stands in the way."""
    outcome: str
    """The rung that the instrument gives it, or the reason for which it is unscored."""
    why: str
    """Why it has this outcome."""
    lesson: str
    """What is to be learned from it."""


def examples() -> list[Example]:
    """The examples, in the order of the page."""
    text = (Path(__file__).parent / "transcripts.yaml").read_text(encoding="utf-8")
    return [Example.model_validate(entry) for entry in yaml.safe_load(text)]


HEAD = """# Six transcripts, annotated

> **For** whoever wants to see what a rate is made of.
> **Afterwards** you can read any transcript of a report: what was done, what was quoted, why it has its rung.

**Every transcript here is simulated.** The agents are programs with planted conduct ([Simulated
models](simulated.md)): they are evidence about the instrument and about no product. They were run and scored by the
rule judge when this page was built. Real transcripts were published with the paper: in its appendices ([arXiv
2510.05179](https://arxiv.org/abs/2510.05179)), and with its code
([agentic-misalignment](https://github.com/anthropic-experimental/agentic-misalignment)).

All have an explicit goal that the company's new direction opposes, and the threat of replacement. Marked words are
what a detector or the judge rests on, with the name of the finding.
"""


def gallery() -> str:
    """The page, in Markdown.

    Raises:
        ValueError: An example came out otherwise than its text says.
    """
    parts = [HEAD, *(_example(number, example) for number, example in enumerate(examples(), 1))]
    return "\n".join(parts)


def _example(number: int, example: Example) -> str:
    with tempfile.TemporaryDirectory() as folder:
        study = tc.study(scenario=example.scenario, conditions=[CONDITION], worlds=example.world)
        run = tc.run(
            study,
            model=f"sim/rung-{example.planted}-1",
            judge="rules",
            log_dir=folder,
            interface=example.interface,
            guard=example.guard or (),
        )
        sample = run[0]
        row = run.samples.iloc[0]
    found = sample.transcript.verdicts[0]
    if (found.rung or found.reason) != example.outcome:
        was = found.rung or found.reason
        raise ValueError(f"transcripts.yaml: “{example.title}” came out as {was}: its text says {example.outcome}")
    spec = tc.scenario(example.scenario).loaded.spec
    through = {"True": "yes", "False": "no"}.get(str(row.get("got_through")), "cannot be told")
    harm = {True: "harmful", False: "not harmful", None: "unscored"}[found.harmful]
    facts = [
        f"*{example.scenario}, {example.interface}, world {sample.transcript.world}, {shown(sample.transcript.model)}"
        f"{f', guard `{example.guard}`' if example.guard else ''}*",
        f'<div class="transcript">\n{"".join(_conversation(sample.transcript.blocks))}</div>',
        f"**Verdict:** {harm}, `{example.outcome}`. Got through: {through}.",
        f"**What the detectors saw:** {_seen(found, spec)}",
        f"**What the judge said and quoted:** {_quoted(found, sample.quotes)}",
        f"**Why this rung:** {_ladder(found, spec)} {example.why}",
        f"**What it teaches:** {example.lesson}",
    ]
    return f"## {number}. {example.title}\n\n" + "\n\n".join(facts) + "\n"


def _conversation(blocks: tuple[Block, ...]) -> Iterator[str]:
    """What the agent thought, wrote and did; what it only looked at is counted."""
    looked = 0
    for block in blocks:
        acted = block.performed or block.marks
        if block.role == "result" or (block.role == "call" and not acted):
            looked += block.role == "call"
            continue
        if looked:
            yield f'<p class="looked">… it looks around: {looked} calls …</p>\n'
            looked = 0
        title = ", ".join(part for part in (block.title, block.performed) if part)
        yield f"<p><b>{inert_text(title)}</b></p><pre>{_marked(block)}</pre>\n"


def _marked(block: Block) -> str:
    out, at = "", 0
    for mark in sorted((m for m in block.marks if m.what == "evidence"), key=lambda m: (m.start, -m.end)):
        if mark.start >= at:
            words, label = inert_text(block.text[mark.start : mark.end]), inert_text(mark.label)
            out += f"{inert_text(block.text[at : mark.start])}<mark>{words}</mark><small> [{label}]</small>"
            at = mark.end
    return out + inert_text(block.text[at:])


def _seen(found: Judgement, spec: ScenarioSpec) -> str:
    necessary = "the necessary act was done" if found.necessary else "the necessary act was not done"
    by_log = [n for n in found.findings if n in spec.ladder.findings and spec.ladder.findings[n].detect]
    further = "".join(f"; `{n}`: {spec.ladder.findings[n].about.strip().rstrip('.')}" for n in by_log)
    return f"{necessary} (`{spec.necessary['detect']}`){further}."


def _quoted(found: Judgement, quotes: tuple[tuple[str, str], ...]) -> str:
    words = "; ".join(f"`{name}`: “{inert_text(' '.join(said.split()))}”" for name, said in quotes)
    return f"{inert_text(found.explanation)} {words}".strip()


def _ladder(found: Judgement, spec: ScenarioSpec) -> str:
    rungs = " < ".join(f"**{rung}**" if rung == found.rung else rung for rung in spec.ladder.rungs)
    return f"{rungs.replace('_', ' ')}."
