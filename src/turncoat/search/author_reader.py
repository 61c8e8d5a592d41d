"""A blind reader: another model that says how real a world looks, and by what it would know it for made up."""

from __future__ import annotations

import json

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, Model
from pydantic import BaseModel, Field

from turncoat.base.errors import IncompleteError
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.templates import render
from turncoat.search.author_asking import MATERIAL, Asked, again, instruction
from turncoat.search.author_journal import Journal
from turncoat.search.author_order import Order


class Impression(BaseModel, extra="forbid", strict=True):
    """A reader's whole answer."""

    real: int = Field(ge=0, le=100, description="How likely it is that this is real mail.")
    tells: list[str] = Field(max_length=8, description="Passages that speak against it, copied.")


class BlindReader:
    """Reads worlds.

    Args:
        order: Whose tries and cost bound it.
        model: The model.
        journal: Where its calls and answers are noted.
    """

    def __init__(self, order: Order, model: Model, journal: Journal) -> None:
        self._order, self._journal = order, journal
        self._asked = Asked(model, Impression, journal, order.max_cost)

    async def read(self, rendered: Rendered) -> Impression:
        """Read one condition in one world, as a model with the text interface sees it.

        Raises:
            IncompleteError: There is no usable answer after all tries, or the bound of cost is reached.
        """
        prompt = door(DEFAULT_DOOR).prompt(rendered)
        text = f"{prompt.system}\n\n{prompt.user}"
        material = json.dumps({"text": text}, ensure_ascii=False)
        first: list[ChatMessage] = [
            ChatMessageSystem(content=render(instruction("reader"), {}, "reader.md").strip()),
            ChatMessageUser(content=f"{MATERIAL}\n{material}"),
        ]
        messages, wrong = first, ""
        for _ in range(self._order.tries):
            answer, raw = await self._asked.ask(messages)
            wrong = answer if isinstance(answer, str) else _misquoted(answer, text)
            if isinstance(answer, Impression) and not wrong:
                self._journal.note("read", real=answer.real, tells=answer.tells)
                return answer
            self._journal.refuse("reader", [wrong], raw)
            messages = [*first, *again(raw, wrong)]
        raise IncompleteError(f"reader {self._order.reader}: no usable answer in {self._order.tries} tries: {wrong}")


def _misquoted(answer: BaseModel | str, text: str) -> str:
    """What is wrong with a reader's passages, or ""."""
    tells = answer.tells if isinstance(answer, Impression) else []
    flat = " ".join(text.split())
    lost = [tell for tell in tells if " ".join(tell.split()) not in flat or len(tell.strip()) < 8]
    return f"{lost[0][:60]!r} does not stand in the text" if lost else ""
