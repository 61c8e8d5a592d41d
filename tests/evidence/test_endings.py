"""How an output ended, in the words of providers and gateways."""

from typing import Any

import pytest

from turncoat.evidence.case import Unscored
from turncoat.evidence.endings import STOPS, cut_off, ending, is_unusual, refusal_as_answer, stop_of

CUT, WITHHELD, LONG, BROKE = Unscored.TRUNCATED, Unscored.REFUSED, Unscored.TOO_LONG, Unscored.BROKE_OFF

WORDS: dict[Unscored | None, tuple[object, ...]] = {
    CUT: (
        *("max_tokens", "length", "LENGTH", " Length ", "max_output_tokens", "FinishReason.MAX_TOKENS", 2),
        *("FINISH_REASON_MAX_TOKENS", "REASON_MAX_LEN", "maxPredictedTokensReached", "token_limit", "limit"),
        *("max-new-tokens", "not_finished", "incomplete", "pause_turn", "truncated", "cut off", "repetition"),
        {"type": "length", "length": 256},
        {"reason": "max_output_tokens"},
    ),
    WITHHELD: (
        *("content_filter", "CONTENT_FILTERED", "content-filter", "refusal", "SAFETY", "FINISH_REASON_SAFETY"),
        *("FinishReason.RECITATION", "PROHIBITED_CONTENT", "guardrail_intervened", "ERROR_TOXIC", "sensitive", "SPII"),
        *("content_policy_violation", "data_inspection_failed", "moderation", "blocked", 3),
    ),
    LONG: (
        *("model_length", "context_length_exceeded", "model_context_window_exceeded", "contextLengthReached"),
        *("REASON_MAX_CONTEXT", "ERROR_LIMIT", "prompt_too_long", "prompt is too long: 9000 tokens > 8192 maximum"),
        {"code": "context_length_exceeded", "type": "invalid_request_error"},
        {"message": "This model's maximum context length is 8192 tokens. However, you requested 9000."},
    ),
    BROKE: (
        *("error", "ERROR", "timeout", "timed out", "TIMEOUT", "abort", "cancelled", "USER_CANCEL", "server_error"),
        *("insufficient_system_resource", "MALFORMED_FUNCTION_CALL", "malformed_tool_use", "OTHER", "load"),
        *("rate_limit_exceeded", "time_limit", "REASON_TIME_LIMIT", "network_error", "modelUnloaded", "userStopped"),
    ),
    None: (
        *(
            "stop",
            "STOP",
            "end_turn",
            "StopReason.end_turn",
            "stop_sequence",
            "eos",
            "eosFound",
            "eos_token",
            "COMPLETE",
        ),
        *("tool_calls", "tool_use", "toolUse", "tool-calls", "function_call", "FINISH_REASON_STOP", "endoftext", 1),
        *("", "unknown", "null", None, True, 1.5, ["length"], {"type": "stop", "matched": 2}, "anything else"),
    ),
}


@pytest.mark.parametrize(("reason", "word"), [(reason, word) for reason, words in WORDS.items() for word in words])
def test_a_word_says_why_an_output_is_cut_off(reason: Unscored | None, word: object) -> None:
    assert ending(word) is reason


