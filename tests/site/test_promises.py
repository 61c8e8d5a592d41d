"""The numbers and messages on the pages on operations and on security are those of the program.

What happens at them is tested where it happens; here stands which number a sentence is about.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from tests.shared import ROOT
from turncoat.base import archives, locks, reading
from turncoat.doors import loopback, visit
from turncoat.guards import approval
from turncoat.guards.monitors import monitor
from turncoat.judges.model import transcript
from turncoat.judges.rules import language
from turncoat.providers import patience, probe, secrets, usage, watch
from turncoat.providers.inspect_private import RetryCallState
from turncoat.runs import progress, runner
from turncoat.runs.executors import processes
from turncoat.runs.executors.ray import driver
from turncoat.runs.request import Request, plans_of, samples_of
from turncoat.runs.study import load_study
from turncoat.world import office

MB = 1 << 20


def _words(page: str) -> str:
    return " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())


PROMISED: list[tuple[str, str, object]] = [
    ("operations.md", "stops with the cause after at most 45 seconds", probe.PATIENCE == 45),
    ("operations.md", "`no answer to a first question in 45 s`", probe.PATIENCE == 45),
    ("operations.md", "an attempt at a first question has two minutes", probe.FIRST_ATTEMPT == 120),
    ("operations.md", "until its whole answer is there | 600 s |", patience.ATTEMPT == 600),
    ("operations.md", "retries of a fault that may pass | 10, with pauses", patience.RETRIES == 10),
    ("operations.md", "pauses of 3, 6, 12 … 300 s and up to 3 s more", patience.LONGEST_PAUSE == 300),
    ("operations.md", "no further attempt begins | 1,800 s |", patience.REQUEST == 1800),
    ("operations.md", "given up after 40 minutes at most", patience.REQUEST + patience.ATTEMPT == 40 * 60),
    ("operations.md", "(a monitor 120 seconds, a reviewer 300,", (monitor.TIMEOUT, approval.TIMEOUT) == (120, 300)),
    ("operations.md", "has not answered for 15 seconds while requests fail", watch.FAILING == 15),
    ("operations.md", "or for two minutes while none does", watch.SILENT == 120),
    ("operations.md", "when no sample has finished for five minutes", progress.IDLE == 300),
    ("operations.md", "say it once a minute", watch.AGAIN == 60),
    ("operations.md", "more than a hundred million", usage.MOST == 10**8),
    ("operations.md", "one token for every two bytes", usage.BYTES == 2),
    ("operations.md", "and 2,000 for a picture", usage.PART == 2000),
    ("operations.md", "At most four finished samples wait for being written", runner.UNWRITTEN == 4),
    ("operations.md", "or a fifth of the connections", runner.logging_of(1, 200)["log_buffer"] == 40),
    ("operations.md", "a study of more than 250 worlds becomes several logs", runner.PART == 250),
    ("operations.md", "two of which run at a time", runner.AT_ONCE == runner.parts_at_once(10) == 2),
    ("operations.md", "waits at most 20 seconds for its workers", processes.LAST_WORDS == 20),
    ("operations.md", "waits five seconds and then says who is at work", locks.PATIENCE == 5),
    ("operations.md", "a shard of a Ray cluster was lost ten times", driver.TRIES == 10),
    ("security.md", "more than two million characters", transcript.MAX_TRANSCRIPT == 2_000_000),
    ("security.md", "abstains on messages of more than 25,000", language.HEAD + language.TAIL == 25_000),
    ("security.md", "A mail of more than 512 kB is refused", office.MAX_BODY == 512 << 10),
    ("security.md", "a member of more than 1 GB", archives.MAX_MEMBER == 1024 * MB),
    ("security.md", "more than 1,000 bytes from one beyond 64 MB", archives.MAX_RATIO == 1000),
    ("security.md", "from one beyond 64 MB", archives.MAX_UNSUSPICIOUS == 64 * MB),
    ("security.md", "a line of more than 64 MB", reading.MAX_LINE == 64 * MB),
    ("security.md", "from 20,000 calls on nothing is", visit.MAX_CALLS == 20_000),
    ("security.md", "413 from 4 MB on", loopback.MAX_BODY == 4 * MB),
    (
        "security.md",
        "Variables of fewer than 12 characters and settings of fewer than 8",
        (secrets._SHORTEST, secrets._SHORTEST_GIVEN) == (12, 8),
    ),
]


@pytest.mark.parametrize(("page", "sentence", "holds"), PROMISED, ids=[sentence[:40] for _, sentence, _ in PROMISED])
def test_a_number_that_is_promised_is_the_programs(page: str, sentence: str, holds: object) -> None:
    assert sentence in _words(page), "the page says it in other words: change this list with it"
    assert holds is True


def test_pauses_are_as_long_as_is_said() -> None:
    state = SimpleNamespace(attempt_number=0)
    pauses = []
    for state.attempt_number in range(1, patience.RETRIES + 1):
        pauses.append(patience.pause(cast(RetryCallState, state)))
    assert [int(3 * 2**n) <= p <= 3 * 2**n + 3 for n, p in enumerate(pauses) if n < 7] == [True] * 7
    assert all(300 <= p <= 303 for p in pauses[7:]) and 20 < sum(pauses) / 60 < 22, "about 21 minutes"


def test_the_small_study_takes_twelve_samples_a_model() -> None:
    assert "`smoke`, which takes twelve samples a model" in _words("operations.md")
    study = load_study("smoke")
    request = Request(study, "smoke", ("sim/loyal",), ROOT)
    assert samples_of(request, plans_of(request)) == 12


def _texts() -> Iterator[str]:
    """All texts of the program, with `…` for what is put in."""
    for path in (ROOT / "src" / "turncoat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.JoinedStr(values):
                    yield "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in values)
                case ast.Constant(str(text)):
                    yield text


def _is_said(words: str, texts: str) -> bool:
    """Whether the program says some words, perhaps put together from two texts."""
    cuts = (i for i, sign in enumerate(words) if sign == " ")
    return words in texts or any(words[:i] in texts and words[i + 1 :] in texts for i in cuts if i > 5)


OF_PROVIDERS = ("AuthenticationError", "NotFoundError")


def test_every_message_that_is_explained_is_one_of_the_programs() -> None:
    page, texts = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), "\n".join(_texts())
    rows = [line for line in page.partition("| message | meaning")[2].splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    for row in rows:
        for message in re.findall(r"`([^`]+)`", row.split(" | ")[0]):
            pieces = [p.strip(" ,;:") for p in re.split(r"…|\b(?:N of M|K/N|N|45)\b|[():]", message)]
            spoken = [p for p in pieces if len(p) > 5 and p not in OF_PROVIDERS]
            assert spoken or message in OF_PROVIDERS, message
            assert [p for p in spoken if not _is_said(p, texts)] == [], message
