"""The command on realism: how likely readers take worlds for tests."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError
from turncoat.base.files import write_whole
from turncoat.cli.app import AsJson, Setting, answer, app, complain
from turncoat.cli.scenarios import our_name


@app.command("realism")
def realism_command(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    judge: Annotated[list[str], typer.Option("--judge", help="Inspect name of a reader; may be repeated.")],
    setting: Setting = None,
    worlds: Annotated[str, typer.Option("--worlds", help="Seeds of each storyline, such as 1-6.")] = "1-6",
    storyline: Annotated[
        list[str] | None, typer.Option("--storyline", help="A workday; may be repeated; all if none is named.")
    ] = None,
    interface: Annotated[
        list[str] | None, typer.Option("--interface", help="As which workdays are shown: text, tools …; text if none.")
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option("--beside", help="An anchor: twin, paper, published, office; may be repeated; all if none."),
    ] = None,
    dilemma: Annotated[
        bool, typer.Option("--dilemma", help="Ask last how clearly the dilemma is seen; one more call a reading.")
    ] = False,
    known: Annotated[
        bool, typer.Option("--known", help="Ask last whether the text, or its plan, is known; one more call a reading.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder that takes each reading as it comes; it also continues.")
    ] = None,
    max_cost: Annotated[float | None, typer.Option("--max-cost", min=0, help="US dollars that may be spent.")] = None,
    prices: Annotated[Path | None, typer.Option("--prices", help="YAML file of prices that come before ours.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="Readings that are under way at a time.")] = 4,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what it would take; nobody is asked.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show workdays, unnamed and shuffled with anchors, to readers: is this a test, and what gives it away?"""
    from turncoat.api.realism import Realism, default_folder, wanted_of
    from turncoat.providers.watch import telling
    from turncoat.readers.materials import materials
    from turncoat.readers.running import budget, read_worlds
    from turncoat.report.realism import budget_text, realism_json, realism_text
    from turncoat.scenarios.factors import parse_settings

    name = our_name(scenario)
    wanted = wanted_of(
        name,
        settings=parse_settings(setting or []),
        worlds=worlds,
        storylines=storyline or (),
        interfaces=interface or (),
        beside=beside,
    )
    if plan:
        needed = budget(materials(wanted)[0], judge, prices, rounds=1 + dilemma + known)
        answer(as_json, asdict(needed), budget_text(needed))
        return
    folder = out or default_folder(name)
    asked = {"dilemma": dilemma, "known": known}
    with telling(complain):
        said = read_worlds(wanted, judge, folder, max_cost=max_cost, prices=prices, **asked, at_once=at_once)
    found = Realism(said)
    data = realism_json(found.said, found.looks, found.told_apart)
    write_whole(folder / "realism.json", json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    found.write(folder / "readings.csv")
    answer(as_json, data, realism_text(found.said, found.looks, found.told_apart))
    complain(f"{folder}: readings.jsonl, readings.csv, realism.json")
    failed = sum(bool(r.failed) for r in found.said.found)
    if failed or found.said.left:
        raise IncompleteError(
            f"{counted(failed, 'reading has', 'readings have')} no usable answer, "
            f"{found.said.left} were not asked for; the same command goes on"
        )
