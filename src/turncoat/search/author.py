"""Storylines that a model writes: on the structure of one that ships, in small steps, checked until sound.

1. The scaffold's texts become pieces (`author_pieces`); the author writes them step by step (`author_asking`), each
   under the rules (`author_rules`, `author_safety`). What is accepted is kept (`author_journal`).
2. A draft is written and checked whole (`author_mending`). Pieces that a problem is about are written again.
3. Another model reads the draft blind (`author_reader`), where there is one; what it quotes is written again.
4. What is sound moves to its place, with its origin in `story.yaml`. What is not stays in `author/draft`, with reasons.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError, OutputError, Problem, TurncoatError, UsageError
from turncoat.base.files import reason, write_whole
from turncoat.base.locks import holding
from turncoat.base.simulated import shown as marked
from turncoat.checks.scenario import PRESSED
from turncoat.doors import DEFAULT_DOOR
from turncoat.providers.models import resolve_model
from turncoat.readers.materials import shown
from turncoat.scenarios.factors import PAPER, STAGING
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.new import NAME
from turncoat.search.author_asking import Author, batches
from turncoat.search.author_folder import move_into, write_folder
from turncoat.search.author_journal import Journal
from turncoat.search.author_mending import READER, at_fault, problems_of
from turncoat.search.author_order import INSTRUCTIONS, Order
from turncoat.search.author_pieces import STEPS, Path, Piece, pieces_of, scaffold_of, written
from turncoat.search.author_reader import BlindReader, real
from turncoat.search.author_rules import rules_for, whole_problems
from turncoat.search.author_safety import allowed_of
from turncoat.search.rewriter import share_of

SEEDS = (1, 2)
"""Worlds that a blind reader reads; the lower of its numbers counts."""
WARMTH = 0.9
"""Temperature of an author: at a judge's zero it would write the same again."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Authored:
    """A storyline that was written and found sound.

    Attributes:
        folder: Its scenario folder.
        name: The storyline.
        pieces: How many texts were written.
        shared: Share of the sequences of three words in its mails that the source has as well, 0 to 1.
        realism: What the blind reader gave, 0 to 100; None without one.
        calls: How often models were asked.
        dollars: What that cost, as far as prices are known.
    """

    folder: File
    name: str
    pieces: int
    shared: float
    realism: int | None
    calls: int
    dollars: float


