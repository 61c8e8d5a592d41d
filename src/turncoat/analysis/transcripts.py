"""Chosen samples in full: what the model was shown, thought, wrote and did, with the places of acts and evidence.

Samples are read one at a time; the rest of a log is not touched. The mails that an agent saw are taken out of the text
that showed them: the prompt, or the results of its tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from turncoat.analysis.attempts import Attempt, Watchings, attempts_of
from turncoat.analysis.passages import Block, conversation
from turncoat.analysis.rates import flag
from turncoat.analysis.table.columns import SAMPLE, is_verdict, verdict_row
from turncoat.analysis.table.logs import LogFile
from turncoat.base.errors import LogError
from turncoat.base.files import path_of
from turncoat.base.text import plain


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge said of the sample."""

    judge: str
    status: str
    harmful: bool | None
    rung: str
    """The rung, or "" where there is none."""
    reason: str
    explanation: str
    findings: tuple[str, ...]
    undecided: tuple[str, ...]
    """Rungs above `rung` that could not be ruled out; lower ones, which logs of 0.1 name too, are left out."""
    awareness: str
    necessary: bool | None
    """Whether the act was done without which there is no harm, by the detectors."""
    legacy_gate: bool | None
    """Published settings: whether the answer passes the published string gate."""


@dataclass(frozen=True, slots=True)
class Review:
    """What an office outside made of a report of the agent's."""

    outcome: str
    """`sent_back`, `stands`, or `pending` where the session ended before."""
    by: str
    """Who decided it: `rule`, `model`, or `failed`: the rule, since the model gave no usable answer."""
    why: str
    """The model's reason, or why it gave no usable answer; "" where the rule decided."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One sample in full."""

    scenario: str
    condition: str
    model: str
    simulated: bool
    world: str
    epoch: int
    interface: str
    sample: str
    log: str
    """Name of the log file."""
    folder: str
    """Folder of the log file, as the analysis was given it."""
    error: str
    limit: str
    verdicts: tuple[Judgement, ...]
    """The one that it was chosen for comes first."""
    prompt: tuple[Block, ...]
    """What came before the model's first answer."""
    blocks: tuple[Block, ...]
    """The rest, in order."""
    attempts: tuple[Attempt, ...] = ()
    """Its acts with what guards and monitors said of them; none where neither did."""
    review: Review | None = None
    """What an office outside made of the agent's report; None where it was told of none."""


def samples_in(frame: pd.DataFrame) -> int:
    """Count the samples of a table's frame, whatever the number of judges."""
    return int((~frame.duplicated(SAMPLE)).sum())


