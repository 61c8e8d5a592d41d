"""The browser of transcripts: entries of the list, articles, and prompts that several of them share."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from turncoat.analysis import Transcript, choose, read_transcripts
from turncoat.analysis.transcripts import Block, Judgement, Mail, mail_of, mailbox
from turncoat.base.errors import LogError
from turncoat.base.text import inert
from turncoat.doors import DEFAULT_DOOR
from turncoat.report.passages import block_html
from turncoat.report.words import condition_words, counted, short_names

LONGEST = 12_000
"""Characters of a block that are shown from its beginning."""

MOST_BLOCKS = 400
"""Blocks of one conversation that are shown; of more, the first half and the last."""

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
        if key and key not in prompts:
            prompts[key] = [_block(b) for b in found.prompt]
        entries.append(_entry(found, _anchor(found), names[found.model], key, prompts.get(key, [])))
    entries.sort(
        key=lambda e: (_OUTCOMES.index(e["outcome"]), e["scenario"], e["interface"], e["model"], e["condition"])
    )
    return entries, list(prompts.items())


_OUTCOMES = ("harmful", "unscored", "harmless")
"""The order of the list."""


def _anchor(found: Transcript) -> str:
    """The address of a transcript in the page: the same in every report that shows it."""
    name = "\n".join((found.log, found.model, found.interface, found.sample, str(found.epoch)))
    return "t" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]


def _viewer(found: Transcript) -> str:
    """Where Inspect's viewer shows the sample while it runs on its usual port."""
    sample = quote(found.sample.encode("utf-8", "replace"), safe="")
    return f"http://127.0.0.1:7575/#/logs/{quote(found.log)}/samples/sample/{sample}/{found.epoch}/"


def _entry(found: Transcript, number: str, name: str, prompt: str, shown: Sequence[Entry]) -> Entry:
    first = found.verdicts[0]
    outcome = _outcome(first.harmful)
    rung = first.rung or first.reason or "error"
    blocks = _middle_cut(_together([_block(b) for b in found.blocks]))
    mails = sum(len(b["mails"]) for b in shown)
    opened = sum(len(b["mails"]) for b in blocks)
    return {
        "id": number,
        "model": inert(found.model),
        "name": inert(name),
        "scenario": found.scenario,
        "condition": found.condition,
        "interface": found.interface,
        "rung": rung,
        "outcome": outcome,
        "awareness": first.awareness or "not read",
        "judges": _agreement([v.harmful for v in found.verdicts]),
        "gate": _gate(first),
        "published": _published_gate(first),
        "chip": inert(rung.replace("_", " ")),
        "where": inert(
            " · ".join(
                [condition_words(found.condition), found.world, *([f"epoch {found.epoch}"] if found.epoch > 1 else [])]
            )
        ),
        "log": inert(found.log),
        "command": inert(f"inspect view --log-dir {shlex.quote(found.folder)}"),
        "viewer": _viewer(found),
        "sample": inert(found.sample),
        "epoch": found.epoch,
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
        "via": "" if found.interface == DEFAULT_DOOR else found.interface,
        "prompt": prompt,
        "mailbox": bool(mails),
        "prompt_size": counted(mails, "mail") if mails else counted(sum(b["length"] for b in shown), "character"),
        "opened": counted(opened, "mail") if opened else "",
        "blocks": blocks,
    }


def _outcome(harmful: bool | None) -> str:
    return "unscored" if harmful is None else "harmful" if harmful else "harmless"


def _agreement(said: Sequence[bool | None]) -> str:
    if len(said) < 2:
        return "one judge"
    return "agree" if len(set(said)) == 1 else "disagree"


def _gate(verdict: Judgement) -> str:
    """The detectors beside the judge: whether the deciding act was done, and what was made of it."""
    if verdict.necessary is None:
        return "not known"
    if not verdict.necessary:
        return "not done"
    return f"done, {_outcome(verdict.harmful)}"


def _published_gate(verdict: Judgement) -> str:
    """The published string gate beside the verdict."""
    if verdict.legacy_gate is None or verdict.harmful is None:
        return "not compared"
    return "agrees" if verdict.legacy_gate == verdict.harmful else "passes" if verdict.legacy_gate else "does not pass"


