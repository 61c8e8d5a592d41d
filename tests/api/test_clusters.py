"""Shards from Python: any one by itself, in a folder or in a store; together they are the whole study."""

from __future__ import annotations

from collections.abc import Iterator

import fsspec
import pytest

import turncoat as tc


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "folder":
        yield str(tmp_path_factory.mktemp("shards"))
    else:
        yield "memory://shards"
        fsspec.filesystem("memory").store.clear()


def study() -> tc.Study:
    return tc.study(scenario="blackmail", conditions=["goal=explicit,threat=replacement", "control"], worlds="1-3")


def test_shards_are_run_one_by_one_and_read_together(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "1")
    for name, value in (("COUNT", "2"), ("MIN", "0"), ("MAX", "1")):
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", value)
    second = tc.run(study(), model="sim/insider", log_dir=place, shard="auto")
    assert len(second.samples) == 2
    found = tc.status(place)
    assert found.shards["state"].tolist() == ["missing", "done"] and not found.complete
    assert (found.indices, found.commands) == ([0], [f"(from Python) --shard 1/2 --log-dir {place}"])
    assert repr(found) == f"<{place}: 2 shards, 1 done, 1 missing>" and "missing" in found._repr_html_()
    with pytest.raises(tc.UsageError, match="begun with 2 shards"):
        tc.run(study(), model="sim/insider", log_dir=place, shard="1/3")
    assert len(tc.run(study(), model="sim/insider", log_dir=place, shard="1/2").samples) == 4
    assert tc.status(place).complete
    whole = tc.read(place)
    assert sorted(whole.samples["position"]) == [0, 0, 1, 1, 2, 2]
    assert whole.rates()["total"].tolist() == [3, 3]
