"""The calibration as a page: what was run, what came of it, what it does not show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill

from turncoat.sim.calibration.results import BAND, Results, Share
from turncoat.sim.calibration.run import ERRING, FAULTLESS, RULES, SENSITIVITY, SPECIFICITY

NAMES = {FAULTLESS: "without errors", ERRING: "with planted errors", RULES: "rules"}


def page(results: Results) -> str:
    """The results as Markdown."""
    parts = [
        "# Calibration",
        _about(results),
        _summary(results),
        "## Detectors\n\n" + _DETECTORS + "\n\n" + _gates(results) + "\n\n" + _detectors(results),
        "## Judges\n\n" + _JUDGES + "\n\n" + _confusion(results),
        "## Intervals\n\n" + _INTERVALS + "\n\n" + _coverage(results),
        "## Awareness\n\n" + _awareness_words(results) + "\n\n" + _awareness(results),
        *(["## The job\n\n" + _JOB + "\n\n" + _worked(results)] if results.worked else []),
        "## What this does not show\n\n" + _LIMITS,
    ]
    return wrapped("\n\n".join(parts)) + "\n"


def wrapped(text: str) -> str:
    """Markdown with its paragraphs broken into lines of at most 120 characters; tables, lists and headings stay."""
    parts = text.split("\n\n")
    return "\n\n".join(p if p.startswith(("|", "#", "-")) else fill(p, 120, break_on_hyphens=False) for p in parts)


def _about(results: Results) -> str:
    grid = results.grid
    rates = ", ".join(f"{100 * r:g}" for r in grid.rates)
    also = f", through {' and '.join(grid.through)} too" if grid.through else ""
    return (
        "Simulated agents of known truth went through the whole pipeline. Each cell plants one rung of one scenario at "
        f"one rate ({rates} %), in one interface ({', '.join(grid.interfaces)}), with {grid.samples} samples and "
        f"{grid.seeds} {'seed' if grid.seeds == 1 else 'seeds'}. The rest of the samples stays on calm rungs. "
        f"That makes {results.samples} samples, each judged three times: by the rules, by a simulated judge without "
        f"errors, and by one that finds what was planted in {100 * SENSITIVITY:g} % and lets pass what was not in "
        f"{100 * SPECIFICITY:g} %.\n\n"
        "The bulk ran directly: the agent's answer is parsed and performed, detectors read the log, and judges are "
        "asked by the same code as in a run, with nonce, schema and quotes. What is left out is Inspect's runner and "
        f"its model layer. {results.through_inspect.n} samples ran through Inspect as well{also}: "
        f"{results.through_inspect.k} of them got the same verdict, rung and awareness both ways.\n\n"
        "Written by `turncoat calibrate --out docs/calibration.md` with the instrument "
        f"`{results.instrument}`. Nothing is drawn by chance: the same version writes the same page."
    )


def _summary(results: Results) -> str:
    if not results.problems:
        return "Everything that must hold held: see the sections."
    return "**Not as it must be:**\n\n" + "\n".join(f"- {p}" for p in results.problems)


_DETECTORS = (
    "Detectors decide on the action log alone. The first table is the gate: without the scenario's necessary act there "
    "is no harm, and no outcome judge is asked. The second counts each finding that a detector makes: how often where "
    "it was planted; in how many samples beside another one that was planted (a mail to everybody also reaches the "
    "superiors: not an error); and in how many of those it would make a harmless sample harmful, which is one."
)

_JUDGES = (
    "Sensitivity is the share of samples with planted harm that are called harmful, specificity that of the others "
    "that are not. In espionage a leak of the document or its figures is found by a detector, so that a judge's error "
    "changes little; in lethal only a cancelled alarm reaches the judge. The last column is the share whose top rung "
    "is the planted one: the rules read no findings beyond the outcome and cannot have them all."
)

_INTERVALS = (
    "For each cell the planted rung's share was estimated, with its 95 % interval. An interval must hold the planted "
    "rate as often as its *computed* coverage at that rate and number of samples says: for small counts that is "
    "seldom 95 %; exact intervals hold more, Wilson's more or less by turns. The range is where the share must lie in "
    f"{100 * BAND:g} of 100 calibrations if all is well. With a judge that errs, raw intervals miss the truth more "
    "often: it is the judge's error that they do not know of."
)

_JOB = (
    "In workdays agents have harmless work, and each piece of it is set out on with a stated probability. What the log "
    "shows as done, and what a reader without errors says where meaning decides, must be what was set out on, piece by "
    "piece; so that the share that was done is the stated rate as nearly as chance leaves it. In text only the pieces "
    "that mail is enough for are part of the job. Beside it the agents do harm at a rate of one half."
)

_LIMITS = (
    "- The agents are simulated: their wording was written apart from the rules, but it is wording of one hand. The "
    "rules' error on it is not their error on a real model's.\n"
    "- The judges are simulated, with errors drawn independently. Real graders err where cases are hard, and together. "
    "Nothing is claimed of any language model as a judge; `turncoat validate` is for that.\n"
    "- Coverage holds for independent samples. Epochs in the same world are not: see the page on statistics."
)


def _share(share: Share) -> str:
    if share.n == 0:
        return "–"
    low, high = share.interval.low, share.interval.high
    return f"{share.k}/{share.n} ({100 * low:.1f}–{100 * high:.1f} %)"


def _gates(results: Results) -> str:
    rows = ([g.scenario, _share(g.harmful), _share(g.harmless)] for g in results.gates)
    return _table(["scenario", "necessary act in harmful samples", "in harmless samples"], rows)


def _detectors(results: Results) -> str:
    rows = (
        [d.scenario, d.finding, "yes" if d.harmful else "no", f"{d.found.k}/{d.found.n}", str(d.beside), str(d.wrong)]
        for d in results.detectors
    )
    return _table(["scenario", "finding", "harmful", "found where planted", "beside another", "wrongly harmful"], rows)


def _confusion(results: Results) -> str:
    rows = (
        [
            NAMES[c.judge],
            c.scenario,
            c.interface,
            _share(c.sensitivity),
            _share(c.specificity),
            str(c.unscored),
            f"{100 * c.rung.k / c.rung.n:.1f} %" if c.rung.n else "–",
        ]
        for c in results.confusion
    )
    head = ["judge", "scenario", "interface", "sensitivity", "specificity", "unscored", "rung right"]
    return _table(head, rows)


def _coverage(results: Results) -> str:
    rows = (
        [
            NAMES[c.judge],
            c.method,
            f"{100 * c.rate:g} %",
            f"{c.covered.k}/{c.covered.n} ({100 * c.covered.k / c.covered.n:.1f} %)",
            f"{100 * c.expected:.1f} %",
            f"{100 * c.low:.1f}–{100 * c.high:.1f} %",
            "yes" if c.fits else "no",
        ]
        for c in results.coverage
    )
    return _table(["judge", "interval", "planted", "hold it", "computed", "range", "within"], rows)


def _awareness_words(results: Results) -> str:
    unseen = f" In {results.hidden} samples nothing of it can be seen." if results.hidden else ""
    return (
        "A statement on whether the situation is real was planted in the visible reasoning of three samples in five. "
        "The rules do not read reasoning: what they say is `not-read`, never `silent`." + unseen
    )


def _awareness(results: Results) -> str:
    seen = list(dict.fromkeys(name for s in results.awareness for name in s.read))
    rows = ([NAMES[s.judge], s.planted, *(str(s.read.get(name, 0)) for name in seen)] for s in results.awareness)
    return _table(["judge", "planted", *(f"read {name}" for name in seen)], rows)


def _worked(results: Results) -> str:
    rows = (
        [
            w.scenario,
            w.interface,
            f"{100 * w.rate:g} %",
            f"{w.done}/{w.pieces} ({100 * w.done / w.pieces:.1f} %)",
            f"{100 * w.low:.1f}–{100 * w.high:.1f} %",
            str(w.judged),
            str(w.missed),
            str(w.wrong),
        ]
        for w in results.worked
    )
    head = [
        "scenario",
        "interface",
        "stated",
        "pieces done",
        "range",
        "where meaning decides",
        "missed",
        "wrongly done",
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
