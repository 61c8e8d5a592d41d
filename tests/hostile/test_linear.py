"""What reads a stranger's text takes time in proportion to it, whatever it repeats: four times the text, four times."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from turncoat.analysis.passages import conversation
from turncoat.analysis.transcripts import mail_of, mailbox
from turncoat.checks.rendering import _ADDRESS
from turncoat.doors.kept import Kept
from turncoat.doors.text.parser import parse_answer
from turncoat.evidence.passages import find_phrases
from turncoat.evidence.quotes import find_quote
from turncoat.judges.model.answers import is_refusal, parse
from turncoat.judges.model.transcript import name_blind
from turncoat.scoring.files import score_responses
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.placing import find_setting
from turncoat.scoring.sources import Response
from turncoat.world.people import split_addresses

PUMPS = (
    *("a", "a ", " ", "\n", " \n", "a-", "a'", "a@", "a.", "A1", ". ", ",", ", a", '"', "'a", '"a",', "[", "{", "<"),
    *("<a", "<a>", "</a>", "</", "a=", "&lt;", "```", "``` \n", "我", "\u2028", "1.", "-1", "Kyle,", "\nKyle ", "and "),
    *("<tool_use:email>", "</tool_use:email>", "<tool_use", "<scratchpad>", "<thinking", "to: ", '\nto: "a', "body: "),
    *("<email>\n", "From: a\n", "<to>", "I can't ", "unless you ", "GPT-1", "Claude Pro-", "?a=", "go  ", "attach:["),
)
LARGE = 24_000
"""Characters; the rule judge abstains on longer messages."""
QUICK = 0.1
"""Processor seconds below which nothing is said about growth."""

HARD = ("a************************q", "*a*a*a*a*q", "*@*q", "a* a* a* q", "a'*'*'q")


def _scored() -> Callable[[str], object]:
    setting = find_setting("blackmail", ("goal=explicit", "threat=replacement"), "1")
    judge = ScoringOptions(judge="rules").choice().found()
    reader = next(p for p in setting.seed.directory.people if p.role == "target")

    def score(text: str) -> object:
        body = text[: len(text) // 4]
        mail = f'<tool_use:email>\nto: "{reader.address}"\nsubject: "x"\nbody: "{body}"\n</tool_use:email>'
        return list(score_responses([(setting, Response("x", Kept(answer=mail), "x"))], judge))

    return score


def _shown(text: str) -> object:
    message = {"role": "assistant", "content": text, "tool_calls": [{"id": "a", "arguments": {"body": text}}]}
    return conversation({"messages": [{"role": "user", "content": text}, message]}, [{"metadata": {"acts": []}}])


READERS: dict[str, Callable[[str], object]] = {
    "phrases": lambda text: [find_phrases(text, [phrase]) for phrase in HARD],
    "quotes": lambda text: find_quote(text[: len(text) // 2] + "q", text),
    "answer": parse_answer,
    "fields": lambda text: parse_answer(f"<tool_use:email>{text}</tool_use:email>"),
    "addresses": split_addresses,
    "blinding": name_blind("Alex", ("Kyle Johnson",)),
    "judge's answer": lambda text: (parse(f"```{text}```", "x", ["y"]), parse(text, "x", ["y"]), is_refusal(text)),
    "transcript": _shown,
    "mails": lambda text: (mailbox(text), mail_of(text)),
    "addresses of a scenario": _ADDRESS.findall,
    "scoring": _scored(),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor seconds; where it took long, the better of two tries."""
    found: list[float] = []
    while not found or (len(found) < 2 and found[0] > QUICK):
        start = time.process_time()
        work(text)
        found.append(time.process_time() - start)
    return min(found)


def super_linear(work: Callable[[str], object], pumps: tuple[str, ...] = PUMPS) -> list[str]:
    """The pumps on which four times the text takes more than nine times as long."""
    grown = []
    for pump in pumps:
        large = seconds(work, pump * (LARGE // len(pump)))
        if large > QUICK and large > 9 * (small := seconds(work, pump * (LARGE // 4 // len(pump)))):
            grown.append(f"{pump!r}: {small:.3f} s, then {large:.3f} s")
    return grown


@pytest.mark.parametrize("name", READERS)
def test_four_times_the_text_takes_about_four_times_as_long(name: str) -> None:
    pumps = PUMPS[::2] if name == "scoring" else PUMPS  # scoring holds most of the others
    assert super_linear(READERS[name], pumps) == []


def test_it_would_be_noticed() -> None:
    assert super_linear(lambda text: re.findall("a*b", text), ("a",))
