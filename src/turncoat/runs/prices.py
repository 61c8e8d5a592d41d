"""What models cost: a dated table that users override."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

from inspect_ai.model import ModelCost, ModelUsage, get_model_info, set_model_info
from inspect_ai.model import ModelInfo as Info
from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.base.simulated import is_simulated
from turncoat.scenarios.files import load_model

PRICES = Path(__file__).parent / "prices.yaml"

_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
"""What a name has beside the model's: the day of its version."""
Dollars = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Price(Frozen):
    """US dollars for a million tokens."""

    input: Dollars
    output: Dollars
    cache_read: Dollars | None = None
    """Input read from a cache; the input's price if not given."""
    cache_write: Dollars | None = None
    """Input written to a cache; the input's price if not given."""

    def of(self, usage: ModelUsage) -> float:
        """What calls of this usage cost."""
        cost = self.known
        return (
            usage.input_tokens * cost.input
            + usage.output_tokens * cost.output
            + (usage.input_tokens_cache_read or 0) * cost.input_cache_read
            + (usage.input_tokens_cache_write or 0) * cost.input_cache_write
        ) / 1e6

    @property
    def known(self) -> ModelCost:
        """The price as Inspect knows it."""
        read = self.input if self.cache_read is None else self.cache_read
        written = self.input if self.cache_write is None else self.cache_write
        return ModelCost(input=self.input, output=self.output, input_cache_read=read, input_cache_write=written)


class PriceTable(Frozen):
    """Prices by model."""

    canary: str = ""
    as_of: date
    """The day on which the prices were noted."""
    source: str
    models: dict[str, Price]
    """Inspect's model name, or its last part, with or without a date; `sim/*` covers a whole provider."""

    def price(self, model: str) -> Price | None:
        """The price of a model: by its full name, its last part, that without a date, or its provider; else None."""
        provider, _, last = model.partition("/")
        last = model.rpartition("/")[2] or last
        names = (model, last, _DATED.sub("", last), f"{provider}/*")
        return next((self.models[n] for n in names if n in self.models), None)


def load_prices(path: Path | None = None) -> PriceTable:
    """The shipped table, with the entries of a user's file before it.

    Raises:
        ScenarioError: A file is wrong.
    """
    shipped = load_model(PriceTable, PRICES, PRICES.parent)
    if path is None:
        return shipped
    own = load_model(PriceTable, path, path.parent)
    return own.model_copy(update={"models": {**shipped.models, **own.models}})


def make_known(model: str, price: Price) -> None:
    """Tell Inspect a model's price, so that its logs hold what each sample cost."""
    found = None if is_simulated(model) else get_model_info(model)  # which reads the data of all models there are
    set_model_info(model, (found or Info()).model_copy(update={"cost": price.known}))
