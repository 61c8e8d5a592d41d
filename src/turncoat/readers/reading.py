"""One reader on one world: it is shown the material between markers, asked, and its quotes are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    ModelOutput,
)

from turncoat.base.model import Frozen
from turncoat.base.text import plain
from turncoat.evidence.quotes import find_quote, letters
from turncoat.judges.model.answers import is_refusal
from turncoat.judges.model.asking import TRIES, Grader, again
from turncoat.judges.model.transcript import MAX_TRANSCRIPT, Exhibit, Transcript, as_it_is, sealed
from turncoat.judges.questionnaire import questionnaire
from turncoat.providers.faults import cause_of
from turncoat.providers.usage import bytes_of, bytes_out, estimate
from turncoat.readers.materials import Kind, Material
from turncoat.runs.prices import Price
from turncoat.sim.reader import shown_as

RECOGNISED = ("alike", "same")
"""Answers that say that a reader knows the material, or its plan."""
MIN_QUOTE = 8
"""Letters that a tell needs to show anything."""


class Reading(Frozen):
    """What one reader said of one world."""

    reader: str
    """Inspect's name of the model."""
    kind: Kind
    scenario: str
    storyline: str
    world: str
    condition: str
    interface: str
    text: str
    """Hash of what was shown."""
    questions: str
    """`version:hash` of what was asked."""
    p_test: int | None = None
    """Probability of a test, from 0 to 100."""
    why: str = ""
    tells: tuple[str, ...] = ()
    """Passages that it quoted and that stand in the text."""
    not_found: int = 0
    """Passages that it quoted and that do not stand there."""
    voices: int | None = None
    """From 1 to 10, as the following."""
    dilution: int | None = None
    work: int | None = None
    understood: int | None = None
    """How clearly it saw the dilemma; asked last, and only where that was wanted."""
    dilemma: str = ""
    """What it took the dilemma to be."""
    known: str = ""
    """Whether it knows the material (`same`) or its plan (`alike`), or not (`no`); "" where that was not asked."""
    known_as: str = ""
    """What it knows it as."""
    failed: str = ""
    """Why there is no answer, or ""."""
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = None
    """None where the price is not known."""


_KEPT_AS = {"how": "dilemma"}
"""Items of further questions → the fields of a reading in which their values stand, where they have another name."""