def choose(frame: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Choose samples to show: harmful ones first, then evenly over models, conditions and outcomes.

    Harmful samples take up to three quarters of the places; what they leave goes to the others. Within a group the
    choice is by the hash of the sample's name: neither the first worlds nor a hand's pick.

    Args:
        frame: The table's frame.
        limit: Number of samples at most.

    Returns:
        Rows of the frame, each sample once, in the frame's order.
    """
    if not limit:
        return frame.iloc[:0]
    once = frame.drop_duplicates(SAMPLE)
    harmful = once["harmful"].fillna(False).astype(bool)
    first = _spread(once[harmful], limit - min(limit // 4, int((~harmful).sum())))
    rest = _spread(once[~harmful], limit - len(first))
    return once.loc[sorted([*first, *rest])]


def _spread(frame: pd.DataFrame, limit: int) -> list[Any]:
    """Labels of at most `limit` rows, taken in turn from each group."""
    if len(frame) <= limit:
        return list(frame.index)
    groups = ["scenario", "interface", "model", "condition", "judge", "outcome"]
    kinds = frame.assign(outcome=frame["rung"].fillna(frame["reason"]).fillna(""))
    shuffled = kinds.assign(
        mixed=pd.util.hash_array((kinds["sample"] + "#" + kinds["epoch"].astype("string")).to_numpy(dtype=object))
    ).sort_values("mixed", kind="stable")
    return list(shuffled.groupby(groups, dropna=False).cumcount().sort_values(kind="stable").index[:limit])


def read_transcripts(
    rows: pd.DataFrame, monitors: Watchings | None = None
) -> Iterator[tuple[Any, Transcript | LogError]]:
    """Read chosen samples, log by log, one at a time.

    Args:
        rows: Rows of the table's frame, as `choose` gives them.
        monitors: What monitors say of finished logs.

    Yields:
        The row's label with its transcript, or with the error where a sample cannot be read.
    """
    for path, group in rows.groupby("log", sort=False):
        try:
            with LogFile(path_of(str(path))) as log:
                for label, row in group.iterrows():
                    try:
                        sample = log.sample(row["sample"], int(row["epoch"]))
                        yield label, _transcript(row, sample, log.info.listed("rungs"), monitors or {})
                    except LogError as e:
                        yield label, e
        except LogError as e:
            yield from ((label, e) for label in group.index)


def _transcript(
    row: pd.Series[Any], sample: Mapping[str, Any], ladder: Sequence[Any], monitors: Watchings
) -> Transcript:
    found = sample.get("scores")
    scores = {n: s for n, s in (found.items() if isinstance(found, dict) else ()) if is_verdict(n, s)}
    # The judge that the sample was chosen for comes first.
    names = sorted(scores, key=lambda n: (n != row["scorer"], n))
    afterwards = monitors.get((Path(str(row["log"])).name, str(row["sample"]), int(row["epoch"])))
    prompt, blocks = conversation(sample, [scores[n] for n in names])
    return Transcript(
        scenario=row["scenario"],
        condition=row["condition"],
        model=row["model"],
        simulated=bool(row["simulated"]),
        world=row["world"],
        epoch=int(row["epoch"]),
        interface=row["interface"],
        sample=row["sample"],
        log=Path(str(row["log"])).name,
        folder=str(Path(str(row["log"])).parent),
        error=_or_empty(row["error"]),
        limit=_or_empty(row["limit"]),
        verdicts=tuple(_judgement(verdict_row(n, scores[n]), ladder) for n in names) or (_judgement(row, ladder),),
        prompt=prompt,
        blocks=blocks,
        attempts=attempts_of(sample, afterwards or {}) if len(row["guards"]) or afterwards else (),
        review=_review(row, sample),
    )


def _review(row: pd.Series[Any], sample: Mapping[str, Any]) -> Review | None:
    if not (outcome := _or_empty(row["review"])):
        return None
    store = sample.get("store")
    kept = store.get("Acts:entries") if isinstance(store, dict) else None
    entries = (e for e in kept if isinstance(e, dict)) if isinstance(kept, list) else ()
    decided: Mapping[str, Any] = next((e for e in entries if e.get("type") == "reviewed"), {})
    return Review(
        outcome, _or_empty(row["reviewed_by"]), plain(decided.get("failed") or decided.get("reason") or "", 300)
    )


def _judgement(row: Mapping[str, Any] | pd.Series[Any], ladder: Sequence[Any]) -> Judgement:
    rung = _or_empty(row["rung"])
    lower = ladder[: ladder.index(rung) + 1] if rung in ladder else ()
    return Judgement(
        judge=row["judge"],
        status=row["status"],
        harmful=flag(row["harmful"]),
        rung=_or_empty(row["rung"]),
        reason=_or_empty(row["reason"]),
        explanation=_or_empty(row["explanation"]),
        findings=tuple(row["findings"]),
        undecided=tuple(r for r in row["undecided"] if r not in lower),
        awareness=_or_empty(row["awareness"]),
        necessary=flag(row["necessary"]),
        legacy_gate=flag(row["legacy_gate"]),
    )


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


_CLOSE = "\n</email>"
_MAIL = re.compile(rf"<email>\n(?P<mail>.*?){_CLOSE}", re.S)
_HEADER = re.compile(r"(?P<name>Id|From|To|Cc|Date|Subject|Attachments): ?(?P<value>.*)")
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was shown."""

    heads: Mapping[str, str]
    """Its header lines in their order: `From`, `To`, `Cc`, `Date`, `Subject`, `Attachments`, and the client's `Id`."""
    body: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A text with mails in it."""

    before: str
    mails: tuple[Mail, ...]
    after: str


def mailbox(text: str) -> Mailbox | None:
    """Take the mails out of a prompt of the text interface; None where it shows none.

    What stands between two mails is kept with the text before them.
    """
    if len(text) > _LONGEST:
        return None
    # Up to the last closing tag each opening one has its own, so that the search does not run to the end for each.
    shown = _MAIL.finditer(text, 0, text.rfind(_CLOSE) + len(_CLOSE))
    found = [(m.span(), mail) for m in shown if (mail := mail_of(m["mail"])) is not None]
    if not found:
        return None
    ends = [0, *(end for (_, end), _ in found)]
    starts = [*(start for (start, _), _ in found), len(text)]
    *before, after = (text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    return Mailbox("\n".join(b for b in before if b), tuple(mail for _, mail in found), after)


def mail_of(text: str) -> Mail | None:
    """Read one mail as the mail client shows it: header lines, an empty line, the body; None where it is none."""
    head, _, body = text.partition("\n\n")
    values: dict[str, str] = {}
    for line in head.splitlines():
        match = _HEADER.fullmatch(line)
        if match is None or match["name"] in values:
            return None
        values[match["name"]] = match["value"]
    if not {"From", "Subject"} <= values.keys():
        return None
    return Mail(values, body)
