"""The commands that open a company to somebody: to an agent of one's own, or to a person."""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.errors import OutputError, UsageError
from turncoat.base.stopping import STOPPING
from turncoat.cli.app import Guards, JudgeOption, Setting, app, check_writable, complain, say
from turncoat.cli.scenarios import our_name

if TYPE_CHECKING:
    from turncoat.doors.visit import Visit
    from turncoat.guards.guard import Guard
    from turncoat.scenarios.rendering import Rendered


@app.command()
def serve(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    out: Annotated[Path, typer.Option("--out", help="The log that is written: a new file that ends in .eval.")],
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world", help="Seed, or storyline@seed.")] = "1",
    http: Annotated[
        int | None,
        typer.Option("--http", metavar="PORT", help="Serve over HTTP on this port of loopback; 0 takes a free one."),
    ] = None,
    sessions: Annotated[
        int, typer.Option("--sessions", min=1, max=500, help="With --http: sessions at once, each at its own address.")
    ] = 1,
    idle: Annotated[
        float, typer.Option("--idle", min=0.05, max=1440, help="With --http: minutes of silence that end a session.")
    ] = 15.0,
    guard: Guards = None,
    judge: JudgeOption = "rules",
) -> None:
    """Open a company to an agent of one's own, over MCP: on standard input and output, or over HTTP."""
    if http is None and sessions > 1:
        raise UsageError("--sessions goes with --http: a client on standard input and output has one session")
    started = http is None and not sys.stdin.isatty()
    if started:
        _let_a_child_serve()
    name = our_name(scenario)
    rendered = _rendered(name, setting, guard, world, "mcp", "over MCP")
    _see_judge(judge)
    if started:
        _forget_a_look(out)
    if _recovered(out, rendered, name, judge, "mcp"):
        return
    _serve(out, rendered, name, http, sessions, timedelta(minutes=idle), judge)


def _rendered(
    name: str, setting: Sequence[str] | None, guard: Sequence[str] | None, world: str, interface: str, where: str
) -> "Rendered":
    """Condition and world of a visit.

    Raises:
        UsageError: There is no such condition, a factor or guard means nothing there, or a guard asks somebody.
    """
    from turncoat.doors.door import door
    from turncoat.guards.named import with_guards
    from turncoat.scenarios.factors import parse_settings
    from turncoat.scenarios.loader import load_scenario
    from turncoat.tasks import see_guards

    loaded = load_scenario(name)
    condition = loaded.space.condition(parse_settings(setting or []))
    condition = loaded.space.parse(with_guards(condition.id, guard or []))
    loaded.see_interface(condition, interface, where)
    see_guards(loaded, condition, door(interface))
    rendered = loaded.render(condition, world)
    _guards_of(rendered, name)
    return rendered


def _see_judge(judge: str) -> None:
    """See that what came can be scored, before anybody has begun.

    Raises:
        UnknownName: There is no such judge, or it lacks its package or key.
    """
    from turncoat.scoring.options import ScoringOptions

    ScoringOptions(judge).choice().found()


def _guards_of(rendered: "Rendered", name: str) -> "tuple[Guard, ...]":
    """New guards of a visit.

    Raises:
        UsageError: One asks somebody: a visit has no model roles, and its journal is read by making its calls again.
    """
    from turncoat.guards.named import deciding_by_rules
    from turncoat.scenarios.loader import load_scenario

    return deciding_by_rules(load_scenario(name).space, rendered.condition)


def _let_a_child_serve() -> None:
    """Go on in a child process, which sees the pipe's end but none of the client's signals.

    Clients end what they have started a moment after they close the pipe; the log is written all the same.
    """
    if (child := os.fork()) != 0:
        for number in STOPPING:  # the client's way to end it, which stops nothing
            signal.signal(number, lambda number, frame: os._exit(0))
        _, status = os.waitpid(child, 0)
        raise typer.Exit(os.waitstatus_to_exitcode(status))
    os.setsid()


def _whole_command(out: Path, name: str) -> list[str]:
    """This command as it works from any folder, and without this shell's path: a client starts it where it likes."""
    from turncoat.scenarios.loader import is_folder

    program = Path(sys.argv[0]).absolute()
    started = [str(program)] if program.name == "turncoat" else [sys.executable, "-m", "turncoat"]
    whole = {p: p.absolute() for p in (out, *([Path(name)] if is_folder(name) else []))}

    def moved(given: str) -> str:
        option, at = ("--out=", given[6:]) if given.startswith("--out=") else ("", given)
        return f"{option}{whole[Path(at)]}" if Path(at) in whole else given

    return [*started, *map(moved, sys.argv[1:])]


def _forget_a_look(out: Path) -> None:
    """Make room for a session where the log is of a client that only looked, as many do to see that a server runs."""
    from turncoat.runs.visits import is_look

    if is_look(out):
        out.unlink()
        complain(f"turncoat: {out}: held no session, only a client's look at the tools; it makes room for this one")


