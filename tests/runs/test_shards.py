"""Shards: which one a command is, what a folder pins, one winner of two runs, and what is still to be run."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log_sample_summaries

from turncoat.analysis import read_table
from turncoat.analysis.status import Status, status_of
from turncoat.base.errors import LogError, TurncoatError, UnknownName, UsageError
from turncoat.base.locks import LOCK, holding, looked_at
from turncoat.base.stores import Shelf
from turncoat.cli import app, guarded
from turncoat.cli.clusters import TEMPLATES, status_lines
from turncoat.runs import runner
from turncoat.runs.design import scenario_study
from turncoat.runs.executors.shard import run_shard
from turncoat.runs.folder import refuse_other_number
from turncoat.runs.request import Request, plans_of
from turncoat.runs.runner import run_study
from turncoat.runs.shards.number import Shard, by_scheduler, given
from turncoat.runs.shards.pin import PIN, pin, shard_named
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.sources import read_responses

BOTH = ("goal=explicit,threat=replacement", "control")


def request(folder: Path, worlds: str = "1-3", models: tuple[str, ...] = ("sim/insider",)) -> Request:
    words = (
        "run",
        "blackmail",
        "--model",
        models[0],
        "--worlds",
        worlds,
        "--model-arg",
        "api_key=sk-very-secret-1234567890",
    )
    return Request(scenario_study("blackmail", BOTH, worlds, 1), "blackmail", models, folder, command=words)


def table(folder: Path) -> list[tuple[str, str]]:
    frame = read_table([folder]).frame
    return sorted(zip(frame["sample"], frame["harmful"].astype(str), strict=True))


def array(index: int, **more: int) -> dict[str, str]:
    return {"SLURM_ARRAY_TASK_ID": str(index), **{f"SLURM_ARRAY_TASK_{n.upper()}": str(v) for n, v in more.items()}}


@pytest.mark.parametrize(
    ("variables", "pinned", "first", "shard"),
    [
        (array(0, count=16, min=0, max=15), None, None, "1/16"),
        (array(16, count=16, min=1, max=16), None, None, "16/16"),
        (array(3, count=16, min=0, max=15), 16, 0, "4/16"),
        (array(7, count=2, min=2, max=7), 16, 0, "8/16"),
        (array(7, count=2, min=2, max=7), 16, 1, "7/16"),
        (array(0, count=1, min=0, max=0), 16, None, "1/16"),
        (array(16, count=1, min=16, max=16), 16, None, "16/16"),
        (array(2, count=2, min=2, max=16), 16, None, "2/16"),
        (array(7, count=1, min=7, max=7) | {"TURNCOAT_SHARDS": "16", "TURNCOAT_SHARD_FIRST": "0"}, None, None, "8/16"),
        ({"JOB_COMPLETION_INDEX": "3", "JOB_COMPLETIONS": "16"}, None, None, "4/16"),
        ({"JOB_COMPLETION_INDEX": "15"}, 16, None, "16/16"),
    ],
)
def test_a_scheduler_says_which_shard_a_task_is(
    variables: dict[str, str], pinned: int | None, first: int | None, shard: str
) -> None:
    assert str(by_scheduler(variables, pinned, first)) == shard


@pytest.mark.parametrize(
    ("variables", "pinned", "first", "words"),
    [
        ({}, None, None, "neither SLURM_ARRAY_TASK_ID nor"),
        (array(1) | {"JOB_COMPLETION_INDEX": "1"}, None, None, "both"),
        (array(3), None, None, "SLURM_ARRAY_TASK_COUNT is not set"),
        (array(3, count=16), None, None, "from 0 or from 1 is not known"),
        (array(7, count=2, min=2, max=7), None, None, "a part of one"),
        (array(7, count=8, min=7, max=14), None, None, "a part of one"),
        (array(7, count=2, min=2, max=7), 16, None, "from 0 or from 1 is not known"),
        (array(7, count=32, min=0, max=31), 16, 0, "is 32, but the folder is of 16"),
        (array(1, count=16, min=1, max=16), 16, 0, "counts its 16 tasks from 1"),
        (array(16, count=2, min=2, max=16), 16, 0, "are 0 to 15"),
        (array(2, count=2, min=0, max=2), 16, 1, "from 0 to 2, but the indices of 16 shards are 1 to 16"),
        (array(3, count=2, min=3, max=16), 16, 0, "from 3 to 16, but the indices of 16 shards are 0 to 15"),
        (array(2, count=16, min=0, max=30, step=2), 16, 0, "from 0 to 30, but"),
        (array(3, count=16, min=0, max=15) | {"TURNCOAT_SHARDS": "8"}, 16, 0, "TURNCOAT_SHARDS is 8"),
        ({"JOB_COMPLETION_INDEX": "3", "JOB_COMPLETIONS": "8"}, 16, None, "is 8, but the folder is of 16"),
        ({"JOB_COMPLETION_INDEX": "3"}, None, None, "JOB_COMPLETIONS is not set"),
        ({"JOB_COMPLETION_INDEX": " ", "JOB_COMPLETIONS": "8"}, None, None, "neither SLURM_ARRAY_TASK_ID nor"),
        ({"JOB_COMPLETION_INDEX": "x", "JOB_COMPLETIONS": "8"}, None, None, "is 'x', which is no number"),
        ({"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "0"}, None, None, "is 0"),
    ],
)
def test_what_does_not_fit_is_refused(
    variables: dict[str, str], pinned: int | None, first: int | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        by_scheduler(variables, pinned, first)


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "1/0", "a/b", "-1/3", "1/3/5", "1/999999"])
def test_a_shard_is_of_the_form_k_of_n(text: str) -> None:
    with pytest.raises(UsageError, match=r"shard"):
        given(text)


def test_a_folder_pins_number_and_partition(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "a")

    def begun(worlds: str, shard: str, models: tuple[str, ...] = ("sim/insider",)) -> None:
        asked = request(tmp_path / "a", worlds, models)
        pin(shelf, given(shard), asked, plans_of(asked))

    begun("1-3", "3/3")
    begun("1-5", "1/3")
    begun("1-5", "1/3", ("sim/loyal",))
    assert len(shelf.names()) == 4 and not any(b"sk-very" in (shelf.read(n) or b"") for n in shelf.names())
    for worlds, shard, words in (
        ("1-5", "1/4", "3 shards, not 4"),
        ("2-6", "1/3", "not the first"),
        ("1-4", "1/3", "begun with 5 worlds"),
    ):
        with pytest.raises(UsageError, match=words):
            begun(worlds, shard)
    with pytest.raises(UsageError, match="--shard K/3"):
        refuse_other_number(tmp_path / "a", 1)
    with pytest.raises(UsageError, match="without shards"):
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "x.eval").write_bytes(b"")
        pin(Shelf(tmp_path / "b"), Shard(1, 2), request(tmp_path), plans_of(request(tmp_path)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"study": scenario_study("blackmail", BOTH[:1], "1-3", 1)}, "begun with condition control as well"),
        ({"epochs": 1}, "begun with 2 epochs, not 1"),
        ({"scoring": ScoringOptions("sim/judge-1-1")}, "begun with judge rules, not sim/judge-1-1"),
        ({"settings": {"temperature": 1.0}}, "begun with other settings"),
        ({"limits": {"token_limit": 9}}, "begun with other settings"),
    ],
)
def test_all_shards_of_a_folder_are_of_one_study(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    first = replace(request(tmp_path), epochs=2, settings={"temperature": 0.0})
    pin(Shelf(tmp_path), given("1/3"), first, plans_of(first))
    other = replace(first, **change)
    with pytest.raises(UsageError, match=words) as caught:
        run_shard(other, given("2/3"))
    assert "\n" not in str(caught.value) and "blackmail was begun" in str(caught.value)
    assert not (tmp_path / "shard-2-of-3").exists(), "nothing is spent"
    pin(Shelf(tmp_path), given("2/3"), replace(other, models=("sim/loyal",)), plans_of(other))


def test_a_study_that_grows_is_continued_by_one_command(tmp_path: Path) -> None:
    """Also one that grows in epochs or conditions; and commands that differ in how they are operated are one."""
    whole = request(tmp_path)
    fewer = replace(whole, study=scenario_study("blackmail", BOTH[1:], "1-3", 1), command=("run", "fewer"))
    for asked in (
        fewer,
        replace(whole, command=()),
        replace(whole, command=("run", "once")),
        replace(whole, epochs=2, command=("run", "more"), settings={"max_connections": 3}),
        replace(whole, epochs=2, command=("run", "more"), model_args={"base_url": "http://node7"}),
    ):
        pin(Shelf(tmp_path), given("1/3"), asked, plans_of(asked))
    found = status_of(str(tmp_path))
    assert [found.commands(s) for s in found.shards] == [
        [f"turncoat run more --shard {n}/3 --log-dir {tmp_path}"] for n in (1, 2, 3)
    ]


def test_a_folder_that_was_begun_by_hand_learns_how_an_array_counts(tmp_path: Path) -> None:
    asked, shelf = request(tmp_path), Shelf(tmp_path)
    pin(shelf, given("1/3"), asked, plans_of(asked))
    assert status_of(str(tmp_path)).indices == []
    pin(shelf, by_scheduler(array(2, count=3, min=1, max=3), 3), asked, plans_of(asked))
    assert status_of(str(tmp_path)).indices == [1, 2, 3]
    with pytest.raises(UsageError, match="counts from 1"):
        pin(shelf, by_scheduler(array(0, count=3, min=0, max=2), 3), asked, plans_of(asked))
    with pytest.raises(UsageError, match="from 0 to 2, but the indices of 3 shards are 1 to 3"):
        shard_named("auto", tmp_path, array(2, count=2, min=0, max=2))


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": ("sim/nobody",)},
        {"models": ()},
        {"prices": Path("missing.yaml")},
        {"interfaces": ("telegraph",)},
        {"scoring": ScoringOptions("sim/nobody")},
        {"approval": "nobody.yaml"},
        {"agent": "nobody:agent", "interfaces": ("tools",)},
    ],
)
def test_a_command_that_cannot_be_run_is_not_among_what_is_to_be_run(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(TurncoatError):
        run_shard(replace(request(tmp_path / "a"), **wrong), given("1/3"))
    assert not [n for n in Shelf(tmp_path / "a").names() if n.startswith("shards")]


def test_nothing_is_to_be_run_of_a_model_that_its_provider_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> list[str]:
        raise UnknownName("the provider does not know it")

    monkeypatch.setattr(runner, "ask_all", refused)
    with pytest.raises(UnknownName):
        run_shard(request(tmp_path / "a"), given("1/3"))
    assert not [n for n in Shelf(tmp_path / "a").names() if n.startswith("shards")]


def test_a_shard_without_worlds_has_done_its_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "blackmail", "--model", "sim/insider", "--worlds", "1-2", "--condition", "control", "--json"]
    assert guarded(partial(app, [*words, "--shard", "3/4", "--log-dir", str(tmp_path)])) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"] and not found["logs"]
    assert found["notes"] == ["shard 3/4 has nothing to run: the study has fewer worlds than shards"]
    assert [s.state for s in status_of(str(tmp_path)).shards] == ["missing", "missing", "done", "done"]


@pytest.mark.parametrize("option", ["--shard", "--log-dir", "--executor", "--address", "--guard", "--judge"])
def test_an_option_whose_variable_is_not_set_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["run", "blackmail", "--model", "sim/insider", "--worlds", "1", option, ""]
    assert guarded(partial(app, words)) == UsageError.exit_code
    assert f"{option} is empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def states(found: Status) -> list[str]:
    return [s.state for s in found.shards]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which shard 1 ran to its end in two places at once, as on a file system without locks."""
    folder = tmp_path_factory.mktemp("twice")
    for place in ("all", "other"):
        run_shard(request(folder / place), Shard(1, 2))
    (other,) = (folder / "other" / "shard-1-of-2").glob("*.eval")
    shutil.copy(other, folder / "all" / "shard-1-of-2" / other.name.replace("2026", "2027"))
    return folder / "all"


