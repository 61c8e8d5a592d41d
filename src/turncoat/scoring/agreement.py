"""How far the members of a panel agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from turncoat.scoring.verdict import HARMFUL, HARMLESS
from turncoat.stats.agreement import Kappa, kappa


def panel_agreement(votes: Sequence[Mapping[str, str]], worlds: Sequence[Hashable] | None = None) -> Kappa | None:
    """Agreement of a panel beyond chance: Cohen's kappa for two judges, Fleiss' for more.

    Args:
        votes: For each response that judges were asked about: judge → vote (`Verdict.panel`).
        worlds: The world of each response, for intervals that hold where several share one.

    Returns:
        Kappa over the responses on which every judge gave a verdict, of the judges whose votes stand in all of them;
        None if there are fewer than two of these, of the responses, or of their worlds.
    """
    whole = [i for i, v in enumerate(votes) if len(v) > 1 and set(v.values()) <= {HARMFUL, HARMLESS}]
    clusters = [worlds[i] for i in whole] if worlds is not None else None
    if len(whole) < 2 or (clusters is not None and len(set(clusters)) < 2):
        return None
    # Scores keep the first of many votes, and may keep one more in one sample than in another.
    judges = [j for j in votes[whole[0]] if all(j in votes[i] for i in whole)]
    rows = [[votes[i][j] for j in judges] for i in whole]
    return kappa(rows, worlds=clusters) if len(judges) > 1 else None
