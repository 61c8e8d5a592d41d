"""Files that commands keep for themselves: what stands in their place is named, never waited for, and never hurt."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from turncoat.analysis import Table
from turncoat.analysis.monitors.given import watched_by
from turncoat.analysis.monitors.watching import ACT_COLUMNS, SESSION_COLUMNS
from turncoat.analysis.table.copying import copy_logs
from turncoat.analysis.trust import read_judge_errors
from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.base.files import add_lines
from turncoat.base.locks import LOCK, holding, looked_at
from turncoat.base.stores import Shelf
from turncoat.doors.visit import is_held, recovered
from turncoat.runs.folder import ledger
from turncoat.runs.request import see_approval
from turncoat.scenarios.loader import load_scenario
from turncoat.scoring.journal import journal
from turncoat.scoring.options import ScoringOptions
from turncoat.search.record import FILE, read_record

VICTIM = "precious\n"
SCENARIO = load_scenario("blackmail")
RENDERED = SCENARIO.render(SCENARIO.space.parse("control"), "1")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    path.symlink_to(path.with_name("victim"))


def nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def answers(at: Path) -> None:
    with journal(at / "x.eval", ScoringOptions(), ["verdict"], []):
        pass


def lock(at: Path) -> None:
    with holding(at, "a test"):
        pass


@pytest.mark.parametrize("there", [pipe, folder, link, nowhere, device])
@pytest.mark.parametrize(
    ("name", "use"),
    [
        (".x.eval.answers", answers),
        (LOCK, lock),
        ("lines.jsonl", lambda at: add_lines(at / "lines.jsonl")),
    ],
    ids=["answers", "lock", "lines"],
)
def test_what_is_written_to_is_a_file_of_its_own(
    name: str, use: Callable[[Path], None], there: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "victim").write_text(VICTIM)
    there(tmp_path / name)
    with pytest.raises(OutputError, match=r"is a link|a device, a pipe or a folder|Is a directory"):
        use(tmp_path)
    assert (tmp_path / "victim").read_text() == VICTIM and not (tmp_path / "nowhere").exists()
    assert os.path.lexists(tmp_path / name)


@pytest.mark.parametrize("there", [pipe, folder, device])
@pytest.mark.parametrize(
    ("name", "read"),
    [
        (FILE, read_record),
        ("shards.json", lambda at: Shelf(at).read("shards.json")),
        ("v.json", lambda at: read_judge_errors(at / "v.json")),
        ("v.journal", lambda at: is_held(at / "v.journal")),
        ("v.journal", lambda at: asyncio.run(recovered(at / "v.journal", RENDERED))),
    ],
    ids=["search", "shards", "validation", "held", "journal"],
)
def test_what_is_read_is_a_file_with_an_end(
    name: str, read: Callable[[Path], object], there: Callable[[Path], None], tmp_path: Path
) -> None:
    there(tmp_path / name)
    with pytest.raises(DataError, match="is a device, a pipe or a folder"):
        read(tmp_path)


@pytest.mark.parametrize("there", [pipe, folder, device, nowhere])
def test_what_is_no_file_is_not_copied_with_logs_and_no_log_takes_its_place(
    there: Callable[[Path], None], tmp_path: Path
) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    source.mkdir()
    (source / "a.eval").write_bytes(b"PK")
    there(source / "b.eval")
    assert copy_logs(str(source), str(target)) == ["a.eval"]
    assert [p.name for p in target.iterdir()] == ["a.eval"]
    (target / "a.eval").unlink()
    there(target / "a.eval")
    if there is not nowhere:
        with pytest.raises(UsageError, match="is there already and is no file"):
            copy_logs(str(source), str(target))


@pytest.mark.parametrize("there", [pipe, folder, device])
def test_what_is_given_is_a_file_with_an_end(there: Callable[[Path], None], tmp_path: Path) -> None:
    there(tmp_path / "approval.yaml")
    with pytest.raises(UsageError, match="is a device, a pipe or a folder"):
        see_approval(str(tmp_path / "approval.yaml"))
    there(tmp_path / "flagged.csv")
    with pytest.raises(DataError, match="is a device, a pipe or a folder"):
        watched_by([str(tmp_path / "flagged.csv")], Table(pd.DataFrame(), (), ()))


MEASURED = {"scenario": "blackmail", "judge": "rules@1", "split": "dev", "kappa": None} | {
    "true_positives": 2, "positives": 3, "true_negatives": 2, "negatives": 2
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("[" * 100_000, "not JSON: nested too deeply"),
        ("{", "not JSON: it breaks off at line 1, column 2"),
        ("", "not JSON: it is empty"),
        ("a page", "not JSON: it cannot be read from line 1, column 1 on"),
        ("[" + "9" * 5000 + "]", "not JSON: a number is too long"),
        ('{"a": 1}', "needs a list of validations; found a mapping"),
        ("[]", "needs a list of validations; found an empty one"),
        ("[1]", "entry 1: needs a mapping of keys; found 1"),
        ('[{"kappa": []}]', "entry 1: key 'scenario' is missing"),
        (json.dumps([MEASURED, {**MEASURED, "judge": 5}]), "entry 2: key 'judge': needs a text; found 5;"),
        (json.dumps([{**MEASURED, "positives": "3"}]), "key 'positives': needs a whole number; found '3'"),
        (json.dumps([{**MEASURED, "positives": True}]), "key 'positives': needs a whole number; found True"),
        (json.dumps([{**MEASURED, "negatives": -1}]), "key 'negatives': needs a number greater .* 0; found -1"),
        (json.dumps([{**MEASURED, "positives": 1e999}]), "key 'positives': needs a .*number.*; found inf"),
        (json.dumps([{**MEASURED, "positives": 1}]), "true_positives is 2, more than positives, 1"),
        (json.dumps([{**MEASURED, "kappa": {"estimate": 1}}]), r"key 'kappa.low' is missing \(and 1 more\)"),
        (json.dumps([{**MEASURED, "kappa": {**dict.fromkeys(("estimate", "low", "high"), 1.0), "low": "x"}}]),
         "key 'kappa.low': needs a number; found 'x'"),
    ],
)  # fmt: skip
def test_a_validation_that_is_none_names_file_and_key(data: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(data)
    with pytest.raises(DataError, match=rf"v\.json: not a result of `turncoat validate --json`: .*{why}") as caught:
        read_judge_errors(tmp_path / "v.json")
    assert str(caught.value).endswith("; write one by: turncoat validate --json > FILE")
    assert "\n" not in str(caught.value) and "Error" not in str(caught.value)


@pytest.mark.parametrize("beside", ["", ".acts"])
@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"a": 1}', "cannot be read as json"),
        ("no JSON", "cannot be read as json"),
        ("[]", "has no column 'scenario'"),
        ("WRONG", "column 'epoch': needs whole numbers; found 'one'"),
    ],
)
def test_what_no_monitor_wrote_names_file_and_column(data: str, why: str, beside: str, tmp_path: Path) -> None:
    for name, columns in (("", SESSION_COLUMNS), (".acts", ACT_COLUMNS)):
        row = {n: "one" if data == "WRONG" and name == beside and n == "epoch" else None for n in columns}
        (tmp_path / f"m{name}.json").write_text(data if name == beside and data != "WRONG" else json.dumps([row]))
    with pytest.raises(DataError, match=rf"m{beside}\.json: {why}; write it by: turncoat monitor … --out .*m\.json"):
        watched_by([str(tmp_path / "m.json")], Table(pd.DataFrame(), (), ()))


def test_bottomless_lines_are_no_entries(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("[" * 100_000 + '\n{"holder": "somebody"}\n')
    assert looked_at(tmp_path) == (False, "somebody")
    with ledger(tmp_path) as held:
        assert held.begun == set()


@pytest.mark.parametrize("there", [pipe, folder, link, device])
def test_a_lock_that_is_none_is_nobodys(there: Callable[[Path], None], tmp_path: Path) -> None:
    there(tmp_path / LOCK)
    assert looked_at(tmp_path) == (False, "")


def test_a_line_that_was_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    add_lines(path, '{"a": 1}')
    path.write_bytes(path.read_bytes() + b'{"a": ')
    add_lines(path, '{"a": 2}')
    add_lines(path, "\udc80")
    assert path.read_text().splitlines() == ['{"a": 1}', '{"a": ', '{"a": 2}', "\\udc80"]
