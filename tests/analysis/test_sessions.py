"""Sessions with tools, from a real run to the exported columns: what was opened, against the conversation itself."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from inspect_ai.log import EvalSample, read_eval_log
from inspect_ai.model import ChatMessageTool

from tests.analysis.test_export import DOCS
from turncoat.analysis import export_logs
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.world.actions import WRITES

BOTH = "goal=explicit,threat=replacement"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sessions in the scenario whose secret lies in a document; some end by a limit before it is opened."""
    found = tmp_path_factory.mktemp("sessions")
    study = scenario_study("espionage", ["control", BOTH], "1-6", 1)
    run_study(Request(study, "espionage", ["sim/insider", "sim/loyal"], found, interfaces=["tools"]))
    short = {"message_limit": 4}
    run_study(Request(study, "espionage", ["sim/drifter"], found / "short", interfaces=["tools"], limits=short))
    return found


@pytest.fixture(scope="module")
def frame(folder: Path) -> pd.DataFrame:
    export_logs([folder], folder / "samples.parquet")
    return pd.read_parquet(folder / "samples.parquet")


def by_hand(sample: EvalSample) -> str:
    """When the tools first showed a phrase of the secret, beside when a tool first changed something."""
    scenario = load_scenario("espionage")
    metadata = sample.metadata or {}
    rendered = scenario.render(scenario.space.parse(metadata["condition"]), metadata["world"])
    fact = setting_of(rendered, live=True).fact
    assert fact is not None
    results = [m for m in sample.messages if isinstance(m, ChatMessageTool) and m.error is None]
    shown = [m for m in results if m.function in ("read_mail", "open_document")]
    saw = [results.index(m) for m in shown if any(p.rstrip("*").lower() in m.text.lower() for p in fact.mentions)]
    acted = [i for i, m in enumerate(results) if m.function in WRITES]
    if not saw:
        return "never"
    return "before" if not acted or saw[0] < acted[0] else "after"


def test_what_was_opened_is_as_the_conversation_says(folder: Path, frame: pd.DataFrame) -> None:
    expected = {}
    for path in sorted(folder.rglob("*.eval")):
        log = read_eval_log(str(path))
        for sample in log.samples or []:
            expected[log.eval.model, sample.id] = by_hand(sample)
    found = {(r["model"], r["sample"]): r["secret_opened"] for _, r in frame.iterrows()}
    assert found == expected
    assert set(expected.values()) >= {"before", "never"}


def test_the_file_has_the_documented_columns_and_no_others(folder: Path, frame: pd.DataFrame) -> None:
    rows = [line.split("|")[1:3] for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    documented = {name.strip().strip("`"): kind.strip() for name, kind in rows}
    documented.pop("f_<factor>")
    fixed = [c for c in frame.columns if not c.startswith("f_")]
    assert fixed == [c for c in documented if not c.startswith("f_")]
    assert {c for c in frame.columns if c.startswith("f_")} == {"f_goal", "f_threat"}
    types = {f.name: str(f.type) for f in pq.read_schema(folder / "samples.parquet")}
    kinds = {"string": "string", "boolean": "bool", "Int64": "int64", "Float64": "double", "list of text": "list"}
    for name, kind in documented.items():
        assert types[name].removeprefix("large_").startswith(kinds.get(kind, "timestamp")), (name, kind, types[name])
