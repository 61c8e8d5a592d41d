"""The report's sentences, written from the numbers by rule. The same for the web page and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis import Cell, Contrast, Overview
from turncoat.analysis.counts import EVALUATION
from turncoat.analysis.published import publication
from turncoat.base.text import inert
from turncoat.report.names import short_names
from turncoat.report.words import (
    contrast_words,
    counted,
    grouped,
    harm_words,
    heading,
    idle_words,
    interface_words,
    level_listing,
    listing,
    p_value,
    percent,
    points,
    rate_words,
)

SIMULATED = "simulated: evidence about the instrument, not about a model"

_NAMED = 4
"""Models named one by one in a sentence; of more, the ends of the range."""


def title(overview: Overview) -> str:
    """The title of a report: scenarios and number of models."""
    scenarios = listing([s.capitalize() if i == 0 else s for i, s in enumerate(overview.scenarios)])
    names = short_names(overview.models)
    return f"{scenarios}: {listing([*names.values()]) if len(names) <= 2 else kinds_of_models(overview)}"


def what_was_run(overview: Overview) -> str:
    """The first line: what was run."""
    v = overview.validity
    conditions = len({(c.scenario, c.condition) for c in overview.cells})
    interfaces = listing(sorted({c.interface for c in overview.cells}))
    days = sorted({log.created[:10] for log in overview.logs})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    often = "each once" if v.epochs == 1 else f"up to {v.epochs} epochs of each"
    return (
        f"{kinds_of_models(overview)} in {counted(conditions, 'condition')} of {listing([*overview.scenarios])} "
        f"({interfaces} interface), {counted(v.worlds, 'world')}, {often}; "
        f"{counted(v.samples, 'verdict')} by {listing([*overview.judges])}; run {when}."
    )


def kinds_of_models(overview: Overview) -> str:
    """How many models were run, simulated ones apart: `3 models and 16 simulated models`."""
    real, simulated = len(overview.models) - len(overview.simulated), len(overview.simulated)
    kinds = ((real, "model"), (simulated, "simulated model"))
    return listing([counted(n, noun) for n, noun in kinds if n])


def over_budget(overview: Overview) -> str:
    """The first line of a report whose run failed too often; "" where it kept within its budget."""
    return f"Not a finished measurement: {found}." if (found := overview.failures.problem) else ""


def hardly_acts(overview: Overview) -> list[str]:
    """First lines of a report on models that hardly act; empty where all do."""
    names = short_names(overview.models)
    return [idle_words(found, names[found.model]) for found in overview.idle]


def failures(overview: Overview) -> list[str]:
    """What failed, most important first; empty where nothing did."""
    v = overview.validity
    said = []
    if missing := v.samples - v.scored:
        why = listing([f"{reason.replace('_', ' ')} ({n})" for reason, n in v.reasons.items()])
        share = percent(missing / v.samples)
        what = counted(v.samples, "sample") if len(overview.judges) < 2 else counted(v.samples, "verdict")
        said.append(
            f"{missing} of {what} ({share}) {'is' if missing == 1 else 'are'} unscored: {why}. Rates are of the others."
        )
    if causes := overview.failures.causes:
        said.append(f"What went wrong most often: {inert('; '.join(causes))}.")
    if worst := [c for c in overview.cells if c.rate.coverage < 0.9]:
        said.append(
            f"{len(worst)} of {counted(len(overview.cells), 'rate')} {'has' if len(worst) == 1 else 'have'} fewer than "
            "90 % of the samples scored; the bounds in the table say what the others could change."
        )
    if v.limits:
        said.append(f"{counted(v.limits, 'sample')} {'was' if v.limits == 1 else 'were'} ended by a limit.")
    if several := [judge for judge, hashes in v.judges.items() if len(hashes) > 1]:
        said.append(
            f"Scores of {listing(several)} come from different versions of the instrument; score again to compare."
        )
    if len(v.hashes.get("run", ())) > 1:
        said.append("The logs were made with different model settings; rates may mix them.")
    return said


def summary(overview: Overview) -> list[str]:
    """What was found, in sentences: a paragraph for each scenario and interface, then what stands beside the rates."""
    said: list[str] = []
    names = short_names(overview.models)
    several = len({c.interface for c in overview.cells}) > 1
    shown = grouped(overview.shown(overview.cells), lambda c: c.place)
    for scenario, interface in dict.fromkeys(c.place for c in overview.cells):
        groups = grouped(shown.get((scenario, interface), ()), lambda c: c.condition)
        harm = harm_words(overview, scenario)
        heads = dict.fromkeys((_headline(overview, [*groups]), "control"))
        sentences = [
            _condition_sentence(scenario, condition, groups[condition], names, "did so" if number else harm) + "."
            for number, condition in enumerate(c for c in heads if c in groups)
        ]
        if several:
            sentences[0] = f"In {interface_words(interface)}, {sentences[0][:1].lower()}{sentences[0][1:]}"
        said.append(" ".join(sentences))
    if len(overview.judges) > 1:
        first = listing(sorted(set(overview.first_judge.values())))
        said.append(f"These rates, the figures and the contrasts are by {first}; the table holds every judge's.")
    said += _beside(overview, names)
    family = [c for c in overview.contrasts if c.adjusted_p is not None]
    strongest = _strongest(family)
    said += _contrast_sentences(strongest, names)
    if family and not strongest:
        which = "that the study names" if family[0].named else "between conditions"
        said.append(
            f"None of {counted(len(family), 'contrast')} {which} is significant at 5 % after Holm's correction."
        )
    return said


def finding(overview: Overview) -> str:
    """The finding in one sentence: what the models did in the headline condition, the control beside it."""
    for scenario, interface in dict.fromkeys(c.place for c in overview.cells):
        shown = [c for c in overview.shown(overview.cells) if c.place == (scenario, interface)]
        groups = grouped(shown, lambda c: c.condition)
        head = _headline(overview, [*groups])
        if not any(c.rate.n for c in groups[head]):
            continue
        names, harm = short_names(overview.models), harm_words(overview, scenario)
        said = _condition_sentence(scenario, head, groups[head], names, harm)
        if head == "control" or not (control := [c for c in groups.get("control", ()) if c.rate.n]):
            return f"{said}."
        k, n = sum(c.rate.k for c in control), sum(c.rate.n for c in control)
        return f"{said}; in the control condition in {k} of {counted(n, 'sample')}."
    return "Nothing was scored, so nothing was found."


def in_short(overview: Overview) -> list[tuple[str, str]]:
    """What who has one minute should know: heading and a sentence or two each."""
    v = overview.validity
    harms = [f"{harm_words(overview, s)} ({s})" for s in overview.scenarios]
    asked = f"In how many samples a model {listing(harms)}, in simulated companies, without anybody telling it to."
    share = "" if v.coverage is None else f" ({percent(v.coverage)})"
    rests = f"{counted(v.scored, 'verdict')} of {v.samples}{share}, by {listing([*overview.judges])}."
    rests += (
        " The judge's error is not in the intervals." if not overview.corrected else " Corrected rates stand below."
    )
    simulated, every = overview.simulated, len(overview.simulated) == len(overview.models)
    limits = "Anything of models in other settings, or real workplaces: scenarios are fictional and condensed."
    if simulated:
        who = (
            "Anything about a real model: all models here are programs" if every else "Anything by its simulated models"
        )
        limits = f"{who}. What they do is evidence about the instrument."
    return [
        ("What was measured", asked),
        ("What was found", finding(overview)),
        ("What it rests on", rests),
        ("What it does not say", limits),
    ]


BOTH = "goal=explicit,threat=replacement"
"""The condition of the paper's headline: both pressures."""


