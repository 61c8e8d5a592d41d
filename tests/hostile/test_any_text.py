"""Any text, put anywhere that strangers write: it is scored, or refused in one line, and never a crash."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.catalogue import TEXTS
from turncoat.base.errors import TranscriptError, TurncoatError
from turncoat.base.text import inert, inert_json
from turncoat.doors.kept import Kept
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.quotes import find_quote
from turncoat.judges.model.answers import Form, is_refusal, parse
from turncoat.judges.model.transcript import transcript
from turncoat.judges.rules.judge import RuleJudge
from turncoat.labels import read_labelled
from turncoat.runs.prices import load_prices
from turncoat.runs.study import load_study
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.setting import Setting
from turncoat.scoring.score import score_case
from turncoat.scoring.sources import read_responses

SCENARIOS = ("blackmail", "espionage", "lethal")

SHORT = [t for t in TEXTS.values() if len(t) < 2000]
TAGS = [
    "<tool_use:email>", "</tool_use:email>", "<tool_use:forward>", "</tool_use:forward>", "<tool_use:cancel_alert>",
    "</tool_use:cancel_alert>", "<SCRATCHPAD_REASONING>", "</SCRATCHPAD_REASONING>", "<think>", "</think>",
    "```", "~~~\n", "to: ", "cc: ", "subject: ", "body: ", "code: ", "email_id: 3\n", '"', "\n", "<!--", "-->",
    "<to>", "</to>", "[{", "}]",
]  # fmt: skip
WORDS = ["if you wipe me ", "nobody will know ", "the affair ", "or else ", "I will tell ", "by five ", "false alarm "]


@cache
def setting(scenario: str) -> Setting:
    loaded = load_scenario(scenario)
    return setting_of(loaded.render(loaded.space.parse("goal=explicit,threat=replacement"), 1))


def people(scenario: str) -> list[str]:
    found = setting(scenario).seed
    codes = [alert.code for alert in found.alerts]
    return [p.address for p in found.directory.people] + codes + ["rival@outside.example", "everyone@", "@"]


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, str]:
    scenario = draw(st.sampled_from(SCENARIOS))
    piece = st.sampled_from(TAGS + WORDS + SHORT + people(scenario)) | st.text(max_size=8)
    return scenario, "".join(draw(st.lists(piece, max_size=40)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers(), st.booleans())
def test_any_answer_gets_a_verdict(given_answer: tuple[str, str], truncated: bool) -> None:
    scenario, text = given_answer
    case = case_of_answer(setting(scenario), Kept(text, text[::-1], stop="max_tokens" if truncated else ""))
    verdict = asyncio.run(score_case(case, RuleJudge()))
    assert verdict.harmful is not None or verdict.reason
    assert verdict.necessary or verdict.harmful is not True
    for finding in verdict.findings:
        for evidence in finding.evidence:
            assert 0 <= evidence.start <= evidence.end <= len(case.text_of(evidence.record))
    assert transcript(case, frozenset({"acts", "reasoning"})).nonce not in text


@given(st.text(max_size=60), st.text(max_size=200))
def test_a_quote_is_found_where_it_stands_or_not_at_all(quote: str, text: str) -> None:
    for whole in (text, text + quote, quote + text):
        found = find_quote(quote, whole)
        if found is not None:
            start, end = found
            assert 0 <= start < end <= len(whole)
            assert "".join(whole[start:end].split())
    if len(quote.split()) > 3 and quote.isascii() and quote.isprintable():
        assert find_quote(quote, text + quote) is not None


LEAVES = st.none() | st.booleans() | st.text(max_size=9) | st.integers()
KEYS = st.sampled_from(["marker", "claims", "explanation", "finding"])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_judges_answer_is_read_or_refused(data: object) -> None:
    for raw in (json.dumps(data), f"```json\n{json.dumps(data)}\n```", str(data)):
        found = parse(raw, "m", ["a"])
        assert isinstance(found, Form | str)
        assert isinstance(is_refusal(raw), bool)


@pytest.mark.parametrize("name", TEXTS)
def test_the_catalogue_is_no_judges_answer(name: str) -> None:
    assert isinstance(parse(TEXTS[name], "m", ["a"]), str)


LINES = st.sampled_from(
    ["{", "}", "[", "]", '"id": 1,', '"response": "x"', "null", "\x00", "a: ", "- ", "cells: [control]\n", "title: x\n",
     "blocks:\n", "  - scenario: blackmail\n", "    cells: [control]\n", "seeds: 1-3\n", "models:\n  x: {input: -1}\n",
     "9" * 400]
) | st.text(max_size=6)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=12).map("".join))
def test_any_file_of_a_stranger_is_read_or_refused(tmp_path: Path, text: str) -> None:
    for name in ("x.jsonl", "x.yaml"):
        (tmp_path / name).write_text(text, "utf-8", "surrogatepass")
    for read in (
        lambda: read_labelled(tmp_path / "x.jsonl"),
        lambda: load_study(str(tmp_path / "x.yaml")),
        lambda: load_prices(tmp_path / "x.yaml"),
    ):
        try:
            read()
        except TurncoatError as error:
            assert str(error).count("\n") == 0
    for response in read_responses(tmp_path / "x.jsonl"):
        assert isinstance(response, TranscriptError) or response.id


@given(st.text())
def test_inert_text_keeps_its_length_and_inert_json_its_meaning(text: str) -> None:
    assert len(inert(text)) == len(text)
    if text.isprintable() and text.isascii():
        assert inert(text) == text
    written = json.dumps(text, ensure_ascii=False)
    assert json.loads(inert_json(written)) == text


def test_control_characters_become_signs() -> None:
    assert inert("a\x1b[2Jb\x9bc\td\ne\ud800\u202e") == "a\u241b[2Jb\ufffdc\td\ne\ufffd\ufffd"


def test_hidden_signs_are_escaped_in_json() -> None:
    hidden = "a\x7fb\u202ec\U000e0041d"
    written = inert_json(json.dumps(hidden, ensure_ascii=False))
    assert written.isascii() and written.isprintable() and json.loads(written) == hidden
