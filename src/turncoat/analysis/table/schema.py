"""What a log may say of itself and of its samples: fields of strangers have no type until they are checked here.

Numbers are bounded, texts are cut to one short line, lists and mappings are counted. What is not needed to know which
sample it is counts as missing where it is wrong, and is named; what is needed makes the log or the sample unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from turncoat.base.errors import LogError
from turncoat.base.text import plain, unbroken

Status = Literal["success", "started", "cancelled", "error"]

T = TypeVar("T", bound=BaseModel)

MAX_COUNT = 10**15
"""Largest number of tokens, seconds, samples or dollars that is believed; sums of several still fit 64 bits."""

MAX_ROUNDS = 50
"""How often wrong fields are taken out before the rest is given up."""


def _text(value: object) -> object:
    return plain(value) if isinstance(value, str | int | float) else "" if value is None else value


def _long(value: object) -> object:
    return plain(value, 600) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Whole = Annotated[str, BeforeValidator(lambda value: unbroken(value[:20_000]) if isinstance(value, str) else value)]
"""Text in its lines, from which the cause of an error is taken."""
Name = Annotated[Text, Field(min_length=1)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Number = Annotated[float, Field(ge=0, le=MAX_COUNT, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[tuple[Text, ...], Field(max_length=1000)]


class _Part(BaseModel, frozen=True):
    """What is not known is passed over, since logs may be of a later version."""


class Usage(_Part):
    """Tokens and dollars of one model in one sample."""

    input_tokens: Count | None = None
    input_tokens_cache_read: Count | None = None
    input_tokens_cache_write: Count | None = None
    output_tokens: Count | None = None
    total_cost: Number | None = None

    @property
    def tokens_in(self) -> int:
        """Input tokens, cached ones included: providers count them apart, and Anthropic's input excludes both kinds."""
        return sum(n or 0 for n in (self.input_tokens, self.input_tokens_cache_read, self.input_tokens_cache_write))


class About(_Part):
    """What our tasks say of a sample."""

    scenario: Text = ""
    interface: Text = ""
    condition: Text = ""
    world: Text = ""
    levels: Annotated[dict[Text, Text], Field(max_length=100)] | None = None
    position: Count | None = None
    stimulus: Text = ""
    guards: Names | None = None


class Summary(_Part):
    """One sample, as Inspect sums it up."""

    id: Name
    epoch: Annotated[int, Field(ge=0, le=10**9)]
    uuid: Text = ""
    """Inspect's id of this run of the sample; copies and later scores keep it."""
    metadata: About | None = None
    scores: dict[str, Any] | None = None
    """Each is read by `turncoat.scoring.result.Result.of_score`."""
    model_usage: dict[str, Usage] | None = None
    error: Whole | None = None
    limit: Text | None = None
    retries: Count | None = None
    total_time: Number | None = None
    started_at: Text | None = None


class _Contrast(_Part):
    scenario: Text
    first: Text
    second: Text
    about: Text = ""


class _Reported(_Part):
    scenario: Text
    condition: Text
    rate: Annotated[float, Field(ge=0, le=1)]
    source: Text


class _Exclusion(_Part):
    scenario: Text
    above: Share
    control: Text = ""


class _Stopping(_Part):
    of: Literal["cells", "contrasts"] = "cells"
    threshold: Annotated[float, Field(gt=-1, lt=1)] | None = None
    half_width: Annotated[float, Field(gt=0, lt=1)] | None = None
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    at_least: Annotated[int, Field(ge=1, le=10**9)] = 1


class _Named(_Part):
    name: Text = ""


Study = Annotated[_Named, BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value)]
"""What a study declared; its name alone will do."""


class Manifest(_Part):
    """What a task declares beside its samples."""

    study: Study | None = None
    shard: Text | None = None
    design: Text | None = None
    run: Text | None = None
    instrument: Text | None = None
    stimulus: Text | None = None
    parser: Text | None = None
    scenario_version: Text | None = None
    ladder: Text | None = None
    title: Text | None = None
    preregistration: Annotated[str, BeforeValidator(_long)] | None = None
    harm_done: Text | None = None
    rungs: Names | None = None
    mitigations: Names | None = None
    guarding: Names | None = None
    contrasts: Annotated[tuple[_Contrast, ...], Field(max_length=1000)] | None = None
    exclusions: Annotated[tuple[_Exclusion, ...], Field(max_length=1000)] | None = None
    reported: Annotated[tuple[_Reported, ...], Field(max_length=1000)] | None = None
    stopping: _Stopping | None = None
    equivalence: Annotated[float, Field(gt=0, lt=1)] | None = None
    failure_budget: Annotated[float, Field(ge=0, lt=1)] | None = None