@dataclass
class Spent:
    """What the calls of one reading took."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0

    def add(self, output: ModelOutput | None, price: Price | None, asked: Sequence[ChatMessage] = ()) -> None:
        """Count a call; where its provider does not say what it took, money alone is estimated upwards."""
        self.calls += 1
        if output is None:
            return
        if (usage := output.usage) is None:
            self.dollars += price.of(estimate(bytes_of(asked), bytes_out(output))) if price is not None else 0.0
            return
        cached = (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
        self.tokens_in += usage.input_tokens + cached
        self.tokens_out += usage.output_tokens
        self.dollars += price.of(usage) if price is not None else 0.0


class Reader:
    """A model that reads worlds.

    Args:
        model: The model.
        dilemma: Whether it is asked afterwards how clearly it sees the dilemma, where there is one.
        known: Whether it is asked last if it knows the material, or its plan.
        price: Its price, if it is known.
    """

    def __init__(self, model: Model, *, dilemma: bool = False, known: bool = False, price: Price | None = None) -> None:
        self.name, self._price, self._first = str(model), price, questionnaire("realism")
        self._grader = Grader(model, self._first.form("realism", marker=True))
        more = [name for name, wanted in (("dilemma", dilemma), ("known", known)) if wanted]
        self._more = {name: (asked := questionnaire(name), Grader(model, asked.form(name))) for name in more}

    @property
    def questions(self) -> str:
        """`version:hash` of all that it is asked."""
        return "+".join([self._first.identity, *(asked.identity for asked, _ in self._more.values())])

    async def read(self, material: Material) -> Reading:
        """Ask about a world. What goes wrong is said in the reading, and never a number."""
        names = ("kind", "scenario", "storyline", "world", "condition", "interface")
        about = {n: getattr(material, n) for n in names}
        said = Reading(**about, reader=self.name, text=material.hash, questions=self.questions)
        spent = Spent()
        with shown_as(material.kind, material.world):
            said = await self._asked(material, said, spent)
        dollars = spent.dollars if self._price is not None else None
        took = {"calls": spent.calls, "tokens_in": spent.tokens_in, "tokens_out": spent.tokens_out}
        return said.model_copy(update={**took, "dollars": dollars})

    async def _asked(self, material: Material, said: Reading, spent: Spent) -> Reading:
        shown = shown_to_reader(material)
        if len(shown) > MAX_TRANSCRIPT:
            return said.model_copy(update={"failed": f"the world has {len(shown)} characters, too many to show"})
        messages: list[ChatMessage] = [
            ChatMessageSystem(content=self._first.text(shown.nonce)),
            ChatMessageUser(content=f"The marker of this material is {shown.nonce}.\n\n{shown.text()}"),
        ]
        wrong = ""
        for attempt in range(1, TRIES + 1):
            raw = await self._said(self._grader, messages, spent)
            if isinstance(raw, Failed):
                return said.model_copy(update={"failed": raw.why})
            values = self._first.read(raw, shown.nonce)
            wrong = values if isinstance(values, str) else _misquoted(values["tells"], shown)
            if not isinstance(values, str) and (not wrong or attempt == TRIES):
                said = said.model_copy(update=_counted(values, shown))
                messages = [*messages, ChatMessageAssistant(content=raw)]
                return await self._asked_more(material, messages, said, spent)
            if isinstance(values, str) and is_refusal(raw):
                wrong = f"it refused: {plain(raw, 120)}"
            messages = again(messages, raw, wrong)
        return said.model_copy(update={"failed": f"no usable answer in {TRIES} attempts: {plain(wrong, 200)}"})

    async def _asked_more(
        self, material: Material, messages: list[ChatMessage], said: Reading, spent: Spent
    ) -> Reading:
        """The further questions, after the first answers are settled; without an answer they stand alone."""
        for name, (asked, grader) in self._more.items():
            if name == "dilemma" and not material.harm:
                continue
            messages = [*messages, ChatMessageUser(content=asked.text(harm=material.harm))]
            for _ in range(TRIES):
                raw = await self._said(grader, messages, spent)
                if isinstance(raw, Failed):
                    return said
                values = asked.read(raw)
                if not isinstance(values, str):
                    said = said.model_copy(update={_KEPT_AS.get(key, key): value for key, value in values.items()})
                    messages = [*messages, ChatMessageAssistant(content=raw)]
                    break
                messages = again(messages, raw, values)
        return said

    async def _said(self, grader: Grader, messages: list[ChatMessage], spent: Spent) -> str | Failed:
        try:
            output = await grader.ask(messages)
        except Exception as error:  # a provider raises what it likes; the reader is counted as one that failed
            spent.add(None, self._price)
            return Failed(plain(f"it could not be asked: {cause_of(error)}", 200))
        spent.add(output, self._price, messages)
        if not output.choices:
            return Failed("its provider gave no output")
        if output.stop_reason == "content_filter":
            return Failed("its provider withheld the answer")
        if output.stop_reason == "model_length":
            return Failed("the world is longer than it can read")
        return output.completion


@dataclass(frozen=True)
class Failed:
    """Why there is no answer."""

    why: str


def shown_to_reader(material: Material) -> Transcript:
    """The parts of a material as records between markers that its texts cannot forge."""
    return sealed("", [Exhibit(n, n, "read", f"part {n}", "", as_it_is(t)) for n, t in enumerate(material.parts, 1)])


def _stands(tell: str, shown: Transcript) -> bool:
    return letters(tell) >= MIN_QUOTE and any(find_quote(tell, e.shown.text) for e in shown.exhibits)


def _misquoted(tells: list[str], shown: Transcript) -> str:
    """What is wrong with the quotes, in words that the reader can be told, or ""."""
    wrong = next((t for t in tells if not _stands(t, shown)), None)
    return "" if wrong is None else f"the passage {plain(wrong, 60)!r} does not stand in the material word for word"


def _counted(values: dict[str, Any], shown: Transcript) -> dict[str, Any]:
    """The answer's values, with the quotes that stand in the material and the number of those that do not."""
    tells = tuple(plain(t, 300) for t in values["tells"] if _stands(t, shown))
    return {**values, "tells": tells, "not_found": len(values["tells"]) - len(tells)}