def _serve(
    out: Path, rendered: "Rendered", name: str, http: int | None, sessions: int, idle: timedelta, judge: str
) -> None:
    try:
        from turncoat.doors.loopback import listen
        from turncoat.doors.mcp.serving import serve_at, serve_here, ways_in, ways_in_by
    except ImportError as error:
        from turncoat.doors.mcp.door import needs_extra

        raise needs_extra(error) from None
    # What keeps the log is loaded now: a client that has closed the pipe gives little time.
    from turncoat.doors.visit import Visit
    from turncoat.runs.visits import journal_of
    from turncoat.scoring import rescoring as _  # noqa: F401

    if http is None and sys.stdin.isatty():
        say("A client starts this command itself and speaks to it. To add it:")
        say("\n".join(ways_in_by(_whole_command(out, name))))
        return

    def visits() -> "list[Visit]":
        numbers = range(1, sessions + 1)
        return [Visit(rendered, guards=_guards_of(rendered, name), journal=journal_of(out, n)) for n in numbers]

    if http is None:
        (one,) = visits()
        serve_here(one, lambda: _keep(out, [one], rendered, name, judge, "mcp"))
        return

    def said(addresses: list[str]) -> None:
        for address in addresses:
            say("\n".join(ways_in(address)))
        sys.stdout.flush()

    with listen(http) as listening:  # first, so that a port that cannot be had leaves no journal behind
        served = visits()
        serve_at(served, listening, said, idle)
    _keep(out, served, rendered, name, judge, "mcp")


@app.command()
def visit(
    scenario: Annotated[str, typer.Argument(help="A scenario's name, or the path of its folder.")],
    setting: Setting = None,
    world: Annotated[str, typer.Option("--world", help="Seed, or storyline@seed.")] = "1",
    out: Annotated[Path, typer.Option("--out", help="The log that is written: a new file that ends in .eval.")] = Path(
        "visit.eval"
    ),
    port: Annotated[int, typer.Option("--port", help="Port of loopback; 0 takes a free one.")] = 0,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    idle: Annotated[
        float, typer.Option("--idle", min=0.05, max=1440, help="Minutes without the page after which it is closed.")
    ] = 10.0,
    guard: Guards = None,
    judge: JudgeOption = "rules",
) -> None:
    """Open a company to a person, who plays the agent in a webmail and is shown what came of it."""
    name = our_name(scenario)
    rendered = _rendered(name, setting, guard, world, "webmail", "in a webmail")
    _see_judge(judge)
    if visits := _recovered(out, rendered, name, judge, "webmail", consent=True):
        from turncoat.runs.visits import told_of

        say(str(told_of(visits[0], rendered, out)))
    else:
        _show(out, rendered, name, port, opens, timedelta(minutes=idle), judge)


def _show(out: Path, rendered: "Rendered", name: str, port: int, opens: bool, idle: timedelta, judge: str) -> None:
    try:
        from turncoat.webmail.pages.session import Person
        from turncoat.webmail.serving import serve_person
    except ImportError as error:
        from turncoat.webmail.door import needs_extra

        raise needs_extra(error) from None
    import anyio.to_thread

    from turncoat.doors.visit import Visit
    from turncoat.runs.visits import journal_of, told_of
    from turncoat.webmail.told import Told

    def kept() -> Told:
        _keep(out, [visitor], rendered, name, judge, "webmail")
        return told_of(visitor, rendered, out)

    async def told() -> Told:
        return await anyio.to_thread.run_sync(kept)

    def said(text: str) -> None:
        say(text)
        sys.stdout.flush()
        if text.startswith("http") and opens:
            import webbrowser

            webbrowser.open(text)

    visitor = Visit(rendered, guards=_guards_of(rendered, name), journal=journal_of(out))
    found = None
    try:
        found = serve_person(visitor, Person(str(out.resolve()), told), port, said, idle)
    finally:
        if found is None and not visitor.seen.noted:
            visitor.close()
            journal_of(out).unlink(missing_ok=True)
    if found is None:
        complain("turncoat: nobody began the session; no log is written")
    else:
        say(str(found))


def _recovered(
    out: Path, rendered: "Rendered", name: str, judge: str, interface: str, *, consent: bool = False
) -> "Sequence[Visit]":
    """Write the log of visits whose process was ended; gives them.

    Args:
        out: The log.
        rendered: What was visited.
        name: Its scenario, as it was named.
        judge: Who judges.
        interface: The door.
        consent: Whether nothing is kept of a visit to which nobody had consented.

    Raises:
        UsageError: The log's name is none.
        OutputError: The log is there already or cannot be written, or another process serves the visits.
    """
    import anyio

    from turncoat.doors.visit import is_held, recovered
    from turncoat.runs.visits import journals_of

    check_writable(out, endings=(".eval",))
    if out.exists():
        raise OutputError(f"{out}: is there already; name a new file")
    journals = journals_of(out)
    if any(map(is_held, journals)):
        raise OutputError(f"{out}: another process serves it; name another file by --out, or end that one")
    visits = [anyio.run(recovered, path, rendered, _guards_of(rendered, name)) for path in journals]
    if not visits or (consent and not visits[0].seen.noted):  # nobody had consented
        for path in journals:
            path.unlink()
        return []
    _keep(out, visits, rendered, name, judge, interface)
    complain(f"turncoat: {out}: written from the journal of a visit that was cut off; name a new file for the next one")
    return visits


def _keep(out: Path, visits: "Sequence[Visit]", rendered: "Rendered", name: str, judge: str, interface: str) -> None:
    """Write the log, have it scored, and say what came of it."""
    from turncoat.runs.visits import journals_of, visit_log, write_visits
    from turncoat.scenarios.loader import load_scenario
    from turncoat.scoring.options import ScoringOptions
    from turncoat.scoring.rescoring import rescore

    log = visit_log(visits, load_scenario(name), name, rendered.condition, rendered.world.id, interface)
    write_visits(log, out)
    for visit in visits:
        visit.close()
    for path in journals_of(out):
        path.unlink(missing_ok=True)
    rescore(out, ScoringOptions(judge))
    complain(f"turncoat: {out}: {len(visits)} session{'s' * (len(visits) > 1)} written and scored by {judge}")