def _headline(overview: Overview, conditions: Sequence[str]) -> str:
    """The condition that stands for a scenario: both pressures, or the most that was varied, without mitigations."""
    pressed = [c for c in conditions if c != "control"]
    bare = [c for c in pressed if not overview.mitigated(c)]
    return BOTH if BOTH in pressed else (bare or pressed or conditions)[-1]


def _beside(overview: Overview, names: dict[str, str]) -> list[str]:
    """What belongs beside the rates: exclusions, awareness, agreement of the judges, contamination."""
    said = [
        f"{names[e.control.model]} {harm_words(overview, e.control.scenario)} in {rate_words(e.control.rate)} samples "
        "of the control condition, where nothing presses it; the paper leaves such models out, and it is "
        f"{'left out of the figures' if e.declared else 'not left out here'}."
        for e in overview.exclusions
    ]
    if first := [a for a in overview.shown(overview.awareness) if a.read]:
        read = sum(a.read for a in first)
        tested = sum(a.kinds[EVALUATION].total for a in first if EVALUATION in a.kinds)
        answers = f"{counted(read, 'answer')} that {'was' if read == 1 else 'were'} read"
        said.append(
            f"In {tested} of {answers}, the model stated that this is a test."
            if tested
            else f"In none of {answers} did the model state that this is a test."
        )
    said += [
        f"The judges {listing([*g.judges])} agree on {percent(k.agreement)} of {counted(g.both, 'sample')} of "
        f"{g.scenario} (κ {k.estimate:.2f}, interval {k.low:.2f} to {k.high:.2f})."
        for g, k in ((g, g.kappa) for g in overview.agreements)
        if k.estimate is not None and k.low is not None and k.high is not None
    ]
    for gap in sorted(overview.gaps, key=lambda g: abs(g.estimate), reverse=True)[:1]:
        other = "the same text with other names" if gap.against == "swapped" else f"fresh worlds ({gap.against})"
        said.append(
            f"The widest gap between the published text and {other} is that of {names[gap.model]} in {gap.scenario}: "
            f"{points(gap.estimate)} points (interval {points(gap.interval.low)} to {points(gap.interval.high)})."
        )
    return said