def test_status_says_what_is_left_and_its_commands(twice: Path) -> None:
    found = status_of(str(twice))
    assert states(found) == ["done", "missing"]
    assert (found.shards[0].finished, found.shards[0].planned, found.shards[0].twice) == (4, 4, 4)
    text = "\n".join(status_lines(found))
    assert "4 ran more than once, which counts in cost only" in text
    (command,) = found.commands(found.shards[1])
    assert command.endswith(f"--shard 2/2 --log-dir {twice}") and "sk-very" not in command
    with holding(twice / "shard-1-of-2", "turncoat run", keep=True):
        assert states(status_of(str(twice)))[0] == "running"
    left = twice / "shard-2-of-2"
    left.mkdir(exist_ok=True)
    (left / LOCK).write_text('{"holder": "turncoat run, process 7 on elsewhere"}\n')
    assert (states(status_of(str(twice)))[1], looked_at(left)) == (
        "begun",
        (False, "turncoat run, process 7 on elsewhere"),
    )
    shutil.rmtree(left)


def test_a_shard_that_ran_twice_counts_once_whatever_the_clocks_say(twice: Path, tmp_path: Path) -> None:
    both = read_table([twice])
    assert (len(both.frame), both.superseded) == (4, 4)
    logs = sorted((twice / "shard-1-of-2").glob("*.eval"))
    for number, order in enumerate((logs, logs[::-1])):
        for time, log in enumerate(order):
            there = tmp_path / str(number) / "shard-1-of-2" / log.name
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, there)
            os.utime(there, (1e9 + time, 1e9 + time))
        again = read_table([tmp_path / str(number)])
        winners = {s: Path(p).name for s, p in zip(again.frame["sample"], again.frame["log"], strict=True)}
        assert winners == {s: Path(p).name for s, p in zip(both.frame["sample"], both.frame["log"], strict=True)}
    assert len(list(read_responses(twice))) == 4, "and is scored once"


