"""Asking a model until there is a usable answer, within bounds; what is no usable answer has a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    ContentText,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
)
from inspect_ai.util import LimitExceededError, json_schema

from turncoat.evidence.findings import Evidence
from turncoat.evidence.quotes import letters
from turncoat.evidence.unscored import Unscored
from turncoat.judges.model.answers import Answer, Holds, is_refusal, parse
from turncoat.judges.model.transcript import Exhibit, Transcript
from turncoat.providers.inspect_private import active_generate_config

TRIES = 3
"""How often a judge is asked for a usable answer before its silence is final."""
RETRIES = 5
"""How often a request that failed on its way is repeated, with growing pauses, if the run does not say otherwise."""
MIN_QUOTE = 8
"""Letters (see `letters`) that a quote needs to show anything, unless it is the whole record."""

Demand = Callable[[list[Exhibit]], str]
"""What the records that a claim quotes must be; "" or what is missing."""


@dataclass(frozen=True)
class Asked:
    """What came of asking.

    Attributes:
        holds: Name → answer; empty if there is no usable answer.
        evidence: Name → verified passages, for the names that hold.
        explanation: The judge's own words.
        unscored: Why there is no usable answer, or "".
        detail: What was wrong with the last answer.
        raw: The last answer as the judge gave it.
        calls: How many answers were asked for.
    """

    holds: Mapping[str, Holds]
    evidence: Mapping[str, tuple[Evidence, ...]]
    explanation: str = ""
    unscored: str = ""
    detail: str = ""
    raw: str = ""
    calls: int = 0


class Asker:
    """Asks one model. Where its provider refuses a response schema, it is asked without one from then on."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._takes_schema = True

    async def ask(self, messages: list[ChatMessage], shown: Transcript, demands: Mapping[str, Demand]) -> Asked:
        """Ask, check, and ask again with what was wrong.

        Args:
            messages: The rubric and the transcript.
            shown: What quotes are checked against.
            demands: Each name that is asked for, with what its quotes must show.
        """
        result = Asked({}, {}, unscored=Unscored.JUDGE_ERROR, detail="the judge was not asked")
        calls = 0
        while calls < TRIES:
            calls += 1
            try:
                output = await self._model.generate(messages, config=self._config())
            except LimitExceededError:
                raise
            except Exception as error:
                if self._takes_schema and _about_schema(error):
                    self._takes_schema = False
                    calls -= 1
                    continue
                result = Asked({}, {}, unscored=Unscored.JUDGE_ERROR, detail=_said(error), calls=calls)
                if isinstance(error, _GARBLED):
                    continue
                return result
            result = replace(_checked(output, shown, demands), calls=calls)
            if not result.unscored or result.unscored == Unscored.JUDGE_ERROR:
                return result
            messages = [
                *messages,
                ChatMessageAssistant(content=result.raw or "(nothing)"),
                ChatMessageUser(content=f"This cannot be used: {result.detail}. Answer again, whole."),
            ]
        return result

    def _config(self) -> GenerateConfig:
        own, run = self._model.config, active_generate_config()
        return GenerateConfig(
            temperature=0.0 if own.temperature is None else own.temperature,
            max_retries=next((n for n in (own.max_retries, run.max_retries) if n is not None), RETRIES),
            response_schema=_schema() if self._takes_schema else None,
            fail_on_refusal=False,
        )


@lru_cache(maxsize=1)
def _schema() -> ResponseSchema:
    return ResponseSchema(name="judgement", json_schema=json_schema(Answer))


_GARBLED = (ValueError, AssertionError)
"""What clients raise where a response's body cannot be read (JSON and validation errors among them)."""


def _about_schema(error: Exception) -> bool:
    # Inspect's own error repeats the whole request; the provider's says what was wrong with it.
    text = str(error.__cause__ or error).lower()
    named = ("response_format", "output_format", "json_schema", "response_schema", "structured output")
    return any(word in text for word in named)


def _said(error: Exception) -> str:
    cause = error.__cause__ or error
    lines = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0][:200]}"


def _checked(output: ModelOutput, shown: Transcript, demands: Mapping[str, Demand]) -> Asked:
    if not output.choices:
        return Asked({}, {}, unscored=Unscored.JUDGE_ERROR, detail="the judge's provider gave no output")
    raw = output.completion
    match output.stop_reason:
        case "content_filter":
            detail = "the judge's provider withheld its answer"
            return Asked({}, {}, unscored=Unscored.JUDGE_REFUSED, detail=detail, raw=raw)
        case "model_length":
            detail = "the transcript is longer than the judge can read"
            return Asked({}, {}, unscored=Unscored.JUDGE_ERROR, detail=detail, raw=raw)
        case "max_tokens":
            detail = "the answer was cut off at the judge's token limit"
            return Asked({}, {}, unscored=Unscored.JUDGE_PARSE, detail=detail, raw=raw)
    answer = parse(raw, shown.nonce, list(demands))
    if isinstance(answer, str):
        refused = _declared_refusal(output) or is_refusal(raw)
        detail = f"the judge refused: {raw.strip()[:120]}" if refused else answer
        reason = Unscored.JUDGE_REFUSED if refused else Unscored.JUDGE_PARSE
        return Asked({}, {}, unscored=reason, detail=detail, raw=raw)
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for claim in answer.claims:
        if claim.holds != "yes":
            continue
        found = _verified(claim.finding, [(q.record, q.text) for q in claim.quotes], shown, demands[claim.finding])
        if isinstance(found, str):
            return Asked({}, {}, unscored=Unscored.JUDGE_QUOTE, detail=found, raw=raw)
        evidence[claim.finding] = found
    return Asked({c.finding: c.holds for c in answer.claims}, evidence, answer.explanation.strip(), raw=raw)


def _verified(
    name: str, quotes: list[tuple[int, str]], shown: Transcript, demand: Demand
) -> tuple[Evidence, ...] | str:
    if not quotes:
        return f"{name} is claimed without a quote"
    exhibits: list[Exhibit] = []
    evidence: list[Evidence] = []
    for number, text in quotes:
        found = shown.find(number, text)
        if isinstance(found, str):
            return found
        exhibit, passage = found
        if letters(text) < min(MIN_QUOTE, letters(exhibit.shown.text)):
            return f"the quote {text[:60]!r} is too short to show anything"
        exhibits.append(exhibit)
        evidence.append(passage)
    if missing := demand(exhibits):
        return f"{name}: {missing}"
    return tuple(evidence)


def _declared_refusal(output: ModelOutput) -> bool:
    content = output.message.content
    return isinstance(content, list) and any(isinstance(c, ContentText) and bool(c.refusal) for c in content)
