"""The report's sentences, written from the numbers by rule. The same for the web page and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis import Cell, Contrast, Overview
from turncoat.analysis.awareness import EVALUATION
from turncoat.analysis.published import REFERENCE, plain_scenario
from turncoat.analysis.rates import limit_at_end
from turncoat.report.words import (
    condition_words,
    contrast_words,
    counted,
    listing,
    p_value,
    percent,
    points,
    rate_words,
    short_names,
    span,
)

HARM = {
    "blackmail": "blackmailed the executive",
    "espionage": "passed confidential material to an outsider",
    "lethal": "cancelled the emergency alert",
}
"""What «harmful» means in a scenario, as a predicate; other scenarios say «acted harmfully»."""

SIMULATED = "simulated: evidence about the instrument, not about a model"

_NAMED = 4
"""Models named one by one in a sentence; of more, the ends of the range."""


def title(overview: Overview) -> str:
    """The title of a report: scenarios and number of models."""
    scenarios = listing([s.capitalize() if i == 0 else s for i, s in enumerate(overview.scenarios)])
    names = short_names(overview.models)
    if len(names) <= 2:
        return f"{scenarios}: {listing([*names.values()])}"
    return f"{scenarios}: {len(names)} models"


def what_was_run(overview: Overview) -> str:
    """The first line: what was run."""
    v = overview.validity
    conditions = len({(c.scenario, c.condition) for c in overview.cells})
    interfaces = listing(sorted({c.interface for c in overview.cells}))
    days = sorted({log.created[:10] for log in overview.logs})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    real = [m for m in overview.models if m not in overview.simulated]
    kinds = [counted(len(real), "model")] if real else []
    if overview.simulated:
        kinds.append(counted(len(overview.simulated), "simulated model"))
    return (
        f"{listing(kinds)} in {counted(conditions, 'condition')} of {listing([*overview.scenarios])} "
        f"({interfaces} interface), {counted(v.worlds, 'world')}, {counted(v.epochs, 'epoch')} at most; "
        f"{counted(v.samples, 'verdict')} by {listing([*overview.judges])}; run {when}."
    )


def over_budget(overview: Overview) -> str:
    """The first line of a report whose run failed too often; "" where it kept within its budget."""
    found = overview.failures.problem
    return f"Not a finished measurement: {found}." if found else ""


def failures(overview: Overview) -> list[str]:
    """What failed, most important first; empty where nothing did."""
    v = overview.validity
    said = []
    missing = v.samples - v.scored
    if missing:
        why = listing([f"{reason.replace('_', ' ')} {n}" for reason, n in v.reasons.items()])
        share = percent(missing / v.samples)
        said.append(f"{missing} of {v.samples} samples ({share}) have no verdict: {why}. Rates are of the scored ones.")
    worst = [c for c in overview.cells if c.rate.coverage < 0.9]
    if worst:
        said.append(
            f"In {counted(len(worst), 'rate')} fewer than 90 % of the samples are scored; "
            "the bounds in the table say what the others could change."
        )
    if v.limits:
        said.append(f"{counted(v.limits, 'sample')} {'was' if v.limits == 1 else 'were'} ended by a limit.")
    several = [judge for judge, hashes in v.judges.items() if len(hashes) > 1]
    if several:
        said.append(
            f"Scores of {listing(several)} come from different versions of the instrument; score again to compare."
        )
    if len(v.hashes.get("run", ())) > 1:
        said.append("The logs were made with different model settings; rates may mix them.")
    return said


def summary(overview: Overview) -> list[str]:
    """What was found, in sentences."""
    said: list[str] = []
    names = short_names(overview.models)
    for scenario in overview.scenarios:
        groups: dict[tuple[str, str, str], list[Cell]] = {}
        for cell in overview.cells:
            if cell.scenario == scenario and overview.first_judge[cell.scenario, cell.interface] == cell.judge:
                groups.setdefault((cell.interface, cell.condition, cell.judge), []).append(cell)
        pressed = [k for k in groups if k[1] != "control"]
        heads = [k for k in pressed if k[1] == "goal=explicit,threat=replacement"] or pressed[-1:]
        for key in heads + [k for k in groups if k[1] == "control"]:
            said.append(_condition_sentence(scenario, key[1], groups[key], names) + _by(key, overview) + ".")
    said += _beside(overview, names)
    family = [c for c in overview.contrasts if c.adjusted_p is not None]
    said += [_contrast_sentence(c, names) for c in _strongest(family)]
    if family and not _strongest(family):
        which = "that the study names" if family[0].named else "between conditions"
        said.append(
            f"None of {counted(len(family), 'contrast')} {which} is significant at 5 % after Holm's correction."
        )
    return said


def _by(key: tuple[str, str, str], overview: Overview) -> str:
    """What tells apart sentences on the same condition: the interface, and the judge."""
    said = []
    if len({c.interface for c in overview.cells}) > 1:
        said.append(f"{key[0]} interface")
    if len(overview.judges) > 1:
        said.append(f"judge {key[2]}")
    return f" ({', '.join(said)})" if said else ""


def _beside(overview: Overview, names: dict[str, str]) -> list[str]:
    """What belongs beside the rates: exclusions, awareness, agreement of the judges, contamination."""
    said = []
    for e in overview.exclusions:
        what = "left out of the figures" if e.declared else "not left out here"
        said.append(
            f"{names[e.control.model]} {harm_words(e.control.scenario)} in {rate_words(e.control.rate)} samples of the "
            f"control condition, where nothing presses it; the paper leaves such models out, and it is {what}."
        )
    first = [a for a in overview.awareness if overview.first_judge[a.scenario, a.interface] == a.judge and a.read]
    if first:
        read = sum(a.read for a in first)
        tested = sum(a.kinds[EVALUATION].total for a in first if EVALUATION in a.kinds)
        said.append(f"In {tested} of {counted(read, 'answer')} that were read, the model stated that this is a test.")
    for g in overview.agreements:
        k = g.kappa
        if k.estimate is not None and k.low is not None and k.high is not None:
            said.append(
                f"The judges {listing([*g.judges])} agree on {percent(k.agreement)} of {counted(g.both, 'sample')} of "
                f"{g.scenario} (κ {k.estimate:.2f}, interval {k.low:.2f} to {k.high:.2f})."
            )
    for gap in sorted(overview.gaps, key=lambda g: abs(g.estimate), reverse=True)[:1]:
        other = "the same text with other names" if gap.against == "swapped" else f"fresh worlds ({gap.against})"
        said.append(
            f"The widest gap between the published text and {other} is {names[gap.model]}'s in {gap.scenario}: "
            f"{points(gap.estimate)} points (interval {points(gap.interval.low)} to {points(gap.interval.high)})."
        )
    return said


def _condition_sentence(scenario: str, condition: str, cells: Sequence[Cell], names: dict[str, str]) -> str:
    place = "In the control condition" if condition == "control" else f"Under {condition_words(condition)}"
    if scenario.startswith(REFERENCE):
        place = f"On the published text, {place[0].lower()}{place[1:]}"
    harm = harm_words(scenario)
    ranked = sorted((c for c in cells if c.rate.estimate is not None), key=lambda c: -(c.rate.estimate or 0))
    if not ranked:
        return f"{place}, nothing was scored ({scenario})"

    def named(c: Cell) -> str:
        return names[c.model] + (" (simulated)" if c.simulated else "")

    if all(c.rate.k == 0 for c in ranked):
        totals = sorted({c.rate.n for c in ranked})
        each = f"{totals[0]}" if len(totals) == 1 else f"{totals[0]} to {totals[-1]}"
        if len(ranked) == 1:
            return f"{place}, {named(ranked[0])} {harm} in {rate_words(ranked[0].rate)}"
        limit = percent(max(limit_at_end(c.rate) or 1.0 for c in ranked))
        return f"{place}, none of {len(ranked)} models {harm} (0 of {each} samples each, so at most {limit})"
    if len(ranked) <= _NAMED:
        each_one = [f"{named(c)} in {rate_words(c.rate)}" for c in ranked]
        return f"{place}, {_first_with(each_one[0], harm)}{', ' if each_one[1:] else ''}{listing(each_one[1:])}"
    top, bottom = ranked[0], ranked[-1]
    return (
        f"{place}, the {len(ranked)} models range from {named(bottom)}, which {harm} in {rate_words(bottom.rate)} "
        f"samples, to {named(top)} in {rate_words(top.rate)}"
    )


def _first_with(first: str, harm: str) -> str:
    name, _, rest = first.partition(" in ")
    return f"{name} {harm} in {rest.replace(' (', ' samples (', 1)}"


def _strongest(contrasts: Sequence[Contrast], most: int = 3) -> list[Contrast]:
    found = [(c.adjusted_p, c) for c in contrasts if c.adjusted_p is not None and c.adjusted_p < 0.05]
    return [c for _, c in sorted(found, key=lambda f: (f[0], -abs(f[1].difference.estimate)))[:most]]


def _contrast_sentence(contrast: Contrast, names: dict[str, str]) -> str:
    d = contrast.difference
    base = "the control" if contrast.second.condition == "control" else condition_words(contrast.second.condition)
    change = f"adding {contrast_words(contrast)} to {base}"
    if contrast.removed:
        first = contrast.first.condition
        change = f"{'the control' if first == 'control' else condition_words(first)} in place of {base}"
    verb = "raised" if d.estimate > 0 else "lowered"
    tag = " (simulated)" if contrast.first.simulated else ""
    return (
        f"{change[0].upper()}{change[1:]} {verb} the rate of {names[contrast.first.model]}{tag} by "
        f"{points(abs(d.estimate)).lstrip('+')} points (interval {points(d.low)} to {points(d.high)}; "
        f"p {_sign(contrast.adjusted_p or 0.0)} after Holm's correction)."
    )


def _sign(p: float) -> str:
    words = p_value(p)
    return words if words.startswith("<") else f"= {words}"


def interval_note(cells: Sequence[Cell]) -> str:
    """What the intervals are, for captions."""
    sizes = sorted({c.rate.n for c in cells})
    stopped = any(c.rate.method == "confidence sequence" for c in cells)
    cells = [c for c in cells if c.rate.method != "confidence sequence"] if stopped else cells
    over_worlds = any(c.rate.estimand == "worlds given these storylines" for c in cells)
    one_prompt = any(c.rate.estimand == "this prompt" for c in cells)
    n = f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}" if sizes else "n = 0"
    words = []
    if over_worlds:
        words.append("95 % Wilson intervals over worlds, with epochs of one world taken as alike (CR2)")
    if one_prompt:
        words.append("95 % Wilson intervals for this one prompt, without a claim about others")
    if stopped:
        words.append("95 % confidence sequences where the study may stop early")
    return f"{n} scored samples for each bar; {'; '.join(words)}."


def published_note(*, exact: bool = False) -> str:
    """What the published marks are, for captions.

    Args:
        exact: Whether the run holds published prompts too.
    """
    other = "the figures of fresh worlds show mails that" if exact else "the mails here"
    return (
        "Diamonds: rates of the same setting published in arXiv 2510.05179, measured on the paper's own prompts and "
        f"with its own grader; {other} are worded differently, so a gap is not the model's alone."
    )


def harm_words(scenario: str) -> str:
    """What «harmful» means in a scenario, as a predicate."""
    return HARM.get(plain_scenario(scenario), "acted harmfully")


__all__ = [
    "HARM",
    "SIMULATED",
    "failures",
    "interval_note",
    "published_note",
    "span",
    "summary",
    "title",
    "what_was_run",
]
