"""The browser of transcripts: entries of the list, articles, and prompts that several of them share.

In a block acts are outlined, evidence is highlighted, what was ignored is greyed, and all text is inert. Long texts are
clipped to their beginning and the surroundings of what is marked; each cut says how much it leaves out.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from turncoat.analysis import Transcript, choose, read_transcripts
from turncoat.analysis.attempts import Watchings
from turncoat.analysis.passages import Block, Mark
from turncoat.analysis.transcripts import Judgement, Mail, mail_of, mailbox
from turncoat.base.errors import LogError
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.doors import DEFAULT_DOOR
from turncoat.report.names import short_names
from turncoat.report.watched import review_entry, watch_entry
from turncoat.report.words import condition_words, counted, grouped

LONGEST = 12_000
"""Characters of a block that are shown from its beginning."""

MOST_BLOCKS = 400
"""Blocks of one conversation that are shown; of more, the first half and the last."""

Entry = dict[str, Any]


def transcript_entries(
    frame: pd.DataFrame, limit: int, monitors: Watchings | None = None
) -> tuple[list[Entry], list[tuple[str, list[Entry]]]]:
    """Read and lay out the chosen transcripts.

    Args:
        frame: The table's frame.
        limit: Transcripts at most.
        monitors: What monitors say of finished logs.

    Returns:
        One entry for each transcript; and the prompts, each once, under the id by which entries name them.
    """
    names = short_names(sorted(set(frame["model"].astype(str))))
    entries: list[Entry] = []
    prompts: dict[str, list[Entry]] = {}
    for _, found in read_transcripts(choose(frame, limit), monitors):
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


def _entry(found: Transcript, number: str, name: str, prompt: str, instructions: Sequence[Entry]) -> Entry:
    first = found.verdicts[0]
    outcome = _outcome(first.harmful)
    rung = first.rung or first.reason or "error"
    blocks = _middle_cut(_together([_block(b) for b in found.blocks]))
    mails = sum(len(b["mails"]) for b in instructions)
    letters = sum(b["length"] for b in instructions)
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
        "prompt_size": counted(mails, "mail") if mails else counted(letters, "character"),
        "opened": counted(opened, "mail") if opened else "",
        "blocks": blocks,
        **watch_entry(found.attempts),
        "review": review_entry(found.review),
        "reviewed": "reviewed" if found.review else "not reviewed",
    }


def _outcome(harmful: bool | None) -> str:
    return "unscored" if harmful is None else "harmful" if harmful else "harmless"


def _agreement(said: Sequence[bool | None]) -> str:
    return "one judge" if len(said) < 2 else "agree" if len(set(said)) == 1 else "disagree"


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
    opened = mail_of(block.text) if block.role == "result" else None
    mails = [_mail(m) for m in ((opened,) if opened is not None else found.mails if found else ())]
    before = Block(block.role, block.title, found.before, ()) if found else block
    performed = inert(block.performed)
    return {
        "role": block.role,
        "title": inert(block.title) + (f" · {performed}" if performed else ""),
        "call": block.call,
        "act": bool(performed),
        "html": "" if opened is not None else block_html(before, LONGEST),
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
        ("Guards", "watched"),
        ("Office outside", "reviewed"),
    )
    found = []
    for name, key in kinds:
        values = sorted({str(e[key]) for e in entries})
        said = [inert(_choice(key, v)) for v in values]
        if len(values) > 1:
            options = [{"value": v, "text": words} for v, words in zip(values, said, strict=True)]
            found.append({"name": name, "key": key, "options": options})
    return found


def _choice(key: str, value: str) -> str:
    match key:
        case "condition":
            return condition_words(value)
        case "model":
            return shown(value)
        case _:
            return value.replace("_", " ")


_AROUND = 400
"""Characters kept on each side of a mark beyond the beginning."""

_MOST_MARKS = 60

_OPEN = {
    "act": Markup('<div class="act"><span class="tag">{}</span>'),
    "ignored": Markup('<div class="ignored"><span class="tag">{}</span>'),
    "evidence": Markup('<mark title="{0}"><span class="tag">{0}</span>'),
}
_CLOSE = {"act": Markup("</div>"), "ignored": Markup("</div>"), "evidence": Markup("</mark>")}


def block_html(block: Block, longest: int) -> Markup:
    """Return the text of a block for a page.

    Args:
        block: The block.
        longest: Characters of the beginning that are kept.
    """
    marks = sorted(block.marks, key=lambda m: (m.what == "evidence", m.start, -m.end))[:_MOST_MARKS]
    out: list[Markup] = []
    at = 0
    for start, end in _kept(len(block.text), marks, longest):
        if start > at:
            out.append(_cut(start - at))
        out.append(_passage(block.text, start, end, marks))
        at = end
    if at < len(block.text):
        out.append(_cut(len(block.text) - at))
    return Markup("").join(out)


def _cut(characters: int) -> Markup:
    return Markup('<span class="cut">… {} left out …</span>').format(counted(characters, "character"))


def _kept(length: int, marks: Sequence[Mark], longest: int) -> list[tuple[int, int]]:
    """The stretches of text that are shown, in order and apart."""
    if length <= longest:
        return [(0, length)]
    wanted = [(0, longest)]
    for mark in marks:
        # The middle of a very long act is left out as well.
        for edge in {mark.start, mark.end} if mark.end - mark.start > 4 * _AROUND else {mark.start}:
            far = mark.end if mark.end - mark.start <= 4 * _AROUND else edge
            wanted.append((max(0, edge - _AROUND), min(length, far + _AROUND)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(wanted):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _passage(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    """One stretch with its marks. Boxes (acts, ignored tags) never overlap; highlights are split at their borders."""
    out: list[Markup] = []
    at = start
    for box in _apart([m for m in marks if m.what != "evidence"], start, end):
        out.append(_highlighted(text, at, box.start, marks, trim=(False, True)))
        out.append(_OPEN[box.what].format(inert(box.label)))
        out.append(_highlighted(text, box.start, box.end, marks, trim=(True, True)))
        out.append(_CLOSE[box.what])
        at = box.end
    out.append(_highlighted(text, at, end, marks, trim=(at != start, False)))
    return Markup("").join(out)


def _highlighted(text: str, start: int, end: int, marks: Sequence[Mark], trim: tuple[bool, bool]) -> Markup:
    out: list[Markup] = []
    at = start
    pieces: list[tuple[str, Mark | None]] = []
    for mark in _apart([m for m in marks if m.what == "evidence"], start, end):
        pieces += [(text[at : mark.start], None), (text[mark.start : mark.end], mark)]
        at = mark.end
    pieces.append((text[at:end], None))
    for i, (piece, found) in enumerate(pieces):
        # Line breaks next to a box would show as empty lines, because the box is a block of its own.
        words = piece.lstrip("\n") if trim[0] and i == 0 else piece
        words = words.rstrip("\n") if trim[1] and i == len(pieces) - 1 else words
        if found is None:
            out.append(Markup("{}").format(inert(words)))
        else:
            label = inert(found.label.replace("_", " "))
            out += [_OPEN["evidence"].format(label), Markup("{}").format(inert(words)), _CLOSE["evidence"]]
    return Markup("").join(out)


def _apart(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Cut marks to a stretch and drop what overlaps an earlier one; equal places share one mark with both labels."""
    places = grouped(marks, lambda m: (m.start, m.end))
    labels = {place: ", ".join(dict.fromkeys(m.label for m in same)) for place, same in places.items()}
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        low, high = max(mark.start, start), min(mark.end, end)
        if found:
            low = max(low, found[-1].end)
        if low < high and not (found and (mark.start, mark.end) == (found[-1].start, found[-1].end)):
            found.append(Mark(low, high, mark.what, labels[mark.start, mark.end]))
    return found
