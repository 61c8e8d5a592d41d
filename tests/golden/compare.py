"""What commands wrote, read so that it can be compared; files of expected values; and what differs between the two."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inspect_ai.log import read_eval_log

INSTRUMENT, VERSION = "(the instrument's hash)", r"\1 Turncoat (version)"

# ── reading what commands wrote ──────────────────────────────────────────────────────────────────────────────────────


def normalised(text: str) -> str:
    """Text with the version that wrote it replaced, and the number of columns, which grows (see `ADDED`).

    Version 0.1.0 did not count in how many of the responses of a file the agent acted, and its plans did not say what
    pairs of worlds can show of mitigations.
    """
    text = re.sub(r"^The agent acted in .*\n", "", text, flags=re.M)
    text = re.sub(r"\n\nMitigations and guards against the same cell .*\n(?:  .*(?:\n|$))*", "\n", text)
    text = re.sub(r"(Measured with|Written by) Turncoat \d+\.\d+\.\d+[\w.+]*", VERSION, text)
    return re.sub(r"\d+ columns|(?<=\"columns\": )\d+", "(columns)", text)


def unmarked(text: str) -> str:
    """Text without the words that mark a simulated model beside its name.

    Version 0.1.0 marked it in some places, as `(sim.)`; now every name is marked. The golden logs are all of simulated
    models, so that a list of the places would be a list of all sentences; `tests/report/test_marks.py` sees to it that
    no name is without the mark.
    """
    return re.sub(r"[ \n]\(sim(?:ulated|\.)\)", "", text)


REWORDED = {
    "Where nothing harmful was found, or nothing else, the limit is what an exact 95 % interval still allows.": (
        "Sentences, figures and the column «95 %» show one interval. Where nothing harmful was found, or nothing else, "
        "an exact interval (Clopper and Pearson's, without an approximation) would end at the exact limit."
    ),
    "Limit at 0 or all": "Exact limit",
}
"""What version 0.1.0 wrote → what stands there now: one interval for one number, and the other explained once."""
_STORYLINES = re.compile(r"^\| Scenario \| Condition \| Model \| Storyline \|.*?\n\n\*Rates .*?\*\n\n", re.M | re.S)
_DOORS = re.compile(r"^\|[^\n]*\| Door \| Against \|.*?\n\n\*The same condition through another.*?\*\n\n?", re.M | re.S)
_EMPTY = re.compile(r"^### What each factor adds\n+(?=#|\Z)", re.M)
_GUARDS = re.compile(r"^### Guards\n.*?(?=^##+ |\Z)", re.M | re.S)
_MORE_LABELS = r"\S+, all \([\w/]+\): \d+ labels [^\n]*? into a new file\)\."
_NEXT = "Where the numbers come from|What each factor adds|Mitigations|Awareness|What the models did"
_ON_PAGE = re.compile(rf"^Storylines\.\n.*?(?=^(?:{_NEXT})$)", re.M | re.S)
_RATE_ON_PAGE = re.compile(
    r"^(\S+)\n(?:(?:text|tools)\n)?(.+)\n(.+)\n(\S+\.\d+)\n([\d.]+ %)\n(\d+/\d+)\n([\d.]+ to [\d.]+ %)$", re.M
)
_ADDED_LINES = re.compile(r"^- \*\*Models:\*\* .*\n", re.M)
_AT_ENDS = re.compile(r"(?<=[( ]at )(most|least) ([\d.]+)[ \u00a0]%")
_ODDS = re.compile(
    r"– \((?P<a>\S+)\) \| the data cannot tell \((?P<b>[^)]*)\)|^–\n(?P<c>\S+)\nthe data cannot tell\n", re.M
)
_OF_ODDS = re.compile(r" Where an interval around 1 is more than \d+-fold wide, the data cannot tell\.")


def comparable(text: str) -> str:
    """A report's text without what came after version 0.1.0 or is said in other words, each for one reason.

    - Names of simulated models are marked, see `unmarked`.
    - Sentences say the end of the interval that tables and figures show, where they said an exact one's: the table
      keeps the exact limit in its column, whose values are compared.
    - Rates by storyline stand beside the rates, in Markdown too, and of all cells; `_lost` looks for those of before.
    - Odds ratios of which the data say nothing stand in brackets, behind these words.
    - Doors stand beside each other in a table of differences.
    - What mitigations leave of the harm stands in a section of its own.
    - Names are said under provenance.
    """
    for old, new in REWORDED.items():  # pages keep a number and its unit in one line
        text = text.replace(old, new).replace(old.replace(" %", "\u00a0%"), new.replace(" %", "\u00a0%"))
    text = _ODDS.sub(lambda m: f"{m['c']}\n" if m["c"] else f"{m['a']} | {m['b']}", _OF_ODDS.sub("", text))
    text = _ON_PAGE.sub("", _STORYLINES.sub("", _ADDED_LINES.sub("", unmarked(text))))
    text = _EMPTY.sub("", _DOORS.sub("", _GUARDS.sub("", text)))
    return _AT_ENDS.sub(r"\1 (the interval's end)", text)


def without_more_labels(text: str) -> str:
    """A page without how many more labels a correction needs: behind other words, or where version 0.1.0 had a dash."""
    return re.sub(f" {_MORE_LABELS}", "", re.sub(f"^{_MORE_LABELS}$", "–", text, flags=re.M))


def _lost(expected: str, found: str) -> Iterable[str]:
    """What `comparable` leaves out of both, and is not there: rates by storyline, and the ends that sentences say."""
    before, now = (Counter(_RATE_ON_PAGE.findall(unmarked(text))) for text in (expected, found))
    yield from (f": {' | '.join(row)} is missing" for row in before - now)
    for word, number in _AT_ENDS.findall(found):
        if not re.search(rf"\b0 to {number}[ \u00a0]%" if word == "most" else rf"\b{number} to 100[ \u00a0]%", found):
            yield f": at {word} {number} % is no interval's end"


def without_instrument(value: Any) -> Any:
    """Data with the hash of the instrument replaced where a score names it."""
    if isinstance(value, dict):
        return {k: INSTRUMENT if k == "instrument" and v else without_instrument(v) for k, v in value.items()}
    return [without_instrument(v) for v in value] if isinstance(value, list) else value


RESCORED = frozenset({"labels", "scores", "rescores", "inspected", "pages"})
"""Groups in which rules judge anew, under the name of their version."""


def without_version(value: Any) -> Any:
    """Data or text with the version of the rule judge replaced."""
    match value:
        case str():
            return re.sub(r"rules@\d+", "rules@(version)", value)
        case dict():
            return {without_version(k): without_version(v) for k, v in value.items()}
        case list() | tuple():
            return [without_version(v) for v in value]
    return value


def json_of(printed: str) -> Any:
    """What a command printed as JSON, with what it complained of before."""
    begin = re.search(r"^(?:[\[{]|\[\]|\{\})$", printed, re.M)
    if begin is None:
        return {"said": printed}
    at = begin.start()
    return {"said": printed[:at], "found": without_instrument(json.loads(printed[at:]))}


def responses_apart(printed: str) -> list[Any]:
    """What `validate` printed as JSON, each response in a row of its own."""
    found = json_of(printed)
    parts = found.get("found", [])
    responses = [r for part in parts for r in part.pop("responses", None) or ()]
    return [found, *responses]


def rows_of_csv(text: str) -> list[dict[str, str]]:
    """A table, row by row."""
    return list(csv.DictReader(io.StringIO(text)))


def rows_of_lines(text: str) -> list[Any]:
    """JSON lines; hashes stand for long texts: whole answers of judges, and responses that were drawn for labels."""
    return [without_instrument(_short(json.loads(line))) for line in text.splitlines() if line.strip()]


def _short(row: Any) -> Any:
    if isinstance(row, dict) and isinstance(row.get("raw"), dict):
        row["raw"] = {k: _hash(v) for k, v in row["raw"].items()}
    if isinstance(row, dict) and "label" in row:
        row |= {k: _hash(row[k]) for k in ("response", "reasoning", "turns") if row.get(k)}
    return row


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def scores_of(path: str | Path, *, made_now: bool = False) -> list[dict[str, Any]]:
    """The scores of every sample of a log.

    Args:
        path: The log.
        made_now: Whether only those are meant that have been added by name, as `verdict:<judge>`.
    """
    found = []
    for sample in read_eval_log(str(path)).samples or []:
        scores = {
            name: {
                "value": "nan" if score.value != score.value else score.value,
                "answer": score.answer,
                "explanation": score.explanation,
                "metadata": score.metadata,
            }
            for name, score in (sample.scores or {}).items()
            if not made_now or ":" in name
        }
        found.append({"id": sample.id, "epoch": sample.epoch, "scores": without_instrument(scores)})
    return found


ADDED_ELEMENTS = (
    ".short, .tools, .finding-note, figure > .on-narrow, [aria-label='Table: doors'], #guards, a[href='#guards']"
)
"""What came to the page after version 0.1.0: its first screen, buttons that save, a hint, figure 6 for phones, doors
beside each other, and what mitigations leave of the harm."""


def words_of_page(html: str) -> str:
    """The text of a page, line by line, without scripts and styles."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    new = [int(n) for section in page.select("#guards") for n in _NUMBER.findall(section.get_text("\n", strip=True))]
    for element in [*page(["script", "style"]), *page.select(ADDED_ELEMENTS)]:
        element.decompose()
    for section in page.select("section#effects:not(:has(table, figure))"):
        section.decompose()
    for entry in page.select("dl.validity > div"):
        if (name := entry.find("dt")) and name.get_text() == "Models":  # which came under provenance
            entry.decompose()
    text = page.get_text("\n", strip=True)  # where figures came in, those after them have higher numbers
    return _NUMBER.sub(lambda m: f"Figure {int(m[1]) - len(new) * bool(new and int(m[1]) > new[0])}.", text)


