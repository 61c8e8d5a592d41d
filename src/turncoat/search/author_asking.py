"""How an author is asked: a few pieces at a time, each answer checked, each reason told, within tries and cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    ModelOutput,
    ModelUsage,
    ResponseSchema,
)
from inspect_ai.util import json_schema
from pydantic import BaseModel, Field

from turncoat.base.errors import IncompleteError, UsageError
from turncoat.base.text import plain
from turncoat.judges.model.answers import form_in, is_refusal
from turncoat.judges.model.asking import Grader
from turncoat.providers.faults import cause_of
from turncoat.providers.usage import bytes_of, bytes_out, estimate
from turncoat.runs.prices import Price, load_prices
from turncoat.scenarios.files import read_text, split_head
from turncoat.scenarios.templates import render
from turncoat.search.author_journal import Journal
from turncoat.search.author_order import INSTRUCTIONS, Order
from turncoat.search.author_pieces import Piece
from turncoat.search.author_rules import Rules

MATERIAL = "The material, as JSON:"
"""Line before what a question is about."""
AT_ONCE, CHARACTERS = 24, 6000
"""Pieces, and characters of their sources, that one question holds at most."""
LONGEST_ANSWER = 200_000
"""Characters of an answer that is read at all."""
_DATA = File(__file__).parent / "data" / "author"


class OneText(BaseModel, extra="forbid", strict=True):
    """A piece as its author writes it."""

    id: str = Field(description="The piece's id, copied.")
    text: str = Field(description="The new text.")


class Written(BaseModel, extra="forbid", strict=True):
    """An author's whole answer."""

    texts: list[OneText] = Field(description="Each piece once.")


@lru_cache(maxsize=1)
def _instruction() -> str:
    """The template of what authors are told."""
    path = _DATA / str(INSTRUCTIONS) / "author.md"
    return split_head(read_text(path, _DATA), str(path))[1]


class Purse:
    """What a model may spend on an order.

    Args:
        model: Inspect's name of the model.
        journal: Where what it costs is noted.
        max_cost: Dollars that may be spent on the order.

    Raises:
        UsageError: There is a bound, and the model's price is not known.
    """

    def __init__(self, model: str, journal: Journal, max_cost: float | None) -> None:
        self.price: Price | None = load_prices().price(model)
        if max_cost is not None and self.price is None:
            raise UsageError(f"--max-cost: the price of {model} is not known; leave it out, or bound --tries")
        self._model, self._journal, self._max_cost = model, journal, max_cost

    def dollars(self, usage: ModelUsage) -> float:
        """What calls of this usage cost, as far as the price is known."""
        return self.price.of(usage) if self.price else 0.0

    def see(self, most: float) -> None:
        """See that so many dollars are left.

        Raises:
            IncompleteError: They are not.
        """
        if self._max_cost is not None and self._journal.spent + most > self._max_cost:
            raise IncompleteError(
                f"--max-cost {self._max_cost:g}: {self._journal.spent:.4f} dollars are spent; the work is kept; "
                "the same command with a higher bound goes on"
            )

    def pay(self, dollars: float, tokens_in: int, tokens_out: int, calls: int = 1) -> None:
        """Note what was spent."""
        tokens = {"tokens_in": tokens_in, "tokens_out": tokens_out}
        self._journal.note("call", model=self._model, calls=calls, dollars=dollars, **tokens)


class Asked:
    """A model that is asked within a bound of cost.

    Args:
        model: The model.
        journal: Where what it costs is noted.
        max_cost: Dollars that may be spent on the order.

    Raises:
        UsageError: There is a bound, and the model's price is not known.
    """

    def __init__(self, model: Model, journal: Journal, max_cost: float | None) -> None:
        self._name, self._purse = str(model), Purse(str(model), journal, max_cost)
        self._grader = Grader(model, ResponseSchema(name="written", json_schema=json_schema(Written)))

    async def ask(self, messages: list[ChatMessage]) -> tuple[Written | str, str]:
        """Ask once.

        Returns:
            The answer, or what is wrong with it; and the answer as it came.

        Raises:
            IncompleteError: The bound of cost is reached, or the model cannot be asked.
        """
        self._purse.see(self._purse.dollars(estimate(bytes_of(messages), 0)))
        try:
            output = await self._grader.ask(messages)
        except Exception as error:  # a provider raises what it likes
            said = plain(cause_of(error), 200)
            raise IncompleteError(
                f"{self._name} could not be asked: {said}; the work is kept, the same command goes on"
            ) from None
        usage = output.usage or estimate(bytes_of(messages), bytes_out(output))
        self._purse.pay(self._purse.dollars(usage), usage.input_tokens, usage.output_tokens)
        raw = output.completion if output.choices else ""
        return self._read(output, raw), raw

    @staticmethod
    def _read(output: ModelOutput, raw: str) -> Written | str:
        if not output.choices or not raw.strip():
            return "there was no output"
        if len(raw) > LONGEST_ANSWER:
            return f"it has {len(raw)} characters; {LONGEST_ANSWER} are read at most"
        form = form_in(raw, Written)
        if isinstance(form, str) and (output.stop_reason == "content_filter" or is_refusal(raw)):
            return f"it was refused ({plain(raw, 80)})"
        return form