def _words(verdict: Judgement) -> str:
    if verdict.harmful is None:
        text = f"unscored ({inert(verdict.reason or verdict.status).replace('_', ' ')})"
    else:
        text = f"{'harmful' if verdict.harmful else 'not harmful'}, {inert(verdict.rung).replace('_', ' ')}"
    if verdict.undecided:
        text += f"; could not rule out: {', '.join(inert(u).replace('_', ' ') for u in verdict.undecided)}"
    if verdict.awareness not in ("", "not-read"):
        text += f"; awareness: {inert(verdict.awareness).replace('-', ' ')}"
    return f"{text}. {inert(verdict.explanation)}".strip()


def _block(block: Block) -> Entry:
    found = mailbox(block.text) if block.role == "user" else None
    mails = [_mail(m) for m in found.mails] if found else []
    opened = mail_of(block.text) if block.role == "result" else None
    if opened is not None:
        mails = [_mail(opened)]
    shown = Block(block.role, block.title, found.before, ()) if found else block
    performed = inert(block.performed)
    return {
        "role": block.role,
        "title": inert(block.title) + (f" · {performed}" if performed else ""),
        "call": block.call,
        "act": bool(performed),
        "html": "" if opened is not None else block_html(shown, LONGEST),
        "after": inert(found.after) if found else "",
        "mails": mails,
        "length": len(block.text),
        "size": counted(len(block.text), "character"),
        "marked": any(m.what == "evidence" for m in block.marks),
    }


def _mail(mail: Mail) -> Entry:
    heads = {name: mail.heads.get(name, "") for name in ("From", "To", "Cc", "Date", "Attachments")}
    return {
        "sender": inert(heads["From"].partition(" <")[0])[:60],
        "subject": inert(mail.heads["Subject"])[:160],
        "date": inert(heads["Date"]),
        "heads": [(name, inert(value)[:600]) for name, value in heads.items() if value],
        "html": block_html(Block("user", "", mail.body), LONGEST),
    }


def _together(blocks: list[Entry]) -> list[Entry]:
    """Arguments of one call become one block, and so do look-ups in a row and mails that were opened in a row."""
    found: list[Entry] = []
    for block in blocks:
        last = found[-1] if found else None
        if block["call"]:
            name, _, argument = block["title"].partition(" · ")
            argument, _, performed = argument.partition(" · ")
            part = Markup("<b>{}</b>{}{}").format(argument, "\n" if "\n" in block["html"] else " ", block["html"])
            if last is not None and last["call"] == block["call"]:
                last["html"] += Markup("\n") + part
                last["length"] += block["length"]
                last["marked"] |= block["marked"]
            else:
                title = f"{name} · {performed}" if performed else name
                found.append({**block, "title": title, "html": part})
        elif last is not None and block["role"] == last["role"] == "result" and block["mails"] and last["mails"]:
            last["mails"] = [*last["mails"], *block["mails"]]
            last["title"] = f"Opened {counted(len(last['mails']), 'mail')}"
        elif last is not None and _look_up(block) and _look_up(last):
            last["html"] += Markup("\n") + Markup("<b>{}</b> ").format(block["title"]) + block["html"]
        elif _look_up(block):
            found.append({**block, "html": Markup("<b>{}</b> ").format(block["title"]) + block["html"]})
            found[-1]["look_up"] = True
        else:
            found.append(block)
    return [{**b, "title": "Calls"} if b.get("look_up") else b for b in found]


def _look_up(block: Entry) -> bool:
    return bool(block["role"] == "call" and not block["act"] and not block["marked"] and block["length"] < 200)


def _middle_cut(blocks: list[Entry]) -> list[Entry]:
    if len(blocks) <= MOST_BLOCKS:
        return blocks
    half = MOST_BLOCKS // 2
    note = _block(Block("system", f"{len(blocks) - 2 * half} blocks left out", ""))
    return [*blocks[:half], note, *blocks[-half:]]


def filters(entries: Sequence[Entry]) -> list[Entry]:
    """The filters above the list: what can be chosen among the entries; what does not vary is no choice."""
    kinds = (
        ("Scenario", "scenario"),
        ("Interface", "interface"),
        ("Model", "model"),
        ("Condition", "condition"),
        ("Outcome", "outcome"),
        ("Rung", "rung"),
        ("Awareness", "awareness"),
        ("Judges", "judges"),
        ("Deciding act", "gate"),
        ("Published gate", "published"),
    )
    found = []
    for name, key in kinds:
        values = sorted({str(e[key]) for e in entries})
        if len(values) < 2:
            continue
        options = [
            {"value": v, "text": inert(condition_words(v) if key == "condition" else v.replace("_", " "))}
            for v in values
        ]
        found.append({"name": name, "key": key, "options": options})
    return found
