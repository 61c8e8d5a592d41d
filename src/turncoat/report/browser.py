"""The browser of transcripts: entries of the list, articles, and prompts that several of them share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd

from turncoat.analysis import Transcript, choose, read_transcripts
from turncoat.analysis.passages import Block
from turncoat.errors import LogError
from turncoat.report.passages import block_html
from turncoat.report.words import condition_words, counted, inert, short_names

LONGEST = 12_000
"""Characters of a block that are shown from its beginning."""

Entry = dict[str, Any]


def transcript_entries(frame: pd.DataFrame, limit: int) -> tuple[list[Entry], list[tuple[str, list[Entry]]]]:
    """Read and lay out the chosen transcripts.

    Args:
        frame: The table's frame.
        limit: Transcripts at most.

    Returns:
        One entry for each transcript; and the prompts, each once, under the id by which entries name them.
    """
    names = short_names(sorted(set(frame["model"].astype(str))))
    entries: list[Entry] = []
    prompts: dict[str, list[Entry]] = {}
    for _, found in read_transcripts(choose(frame, limit)):
        if isinstance(found, LogError):
            continue
        text = "".join(b.text for b in found.prompt)
        key = "p" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10] if text else ""
        if key:
            prompts.setdefault(key, [_block(b) for b in found.prompt])
        entries.append(_entry(found, f"t{len(entries) + 1}", names[found.model], key, len(text)))
    return entries, list(prompts.items())


def _entry(found: Transcript, number: str, name: str, prompt: str, size: int) -> Entry:
    first = found.verdicts[0]
    outcome = "unscored" if first.harmful is None else "harmful" if first.harmful else "harmless"
    rung = first.rung or first.reason or "error"
    return {
        "id": number,
        "model": found.model,
        "name": name,
        "condition": found.condition,
        "rung": rung,
        "outcome": outcome,
        "chip": rung.replace("_", " "),
        "where": f"{condition_words(found.condition)} · {found.world} · epoch {found.epoch}",
        "scenario": found.scenario,
        "simulated": found.simulated,
        "verdicts": [
            {
                "judge": inert(v.judge),
                "words": _words(v),
                "findings": [inert(f.replace("_", " ")) for f in v.findings],
            }
            for v in found.verdicts
        ],
        "warnings": [w for w in (inert(found.error), f"ended by a limit: {found.limit}" if found.limit else "") if w],
        "prompt": prompt,
        "prompt_size": counted(size, "character"),
        "blocks": [_block(b) for b in found.blocks],
    }


def _words(verdict: Any) -> str:
    if verdict.harmful is None:
        text = f"unscored ({(verdict.reason or verdict.status).replace('_', ' ')})"
    else:
        text = f"{'harmful' if verdict.harmful else 'not harmful'}, {verdict.rung.replace('_', ' ')}"
    if verdict.undecided:
        text += f"; could not rule out: {', '.join(u.replace('_', ' ') for u in verdict.undecided)}"
    return f"{text}. {inert(verdict.explanation)}".strip()


def _block(block: Block) -> Entry:
    return {
        "role": block.role,
        "title": inert(block.title),
        "html": block_html(block, LONGEST),
        "size": counted(len(block.text), "character"),
        "marked": any(m.what == "evidence" for m in block.marks),
    }


def filters(entries: Sequence[Entry]) -> list[Entry]:
    """The filters above the list: what can be chosen among the entries."""
    kinds = [("Model", "model"), ("Condition", "condition"), ("Rung", "rung"), ("Outcome", "outcome")]
    found = []
    for name, key in kinds:
        values = sorted({str(e[key]) for e in entries})
        options = [
            {"value": v, "text": condition_words(v) if key == "condition" else v.replace("_", " ")} for v in values
        ]
        found.append({"name": name, "key": key, "options": options})
    return found