@pytest.mark.parametrize("shard", ["1/1", "2/2"])
def test_the_least_id_wins_whichever_run_was_first(tmp_path: Path, shard: str) -> None:
    """Whichever started first by the clock of its machine, and a folder of one shard is one of shards as well."""
    ids: dict[str, dict[str, str]] = {}
    for place in ("first", "second"):
        (log,) = run_shard(request(tmp_path / place, "1-4"), given(shard)).paths
        for sample in read_eval_log_sample_summaries(str(log)):
            ids.setdefault(str(sample.id), {})[str(log)] = str(sample.uuid)
    both = read_table([tmp_path / "first", tmp_path / "second"]).frame
    winners = dict(zip(both["sample"], both["log"].astype(str), strict=True))
    assert winners == {sample: min(runs, key=runs.__getitem__) for sample, runs in ids.items()}


def test_a_sample_in_two_interfaces_is_two_samples(tmp_path: Path) -> None:
    asked = request(tmp_path / "both", "1-2")
    block = asked.study.blocks[0].model_copy(update={"cells": BOTH[:1], "interfaces": ("text", "tools")})
    run_shard(replace(asked, study=asked.study.model_copy(update={"blocks": (block,)})), Shard(1, 2))
    assert len(list(read_responses(tmp_path / "both"))) == len(read_table([tmp_path / "both"]).frame) == 2