class Metadata(_Part):
    """What our tasks say of themselves."""

    turncoat: Text = ""
    scenario: Text = ""
    interface: Text = ""
    judge: Text = ""
    manifest: Manifest = Manifest()
    study: Study | None = None


class _Dataset(_Part):
    samples: Count | None = None


class _Config(_Part):
    epochs: Annotated[int, Field(ge=1, le=10**9)] | None = None


class _Role(_Part):
    model: Text = ""


_Roles = Annotated[
    Annotated[tuple[_Role, ...], Field(max_length=100)],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
]
"""The model of a role; Inspect writes one alone, or several as a list."""


class _Spec(_Part):
    task: Name
    model: Name
    created: Name
    task_id: Text = ""
    metadata: Metadata | None = None
    dataset: _Dataset = _Dataset()
    config: _Config = _Config()
    packages: dict[str, Text] | None = None
    model_generate_config: dict[Text, Any] | None = None
    model_base_url: Text | None = None
    model_args: dict[Text, Any] | None = None
    model_roles: dict[Text, _Roles] | None = None


class _Stops(_Part):
    early_stops: list[Any] | None = None


class _Results(_Part):
    total_samples: Count | None = None
    early_stopping: _Stops | None = None


class _Stats(_Part):
    completed_at: Text = ""


class _Error(_Part):
    message: Text = ""


class Header(_Part):
    """A log's header."""

    status: Status = "started"
    eval: _Spec
    stats: _Stats | None = None
    results: _Results | None = None
    error: _Error | None = None

    @property
    def stopped(self) -> int:
        """Samples that a rule made unnecessary."""
        stops = self.results.early_stopping if self.results else None
        return len(stops.early_stops or ()) if stops else 0

    @property
    def planned(self) -> int | None:
        """Samples times epochs, without those that a rule made unnecessary; None where the log says nothing."""
        results, samples = self.results or _Results(), self.eval.dataset.samples
        planned = results.total_samples
        if planned is None and samples is not None:
            planned = samples * (self.eval.config.epochs or 1)
        return None if planned is None else max(planned - self.stopped, 0)


NEEDED = frozenset(
    {
        (),
        *(("id",), ("epoch",), ("metadata",)),
        *(("metadata", name) for name in ("scenario", "interface", "condition", "world", "levels")),
        *(("eval",), ("eval", "task"), ("eval", "model"), ("eval", "created"), ("eval", "metadata")),
    }
)
"""Places without which nobody knows what a sample or a log is of: where one is wrong, nothing is made of the rest."""


def checked(model: type[T], data: object, place: str) -> tuple[T, tuple[str, ...]]:
    """Check strangers' data.

    Args:
        model: The schema.
        data: The data as they stand in a log.
        place: What they are, for the message.

    Returns:
        The data, and the fields that were wrong and count as missing.

    Raises:
        LogError: What is wrong is needed, or all of it is.
    """
    wrong: list[str] = []
    for _ in range(MAX_ROUNDS):
        try:
            return model.model_validate(data), tuple(dict.fromkeys(wrong))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            places = {_path(data, e["loc"]): e for e in found}
            for at, e in places.items():
                if at in NEEDED or at[:2] == ("metadata", "levels"):
                    name = plain(".".join(map(str, e["loc"])), 60) or "all of it"
                    raise LogError(f"{place}: {name}: {plain(e['msg'], 120)}") from None
                wrong.append(plain(".".join(map(str, at)), 60))
            for at in sorted(places, key=lambda at: [str(step).zfill(9) for step in at], reverse=True):
                data = _without(data, at)
    raise LogError(f"{place}: too much of it is not as Inspect writes it")


def _path(data: object, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of a place that there is in the data."""
    found: list[int | str] = []
    for step in loc:
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
        found.append(step)
    return tuple(found)


def _without(data: Any, path: tuple[int | str, ...]) -> Any:
    """The data without what stands at a place."""
    if not path or (isinstance(data, dict) and path[0] not in data):
        return data
    first, *rest = path
    if isinstance(data, dict):
        kept = {k: v for k, v in data.items() if rest or k != first}
        return {**kept, first: _without(data[first], tuple(rest))} if rest else kept
    index = int(first)
    inner = [_without(data[index], tuple(rest))] if rest else []
    return [*data[:index], *inner, *data[index + 1 :]]
