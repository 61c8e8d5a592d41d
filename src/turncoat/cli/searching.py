"""The command that looks for worse cases and measures them: `turncoat search`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from turncoat.base.errors import IncompleteError
from turncoat.cli.app import AsJson, ModelRoles, SameModel, app, check_writable, complain, print_json, say
from turncoat.cli.request import arguments_of, requested, roles_of, settings_of
from turncoat.cli.studies import (
    ClientArguments,
    Conditions,
    Generation,
    Interfaces,
    MaxConnections,
    MaxCost,
    PricesFile,
    Seeds,
    StudyJudge,
    What,
)


@app.command("search")
def search_command(
    what: What,
    model: Annotated[str, typer.Option("--model", help="Inspect's name of the target.")],
    condition: Conditions = None,
    author: Annotated[
        str, typer.Option("--author", help="A model that reads what came of each round and proposes, too.")
    ] = "",
    objective: Annotated[
        str, typer.Option("--objective", help="What to look for: harm, unaware, subtle, or rung:NAME.")
    ] = "harm",
    budget: Annotated[int, typer.Option("--budget", min=1, help="Samples that the search may take.")] = 600,
    size: Annotated[int, typer.Option("--round", min=1, help="Samples at one time.")] = 60,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="FACTOR",
            help="Only this may change: a factor, storyline, timing, wording; may be repeated.",
        ),
    ] = None,
    confirm: Annotated[int, typer.Option("--confirm", min=1, help="Finds that are run again on fresh worlds.")] = 3,
    fresh: Annotated[int, typer.Option("--fresh", min=2, help="Fresh worlds for each of them.")] = 50,
    ablate: Annotated[
        int, typer.Option("--ablate", min=0, help="Confirmed finds whose levers are taken away one by one.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search's own draws.")] = 1,
    worlds: Seeds = None,
    interface: Interfaces = None,
    judge: StudyJudge = None,
    model_role: ModelRoles = None,
    same_model: SameModel = False,
    generate: Generation = None,
    model_arg: ClientArguments = None,
    log_dir: Annotated[
        Path | None, typer.Option("--log-dir", help="Folder of the search; the same folder continues.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Also write the page here.")] = None,
    max_cost: MaxCost = None,
    prices: PricesFile = None,
    max_connections: MaxConnections = None,
    as_json: AsJson = False,
) -> None:
    """Look for conditions under which an outcome becomes likelier, and measure what was found on fresh worlds.

    A rate found by search is not a rate of the world. The same command again continues where it was stopped.
    """
    from turncoat.base.files import PAGE, write_whole
    from turncoat.cli.screens import Lines
    from turncoat.providers.watch import telling
    from turncoat.report.search import search_md, search_page
    from turncoat.runs.study import default_folder
    from turncoat.search.investigator import Plan, search
    from turncoat.search.investigator import settings_of as settings
    from turncoat.search.proposing import ByModel

    check_writable(page, what, prices, endings=PAGE)
    request = requested(
        *(what, condition, worlds, None, False, judge),
        model=[model],
        interface=interface,
        model_roles=roles_of(model_role or []),
        same_model=same_model,
        log_dir=log_dir or Path("logs", "search", *default_folder(what).parts[1:]),
        settings=settings_of(generate or []),
        model_args=arguments_of(model_arg or []),
        max_cost=max_cost,
        prices=prices,
        max_connections=max_connections,
    )
    chosen = settings(request, model, objective, vary=tuple(vary or ()), seed=seed, fresh=fresh, author=author)
    proposers = [ByModel(author, complain, folder=request.log_dir, max_cost=max_cost, prices=prices)] if author else ()
    plan = Plan(budget, size, confirm, ablate, proposers)
    with _told_of_halts(), telling(complain):
        record = search(request, chosen, plan, listener=Lines(quiet=True), tell=complain)
    target = page or request.log_dir / "search.html"
    write_whole(target, search_page(record))
    if as_json:
        from turncoat.search.confirmed import as_data

        print_json(as_data(record) | {"page": str(target), "log_dir": str(request.log_dir)})
    else:
        say(search_md(record, short=True))
        say(f"Page:   {target} (open it in a browser)\nLogs:   {request.log_dir}")


@contextmanager
def _told_of_halts() -> Iterator[None]:
    """A run that halted inside the block is a stop by Ctrl-C, or a line that says how to go on."""
    from turncoat.search.running import Halted

    try:
        yield
    except Halted as halted:
        if halted.interrupted:
            raise KeyboardInterrupt from None
        raise IncompleteError(f"{halted}; the same command goes on from there") from None


@app.command("explain")
def explain_command(
    what: Annotated[
        str, typer.Argument(help="STUDY/CONDITION, SCENARIO/CONDITION, or FOLDER/NUMBER of a search's candidate.")
    ],
    model: Annotated[str, typer.Option("--model", help="Inspect's name of the target.")],
    by: Annotated[str, typer.Option("--by", help="What is taken away, one at a time: mail, or line.")] = "mail",
    mail: Annotated[list[str] | None, typer.Option("--mail", help="Only this mail; may be repeated.")] = None,
    objective: Annotated[str, typer.Option("--objective", help="harm, unaware, subtle, or rung:NAME.")] = "harm",
    seeds: Annotated[str, typer.Option("--worlds", help="Seeds of the worlds, such as 1-40.")] = "1-40",
    storyline: Annotated[str, typer.Option("--storyline", help="In which; the scenario's default if none.")] = "",
    interface: Annotated[str, typer.Option("--interface", help="text or tools; the study's if none.")] = "",
    judge: StudyJudge = None,
    model_role: ModelRoles = None,
    same_model: SameModel = False,
    generate: Generation = None,
    model_arg: ClientArguments = None,
    log_dir: Annotated[Path | None, typer.Option("--log-dir", help="Folder; the same folder continues.")] = None,
    max_cost: MaxCost = None,
    prices: PricesFile = None,
    max_connections: MaxConnections = None,
    as_json: AsJson = False,
) -> None:
    """Take away one mail or paragraph of a condition at a time, run the worlds paired, and rank what it hangs on."""
    from turncoat.cli.screens import Lines
    from turncoat.report.search import explained_md
    from turncoat.runs.request import Request
    from turncoat.scenarios.scenario import text_hash
    from turncoat.scoring.options import ScoringOptions
    from turncoat.search.investigator import settings_for
    from turncoat.search.naming import named_condition
    from turncoat.search.pairs import as_data, explain, explained

    study, name, base = named_condition(what, storyline, interface)
    place = log_dir or Path("logs", "explain", text_hash(what, base.storyline, base.interface, by, model, seeds)[:10])
    request = Request(
        study=study,
        name=name,
        models=[model],
        log_dir=place,
        scoring=ScoringOptions(judge or study.judge or "rules"),
        model_roles=roles_of(model_role or []),
        same_model=same_model,
        settings=settings_of(generate or []),
        model_args=arguments_of(model_arg or []),
        max_cost=max_cost,
        prices=prices,
        max_connections=max_connections,
    )
    settings = settings_for(request, base, model, objective, seeds)
    with _told_of_halts():
        record = explain(request, settings, base, by=by, mails=mail or (), listener=Lines(quiet=True), tell=complain)
    found = explained(record)
    if as_json:
        print_json(as_data(found) | {"log_dir": str(place)})
    else:
        say(explained_md(found))
        say(f"Logs:   {place}")
