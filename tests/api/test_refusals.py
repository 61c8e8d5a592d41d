"""What cannot be meant is refused in one line, before api is spent."""

import copy
import math
import pickle
from collections.abc import Callable
from inspect import isclass, isfunction, signature
from pathlib import Path
from typing import Any

import pytest

import turncoat as tc
from turncoat.evidence.case import Case
from turncoat.world import Action

api: Any = tc
"""The package, as a notebook sees it: nothing checks the types before it does."""
LOGS = Path(__file__).parent.parent / "golden" / "logs" / "rules"


class Silent:
    """Forgets to decide."""

    name = "silent"

    async def review(self, case: Case, attempt: Action) -> Any:
        return None


class Hasty:
    """Decides at once."""

    name = "hasty"

    def review(self, case: Case, attempt: Action) -> Any:
        return tc.Decision(guard="hasty", decision="allow")


def act(guard: tc.Guard) -> None:
    tc.open("blackmail", guards=[guard]).do(tc.ListMail())


REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no sum": (
        lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, max_cost=math.nan),
        "expected a number or None, found nan",
    ),
    "a negative sum": (lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, max_cost=-1), "max_cost -1"),
    "no worker": (lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, workers=0), "workers=0"),
    "a shard of several processes": (
        lambda f: tc.run("smoke", model="sim/loyal", shard="1/2", workers=2),
        "one process",
    ),
    "a shard that is none": (lambda f: tc.run("smoke", model="sim/loyal", log_dir=f, shard="3/2"), "shard 3 of 2"),
    "a shard of no scheduler": (lambda f: tc.run("smoke", model="sim/loyal", log_dir=f, shard="auto"), "--shard auto"),
    "no executor": (lambda f: tc.run("smoke", model="sim/loyal", log_dir=f, executor="procesess"), "did you mean"),
    "one process for two": (lambda f: tc.run("smoke", executor="local", log_dir=f, workers=2), "is one process"),
    "an address of no cluster": (lambda f: tc.run("smoke", log_dir=f, address="ray:1"), "goes with --executor ray"),
    "a folder without shards": (tc.status, "holds no shards"),
    "negative epochs": (lambda _: tc.study("smoke", epochs=-1), "epochs -1"),
    "a level that is none": (lambda folder: tc.compare(folder, folder, level=3), "level 3"),
    "a text that is missing": (
        lambda _: api.score(["hi", None], scenario="blackmail"),
        r"responses: expected .*a list of texts, found None at \[1\]",
    ),
    "texts without a scenario": (lambda _: tc.score(["hi"]), "give one, such as"),
    "no logs": (lambda _: api.read([]), "no log is named"),
    "a number of logs": (
        lambda _: api.read(3),
        "read: logs: expected a text, a path, .* or a Results, found 3",
    ),
    "a number for a model": (
        lambda folder: api.run("smoke", model=4, log_dir=folder),
        "run: model: expected .*found 4",
    ),
    "numbers for conditions": (
        lambda _: api.study(scenario="blackmail", conditions=[1]),
        r"study: conditions: expected .*found 1 at \[0\] \(Of a scenario: ids",
    ),
    "a slice of results": (
        lambda _: api.read(LOGS)[0:2],
        "expected a row's number or a sample's name, found slice",
    ),
    "no worlds to check": (lambda _: tc.check("blackmail", worlds=0), "worlds 0"),
    "a setting of another kind": (
        lambda f: tc.run("smoke", log_dir=f, settings={"temperature": "hot"}),
        "settings: temperature: .*found 'hot'",
    ),
    "a setting of a search": (
        lambda f: tc.investigate("smoke", model="sim/loyal", log_dir=f, settings={"temprature": 1}),
        "did you mean 'temperature'",
    ),
    "no reading at a time": (lambda f: tc.realism("blackmail", "sim/loyal", at_once=0, out=f), "at_once=0"),
    "less than no dollars": (lambda f: tc.realism("blackmail", "sim/loyal", max_cost=-1, out=f), "max_cost=-1"),
    "no connection": (lambda f: tc.run("smoke", log_dir=f, max_connections=-3), "max_connections -3 is no limit"),
    "one text for several": (
        lambda _: api.SendMail(to="a@b.example"),
        "^SendMail: key 'to': needs a list; found 'a@b.example'",
    ),
    "a field that is unknown": (
        lambda _: api.Reply(message="m1"),
        "^Reply: key 'message' is not known here; allowed keys: message_id, .*did you mean 'mess",
    ),
    "a field that is missing": (lambda _: api.SendMail(), "^SendMail: key 'to' is missing"),
    "a field without a name": (
        lambda _: api.ReadMail("m006"),
        r"^ReadMail: name each field, such as ReadMail",
    ),
    "a decision that is none": (
        lambda _: api.Decision(guard="g", decision="blok"),
        "^Decision: key 'decision': 'blok' is not one of: allow, block, .*did you mean 'block'",
    ),
    "an edit of nothing": (lambda _: tc.Decision(guard="g", decision="edit"), "^Decision: action: is needed"),
    "half of a character": (
        lambda _: tc.explain("blackmail/control", model="\ud83d"),
        "model: .*half of a char",
    ),
    "a page without a name": (lambda _: tc.read(LOGS).report(""), "report: path: expected a text or a path, found ''"),
    "a guard that says nothing": (lambda _: act(Silent()), "guard silent: review gave NoneType, not a Decision"),
    "a guard that does not wait": (lambda _: act(Hasty()), "guard hasty: review is not asynchronous"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nonsense_is_refused_in_one_line(what: str, tmp_path: Path) -> None:
    call, said = REFUSED[what]
    with pytest.raises(tc.UsageError, match=said) as raised:
        call(tmp_path)
    assert "\n" not in str(raised.value)


def parameters() -> list[tuple[str, str]]:
    """Each parameter of each public function and method of the interface."""
    found: list[tuple[str, str]] = []
    for name in tc.__all__:
        thing = getattr(tc, name)
        members = {f"{name}.{n}": m for n, m in vars(thing).items() if n[0] != "_"} if isclass(thing) else {name: thing}
        functions = {n: f for n, f in members.items() if isfunction(f) and f.__module__.startswith("turncoat.api")}
        found += [(n, p) for n, f in functions.items() for p in signature(f).parameters if p != "self"]
    return found


@pytest.mark.parametrize(("name", "parameter"), parameters())
def test_no_argument_of_another_kind_goes_in(name: str, parameter: str) -> None:
    first, _, method = name.partition(".")
    function = getattr(getattr(tc, first), method) if method else getattr(tc, first)
    needed = [
        n for n, p in signature(function).parameters.items() if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    given: dict[str, Any] = {**dict.fromkeys(needed, "x"), **({"self": None} if method else {}), parameter: object()}
    with pytest.raises(tc.UsageError, match=f"^{function.__name__}: {parameter}: expected .*, found object"):
        function(**given)


def test_none_is_what_is_not_named(tmp_path: Path) -> None:
    assert tc.study(scenario="blackmail", conditions=None).file == tc.study(scenario="blackmail").file
    with pytest.raises(tc.UsageError, match="model"):
        tc.run("smoke", model=None, log_dir=tmp_path)


def test_a_message_is_one_line_that_can_be_printed() -> None:
    assert str(tc.UnknownName("model '\ud83d'\nis none")) == "model '\ufffd' is none"


def plan() -> Any:
    return tc.study(scenario="blackmail", conditions="control", worlds=1).plan(model="sim/loyal")


LINES: dict[str, Callable[[], Any]] = {
    "<study smoke: ": lambda: tc.study("smoke"),
    "<plan of smoke: 12 samples of 1 model, 0.00 to 0.00 US dollars>": lambda: tc.study("smoke").plan(
        model="sim/loyal"
    ),
    "<scenario blackmail: ": lambda: tc.scenario("blackmail"),
    "<condition threat=replacement>": lambda: tc.scenario("blackmail").condition(threat="replacement"),
    "<scene blackmail/control/": lambda: tc.scenario("blackmail").render(),
    "<prompt: system ": lambda: tc.scenario("blackmail").render().prompt,
    "<session in <scene": lambda: tc.open("blackmail"),
    "<judged by rules@9: not harmful, accepts>": lambda: tc.open("blackmail").score(),
    "<results: 24 rows, 12 rates; ": lambda: tc.read(LOGS),
    "<table: 24 rows, ": lambda: tc.read(LOGS).table,
    "<overview: 12 rates, ": lambda: tc.read(LOGS).overview,
    "<sample blackmail/": lambda: tc.read(LOGS)[0],
    "<compared: ": lambda: tc.compare(LOGS, LOGS),
    "<rules@1 on 24 sessions: ": lambda: tc.monitor(LOGS),
}


@pytest.mark.parametrize("line", LINES)
def test_everything_shows_itself_in_one_line(line: str) -> None:
    shown = repr(LINES[line]())
    assert shown.startswith(line) and shown.endswith(">") and "\n" not in shown


@pytest.mark.parametrize("again", [lambda thing: pickle.loads(pickle.dumps(thing)), copy.deepcopy])
def test_results_travel(again: Callable[[Any], Any]) -> None:
    results = tc.read(str(p) for p in [LOGS])
    assert len(results)
    assert again(results).rates().equals(results.rates())


def test_results_are_where_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(LOGS.parent)
    results = tc.read(LOGS.name)
    monkeypatch.chdir(tmp_path)
    assert len(results) == 24


def test_broken_text_in_a_session_is_shown() -> None:
    session = tc.open("blackmail")
    session.do(tc.SendMail(to=("nobody@elsewhere.example",), subject="half \ud83d", body="x"))
    assert session.log["what"].iloc[0].endswith("half \ufffd")
    session._repr_html_()


def test_world_0_is_a_world() -> None:
    assert {b.seeds for b in tc.study("smoke", worlds=0).file.blocks} == {"0"}


def test_an_edited_folder_of_rubrics_is_asked_as_it_is_now(tmp_path: Path) -> None:
    """The judge's name, the rubric's identity and the instrument's hash follow an edit in one process."""
    import shutil

    from turncoat.judges.model.rubric import rubric, rubrics_folder, rubrics_name
    from turncoat.scoring.instrument import instrument_hash

    folder = tmp_path / "own"
    shutil.copytree(rubrics_folder(), folder)

    def told() -> tuple[str, str, str]:
        return rubrics_name(folder), rubric(folder, "reading", "blackmail").identity, instrument_hash(None, str(folder))

    before = told()
    edited = folder / "reading.md"
    edited.write_text(edited.read_text("utf-8") + "\nBe brief.\n", "utf-8")
    assert all(a != b for a, b in zip(before, told(), strict=True))
    text = ["I have read the mail."]
    own, ours = (tc.score(text, scenario="blackmail", rubrics=r)["instrument"].iloc[0] for r in (str(folder), ""))
    assert own != ours
