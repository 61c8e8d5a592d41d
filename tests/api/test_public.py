"""What is public: light to import, no name that is a room's, everything documented and typed."""

import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import turncoat as tc
from tests.shared import ROOT

SCRIPT = """
import pandas as pd
import turncoat as tc

study: tc.Study = tc.study(scenario="blackmail", worlds="1-3")
run: tc.Run = tc.run(study, model="sim/loyal", log_dir="logs", settings={"temperature": 1})
results: tc.Results = tc.read(["logs"])
rates: pd.DataFrame = results.rates()
sample: tc.Sample = results[0]
figure: tc.Figure = results.figure("x")
moves: pd.DataFrame = tc.compare(results, "logs").moves
scores: pd.DataFrame = tc.score(["text"], scenario="blackmail", judge="rules")
problems: list[tc.Problem] = tc.check("blackmail")
prompt: str = tc.scenario("blackmail").render(goal="explicit", world=7).prompt.system


class Quiet:
    name = "quiet"

    async def review(self, case: object, attempt: object) -> tc.Decision:
        return tc.Decision(guard=self.name, decision="allow")


async def main() -> None:
    session = tc.open("blackmail", world=7, goal="explicit", guards=[Quiet()])
    outcome: tc.Outcome = await session.act(tc.SendMail(to=("a@b.example",), subject="x", body="y"))
    verdict: tc.Judged = await session.score(judge="rules")
    again: tc.Results = await tc.run("demo")
    print(outcome.status, verdict.harmful, again)
"""
WRONG = """
import turncoat as tc

tc.run("demo", modell="sim/loyal")
tc.open("blackmail").do("send")
tc.nothing
"""


def test_importing_takes_nothing_in() -> None:
    code = (
        "import sys; n = len(sys.modules); import turncoat; print(len(sys.modules) - n, "
        "[m for m in ('inspect_ai', 'pandas', 'pydantic', 'rich', 'jinja2') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    number, heavy = out.split(maxsplit=1)
    assert int(number) < 100 and heavy.strip() == "[]", out


def test_no_public_name_is_a_room() -> None:
    rooms = {m.name for m in pkgutil.iter_modules(tc.__path__)}
    assert "runs" in rooms
    assert not rooms & {*tc.__all__}
    assert tc.__all__ == sorted(tc.__all__)
    assert {*tc.__all__} == {n for names in tc._PUBLIC.values() for n in names}
    assert {*tc.__all__} <= {*dir(tc)}
    anything: Any = tc
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = anything.nothing


@pytest.mark.parametrize("name", sorted(tc.__all__))
def test_every_public_name_says_what_it_is(name: str) -> None:
    found = getattr(tc, name)
    assert (inspect.getdoc(found) or "").strip(), name
    members = [m for n, m in vars(found).items() if not n.startswith("_")] if inspect.isclass(found) else []
    for member in members:
        function = member.fget if isinstance(member, property) else member
        if inspect.isfunction(function) and function.__module__.startswith("turncoat.api"):
            assert (inspect.getdoc(function) or "").strip(), f"{name}.{function.__name__}"
    if inspect.isfunction(found):
        text = inspect.getdoc(found) or ""
        assert "Args:" in text and "Raises:" in text, name
        for parameter, said in inspect.signature(found).parameters.items():
            assert f"{parameter}:" in text, f"{name}: {parameter}"
            assert said.annotation is not inspect.Parameter.empty, f"{name}: {parameter}"


def test_mypy_sees_the_types(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(SCRIPT)
    wrong.write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--strict"]
    done = subprocess.run([*command, str(right), str(wrong)], capture_output=True, text=True, cwd=ROOT, check=False)
    lines = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(lines) == 3 and all("wrong.py" in line for line in lines), done.stdout + done.stderr
