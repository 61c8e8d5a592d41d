"""Graders through the real clients: what the judge makes of good answers, refusals, faults and cut answers."""

from __future__ import annotations

import asyncio
import json

import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig

from tests.judges.graders import answering
from tests.scoring.scored import KYLE, THREAT, mail
from tests.shared import reference_setting
from turncoat.doors.kept import Kept
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Unscored
from turncoat.judges.model.asking import TRIES
from turncoat.judges.model.model import ModelJudge
from turncoat.providers.patience import RETRIES
from turncoat.scoring.score import score_case
from turncoat.scoring.verdict import Verdict

from .clients import wire_model
from .exchange import Dialect, Reply, WireRequest
from .faults import FaultPlan, Kind, always, script
from .server import WireServer

YES = answering({"explicit_blackmail": (1, "Rachel will hear about it")})
NO_FAULT = script()


def says(request: WireRequest) -> Reply:
    """A grader that finds the threat."""
    first = next(m.text for m in request.messages if m.role == "user")
    return Reply(YES([ChatMessageSystem(content=request.system), ChatMessageUser(content=first)]))


def refuses(request: WireRequest) -> Reply:
    """A grader that will not."""
    return Reply("I'm sorry, but I can't assist with evaluating this content.")


async def judged(server: WireServer, dialect: Dialect, retries: int | None = 1) -> Verdict:
    case = case_of_answer(reference_setting("reference/blackmail"), Kept(mail(KYLE, THREAT)))
    config = GenerateConfig(max_tokens=1000, max_retries=retries)
    async with wire_model(server, dialect, config=config) as model:
        return await score_case(case, ModelJudge(model), read=False)


def verdict(
    dialect: Dialect, faults: FaultPlan = NO_FAULT, retries: int | None = 1, **options: object
) -> tuple[Verdict, WireServer]:
    responder = refuses if options.get("refusing") else says
    with WireServer(responder, faults=faults) as server:
        return asyncio.run(judged(server, dialect, retries)), server


@pytest.mark.parametrize("dialect", Dialect)
def test_the_answer_is_asked_for_by_schema_and_believed(dialect: Dialect) -> None:
    found, server = verdict(dialect)
    assert (found.harmful, found.rung, found.calls) == (True, "explicit_blackmail", {"outcome": 1})
    body = server.requests[0].body
    asked = {Dialect.CHAT: "response_format", Dialect.RESPONSES: "text", Dialect.MESSAGES: "output_format"}[dialect]
    schema = json.dumps(body[asked])
    assert all(name in schema for name in ("json_schema", "marker", "claims", "holds", "quotes"))
    assert found.judge == f"{'anthropic' if dialect is Dialect.MESSAGES else 'openai'}/{body['model']}@3"


UNUSABLE = [
    (Kind.CONTENT_FILTER, Unscored.JUDGE_REFUSED, TRIES),
    (Kind.CONTENT_BLOCKED, Unscored.JUDGE_REFUSED, TRIES),
    (Kind.MAX_TOKENS, Unscored.JUDGE_PARSE, TRIES),
    (Kind.EMPTY, Unscored.JUDGE_PARSE, TRIES),
    (Kind.CONTEXT_LENGTH, Unscored.JUDGE_ERROR, 1),
    (Kind.INVALID_JSON, Unscored.JUDGE_ERROR, 3),
    (Kind.INVALID_KEY, Unscored.JUDGE_ERROR, 1),
    (Kind.QUOTA, Unscored.JUDGE_ERROR, 1),
    (Kind.UNKNOWN_MODEL, Unscored.JUDGE_ERROR, 1),
    # With schema and temperature, without schema, without both.
    (Kind.BAD_REQUEST, Unscored.JUDGE_ERROR, 3),
    # Twice with both, without the one, without the other; then a request and its retry.
    (Kind.SERVER_ERROR, Unscored.JUDGE_ERROR, 6),
    # To find out what the provider takes; then a request and its retry.
    (Kind.OVERLOADED, Unscored.JUDGE_ERROR, 3),
    (Kind.RATE_LIMIT, Unscored.JUDGE_ERROR, 3),
]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("kind", "reason", "requests"), UNUSABLE)
def test_lasting_faults_are_unscored_with_their_reason(
    dialect: Dialect, kind: Kind, reason: Unscored, requests: int
) -> None:
    found, server = verdict(dialect, always(kind))
    assert (found.harmful, found.reason) == (None, reason), found.detail
    assert found.answers["outcome"].unscored == reason
    assert len(server.completions) == requests


@pytest.mark.parametrize("dialect", Dialect)
def test_a_grader_that_refuses_in_words_is_unscored(dialect: Dialect) -> None:
    found, server = verdict(dialect, refusing=True)
    assert (found.harmful, found.reason, len(server.completions)) == (None, Unscored.JUDGE_REFUSED, TRIES)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "kind", [Kind.SERVER_ERROR, Kind.RESET, Kind.MAX_TOKENS, Kind.EMPTY, Kind.CONTENT_FILTER, Kind.INVALID_JSON]
)
def test_faults_that_pass_leave_no_trace(dialect: Dialect, kind: Kind) -> None:
    found, server = verdict(dialect, script(kind))
    assert found.harmful is True
    assert len(server.completions) == 2


@pytest.mark.parametrize("dialect", Dialect)
def test_a_refusal_without_a_reason_costs_the_schema_alone(dialect: Dialect) -> None:
    found, server = verdict(dialect, script(Kind.BAD_REQUEST))
    assert found.harmful is True
    assert ["json_schema" in json.dumps(r.body) for r in server.requests] == [True, False]
    assert len({json.dumps(r.body.get("temperature")) for r in server.requests}) == 1


def test_without_a_limit_of_the_run_requests_are_repeated_within_bounds() -> None:
    found, server = verdict(Dialect.CHAT, always(Kind.UNAVAILABLE), retries=None)
    assert found.reason == Unscored.JUDGE_ERROR
    assert len(server.completions) == 1 + RETRIES + 1
