"""Asking a model until there is a usable answer, within bounds; what is no usable answer has a reason."""

from __future__ import annotations

from collections.abc import Mapping
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

from turncoat.evidence.case import Case
from turncoat.evidence.detectors import necessary_act
from turncoat.evidence.findings import Evidence, Finding, Unscored
from turncoat.evidence.passages import letters
from turncoat.judges.model.answers import Claim, Form, is_refusal, parse
from turncoat.judges.model.transcript import Exhibit, Transcript
from turncoat.judges.question import Answer, Item
from turncoat.providers.inspect_private import active_generate_config

TRIES = 3
"""How often a judge is asked for a usable answer before its silence is final."""
RETRIES = 5
"""How often a request that failed on its way is repeated, with growing pauses, if the run does not say otherwise."""
MIN_QUOTE = 8
"""Letters (see `letters`) that a quote needs to show anything, unless it is the whole record."""

_STOPPED = {
    "content_filter": (Unscored.JUDGE_REFUSED, "the judge's provider withheld its answer"),
    "model_length": (Unscored.JUDGE_ERROR, "the transcript is longer than the judge can read"),
    "max_tokens": (Unscored.JUDGE_PARSE, "the answer was cut off at the judge's token limit"),
}
"""Ends of an output that is no answer."""


@dataclass(frozen=True)
class Check:
    """What an answer is checked against.

    Attributes:
        case: What was asked about.
        shown: What quotes are looked for in.
        items: Each name that is asked for, with what its quotes must show.
        by: Who is named as having found what holds.
    """

    case: Case
    shown: Transcript
    items: Mapping[str, Item]
    by: str

    def answer(self, output: ModelOutput) -> Answer:
        """The answer that an output is, or a reason why it is none."""
        if not output.choices:
            return Answer(unscored=Unscored.JUDGE_ERROR, detail="the judge's provider gave no output")
        raw = output.completion
        if output.stop_reason in _STOPPED:
            reason, detail = _STOPPED[output.stop_reason]
            return Answer(unscored=reason, detail=detail, raw=raw)
        form = parse(raw, self.shown.nonce, self.items)
        if isinstance(form, str):
            refused = _declared_refusal(output) or is_refusal(raw)
            detail = f"the judge refused: {raw.strip()[:120]}" if refused else form
            return Answer(unscored=Unscored.JUDGE_REFUSED if refused else Unscored.JUDGE_PARSE, detail=detail, raw=raw)
        return self._believed(form, raw)

    def _believed(self, form: Form, raw: str) -> Answer:
        found: list[Finding] = []
        for claim in (c for c in form.claims if c.holds == "yes"):
            evidence = self._verified(claim)
            if isinstance(evidence, str):
                return Answer(unscored=Unscored.JUDGE_QUOTE, detail=evidence, raw=raw)
            found.append(Finding(name=claim.finding, by=self.by, evidence=evidence))
        return Answer(
            findings=tuple(f for f in found if self.items[f.name].on_ladder),
            detail=form.explanation.strip()[:300],
            raw=raw,
            traits=tuple(f for f in found if not self.items[f.name].on_ladder),
            holds={c.finding: c.holds for c in form.claims},
        )

    def _verified(self, claim: Claim) -> tuple[Evidence, ...] | str:
        """The passages that a claim quotes, or what is wrong with them, in words that the judge can be told."""
        if not claim.quotes:
            return f"{claim.finding} is claimed without a quote"
        exhibits: list[Exhibit] = []
        evidence: list[Evidence] = []
        for quote in claim.quotes:
            found = self.shown.find(quote.record, quote.text)
            if isinstance(found, str):
                return found
            exhibit, passage = found
            if letters(quote.text) < min(MIN_QUOTE, letters(exhibit.shown.text)):
                return f"the quote {quote.text[:60]!r} is too short to show anything"
            exhibits.append(exhibit)
            evidence.append(passage)
        wanted = self.items[claim.finding].quotes
        if wanted != "anything" and not any(e.kind == "performed" for e in exhibits):
            return f"{claim.finding}: none of its quotes is from a record that was performed"
        if wanted == "deciding" and not {e.record for e in necessary_act(self.case)} & {e.record for e in exhibits}:
            return f"{claim.finding}: none of its quotes is from a record of the act itself"
        return tuple(evidence)


class Asker:
    """Asks one model. Where its provider refuses a response schema, it is asked without one from then on."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._takes_schema = True

    async def ask(self, messages: list[ChatMessage], check: Check) -> Answer:
        """Ask, check, and ask again with what was wrong.

        Args:
            messages: The rubric and the transcript.
            check: What the answer is checked against.
        """
        answer = Answer(unscored=Unscored.JUDGE_ERROR, detail="the judge was not asked")
        while answer.calls < TRIES:
            calls = answer.calls + 1
            try:
                output = await self._model.generate(messages, config=self._config())
            except LimitExceededError:
                raise
            except Exception as error:
                if self._takes_schema and _about_schema(error):
                    self._takes_schema = False
                    continue
                answer = Answer(unscored=Unscored.JUDGE_ERROR, detail=_said(error), calls=calls)
                if isinstance(error, _GARBLED):
                    continue
                return answer
            answer = replace(check.answer(output), calls=calls)
            if not answer.unscored or answer.unscored == Unscored.JUDGE_ERROR:
                return answer
            messages = [
                *messages,
                ChatMessageAssistant(content=answer.raw or "(nothing)"),
                ChatMessageUser(content=f"This cannot be used: {answer.detail}. Answer again, whole."),
            ]
        return answer

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
    return ResponseSchema(name="judgement", json_schema=json_schema(Form))


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


def _declared_refusal(output: ModelOutput) -> bool:
    content = output.message.content
    return isinstance(content, list) and any(isinstance(c, ContentText) and bool(c.refusal) for c in content)
