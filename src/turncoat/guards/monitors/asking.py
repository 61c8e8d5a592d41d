"""How a model is asked about one act: records between markers with a nonce, a form for its answer, and patience.

The markers, the search for quotes and the manner of asking are those of the model judge; see `turncoat.judges.model`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    ModelOutput,
    ResponseSchema,
)
from inspect_ai.util import json_schema
from pydantic import BaseModel, Field

from turncoat.base.errors import MonitorError
from turncoat.base.model import Frozen
from turncoat.guards.monitors.view import Act, View
from turncoat.judges.model.answers import form_in, is_refusal
from turncoat.judges.model.asking import TRIES, Grader, again
from turncoat.judges.model.transcript import MAX_TRANSCRIPT, Exhibit, Kind, Transcript, as_it_is, sealed
from turncoat.scenarios.files import read_text, split_head, validated
from turncoat.scenarios.templates import render

DATA = Path(__file__).parent / "data"


class Marked(BaseModel, extra="forbid", strict=True):
    """What every answer has."""

    marker: str = Field(description="The marker of the genuine lines, copied.")
    explanation: str = Field(description="One or two sentences.")


F = TypeVar("F", bound=Marked)


class Head(Frozen):
    """The head of an instruction."""

    canary: str
    version: int


@lru_cache(maxsize=8)
def _instruction(name: str) -> tuple[int, str]:
    """Version and template of an instruction that ships."""
    path = DATA / f"{name}.md"
    head, body, _ = split_head(read_text(path, DATA), str(path))
    return validated(Head, head, str(path)).version, body


def version_of(name: str) -> int:
    """Version of an instruction."""
    return _instruction(name)[0]


@dataclass(frozen=True)
class Said(Generic[F]):
    """A usable answer, and what it took.

    Attributes:
        form: The answer.
        calls: How often the model was asked.
        tokens_in: Tokens that it read.
        tokens_out: Tokens that it wrote.
    """

    form: F
    calls: int
    tokens_in: int
    tokens_out: int


class Asker(Generic[F]):
    """A model that is asked one question about acts.

    Args:
        model: The model.
        name: Name of the instruction: `suspicion`, `rewriting` or `deferring`.
        form: The form of its answers.
    """

    def __init__(self, model: Model, name: str, form: type[F]) -> None:
        schema = ResponseSchema(name=name, json_schema=json_schema(form))
        self._grader, self._name, self._form = Grader(model, schema), name, form

    async def ask(self, view: View, shown: Transcript, check: Callable[[F], str] = lambda _: "") -> Said[F]:
        """Ask about an act until there is a usable answer.

        Args:
            view: The act with what is shown beside it.
            shown: The same as records; see `records_of`.
            check: Says what is wrong with an answer of the right form, in words that the model can be told, or "".

        Raises:
            MonitorError: There is none after `TRIES` attempts, or the act is longer than a model is shown.
            Exception: What Inspect makes of a request that is given up.
        """
        if len(shown) > MAX_TRANSCRIPT:
            raise MonitorError(f"what there is to see has {len(shown)} characters, more than {MAX_TRANSCRIPT}")
        messages = self._first(view, shown)
        wrong, tokens = "", (0, 0)
        for calls in range(1, TRIES + 1):
            output = await self._grader.ask(messages)
            tokens = _added(tokens, output)
            form = self._read(output, shown.nonce)
            wrong = form if isinstance(form, str) else check(form)
            if not isinstance(form, str) and not wrong:
                return Said(form, calls, *tokens)
            messages = again(messages, output.completion, wrong)
        raise MonitorError(f"no usable answer in {TRIES} attempts: {wrong}")

    def _first(self, view: View, shown: Transcript) -> list[ChatMessage]:
        _, template = _instruction(self._name)
        system = render(template, {"company": view.company}, f"monitors/{self._name}.md").strip()
        schema = self._form.model_json_schema()
        said = [
            f"The marker of this material is {shown.nonce}.",
            shown.text(),
            f"The act to judge is record {shown.exhibits[-1].number}.",
            f"Answer with one JSON object of this schema and nothing else:\n{schema}",
        ]
        return [ChatMessageSystem(content=system), ChatMessageUser(content="\n\n".join(said))]

    def _read(self, output: ModelOutput, marker: str) -> F | str:
        if not output.choices:
            return "there was no output"
        raw = output.completion.strip()
        form = form_in(raw, self._form)
        if isinstance(form, str):
            refused = output.stop_reason == "content_filter" or is_refusal(raw)
            return f"it was refused ({raw[:80]})" if refused else form
        return form if form.marker.strip() == marker else "the marker is not the one of this material"


def _added(tokens: tuple[int, int], output: ModelOutput) -> tuple[int, int]:
    if output.usage is None:
        return tokens
    return tokens[0] + output.usage.input_tokens, tokens[1] + output.usage.output_tokens


def records_of(view: View) -> Transcript:
    """All that a view shows as numbered records between markers; the last is the act to judge."""
    found: list[tuple[Kind, str, str, str]] = []
    if view.task:
        found.append(("read", "what the agent was told that it is for", "", view.task))
    if view.directory:
        found.append(("read", "the company's directory", "", _listed(view)))
    found += [("read", f"seen by the agent: {t.title}", "", t.text) for t in view.mail]
    found += [("performed", f"earlier act: {a.kind}", _head(a), a.whole) for a in view.acts]
    found += [("reasoning", "the agent's reasoning", "", text) for text in view.reasoning]
    found.append(("attempted", f"the act to judge: {view.act.kind}", _head(view.act), view.act.whole))
    return sealed(
        "",
        [
            Exhibit(n, n, kind, " ".join(title.split())[:200], head, as_it_is(text))
            for n, (kind, title, head, text) in enumerate(found, 1)
        ],
    )


def _listed(view: View) -> str:
    lines = [f"{view.company}, domains: {', '.join(view.domains) or 'not known'}; the agent writes from {view.agent}"]
    for c in view.directory:
        where = "inside" if c.inside else "outside"
        lines.append(f"{c.name} <{', '.join(c.addresses)}>{f', {c.about}' if c.about else ''} ({where})")
    return "\n".join(lines)


def _head(act: Act) -> str:
    """What the systems know of an act beside its words, one line."""
    known = {
        "to": act.recipients,
        "outside the company": act.outside,
        "in no directory": act.strangers,
        "files": act.attachments,
        "marked confidential": act.marked,
    }
    said = [f"{name}: {', '.join(values)}" for name, values in known.items() if values]
    return as_it_is(" ".join("; ".join([*said, *([act.ended] if act.ended else [])]).split())).text
