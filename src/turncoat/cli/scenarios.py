"""Commands on scenarios: show, check, new."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.counting import counted
from turncoat.base.errors import IncompleteError, UsageError
from turncoat.cli.app import AsJson, Interface, Setting, answer, app, complain, print_json, say
from turncoat.doors import DEFAULT_DOOR


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world", help="Seed, or storyline@seed.")] = "1",
    interface: Interface = DEFAULT_DOOR,
    as_json: AsJson = False,
) -> None:
    """Print exactly what the model will see in one condition and world."""
    from turncoat.doors.door import door
    from turncoat.scenarios.factors import parse_settings
    from turncoat.scenarios.loader import load_scenario

    chosen = door(interface)
    loaded = load_scenario(our_name(scenario))
    condition = loaded.space.condition(parse_settings(setting or []))
    loaded.see_interface(condition, interface, chosen.where)
    if loaded.space.guards(condition):
        from turncoat.tasks import see_guards

        see_guards(loaded, condition, chosen)
    rendered = loaded.render(condition, world)
    prompt = chosen.prompt(rendered)
    if as_json:
        data = {"scenario": loaded.name, "condition": condition.id, "world": str(rendered.world.id)}
        data |= {"stimulus": prompt.hash, "system": prompt.system, "user": prompt.user}
        print_json(data | ({"tools": prompt.schemas} if prompt.schemas else {}))
        return
    say(f"─── system ({loaded.name}/{condition.id}/{rendered.world.id}) ───\n{prompt.system or '(none)'}")
    say(f"\n─── user ───\n{prompt.user}")
    if prompt.schemas:
        say("\n─── tools ───\n" + "\n".join(json.dumps(t, ensure_ascii=False) for t in prompt.schemas))


@app.command()
def check(
    scenario: Annotated[
        str | None, typer.Argument(help="A scenario's name or folder; all shipped ones if none.")
    ] = None,
    worlds: Annotated[
        int | None, typer.Option("--worlds", min=1, help="Worlds of each storyline that are rendered; 2 if not given.")
    ] = None,
    through: Annotated[
        list[str] | None,
        typer.Option("--through", help="Play the oracles through this door, or `bridge`, in a run; repeat it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that scenarios are sound: every variable, email, level and rung."""
    from turncoat.checks.scenario import check_scenarios

    if through:
        if worlds is not None:
            raise UsageError("--worlds does not go with --through: each oracle is played in one world")
        _play_through([our_name(scenario)] if scenario else None, through, as_json)
        return
    named = [our_name(scenario)] if scenario else None
    results = check_scenarios(named, worlds=worlds or 2, workers=os.cpu_count() or 1)
    answer(as_json, [r.as_dict() for r in results], "\n".join(r.text() for r in results))
    if problems := sum(len(r.problems) for r in results):
        raise IncompleteError(f"{counted(problems, 'problem')} found")


def _play_through(names: list[str] | None, doors: list[str], as_json: bool) -> None:
    """Print what each door makes of the oracles."""
    from turncoat.checks.through import as_table, play_through
    from turncoat.scenarios.loader import scenario_names

    found = [p for name in names or scenario_names() for p in play_through(name, doors)]
    answer(as_json, [asdict(p) for p in found], as_table(found))
    if problems := sum(bool(p.problem) for p in found):
        raise IncompleteError(f"{counted(problems, 'oracle comes', 'oracles come')} out otherwise than expected")


@app.command()
def new(
    name: Annotated[
        str,
        typer.Argument(help="The new scenario's name; with --author the scenario to write a storyline for."),
    ],
    like: Annotated[str, typer.Option("--like", help="Copy this shipped scenario instead of the small one.")] = "",
    into: Annotated[
        Path | None, typer.Option("--into", help="Folder in which the new one is made; this one if not given.")
    ] = None,
    author: Annotated[
        str, typer.Option("--author", metavar="MODEL", help="Have this model write a storyline; see docs/search.md.")
    ] = "",
    brief: Annotated[Path | None, typer.Option("--brief", help="What it is to be about: a YAML file.")] = None,
    rewrite: Annotated[
        str, typer.Option("--rewrite", metavar="STORYLINE", help="Write this storyline anew, at a --distance.")
    ] = "",
    distance: Annotated[str, typer.Option("--distance", help="names, wording or trade.")] = "",
    reader: Annotated[
        str, typer.Option("--reader", metavar="MODEL", help="Another model, which reads the storyline blind.")
    ] = "",
    realism: Annotated[
        int | None,
        typer.Option("--realism", min=0, max=100, help="How real the reader must find it, of 100; 50 if not given."),
    ] = None,
    tries: Annotated[
        int | None, typer.Option("--tries", min=1, max=20, help="How often each piece is asked for; 3 if not given.")
    ] = None,
    max_cost: Annotated[float | None, typer.Option("--max-cost", min=0, help="Dollars that may be spent.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The scenario folder that the author makes.")] = None,
    written_on: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="The date that the storyline says of itself; today's.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Start a scenario of your own: a small folder with comments, or a storyline that a model writes."""
    if not author:
        given = (brief, rewrite, distance, reader, realism, tries, max_cost, out, written_on)
        if any(option not in (None, "") for option in given):
            raise UsageError("--author is missing: the model that writes the storyline")
        from turncoat.scenarios.new import new_scenario

        folder = new_scenario(name, into or Path(), our_name(like))
        answer(as_json, {"folder": str(folder)}, f"{folder} is ready. Change its files, then: turncoat check {folder}")
        return
    if like or into is not None or out is None:
        raise UsageError("--author writes into a new folder: give --out FOLDER, and neither --like nor --into")
    from turncoat.api.authoring import author_storyline
    from turncoat.providers.watch import telling

    with telling(complain):
        made = author_storyline(
            our_name(name),
            author,
            out=out,
            brief=brief,
            rewrite=rewrite,
            distance=distance,
            reader=reader,
            realism=50 if realism is None else realism,
            tries=tries or 3,
            max_cost=max_cost,
            written_on=written_on,
            say=complain,
        )
    told = f", read as real to {made.realism} of 100" if made.realism is not None else ""
    answer(
        as_json,
        {**asdict(made), "folder": str(made.folder)},
        f"{made.folder} is sound: storyline {made.name}, {made.pieces} texts, {made.shared:.0%} of its three-word "
        f"sequences as in its source{told}; {made.calls} calls, {made.dollars:.4f} dollars. Read it before you use it.",
    )


def our_name(name: str) -> str:
    """The name of a scenario of ours for the one that a pack's source has for it."""
    from turncoat.scenarios.loader import packs

    return next((pack.others[name] for pack in packs() if name in pack.others), name)