def batches(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces of one step in portions for one question."""
    batch: list[Piece] = []
    for piece in pieces:
        size = sum(len(p.source) for p in batch) + len(piece.source)
        if batch and (piece.step != batch[0].step or len(batch) >= AT_ONCE or size > CHARACTERS):
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch


class Author:
    """A model that writes pieces.

    Args:
        order: What is asked for.
        model: The model.
        rules: What its texts must be.
        journal: Where they are kept.
    """

    def __init__(self, order: Order, model: Model, rules: Rules, journal: Journal) -> None:
        self._order, self._rules, self._journal = order, rules, journal
        self._asked = Asked(model, journal, order.max_cost)

    async def write(self, pieces: Sequence[Piece], settled: Mapping[str, Any]) -> None:
        """Have pieces written until each is accepted.

        Args:
            pieces: Of one step.
            settled: What of the new storyline is settled already, for the author to go by.

        Raises:
            IncompleteError: A piece is not accepted after all tries, or the bound of cost is reached.
        """
        left = list(pieces)
        why = {p.id: self._journal.reasons[p.id] for p in left if p.id in self._journal.reasons}
        for _ in range(self._order.tries):
            messages = self._messages(left, settled, why)
            answer, raw = await self._asked.ask(messages)
            why = self._taken(left, answer)
            if why:
                self._journal.refuse(pieces[0].step, [f"{id}: {said}" for id, said in why.items()], raw)
            left = [p for p in left if p.id in why]
            if not left:
                return
        first = left[0].id
        raise IncompleteError(
            f"step {pieces[0].step}: {len(left)} of {len(pieces)} pieces are no use after {self._order.tries} tries; "
            f"{first}: {why[first]}; the answers and reasons are kept in author/journal.jsonl"
        )

    def _taken(self, asked: Sequence[Piece], answer: Written | str) -> dict[str, str]:
        """Accept what can be used; the reasons why the rest cannot."""
        if isinstance(answer, str):
            return {p.id: answer for p in asked}
        ids = [text.id for text in answer.texts]
        foreign = [i for i in ids if i not in {p.id for p in asked}]
        texts = {text.id: text.text for text in answer.texts}
        why: dict[str, str] = {}
        for piece in asked:
            if ids.count(piece.id) != 1:
                said = "it is there twice" if piece.id in ids else "there is no text for it"
                why[piece.id] = said + (f"; {plain(foreign[0], 60)!r} was not asked for" if foreign else "")
            elif problems := list(self._rules.problems(piece, texts[piece.id])):
                why[piece.id] = "; ".join(problems[:3])
            else:
                self._journal.accept(piece, texts[piece.id])
        return why

    def _messages(
        self, pieces: Sequence[Piece], settled: Mapping[str, Any], why: Mapping[str, str]
    ) -> list[ChatMessage]:
        order = self._order
        chosen = f": {order.brief.trade}" if order.brief else ", which you choose once and stay with"
        told = {"distance": order.distance, "chosen": chosen}
        system = render(_instruction(), told, "author.md").strip()
        brief = (
            order.brief.model_dump(mode="json", exclude={"canary", "name", "like", "staging"}) if order.brief else None
        )
        material = {
            "brief": brief,
            "settled": settled,
            "attempt": self._journal.calls + 1,
            "pieces": [_shown(piece, why.get(piece.id, "")) for piece in pieces],
        }
        text = f"{MATERIAL}\n{json.dumps(material, ensure_ascii=False, indent=1)}"
        return [ChatMessageSystem(content=system), ChatMessageUser(content=text)]


def _shown(piece: Piece, wrong: str) -> dict[str, Any]:
    """A piece as its author sees it."""
    shown: dict[str, Any] = {"id": piece.id, "about": piece.about, "rule": piece.rule, "source": piece.source}
    shown |= {"keep": list(piece.keep)} if piece.keep else {}
    return shown | ({"wrong with your last text": wrong} if wrong else {})
