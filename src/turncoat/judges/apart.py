"""Who watches over an agent is another model than who judges it, unless that is asked for.

A monitor of the judge's own model shares its errors: by the judge's verdicts it looks better than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from turncoat.base.errors import UsageError
from turncoat.base.models import same_model

PANEL = "panel("
"""How names of panels begin."""


def members_of(judge: str) -> tuple[str, ...]:
    """The readers that a judge's name in a log holds, without their versions: a panel's members, or itself alone."""
    names = judge.removeprefix(PANEL).removesuffix(")").split(", ") if judge.startswith(PANEL) else [judge]
    return tuple(name.partition("@")[0] for name in names)


def shared_models(watching: Iterable[str], judges: Iterable[str]) -> list[tuple[str, str]]:
    """Which models, by whatever names, both watch and judge.

    Args:
        watching: Inspect's names of models that guards or monitors ask.
        judges: Who judged, as logs or options name it.

    Returns:
        Pairs of both names, sorted.
    """
    judging = {name for judge in judges for name in members_of(judge)}
    return sorted({(w, j) for w in watching for j in judging if same_model(w, j)})


def refuse_own_judge(watching: Mapping[str, str], judges: Iterable[str]) -> None:
    """See that no model that watches gave, or will give, the verdicts.

    Args:
        watching: Inspect's name of each model that guards or monitors ask → what it does there: `is the monitor`.
        judges: As `shared_models`.

    Raises:
        UsageError: One does.
    """
    for model, judge in shared_models(watching, judges):
        alias = f", which is {model}," if judge != model else ""
        raise UsageError(
            f"{judge}{alias} judges these runs and {watching[model]} as well: it shares the judge's errors, and "
            "looks better by its verdicts than it is; take another model or another judge, or give --same-model"
        )


__all__ = ["PANEL", "members_of", "refuse_own_judge", "shared_models"]
