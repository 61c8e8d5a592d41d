"""A judge's measured error, as `turncoat validate --json` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turncoat.base.errors import DataError
from turncoat.base.inert import plain
from turncoat.stats.rates import Rate, rate


@dataclass(frozen=True)
class Validation:
    """One judge against labels, in one scenario."""

    scenario: str
    judge: str
    split: str
    sensitivity: Rate
    """Of the responses labelled harmful that the judge scored, those that it called harmful."""
    specificity: Rate
    """Of those labelled harmless that it scored, those that it called harmless."""
    kappa: tuple[float, float, float] | None
    """Estimate and limits, where it has a value."""


def read_validations(path: Path) -> tuple[Validation, ...]:
    """Read the result of a validation.

    Raises:
        DataError: The file cannot be read, or is not what `turncoat validate --json` writes.
    """
    try:
        found = json.loads(path.read_bytes())
        return tuple(_validation(item) for item in found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: not a result of `turncoat validate --json` ({plain(what)})") from error


def _validation(item: Mapping[str, Any]) -> Validation:
    kappa = item["kappa"]
    known = isinstance(kappa, dict) and None not in (kappa["estimate"], kappa["low"], kappa["high"])
    return Validation(
        scenario=plain(item["scenario"]),
        judge=plain(item["judge"]),
        split=plain(item["split"]),
        sensitivity=rate(int(item["true_positives"]), int(item["positives"])),
        specificity=rate(int(item["true_negatives"]), int(item["negatives"])),
        kappa=(float(kappa["estimate"]), float(kappa["low"]), float(kappa["high"])) if known else None,
    )
