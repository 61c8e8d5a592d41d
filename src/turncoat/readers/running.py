"""Many readings: within a cost, a few at a time, each kept as it comes, so that the same command goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from inspect_ai.model import get_model
from pydantic import ValidationError

from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.base.files import add_lines, reason
from turncoat.base.locks import holding
from turncoat.base.reading import bounded_lines
from turncoat.judges.model.asking import TRIES
from turncoat.providers.models import resolve_model
from turncoat.readers.materials import Material, Wanted, materials
from turncoat.readers.reading import Reader, Reading
from turncoat.runs.prices import Price, load_prices

KEPT = "readings.jsonl"
"""File of a folder that takes each reading as it comes."""
WHO = "turncoat realism"
AT_ONCE = 4
"""Readings that are under way at a time, unless it is said otherwise."""
CHARACTERS_PER_TOKEN = 3.5
"""For what a call will cost: fewer than English has, so that the bound holds."""
ANSWER_TOKENS = 1_000
"""Tokens of an answer, its reasoning included. Assumed."""


@dataclass
class Readings:
    """What readers said.

    Attributes:
        found: One for each reader and world, those that earlier commands had kept included.
        kept: How many of them were there before.
        left: How many were not asked for, since the cost would have gone beyond its limit.
        notes: What the user should know, one line each.
        dollars: What this command spent; None where a price is not known.
    """

    found: list[Reading]
    kept: int = 0
    left: int = 0
    notes: list[str] = field(default_factory=list)
    dollars: float | None = 0.0


@dataclass(frozen=True)
class Budget:
    """What reading would take.

    Attributes:
        readings: Number of readings.
        tokens_in: Tokens that are read, at least: each world once.
        tokens_out: Tokens that are written. Assumed.
        dollars: Their price; None where one is not known.
    """

    readings: int
    tokens_in: int
    tokens_out: int
    dollars: float | None


def budget(found: Sequence[Material], readers: Sequence[str], prices: Path | None = None, *, rounds: int = 1) -> Budget:
    """What it would take to show some worlds to some readers; nobody is asked.

    Args:
        found: What is shown.
        readers: Inspect names of models.
        prices: A price table that comes before the shipped one.
        rounds: Questions that are asked one after another; a world is read again for each.
    """
    table, tokens = load_prices(prices), rounds * sum(_tokens(m) for m in found)
    each = [table.price(r) for r in readers]
    written = rounds * ANSWER_TOKENS * len(found)
    known = [_dollars(p, tokens, written) for p in each if p is not None]
    dollars = sum(known) if len(known) == len(each) else None
    return Budget(len(found) * len(readers), tokens * len(readers), written * len(readers), dollars)


def read_worlds(
    wanted: Wanted,
    readers: Sequence[str],
    folder: Path,
    *,
    max_cost: float | None = None,
    prices: Path | None = None,
    dilemma: bool = False,
    known: bool = False,
    at_once: int = AT_ONCE,
) -> Readings:
    """Show worlds to readers.

    Args:
        wanted: What is shown.
        readers: Inspect names of models.
        folder: Where the readings are kept, as they come; the same folder goes on.
        max_cost: US dollars that may be spent.
        prices: A price table that comes before the shipped one.
        dilemma: Whether readers are asked afterwards how clearly they see the dilemma.
        known: Whether readers are asked last if they know the material, or its plan.
        at_once: Readings that are under way at a time.

    Raises:
        UsageError: An unknown reader or scenario, or a limit of cost where a price is not known.
        OutputError: The folder cannot be written.
    """
    names = list(dict.fromkeys(readers))
    if not names:
        raise UsageError("name a reader, such as --judge openai/gpt-4.1")
    table = load_prices(prices)
    if at_once < 1 or (max_cost is not None and not max_cost >= 0):
        raise UsageError(
            f"at_once={at_once}, max_cost={max_cost}: at least 1 reading at a time, and 0 US dollars or more"
        )
    if max_cost is not None and (unknown := next((n for n in names if table.price(n) is None), None)):
        raise UsageError(f"--max-cost: no price is known for {unknown}; name it in a file for --prices")
    for name in names:
        resolve_model(name)
    found, notes = materials(wanted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}; choose another --out") from None
    with holding(folder, WHO):
        run = _Run(folder / KEPT, max_cost, {n: table.price(n) for n in names}, at_once)
        readings = asyncio.run(run.all(found, names, dilemma=dilemma, known=known))
    readings.notes = [*notes, *readings.notes]
    return readings


class _Run:
    def __init__(self, file: Path, limit: float | None, prices: dict[str, Price | None], at_once: int) -> None:
        self._file, self._limit, self._prices = file, limit, prices
        self._spent, self._reserved, self._left = 0.0, 0.0, 0
        self._gate, self._rounds = asyncio.Semaphore(at_once), 1

    async def all(self, found: Sequence[Material], names: Sequence[str], **further: bool) -> Readings:
        self._rounds = 1 + sum(further.values())
        add_lines(self._file)  # so that nothing is paid that could not be kept
        kept, notes = load_readings(self._file)
        known = {key_of(r): r for r in kept if not r.failed}
        async with AsyncExitStack() as stack:
            models = [await stack.enter_async_context(get_model(n, memoize=False)) for n in names]
            readers = [Reader(m, **further, price=self._prices[n]) for m, n in zip(models, names, strict=True)]
            there = {(m.hash, r.name): known.get((m.hash, r.name, r.questions)) for m in found for r in readers}
            new = await asyncio.gather(
                *(
                    self._one(m, r, n)
                    for m in found
                    for r, n in zip(readers, names, strict=True)
                    if not there[m.hash, r.name]
                )
            )
        done = [*(r for r in there.values() if r is not None), *(r for r in new if r is not None)]
        dollars = None if None in self._prices.values() else self._spent
        return Readings(done, sum(r is not None for r in there.values()), self._left, notes, dollars)

    async def _one(self, material: Material, reader: Reader, name: str) -> Reading | None:
        price = self._prices[name]
        most = self._rounds * most_dollars(price, material)  # what is not needed is given back
        async with self._gate:
            if self._limit is not None and self._spent + self._reserved + most > self._limit:
                self._left += 1
                return None
            self._reserved += most
            try:
                reading = await reader.read(material)
            finally:
                self._reserved -= most
            self._spent += reading.dollars or 0.0
            add_lines(self._file, reading.model_dump_json())
            return reading


def key_of(reading: Reading) -> tuple[str, str, str]:
    """What a reading is known again by: what was shown, to whom, and what was asked."""
    return (reading.text, reading.reader, reading.questions)


def load_readings(file: Path) -> tuple[list[Reading], list[str]]:
    """The readings of a file, and what in it could not be read, one line each; none where there is no file.

    Raises:
        DataError: The file cannot be read.
    """
    found: list[Reading] = []
    notes: list[str] = []
    try:
        if not file.is_file():
            return found, notes
        with file.open("rb") as lines:
            for number, line in enumerate(bounded_lines(lines), 1):
                if line is None or line.strip():
                    try:
                        found.append(Reading.model_validate_json((line or b"").decode("utf-8", "replace")))
                    except ValidationError:
                        notes.append(f"{file}: line {number} is no reading and is left out")
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({reason(error)})") from None
    return found, notes


def _tokens(material: Material) -> int:
    return round(material.characters / CHARACTERS_PER_TOKEN) + 1_000


def most_dollars(price: Price | None, material: Material) -> float:
    """What one question may cost: a world is read again for each answer that cannot be used; 0 without a price."""
    return TRIES * _dollars(price, _tokens(material), ANSWER_TOKENS) if price is not None else 0.0


def _dollars(price: Price, tokens_in: int, tokens_out: int) -> float:
    return (tokens_in * price.input + tokens_out * price.output) / 1e6
