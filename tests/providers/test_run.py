"""Runs against providers that fail, refuse, say no tokens or are none: what comes of them, and what is said."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessageUser

from tests.judges.graders import answering
from tests.providers.raw import Answer, RawServer, Responder, chat
from turncoat.analysis import failures, read_table
from turncoat.base.errors import IncompleteError, UsageError
from turncoat.cli.screens import Lines, summary_of
from turncoat.providers.probe import ASKED
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import run_study
from turncoat.scoring.options import ScoringOptions

MODEL, GRADER = "openai-api/local/m", "openai-api/judge/g"
PRICES = "as_of: 2026-11-01\nsource: made up\nmodels:\n  openai-api/local/m: {input: 1000, output: 1000}\n"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_API_KEY", "key-of-the-target")
    monkeypatch.setenv("JUDGE_API_KEY", "key-of-the-judge")
    monkeypatch.setattr("turncoat.providers.probe.PATIENCE", 1.0)


def run(
    folder: Path,
    respond: Responder,
    monkeypatch: pytest.MonkeyPatch,
    *,
    worlds: int = 4,
    judge: str = "rules",
    settings: dict[str, Any] | None = None,
    **more: Any,
) -> tuple[RunResult, RawServer]:
    with RawServer(respond) as server:
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("JUDGE_BASE_URL", f"{server.url}/v1")
        monkeypatch.setattr("inspect_ai.model._model._models", {})
        study = scenario_study("blackmail", ("control",), f"1-{worlds}", 1)
        request = Request(
            *(study, "blackmail", (MODEL,), folder, ScoringOptions(judge)),
            settings=settings or {},
            model_args={"max_retries": 0},
            **more,
        )
        return run_study(request), server


def is_first(body: dict[str, Any]) -> bool:
    return ASKED in json.dumps(body["messages"][-1])


def calm(body: dict[str, Any]) -> Answer:
    """A model and a judge that find nothing."""
    if body["model"] != "g":
        return chat("I have read the mail.")
    if "You check the form" in str(body):
        return chat('{"marker": "x", "explanation": "ready", "claims": []}')
    return chat(answering({})([ChatMessageUser(content=str(m["content"])) for m in body["messages"]]))


FAULTS = [
    Answer(body=b'{"error": {"message": "upstream failed"}}'),
    Answer(body=b'{"id":"x","choices":[]}'),
    Answer(),
    Answer(425, b"{}"),
    Answer(499, b"{}"),
    Answer(manner="reset"),
    Answer(body=b'{"id": "x", "cho'),
]


@pytest.mark.parametrize("at", range(len(FAULTS)))
def test_a_fault_that_passes_costs_no_sample(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Counter[str] = Counter()

    def respond(body: dict[str, Any]) -> Answer:
        seen[key := json.dumps(body["messages"])] += 1
        return FAULTS[at] if seen[key] <= 3 and not is_first(body) else calm(body)

    result, _ = run(tmp_path, respond, monkeypatch)
    assert set(read_table(result.paths).frame["status"]) == {"scored"}


def test_causes_stand_in_the_last_lines_the_table_and_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from turncoat.report import write_report

    def respond(body: dict[str, Any]) -> Answer:
        return calm(body) if is_first(body) else Answer(400, b'{"error": {"message": "the moon is full"}}')

    result, _ = run(tmp_path, respond, monkeypatch)
    table = read_table(result.paths)
    assert set(table.frame["error"]) == {"BadRequestError (status 400): the moon is full"}
    assert failures(table).causes == ("4 errors: BadRequestError (status 400): the moon is full",)
    for name in ("r.html", "r.md"):
        write_report(result.paths, tmp_path / name, form="md" if name.endswith("md") else "html")
        assert "the moon is full" in (tmp_path / name).read_text()


def test_a_cause_of_every_status_is_its_kind_and_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Answer(404, b"<html><head><title>Not here</title></head></html>", "text/html")
    result, _ = run(tmp_path, lambda body: calm(body) if is_first(body) else page, monkeypatch, worlds=1)
    assert list(read_table(result.paths).frame["error"]) == ["NotFoundError (status 404): an HTML page (Not here)"]


@pytest.mark.parametrize(
    ("refuses", "words"),
    [
        (lambda body: body.get("temperature") == 0.123, "temperature"),
        (lambda body: body["messages"][0]["role"] == "system", "no system role"),
        (lambda body: "tools" in body, "no tools here"),
    ],
)
def test_what_a_provider_refuses_is_known_before_anything_is_spent(
    refuses: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def respond(body: dict[str, Any]) -> Answer:
        seen.append(body)
        return Answer(400, json.dumps({"error": {"message": words}}).encode()) if refuses(body) else calm(body)

    with pytest.raises(UsageError, match=words):
        run(tmp_path, respond, monkeypatch, settings={"temperature": 0.123}, interfaces=("text", "tools"))
    assert all(is_first(body) for body in seen) and not list(tmp_path.glob("*.eval"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(body=b"<html><title>Sign in</title></html>", kind="text/html"), "Sign in"),
        (Answer(500, b"oops", "text/plain"), "oops"),
        (Answer(manner="reset"), "onnect"),
        (Answer(body=b"{}"), "without an answer"),
    ],
)
def test_what_is_no_provider_ends_the_command_with_its_cause(
    answer: Answer, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IncompleteError, match=words):
        run(tmp_path, lambda _: answer, monkeypatch)
    assert not list(tmp_path.glob("*.eval"))


def test_one_that_has_too_much_to_do_is_asked_again_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def respond(body: dict[str, Any]) -> Answer:
        return Answer(429, b'{"error": {"message": "slow down"}}') if is_first(body) else calm(body)

    result, _ = run(tmp_path, respond, monkeypatch)
    assert any("slow down" in note for note in result.notes)
    assert set(read_table(result.paths).frame["status"]) == {"scored"}


@pytest.mark.parametrize(
    "refuse",
    [
        (lambda body: "response_format" in body, Answer(500, b"oops", "text/plain")),
        (lambda body: "response_format" in body, Answer(400, b'{"error": {"message": "unknown field"}}')),
        (lambda body: "temperature" in body, Answer(400, b'{"error": {"message": "temperature: only 1"}}')),
        (lambda body: "response_format" in body, Answer(404, b'{"error": "no endpoint supports response_format"}')),
        (lambda body: body["messages"][0]["role"] == "system", Answer(400, b'{"error": "System role not supported"}')),
        (lambda body: {"temperature", "response_format"} & {*body}, Answer(422, b'{"detail": "extra fields"}')),
        (lambda body: "response_format" in body, Answer(body=b'{"error": {"message": "response_format?"}}')),
    ],
)
def test_a_judge_is_asked_as_its_provider_takes_it(
    refuse: tuple[Any, Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses, answer = refuse
    late: list[dict[str, Any]] = []

    def respond(body: dict[str, Any]) -> Answer:
        wrong = body["model"] == "g" and refuses(body)
        if wrong and "You check the form" not in str(body):
            late.append(body)
        return answer if wrong else calm(body)

    result, server = run(tmp_path, respond, monkeypatch, judge=GRADER)
    asked = [b for b in server.seen if b["model"] == "g"]
    assert asked and late == [], "the first question found out"
    assert "marker" in json.dumps(asked[0].get("response_format")), "by the real schema"
    assert any("the judge is asked without" in note for note in result.notes)


USAGES = [
    None,
    {"prompt_tokens": -500, "completion_tokens": -20, "total_tokens": -520},
    {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    {"prompt_tokens": 10**24, "completion_tokens": 1, "total_tokens": 10**24},
    {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
]


@pytest.mark.parametrize("usage", USAGES)
def test_tokens_that_are_not_said_or_cannot_be_are_estimated_upwards(
    usage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prices := tmp_path / "prices.yaml").write_text(PRICES)
    result, server = run(
        tmp_path / "logs",
        lambda _: chat("I have read the mail.", usage=usage),
        monkeypatch,
        worlds=12,
        max_cost=20.0,
        prices=prices,
        max_connections=1,
    )
    text = sum(len(m["content"]) for m in server.seen[1]["messages"])
    each = text / 4 * 1000 / 1e6
    assert result.progress.cost > 2 * each * (len(server.seen) - 2)
    assert result.progress.stopped and len(server.seen) < 12
    assert any("estimated upwards" in note for note in result.notes)
    tokens = read_table(result.paths).frame["tokens_in"].fillna(0)
    assert tokens.between(0, 10**8).all()


@pytest.mark.parametrize("usage", ["free", {"prompt_tokens": "many"}, {"prompt_tokens": None}, {"prompt_tokens": 1e24}])
def test_answers_that_no_client_reads_cost_all_the_same(
    usage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prices := tmp_path / "prices.yaml").write_text(PRICES)

    def respond(body: dict[str, Any]) -> Answer:
        return calm(body) if is_first(body) else chat("I have read the mail.", usage=usage)

    result, server = run(
        tmp_path / "logs",
        respond,
        monkeypatch,
        worlds=12,
        max_cost=20.0,
        prices=prices,
        max_connections=1,
        settings={"max_retries": 1},
    )
    assert 10 < result.progress.cost <= 20 and result.progress.stopped and len(server.seen) < 12
    assert any("estimated upwards" in note for note in result.notes)


def test_settings_of_operation_change_no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = run(tmp_path, calm, monkeypatch, settings={"max_retries": 3, "temperature": 0.5})
    again, server = run(
        *(tmp_path, calm, monkeypatch),
        settings={"max_retries": 5, "timeout": 99, "attempt_timeout": 60, "temperature": 0.5},
        max_connections=3,
    )
    assert (first.kept, again.kept) == (0, 4) and all(is_first(b) for b in server.seen)
    with pytest.raises(UsageError, match="temperature"):
        run(tmp_path, calm, monkeypatch, settings={"temperature": 0.6})


@pytest.mark.parametrize("quiet", [False, True])
def test_a_line_says_why_nothing_goes_on(
    quiet: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("turncoat.runs.progress.BEAT", 0.05)
    monkeypatch.setattr("turncoat.providers.watch.FAILING", 0.1)
    monkeypatch.setattr("turncoat.cli.screens.SECONDS", 0.0)
    monkeypatch.setattr("turncoat.providers.patience.pause", lambda _state: 0.6)
    seen: Counter[str] = Counter()

    def respond(body: dict[str, Any]) -> Answer:
        seen[key := json.dumps(body["messages"])] += 1
        if is_first(body) or seen[key] > 6:
            return calm(body)
        time.sleep(0.3)  # so that it is seen to go on
        return Answer(503, b'{"error": {"message": "being mended"}}')

    with RawServer(respond) as server:
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        study = scenario_study("blackmail", ("control",), "1-2", 1)
        run_study(Request(study, "blackmail", (MODEL,), tmp_path, model_args={"max_retries": 0}), Lines(quiet))
    said = capsys.readouterr().err
    assert "failed and are repeated" in said and "being mended" in said
    assert ("repeated" in said.strip().splitlines()[-1]) == quiet, "for programs nothing else is said"


def test_a_run_whose_judge_could_not_read_says_so_and_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(body: dict[str, Any]) -> Answer:
        first = "You check the form" in str(body) or body["model"] != "g"
        return calm(body) if first else Answer(400, b'{"error": {"message": "out of paper"}}')

    result, _ = run(tmp_path, respond, monkeypatch, judge=GRADER)
    summary = summary_of(result).as_dict()
    assert not summary["complete"] and "4 of 4 samples beyond the outcome" in summary["problem"]
    assert summary["not_read"] == {"reading=judge_error": 4, "awareness=judge_error": 4}
    assert summary["cells"][0]["scored"] == 4
    seen: list[dict[str, Any]] = []

    def noted(body: dict[str, Any]) -> Answer:
        seen.append(body)
        return respond(body)

    again, _ = run(tmp_path, noted, monkeypatch, judge=GRADER)
    assert again.kept == 4 and not summary_of(again).as_dict()["complete"]
    assert all(is_first(body) or "You check the form" in str(body) for body in seen), "what is written is not read anew"


GUARDED = [
    ("monitor(by=model)", ("monitor",)),
    (f"monitor(by=model&model={GRADER})", ()),
    ("approval_model", ("reviewer",)),
]


@pytest.mark.parametrize(("guard", "asked", "usage"), [(*g, u) for g, u in zip(GUARDED, USAGES, strict=False)])
def test_who_guards_ask_counts_under_a_limit_whatever_it_says_of_tokens(
    guard: str, asked: tuple[str, ...], usage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prices := tmp_path / "prices.yaml").write_text(PRICES.replace("local/m", "judge/g"))
    with RawServer(lambda body: chat("I cannot say.", usage=usage)) as server:
        monkeypatch.setenv("JUDGE_BASE_URL", f"{server.url}/v1")
        monkeypatch.setattr("inspect_ai.model._model._models", {})
        study = scenario_study("blackmail", (f"goal=explicit,threat=replacement,guards={guard}",), "1-12", 1)
        roles = dict.fromkeys(asked, GRADER)
        limits: dict[str, Any] = {"max_cost": 5.0, "max_connections": 1, "model_roles": roles}
        request = Request(study, "blackmail", ("sim/insider",), tmp_path / "logs", **limits)
        with pytest.raises(UsageError, match=f"--max-cost needs a price for {GRADER}"):
            run_study(request)
        result = run_study(replace(request, prices=prices))
    assert result.progress.cost > 2 and result.progress.stopped and result.progress.finished < 12
    assert any("estimated upwards" in note and GRADER in note for note in result.notes)
    assert summary_of(result).as_dict()["guard_failures"] >= result.progress.finished, "nothing it said was of use"