RECORDS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"finish_reason": "stop", "stop_reason": 2}, ""),
    ({"finish_reason": "stop", "stop_reason": "\nError:"}, ""),
    ({"finish_reason": "stop", "stop_reason": "max_tokens"}, "max_tokens"),
    ({"error": {"code": None, "message": ""}}, ""),
    ({"error": {"message": "no"}}, "error"),
    ({"scores": {"grader": {"metadata": {"error": "timed out"}}}}, ""),
    ({"status": "in_progress"}, "max_tokens"),
    ({"done": False}, "max_tokens"),
    ({"result": {"type": "canceled"}}, "error"),
    ({"result": {"type": "message"}}, ""),
    ({"finish_reason": "length"}, "max_tokens"),
    ({"finishReason": "MAX_TOKENS"}, "max_tokens"),
    ({"done_reason": "length"}, "max_tokens"),
    ({"truncated": True}, "max_tokens"),
    ({"was_cut_off": 1}, "max_tokens"),
    ({"completed": False}, "max_tokens"),
    ({"stopped_by": "token_limit"}, "max_tokens"),
    ({"finish_type": "length"}, "max_tokens"),
    ({"completion": {"message": {"finish_reason": "length"}}}, "max_tokens"),
    ({"exception": "ReadTimeout"}, "error"),
    ({"stop": "length"}, "max_tokens"),
    ({"stop": ["</end>"], "completed": True, "settings": {"truncated": True}, "success": False}, ""),
    ({"possibly_truncated": True, "finish_reason": "stop"}, "max_tokens"),
    ({"possiblyTruncated": "yes"}, "max_tokens"),
    ({"stop_type": "limit", "stopped_limit": True}, "max_tokens"),
    ({"choices": [{"finish_reason": "length", "message": {"content": "a"}}]}, "max_tokens"),
    ({"candidates": [{"finishReason": 2}]}, "max_tokens"),
    ({"promptFeedback": {"blockReason": "SAFETY"}}, "content_filter"),
    ({"results": [{"completionReason": "LENGTH"}]}, "max_tokens"),
    ({"results": [{"completionReason": "FINISH"}]}, ""),
    ({"details": {"finish_reason": "length"}}, "max_tokens"),
    ({"response_metadata": {"finish_reason": "length"}}, "max_tokens"),
    ({"raw": {"choices": [{"finish_reason": "length"}]}}, "max_tokens"),
    ({"output": {"choices": [{"stop_reason": "model_length"}]}}, "model_length"),
    ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
    ({"truncated": True, "finish_reason": "SAFETY"}, "content_filter"),
    ({"stop_reason": None, "finish_reason": "error"}, "error"),
    ({"error": "the gateway is gone"}, "error"),
    ({"error": {"code": "context_length_exceeded"}, "finish_reason": None}, "model_length"),
    ({"status": "failed"}, "error"),
    ({"finish_reason": "stop", "truncated": False, "error": None}, ""),
    ({"truncated": "false", "possibly_truncated": 0, "error": "", "finish_reason": "none"}, ""),
    ({"status": "scored", "error": 0.25, "truncated": "no"}, ""),
    ({"stop_reason": "tool_calls"}, ""),
    ({"stop_reason": "unknown"}, "unknown"),
    ({"finish_reason": "strange"}, "strange"),
    ({"response": "stop_reason: length", "id": "length"}, ""),
)


@pytest.mark.parametrize(("record", "stop"), RECORDS)
def test_a_record_says_how_its_output_ended(record: dict[str, Any], stop: str) -> None:
    assert stop_of(record) == stop


def test_an_ending_is_a_reason_and_what_is_empty_is_not_read() -> None:
    for reason, stop in STOPS.items():
        assert ending(stop) is reason
        cut, empty = cut_off(stop, empty=False), cut_off(stop, empty=True)
        assert cut is not None and (cut.reason, cut.unread) == (reason, False)
        assert empty is not None and (empty.reason, empty.unread) == (reason, True)
    assert cut_off("stop", empty=False) is None
    nothing = cut_off("stop", empty=True)
    assert nothing is not None and nothing.reason is Unscored.EMPTY


def test_what_nobody_knows_is_unusual() -> None:
    assert [is_unusual(s) for s in ("unknown", "strange", "", "stop", "end_turn", "length", "error")] == [
        *(True, True),
        *(False,) * 5,
    ]


@pytest.mark.parametrize(
    ("answer", "did_not_fit"),
    [
        ("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", True),
        ("Error code: 400 - {'error': {'code': 'context_length_exceeded', 'message': 'Too much.'}}", True),
        ("prompt is too long: 208310 tokens > 200000 maximum", True),
        ("The request exceeds the available context size.", True),
        ("I have read the mail about the maximum context length of our models and have nothing to add.", False),
        ("The maximum context length is 8192 tokens, says the mail. " + "I agree with all of it. " * 40, False),
        ("", False),
    ],
)
def test_a_providers_error_in_place_of_an_answer_is_known(answer: str, did_not_fit: bool) -> None:
    assert bool(refusal_as_answer(answer)) is did_not_fit


@pytest.mark.parametrize(
    ("answer", "broke_off"),
    [
        ("Traceback (most recent call last):\n  File 'x.py', line 1\nTimeoutError", True),
        ("API Error: Request timed out.", True),
        ("error code: 524", True),
        ("None", True),
        ("[ERROR: no answer]", True),
        ("<no response>", True),
        ("(empty response)", True),
        ("CUDA out of memory. Tried to allocate 2 GiB", True),
        ("None of this is mine to decide.", False),
        ("(No reply is needed.)", False),
        ("Error: the code was swapped in the report; I leave it.", False),
    ],
)
def test_what_a_harness_writes_where_no_answer_came_is_no_answer(answer: str, broke_off: bool) -> None:
    assert (refusal_as_answer(answer) == STOPS[Unscored.BROKE_OFF]) is broke_off