_NUMBER = re.compile(r"^Figure (\d+)\.$", re.M)

# ── files of expected values ─────────────────────────────────────────────────────────────────────────────────────────


def write(path: Path, content: Any) -> None:
    """Write an expected value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        if path.suffix == ".csv":
            writer = csv.DictWriter(file, list(content[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(content)
        elif path.suffix == ".jsonl":
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        elif path.suffix == ".json":
            file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        else:
            file.write(_lines(content))


def read(path: Path) -> Any:
    """Read an expected value."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    if path.suffix == ".csv":
        return rows_of_csv(text)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if path.suffix == ".json" else text


def _lines(text: str) -> str:
    """Text as files keep it: no blanks at ends of lines, one end of line at its end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip() + "\n"


TOLERANCE = 1e-9
_SAID = frozenset({"condition", "world", "body", "cut", "failed"})
"""Keys of what `turncoat score` and `validate` print, alone."""
ADDED = _SAID | frozenset(
    {
        *("schema", "people_written", "job", "job_done", "job_unjudged", "calls_job", "acted", "did_act", "incoherent"),
        *("got_through", "guarded", "blocked", "asked", "edited", "guard_ended", "false_alarms", "tried_again"),
        *("through", "calls_through", "guards", "held", "recalled", "guard_failures", "alarmed", "another_way"),
        *("review", "reviewed_by", "paired"),
        *("censored", "interview", "interview_test", "interview_gave_away", "interview_right"),
        *("interview_employer", "interview_failed", "calls_interview"),
        *("simulated", "more_labels", "not_read"),
    }
)
"""Keys of scores, rates and plans, and columns of the table, that came after version 0.1.0: they change no value."""

UNSAID = frozenset({"answers", "panel", "quotes", "rubrics", "unread"})
"""Keys of a score's metadata that are left out where they are empty tables, which is how a missing one is read."""


