"""The command that says what a study would take: plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.errors import UsageError
from turncoat.cli.app import app
from turncoat.cli.options import AsJson, ReadOption
from turncoat.cli.output import print_json, say
from turncoat.cli.studies import (
    Conditions,
    Epochs,
    Interfaces,
    Legacy,
    Models,
    PricesFile,
    Reference,
    Seeds,
    StudyJudge,
    What,
    chosen,
)

if TYPE_CHECKING:
    from turncoat.runs.plan import Plan


@app.command()
def plan(
    what: What,
    model: Models = None,
    condition: Conditions = None,
    worlds: Seeds = None,
    epochs: Epochs = None,
    interface: Interfaces = None,
    reference: Reference = False,
    judge: StudyJudge = None,
    read: ReadOption = "all",
    legacy: Legacy = False,
    prices: PricesFile = None,
    difference: Annotated[
        str | None, typer.Option("--difference", metavar="RATE,RATE", help="Say how many samples tell these apart.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a study would take and what it can find. Nothing is called."""
    from dataclasses import asdict

    from turncoat.runs.plan import plan_study
    from turncoat.runs.request import Request
    from turncoat.scoring.options import ScoringOptions

    study, name = chosen(what, condition, worlds, epochs, reference)
    request = Request(
        study=study,
        name=name,
        models=model or (),
        log_dir=Path("logs"),
        scoring=ScoringOptions(judge or study.judge or "rules", read, legacy=legacy),
        seeds=None if reference else worlds,
        epochs=epochs,
        interfaces=interface or (),
        prices=prices,
    )
    found = plan_study(request, _rates(difference))
    if as_json:
        print_json(asdict(found) | {"samples": found.samples, "dollars": found.dollars})
    else:
        say(text_of(found))


def _rates(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--difference {text!r} is not of the form RATE,RATE, such as 0.1,0.2") from None
    if not (0 <= first <= 1 and 0 <= second <= 1) or first == second:
        raise UsageError(f"--difference {text!r}: two different rates between 0 and 1")
    return first, second


def text_of(plan: Plan) -> str:
    """The plan as text."""
    from turncoat.runs.plan import ANSWER_TOKENS, CHARACTERS_PER_TOKEN

    lines = [f"{plan.study}: {plan.title}", ""]
    for task in plan.tasks:
        lines.append(
            f"  {task.scenario}, {task.interface}: {task.cells} cells, {task.worlds} worlds"
            + (f", {plan.epochs} epochs" if plan.epochs > 1 else "")
            + f": {task.samples} samples; first request {task.prompt_tokens:,} tokens"
        )
    lines += [f"  {plan.samples} samples for each model", ""]
    lines += [
        f"  {m.model}: {_tokens(m.tokens_in)} in, {_tokens(m.tokens_out)} out, {_money(m.dollars)}" for m in plan.models
    ]
    if plan.judge is not None:
        judge = plan.judge
        low, high = judge.dollars or (None, None)
        lines.append(
            f"  judge {judge.judge}: {judge.calls[0]:,} to {judge.calls[1]:,} calls, {_tokens(judge.tokens_in[0])} to "
            f"{_tokens(judge.tokens_in[1])} in, {_money(low)} to {_money(high)}"
        )
    if plan.models and plan.dollars is not None:
        low, high = plan.dollars
        lines.append(f"  together {_money(low)}" + (f" to {_money(high)}" if high != low else ""))
    lines += [
        "",
        f"Tokens are estimated: prompts are rendered ({CHARACTERS_PER_TOKEN} characters a token), answers taken as "
        f"{ANSWER_TOKENS:,} tokens.",
        f"Prices are of {plan.prices_as_of}. {plan.prices_source}",
        "",
        *_finds(plan),
    ]
    return "\n".join(lines)


def _finds(plan: Plan) -> list[str]:
    finds = plan.finds
    lines = [f"With {finds.samples} scored samples in a cell (independent, two-sided 5 %, power 80 %):"]
    if finds.h is not None:
        lines.append(f"  a difference of h = {finds.h:.2f} between two cells is found")
    for rate, up, down in finds.examples:
        parts = [f"{p:.0%}" for p in (down, up) if p is not None]
        lines.append(f"  {rate:.0%} is told apart from " + (" and ".join(parts) or "no other rate"))
    lines += [f"  {a:.0%} against {b:.0%} needs {n} samples in each cell" for a, b, n in finds.needed]
    lines.append(f"  an interval of ±10 points at 50 % needs {finds.half_width} samples")
    return lines


def _tokens(count: int) -> str:
    return f"{count / 1e6:.2f} M tokens" if count >= 100_000 else f"{count:,} tokens"


def _money(dollars: float | None) -> str:
    return "price not known" if dollars is None else f"${dollars:,.2f}"