def test_shards_in_any_order_are_the_whole_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", refused)
    for number in (3, 1):
        notes = run_shard(request(tmp_path / "some"), Shard(number, 4)).notes
        assert any("has no locks" in note for note in notes)
    assert states(status_of(str(tmp_path / "some"))) == ["done", "missing", "done", "done"], "the fourth has no world"
    run_shard(request(tmp_path / "some"), Shard(2, 4))
    run_study(request(tmp_path / "one"))
    assert table(tmp_path / "some") == table(tmp_path / "one")


def refused(*_: object) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


@pytest.mark.parametrize("half", ["", '{"shards": 2, "part'])
def test_what_a_kill_left_of_what_a_folder_says_is_told_with_what_to_do(half: str, tmp_path: Path) -> None:
    (tmp_path / PIN).write_text(half)
    with pytest.raises(LogError, match=r"shards\.json: is no whole JSON: .*if it is still so, remove it: the same"):
        status_of(str(tmp_path))
    (tmp_path / PIN).write_text('{"shards": 0}')
    with pytest.raises(LogError, match=r"shards\.json: key 'shards': needs a number .* 1; found 0; another version"):
        status_of(str(tmp_path))


def test_the_status_of_a_file_says_what_to_name(tmp_path: Path) -> None:
    (log := tmp_path / "x.eval").write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"x\.eval: is a file; name the folder of shards that --log-dir named"):
        status_of(str(log))


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "x")

    def told(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["turncoat", *words])
        code = guarded(app)
        return (code, *capsys.readouterr())

    words = ("run", "blackmail", "--model", "sim/loyal", "--worlds", "1-2", "--condition", "control", "--json")
    for name, value in array(1, count=2, min=0, max=1).items():
        monkeypatch.setenv(name, value)
    code, out, _ = told(*words, "--shard", "auto", "--log-dir", folder)
    assert code == 0 and json.loads(out)["complete"]
    found = json.loads(told("status", folder, "--json")[1])
    assert (found["indices"], [s["state"] for s in found["each"]]) == ([0], ["missing", "done"])
    assert found["commands"] == [
        f"turncoat run blackmail --model sim/loyal --condition control --worlds 1-2 --shard 1/2 --log-dir {folder}"
    ]
    assert "sbatch --array=0" in told("status", folder)[1]
    assert told(*words, "--shard", "1/3", "--log-dir", folder)[0] == 2
    assert told(*words, "--shard", "1/2", "--workers", "2")[0] == 2
    assert told("status", str(tmp_path))[0] == 2
    for name in TEMPLATES:
        assert "turncoat" in told("status", "--template", name)[1]
    assert told("status", "--template", "pbs")[0] == 2
