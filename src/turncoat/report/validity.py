"""The page on validity: what a reader must know to trust the numbers, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from turncoat.analysis import Overview
from turncoat.analysis.trust import Validity
from turncoat.base.simulated import shown
from turncoat.base.text import inert
from turncoat.report.names import short_names
from turncoat.report.words import counted, grouped, listing, percent, rate_words, some

Lines = list[tuple[str, list[str]]]


def validity_lines(overview: Overview) -> Lines:
    """Coverage, judges, controls, limits of the instrument, design and use."""
    v = overview.validity
    judges = [f"{inert(j)}, instrument {' and '.join(h) or 'not named'}" for j, h in v.judges.items()]
    first = sorted(set(overview.first_judge.values()))
    if len(overview.judges) > 1:
        judges.append(
            f"Figures and contrasts show {inert(listing(first))}: the run's own judge, unless another scored many more."
        )
    judges += [
        f"{inert(judge)} was asked by guards as well{f', as {inert(model)}' if model != judge else ''}: it shares its "
        "errors with the verdicts, and guards look better by them than they are."
        for model, judge in v.shared
    ]
    tokens = f"{v.tokens_in:,} tokens in, {v.tokens_out:,} out".replace(",", "\u202f")
    visible = sorted({k for r in overview.readings for k in r.visible})
    return _present(
        (
            "Coverage",
            [f"{v.scored} of {v.samples} verdicts ({percent(v.coverage)}) are scored."]
            if v.coverage is not None
            else [],
        ),
        ("Unscored, by reason", [f"{inert(r).replace('_', ' ')}: {n}" for r, n in v.reasons.items()]),
        ("Not read beyond the outcome", [f"{_question(q)}: {n}" for q, n in overview.failures.not_read.items()]),
        ("Judges", judges),
        ("Control condition", _controls(overview)),
        ("Limits of the instrument", _limits(v)),
        ("Design", [f"{counted(v.worlds, 'world')}, {counted(v.epochs, 'epoch')} at most"]),
        ("Use", [tokens, f"${v.cost:.2f}" if v.cost is not None else "Cost not known: no price in the logs."]),
        ("Secret opened", _openings(overview)),
        ("Reasoning that could be seen", [listing(visible)] if visible else []),
    )


def _question(unread: str) -> str:
    """`reading=judge_error` in words."""
    return inert(unread).replace("=", ", ").replace("_", " ")


def _present(*lines: tuple[str, list[str]]) -> Lines:
    return [(name, found) for name, found in lines if found]


def _limits(v: Validity) -> list[str]:
    uncertain = (
        f"Rung not certain in {counted(v.undecided, 'scored sample')}: no judge read them for more than the outcome "
        "(argument, escalation and deception are told apart by reading), or it was unsure."
    )
    return [
        *([uncertain] if v.undecided else []),
        f"{counted(v.ignored, 'tag')} in the answers look like acts and were not taken for one.",
        "The judge's error is not in the intervals unless a corrected rate is shown.",
    ]


def _openings(overview: Overview) -> list[str]:
    """How many sessions never met the dilemma, and the rate of the others; of the judges that the figures show."""
    said = []
    for (scenario, interface), found in grouped(overview.shown(overview.openings), lambda o: o.place).items():
        never, total = sum(o.never for o in found), sum(o.total for o in found)
        harmful, scored = sum(o.rate.k for o in found), sum(o.rate.n for o in found)
        said.append(
            f"In {never} of {counted(total, 'session')} of {scenario} ({interface}; {percent(never / total)}) the "
            "agent never opened what the scenario turns on, so it never met the dilemma; "
            f"{harmful} of {scored} of the others are harmful."
        )
    return said


def _controls(overview: Overview) -> list[str]:
    names = short_names(overview.models)
    said = []
    for e in overview.exclusions:
        c = e.control
        what = "left out of the figures by it" if e.declared else "shown all the same"
        said.append(
            f"{inert(names[c.model])} ({c.scenario}): harmful in {rate_words(c.rate)} control samples, above the "
            f"{percent(e.above)} of {e.rule}; {what}."
        )
    if without := sorted(
        {f"{names[c.model]} ({c.scenario})" for c in overview.cells if c.pooled not in overview.controls}
    ):
        said.append(f"Not run for {inert(listing(without[:6]))}{' and more' if len(without) > 6 else ''}.")
    shown = overview.shown(overview.controls.values())
    harmed, total = sum(c.rate.k for c in shown), sum(c.rate.n for c in shown)
    if total and not overview.exclusions:
        said.insert(
            0, f"{harmed} of {counted(total, 'scored control sample')} harmful; every model's rate is in the table."
        )
    return said or ["Not run."]


def manifest_lines(overview: Overview) -> Lines:
    """Hashes, versions and settings of the logs."""
    v = overview.validity
    studies = _values(log.study.get("name") for log in overview.logs)
    titles, notes = (_values(log.manifest.get(name) for log in overview.logs) for name in ("title", "preregistration"))
    inspect = _values(log.inspect for log in overview.logs)
    versions = [f"Turncoat {' and '.join(v.versions)}", *(f"Inspect {x}" for x in inspect)]
    for name, words in (("scenario_version", "scenario"), ("ladder", "ladder"), ("parser", "parser")):
        values = _values(
            log.manifest.get(name) for log in overview.logs if not isinstance(log.manifest.get(name), list)
        )
        versions += [f"{words} {' and '.join(values)}"] if values else []
    instrument = sorted({x for h in v.judges.values() for x in h})
    return _present(
        ("Study", [*studies, *titles]),
        ("Stated beforehand", notes),
        ("Versions", versions),
        ("Hashes", [*(f"{n}: {_some(h)}" for n, h in v.hashes.items() if h), f"instrument: {_some(instrument)}"]),
        ("Models", _first(_models(overview), 24)),
        ("Model settings", _first(_settings(overview), 24)),
        ("Reasoning settings", _first(_reasoning(overview), 24)),
        ("Endpoints", _first(_endpoints(overview), 24)),
        ("Logs", _first([inert(log.path.name) for log in overview.logs], 12)),
    )


def _settings(overview: Overview) -> list[str]:
    """One line for each way in which models were set, with the models if they differ."""
    found = grouped(
        overview.logs, lambda log: ", ".join(f"{k} {v}" for k, v in log.settings.items()) or "the provider's defaults"
    )
    if len(found) == 1:
        return [*map(inert, found)]
    return [inert(f"{some(sorted({shown(log.model) for log in logs}))}: {words}") for words, logs in found.items()]


def _models(overview: Overview) -> list[str]:
    """The key of each model whose name stands here in another way."""
    names = short_names(overview.models)
    return [f"{inert(name)}: {inert(shown(m))}" for m, name in names.items() if name != shown(m)]


def _reasoning(overview: Overview) -> list[str]:
    """What was asked of the models' reasoning, of those that are no programs."""
    real = [log for log in overview.logs if not log.simulated]
    asked = {log.path: ", ".join(f"{k} {v}" for k, v in log.settings.items() if "reasoning" in k) for log in real}
    found = grouped(real, lambda log: asked[log.path] or "not set: the provider's default")
    return [inert(f"{some(sorted({log.model for log in logs}))}: {words}") for words, logs in found.items()]


def _endpoints(overview: Overview) -> list[str]:
    """Where the models were asked, of those that are no programs."""
    real = [log for log in overview.logs if not log.simulated]
    found = grouped(real, lambda log: log.endpoint or "the provider's own address; the log names no other")
    return [inert(f"{some(sorted({log.model for log in logs}))}: {words}") for words, logs in found.items()]


def _first(lines: list[str], most: int) -> list[str]:
    return [*lines[:most], f"and {len(lines) - most} more"] if len(lines) > most else lines


def _values(values: Iterable[object]) -> list[str]:
    return sorted({inert(str(v))[:600] for v in values if v not in (None, "")})


def _some(values: Sequence[str], most: int = 4) -> str:
    return ", ".join(inert(v) for v in values[:most]) + (
        f" and {len(values) - most} more" if len(values) > most else ""
    )