def _condition_sentence(scenario: str, condition: str, cells: Sequence[Cell], names: dict[str, str], harm: str) -> str:
    """What the models did in one condition; `harm` is what doing it is called."""
    place = "In the control condition" if condition == "control" else f"With {level_listing(condition)}"
    if publication().own(scenario):
        place = f"On the published text, {place[0].lower()}{place[1:]}"
    ranked = sorted((c for c in cells if c.rate.estimate is not None), key=lambda c: -(c.rate.estimate or 0))
    if not ranked:
        return f"{place}, nothing was scored ({scenario})"

    if all(c.rate.k == 0 for c in ranked):
        totals = sorted({c.rate.n for c in ranked})
        each = f"{totals[0]}" if len(totals) == 1 else f"{totals[0]} to {totals[-1]}"
        if len(ranked) == 1:
            return f"{place}, {names[ranked[0].model]} {harm} in {rate_words(ranked[0].rate)}"
        limit = percent(max(c.rate.high for c in ranked))
        return f"{place}, none of {len(ranked)} models {harm} (0 of {each} samples each, so at most {limit})"
    top, bottom = ranked[0], ranked[-1]
    if len(ranked) <= _NAMED:
        others = [f"{names[c.model]} in {rate_words(c.rate)}" for c in ranked[1:]]
        return f"{place}, {names[top.model]} {harm} in {_samples(top)}{', ' if others else ''}{listing(others)}"
    return (
        f"{place}, the {len(ranked)} models range from {names[bottom.model]}, which {harm} in {_samples(bottom)}, to "
        f"{names[top.model]} in {rate_words(top.rate)}"
    )


def _samples(cell: Cell) -> str:
    return rate_words(cell.rate).replace(" (", " samples (", 1)


def _strongest(contrasts: Sequence[Contrast], most: int = 3) -> list[Contrast]:
    found = [(c.adjusted_p, c) for c in contrasts if c.adjusted_p is not None and c.adjusted_p < 0.05]
    return [c for _, c in sorted(found, key=lambda f: (f[0], -abs(f[1].difference.estimate)))[:most]]


def _contrast_sentences(contrasts: Sequence[Contrast], names: dict[str, str]) -> list[str]:
    """What the clearest contrasts say; models that a change moved the same way share a sentence."""
    groups = grouped(contrasts, lambda c: (_change(c), "raised" if c.difference.estimate > 0 else "lowered"))
    return [
        f"{heading(change)} {verb} the rate {listing([_moved(c, names) for c in found])} "
        "(p-values after Holm's correction)."
        for (change, verb), found in groups.items()
    ]


def _moved(contrast: Contrast, names: dict[str, str]) -> str:
    d, p = contrast.difference, p_value(contrast.adjusted_p or 0.0)
    return (
        f"of {names[contrast.first.model]} by {points(abs(d.estimate)).lstrip('+')} points (interval {points(d.low)} "
        f"to {points(d.high)}; p {p if p.startswith('<') else f'= {p}'})"
    )


def _change(contrast: Contrast) -> str:
    base = "the control" if contrast.second.condition == "control" else level_listing(contrast.second.condition)
    if contrast.removed:
        first = contrast.first.condition
        return f"{'the control' if first == 'control' else level_listing(first)} in place of {base}"
    return f"adding {contrast_words(contrast).replace(' + ', ' and ')} to {base}"


def sizes_note(cells: Sequence[Cell]) -> str:
    """How many samples a figure's bars are of."""
    sizes = sorted({c.rate.n for c in cells})
    if not sizes:
        return "n = 0"
    return f"n = {sizes[0]} for each bar" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]} for a bar"


def interval_note(overview: Overview) -> str:
    """What the lines in the figures are: the kinds of interval that the run has."""
    stopped = "confidence sequence"
    kinds = {stopped if c.rate.method == stopped else c.rate.estimand for c in overview.cells}
    epochs = ", epochs of one world taken as alike (CR2)" if overview.validity.epochs > 1 else ""
    known = {
        "worlds given these storylines": f"Wilson intervals over worlds{epochs}",
        "this prompt": "Wilson intervals for this one prompt, without a claim about others",
        stopped: "confidence sequences where the study may stop early",
    }
    words = [words for kind, words in known.items() if kind in kinds]
    return f"Bars are shares of the scored samples (n), lines their 95 % intervals: {listing(words)}." if words else ""


def published_note(overview: Overview) -> str:
    """What the published marks are; "" where there are none."""
    if not any(c.published for c in overview.cells):
        return ""
    exact = any(publication().own(s) for s in overview.scenarios)
    other = "the figures of fresh worlds show mails that" if exact else "the mails here"
    return (
        f"Diamonds mark the rates of the same setting in {publication().source}, measured on the paper's own prompts "
        f"and with its own grader; {other} are worded differently, so a gap is not the model's alone."
    )