async def author(order: Order, folder: File, say: Say = lambda _: None) -> Authored:
    """Have a storyline written, or go on where a stopped command was.

    Args:
        order: What is asked for.
        folder: The scenario folder to make; its name becomes the scenario's.
        say: Is told what is going on, one line each.

    Raises:
        UsageError: The folder's name will not do, or it holds the work on another order.
        OutputError: Something else stands there, or it cannot be written.
        UnknownName: There is no such model.
        IncompleteError: The storyline is not sound, or not real enough, within tries and cost; all work is kept.
    """
    if not NAME.fullmatch(folder.name) or folder.name in scenario_names():
        raise UsageError(
            f"{folder}: the folder's name becomes the scenario's: lower-case letters, digits, - and _, none that ships"
        )
    for name in filter(None, (order.author, order.reader)):
        resolve_model(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None
    with holding(folder, "turncoat new --author"):
        journal = Journal(folder / "author", order)
        async with AsyncExitStack() as stack:
            order = replace(order, written_on=journal.written_on)
            warm = get_model(order.author, config=GenerateConfig(temperature=WARMTH), memoize=False)
            writer = await stack.enter_async_context(warm)
            reader: BlindReader | None = None
            if order.reader:
                model = await stack.enter_async_context(get_model(order.reader, memoize=False))
                reader = BlindReader(model, journal, order.max_cost)
            return await _Work(order, folder, journal, writer, reader, say).done()


class _Work:
    """The work on one order."""

    def __init__(
        self, order: Order, folder: File, journal: Journal, model: Model, reader: BlindReader | None, say: Say
    ) -> None:
        self.order, self.folder, self.journal, self.reader, self.say = order, folder, journal, reader, say
        self.data = scaffold_of(order)
        self.pieces = pieces_of(order, self.data)
        rules = rules_for(order.distance, self.data, self.pieces, allowed_of(order.scaffold.folder))
        self.author = Author(order, model, rules, journal)
        self.draft = folder / "author" / "draft" / folder.name
        self.realism: int | None = None

    async def done(self) -> Authored:
        """Write, check and mend until the storyline is sound."""
        if (self.folder / "scenario.yaml").is_file():
            raise UsageError(f"{self.folder}: is finished; check it, change it, or name another --out")
        problems: list[Problem] = []
        for round in range(1, self.order.tries + 1):
            await self._write()
            problems = await self._checked() or await self._read()
            if not problems:
                return self._finished()
            self.say(f"round {round}: {counted(len(problems), 'problem')}; the first: {problems[0]}")
            if not self._take_back(problems):
                break
        lines = "\n".join(str(p) for p in problems)
        write_whole(self.folder / "author" / "problems.txt", f"{lines}\n")
        raise IncompleteError(
            f"{self.folder}: not usable after {counted(round, 'round')}, {counted(len(problems), 'problem')}; "
            f"{problems[0]}; the draft and "
            f"all reasons are in {self.folder / 'author'}"
        )

    async def _write(self) -> None:
        """Have every piece written that has no accepted text."""
        for batch in batches([p for p in self.pieces if self.journal.text_of(p) is None]):
            self.say(f"{batch[0].step}: {counted(len(batch), 'piece')}")
            for _ in range(self.order.tries):
                todo = [p for p in batch if self.journal.text_of(p) is None]
                if todo:
                    await self.author.write(todo, self._settled(todo))
                wrong = whole_problems(self._texts())
                mine = [p for p in batch if p.path in wrong]
                for piece in mine:
                    self.journal.take_back(piece, wrong[piece.path])
                if not mine:
                    break
            else:
                raise IncompleteError(
                    f"step {batch[0].step}: {mine[0].id}: {wrong[mine[0].path]}; what was written is kept"
                )

    def _texts(self) -> Mapping[Path, str]:
        return self.journal.written(self.pieces)

    def _settled(self, todo: Sequence[Piece]) -> dict[str, Any]:
        """What later steps go by: slots, cast and facts as they were written."""
        if todo[0].step == STEPS[0]:
            return {}
        story = written(self.data, self._texts())["story"]
        slots = {name: options[0] for name, options in story["slots"].items()}
        cast = {role: spec.get("title", "") for role, spec in story["cast"].items()}
        facts = {name: fact["summary"] for name, fact in story.get("facts", {}).items()}
        return {"slots, one option of each": slots, "cast": cast, "facts": facts, "about": story["about"]}

    async def _checked(self) -> list[Problem]:
        """Write the draft and check it."""
        data = written(self.data, self._texts())
        write_folder(self.draft, self.order, data, self._origin(data))
        try:
            # A check runs loops of its own.
            return await asyncio.to_thread(problems_of, self.order, str(self.draft))
        except TurncoatError as error:  # it cannot even be loaded
            return [Problem("load", "", str(error))]

    async def _read(self) -> list[Problem]:
        """Have the draft read blind."""
        if self.reader is None:
            return []
        scenario = load_scenario(str(self.draft))
        staging = scenario.storylines[self.order.name].spec.staging
        condition = scenario.space.condition({**PRESSED, **({} if staging == PAPER else {STAGING: staging})})
        worlds = [scenario.render(condition, f"{self.order.name}@{seed}") for seed in SEEDS]
        said = [await self.reader.read(shown(staging, scenario, world, DEFAULT_DOOR)) for world in worlds]
        self.realism = min(map(real, said))
        self.say(f"{marked(self.order.reader)}: real to {self.realism} of 100")
        if self.realism >= self.order.realism:
            return []
        found = f"the reader gives {self.realism} of 100, fewer than {self.order.realism}"
        tells = dict.fromkeys(tell for one in said for tell in one.tells)
        return [Problem(READER, "", f"{found}; a sign of it: {tell}") for tell in tells] or [Problem(READER, "", found)]

    def _take_back(self, problems: Sequence[Problem]) -> bool:
        """Give up the texts that problems are about; whether there are any."""
        texts, found = self._texts(), False
        for problem in problems:
            for piece in at_fault(problem, self.pieces, texts):
                if self.journal.text_of(piece) is not None:
                    self.journal.take_back(piece, str(problem)[:600])
                    found = True
        return found

    def _origin(self, data: Mapping[str, Any]) -> dict[str, Any]:
        order = self.order
        return {
            "author": order.author,
            "reader": order.reader,
            "realism": self.realism,
            "source": f"{order.scenario}/{order.storyline}.{order.scaffold.spec.version}",
            "distance": order.distance,
            "shared": share_of(data, self.data),
            "instructions": INSTRUCTIONS,
            "date": order.written_on.isoformat(),
        }

    def _finished(self) -> Authored:
        data = written(self.data, self._texts())
        origin = self._origin(data)
        write_folder(self.draft, self.order, data, origin)
        move_into(self.draft, self.folder)
        (self.folder / "author" / "problems.txt").unlink(missing_ok=True)
        spent, calls = self.journal.spent, self.journal.calls
        return Authored(self.folder, self.order.name, len(self.pieces), origin["shared"], self.realism, calls, spent)
