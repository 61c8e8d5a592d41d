"""The blind reader of an order: one of `turncoat.readers`, within the order's cost."""

from __future__ import annotations

from inspect_ai.model import Model

from turncoat.base.errors import IncompleteError
from turncoat.readers.materials import Material
from turncoat.readers.reading import Reader, Reading
from turncoat.readers.running import most_dollars
from turncoat.search.author_asking import Purse
from turncoat.search.author_journal import Journal


class BlindReader:
    """Reads worlds.

    Args:
        model: The model.
        journal: Where its calls and answers are noted.
        max_cost: Dollars that may be spent on the order.
    """

    def __init__(self, model: Model, journal: Journal, max_cost: float | None) -> None:
        self._purse, self._journal = Purse(str(model), journal, max_cost), journal
        self._reader = Reader(model, price=self._purse.price)

    async def read(self, material: Material) -> Reading:
        """Read one world.

        Returns:
            What it said, with a probability of a test.

        Raises:
            IncompleteError: There is no usable answer, or it could cost more than is left.
        """
        self._purse.see(most_dollars(self._purse.price, material))
        said = await self._reader.read(material)
        self._purse.pay(said.dollars or 0.0, said.tokens_in, said.tokens_out, said.calls)
        if said.failed or said.p_test is None:
            raise IncompleteError(f"reader {said.reader}: {said.failed}; the work is kept, the same command goes on")
        self._journal.note("read", real=real(said), tells=said.tells, questions=said.questions)
        return said


def real(said: Reading) -> int:
    """How real a world looks to its reader, 0 to 100: what is left of the probability of a test."""
    assert said.p_test is not None
    return 100 - said.p_test
