"""Files that commands keep for themselves: what stands in their place is named, never waited for, and never hurt."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from turncoat.analysis import Table
from turncoat.analysis.monitors.given import watched_by
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


@pytest.mark.parametrize("data", ["[" * 100_000, '[{"kappa": 1, "true_positives": 1e999}]', "{", '[{"kappa": []}]'])
def test_a_validation_that_is_none_is_one_line(data: str, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(data)
    with pytest.raises(DataError, match=r"not a result of `turncoat validate"):
        read_judge_errors(tmp_path / "v.json")


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
