"""A file of labels is one command's at a time, whoever labels."""

from functools import partial
from pathlib import Path

import pytest

from tests.labels.factory import ITEMS, WordJudge
from turncoat.base.errors import UsageError
from turncoat.base.locks import holding
from turncoat.cli.labelling import label_all
from turncoat.labels import read_labelled
from turncoat.labels.items import held
from turncoat.labels.validation import label_by_judge


def test_one_command_at_a_time_labels_into_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.labels.items.holding", partial(holding, patience=0.0))
    out, link = tmp_path / "labels.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(out)
    with held(out) as kept:
        assert kept == []
        with pytest.raises(UsageError, match=r"labels\.jsonl: another command is at work here \(turncoat label"):
            label_by_judge(ITEMS[:1], link, WordJudge())
        with pytest.raises(UsageError, match="another command is at work"):
            label_all(ITEMS[:1], out, rater="me")
    assert label_by_judge(ITEMS[:1], link, WordJudge()) == (1, {})
    assert [i.id for i in read_labelled(out)] == [ITEMS[0].id] and link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["labels.jsonl", "link.jsonl"]
