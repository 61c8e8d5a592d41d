"""How a grader is asked: with a response schema and temperature 0 where its provider takes them, and with patience.

What a provider takes shows in the first question: one that refuses the schema or the temperature, by a 400 that names
it or by a 500 that names nothing, is asked without, and so from then on. The prompt holds the schema in words as well.
One that says that it takes no system message finds its text before the question.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.util import LimitExceededError, json_schema

from turncoat.base.simulated import is_simulated
from turncoat.judges.model.answers import SCHEMA_TEXT, Form
from turncoat.providers.faults import (
    UnusableError,
    cause_of,
    is_busy,
    is_connection,
    is_spent,
    may_pass,
    root_of,
    status_of,
)
from turncoat.providers.models import resolve_model
from turncoat.providers.patience import patient
from turncoat.providers.probe import FIRST_ATTEMPT, patiently, said_of
from turncoat.providers.sound import keep_sound

_SCHEMA = ResponseSchema(name="judgement", json_schema=json_schema(Form))
_MANNER = "_turncoat_is_asked"

_OF_SCHEMA = (
    *("response_format", "response format", "output_format", "output_config", "json_schema", "json schema"),
    *("json mode", "json_object", "response_schema", "responseschema", "structured output", "structured_output"),
    *("guided", "grammar"),
)
_OF_SYSTEM = re.compile(
    r"system.{0,3} (?:role|message|prompt|instruction)|role.{0,5} .{0,3}system|developer instruction|must alternate"
)
_DECIDED = frozenset({401, 402, 403, 404, 413})
"""Refusals that have nothing to do with how was asked."""


TRIES = 3
"""How often a model is asked for a usable answer before its silence is final."""


def again(messages: Sequence[ChatMessage], said: str, wrong: str) -> list[ChatMessage]:
    """The conversation in which a model that gave no usable answer is asked once more.

    Args:
        messages: What it was asked.
        said: What it answered.
        wrong: What is wrong with that, in words that it can be told.
    """
    told = ChatMessageUser(content=f"This cannot be used: {wrong}. Answer again, whole.")
    return [*messages, ChatMessageAssistant(content=said or "(nothing)"), told]


@dataclass(frozen=True)
class Manner:
    """What a provider takes of what a judge is asked with.

    Attributes:
        schema: Whether the response schema is sent.
        temperature: Whether temperature 0 is sent.
        system: Whether its instructions are a system message.
        settled: Whether an answer has come to a request of this kind.
        again: Whether a request of this kind has failed once without a reason that names it.
    """

    schema: bool = True
    temperature: bool = True
    system: bool = True
    settled: bool = False
    again: bool = False

    def after(self, error: BaseException) -> Manner | None:
        """What to try next, or None where the fault is none of how was asked."""
        status, said = status_of(error), cause_of(error).lower()
        if isinstance(error, UnusableError) and error.said:
            status = 500
        named = any(word in said for word in _OF_SCHEMA)
        decided = status in _DECIDED and not (status == 404 and named)  # a gateway that finds nobody who takes it
        if decided or is_busy(error) or is_spent(error) or is_connection(error):
            return None
        if self.system and _OF_SYSTEM.search(said):
            return replace(self, system=False, again=False)
        if self.temperature and "temperature" in said:
            return replace(self, temperature=False, again=False)
        if self.schema and named:
            return replace(self, schema=False, again=False)
        if not status:
            return None
        if status >= 500 and not self.again:
            return replace(self, again=True)
        if self.schema:
            return replace(self, schema=False)
        return replace(self, temperature=False) if self.temperature else None

    def put(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The messages as the provider takes them: where it has no system message, its text before the question."""
        if self.system or [m.role for m in messages[:2]] != ["system", "user"]:
            return list(messages)
        return [ChatMessageUser(content=f"{messages[0].text}\n\n{messages[1].text}"), *messages[2:]]


class Grader:
    """A model that is asked for judgements.

    Args:
        model: The model.
        schema: The form of its answers, where its provider takes one.
    """

    def __init__(self, model: Model, schema: ResponseSchema = _SCHEMA) -> None:
        keep_sound([model])
        self._model, self._schema = model, schema

    @property
    def manner(self) -> Manner:
        """How it is asked; all who ask the model know it."""
        found = getattr(self._model.api, _MANNER, None)
        return found if isinstance(found, Manner) else Manner()

    @manner.setter
    def manner(self, manner: Manner) -> None:
        setattr(self._model.api, _MANNER, manner)

    async def ask(self, messages: list[ChatMessage]) -> ModelOutput:
        """Ask, and find out what the provider takes if that is not known.

        Raises:
            Exception: Whatever Inspect makes of a request that is given up.
        """
        if not self.manner.settled and (output := await self._settling(messages)) is not None:
            return output
        return await self._model.generate(self.manner.put(messages), config=self._config(self.manner))

    async def _settling(self, messages: list[ChatMessage]) -> ModelOutput | None:
        """Ask in one manner after the other, without patience; None where the fault is another, and may pass."""
        manner: Manner | None = self.manner
        while manner is not None:
            try:
                quick = GenerateConfig(max_retries=0)
                output = await self._model.generate(manner.put(messages), config=self._config(manner).merge(quick))
            except LimitExceededError:
                raise
            except Exception as error:
                manner, root = manner.after(root_of(error)), root_of(error)
                if manner is None and not may_pass(root):
                    raise
            else:
                self.manner = replace(manner, settled=True, again=False)
                return output
        return None

    def _config(self, manner: Manner) -> GenerateConfig:
        own = self._model.config
        return patient(own).merge(
            GenerateConfig(
                temperature=own.temperature if own.temperature is not None else 0.0 if manner.temperature else None,
                response_schema=self._schema if manner.schema else None,
                fail_on_refusal=False,
            )
        )

    async def first_question(self) -> None:
        """Find out before a run what the provider takes."""
        asked: list[ChatMessage] = [
            ChatMessageSystem(content="You check the form of answers."),
            ChatMessageUser(
                content="Answer with one JSON object of this schema: marker 'x', explanation 'ready', no claims.\n"
                + SCHEMA_TEXT
            ),
        ]
        manner: Manner | None = self.manner
        while manner is not None:
            config = self._config(manner).merge(GenerateConfig(max_retries=0, attempt_timeout=FIRST_ATTEMPT))
            try:
                await self._model.generate(manner.put(asked), config=config)
            except Exception as error:
                manner = manner.after(root_of(error))
                if manner is None:
                    raise
            else:
                self.manner = replace(manner, settled=True, again=False)
                return


def first_to_grader(name: str) -> str:
    """Find out before a run what a grader's provider takes; its later questions are asked so.

    Returns:
        A note where the provider has too much to do, or does not take the response schema; else "".

    Raises:
        UnknownName: The provider refuses the key or does not know the model.
        UsageError: It refuses any question.
        IncompleteError: There is no provider that answers.
    """
    return "" if is_simulated(name) else asyncio.run(_first_to_grader(name))


async def _first_to_grader(name: str) -> str:
    async with get_model(name, memoize=False) as model:
        grader = Grader(model)
        try:
            await patiently(grader.first_question)
        except Exception as error:
            return said_of(error, name, model, "the judge")
        manner = grader.manner
    Grader(resolve_model(name)).manner = manner
    parts = {"response schema": manner.schema, "temperature": manner.temperature, "system message": manner.system}
    left_out = [part for part, taken in parts.items() if not taken]
    return f"{name}: its provider takes no {' and no '.join(left_out)}; the judge is asked without" if left_out else ""