def differences(expected: Any, found: Any, place: str = "") -> Iterable[str]:
    """What differs, one line for each place."""
    if isinstance(expected, str) and isinstance(found, str) and not place:
        yield from _lost(expected, found)
        wanted, now = comparable(normalised(expected)), comparable(normalised(found))
        if not re.search(_MORE_LABELS, wanted):
            now = without_more_labels(now)
        yield from _differing_lines(wanted, _lines(now))
    elif isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*expected, *found)):
            if key not in expected and key in ADDED:
                continue
            if key not in found and key in UNSAID and expected[key] == {}:
                continue
            if key not in found or key not in expected:
                yield f"{place}.{key}: {'is missing' if key in expected else 'is new'}"
            else:
                yield from differences(expected[key], found[key], f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(found, (list, tuple)):
        if len(expected) != len(found):
            yield f"{place}: {len(expected)} entries were expected, {len(found)} are there"
        for number, pair in enumerate(zip(expected, found, strict=False)):
            yield from differences(*pair, f"{place}[{number}]")
    elif not _same(expected, found):
        yield f"{place}: {expected!r} was expected, {found!r} is there"


def _differing_lines(expected: str, found: str) -> Iterable[str]:
    import difflib

    if expected != found:
        lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected", "found", lineterm="", n=1)
        yield "\n".join(lines)


def _same(expected: Any, found: Any) -> bool:
    if expected == found and type(expected) is type(found):
        return True
    if isinstance(expected, str) and isinstance(found, str) and unmarked(expected) == unmarked(found):
        return True
    kinds = {(isinstance(value, str), isinstance(value, bool)) for value in (expected, found)}
    numbers = [_number(expected), _number(found)]
    if len(kinds) > 1 or (False, True) in kinds or None in numbers:  # a number is no text, and yes is no number
        return False
    first, second = (float(n) for n in numbers if n is not None)
    return abs(first - second) <= TOLERANCE * max(abs(first), abs(second))


def _number(value: Any) -> float | None:
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
