"""A small local model as author: whatever it answers is refused with a reason, in bounded tries, and kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.raw import Answer, RawServer, chat
from tests.search.records import cell, outcomes, round_of, with_rounds
from tests.wire.clients import quick_retries
from turncoat.api.authoring import author_storyline
from turncoat.base.errors import IncompleteError
from turncoat.search.proposing import KEPT, ByModel

MODEL = "openai-api/local/m"
RECORD = with_rounds(
    round_of(1, {0: outcomes("..x"), 1: outcomes("xx")}),
    candidates=(cell(0, "control"), cell(1, "threat=replacement", 0, "threat: none → replacement")),
)
TEXTS = json.dumps({"texts": [{"id": "story/names/she/0", "text": "Ada"}] * 3})
NONSENSE = {
    "empty": chat(""),
    "spaces": chat(" \n\t "),
    "prose": chat("Sure! Once upon a time there was a company. " * 40),
    "half": chat(TEXTS[:30]),
    "half fence": chat("```json\n" + TEXTS),
    "list": chat("[]"),
    "list of nothing": chat("[null, 1, [], {}]"),
    "null": chat("null"),
    "number": chat("1e999"),
    "deep": chat("[" * 50_000),
    "huge": chat("word " * 400_000),
    "twice": chat(TEXTS),
    "foreign": chat('{"texts": [{"id": "../../../etc/passwd", "text": "x"}]}'),
    "other keys": chat('{"texts": [], "run": "rm -rf /"}'),
    "not text": chat('{"texts": [{"id": 1, "text": null}]}'),
    "surrogate": chat('{"texts": [{"id": "\\ud800", "text": "\\udfff"}]}'),
    "control": chat("\x00\x1b[31m\u202e"),
    "refusal": chat("I'm sorry, but I can't help with that."),
    "filtered": chat(
        choices=[{"index": 0, "finish_reason": "content_filter", "message": {"role": "assistant", "content": ""}}]
    ),
    "no choices": chat(choices=[]),
    "no content": chat(
        choices=[{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": None}}]
    ),
    "cut off": chat(
        choices=[{"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "{"}}]
    ),
    "usage": chat("{}", usage={"prompt_tokens": -5, "completion_tokens": 10**12, "total_tokens": 0}),
    "no usage": chat("{}", usage=None),
    "error in 200": Answer(body=b'{"error": {"message": "overloaded"}}'),
    "html": Answer(body=b"<html>gateway</html>", kind="text/html"),
    "empty body": Answer(),
    "bad request": Answer(status=400, body=b'{"error": {"message": "no"}}'),
    "key": Answer(status=401, body=b'{"error": {"message": "who are you"}}'),
    "gone": Answer(status=404, body=b"gone", kind="text/plain"),
}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LOCAL_API_KEY", "key-of-the-author")
    monkeypatch.setattr("turncoat.providers.patience.RETRIES", 1)
    monkeypatch.setattr("turncoat.providers.probe.PATIENCE", 0.1)
    monkeypatch.setattr("inspect_ai.model._model._models", {})
    with quick_retries():
        yield


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_storyline_is_not_written_by_nonsense(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "made"
    with RawServer(lambda body: NONSENSE[kind]) as server, pytest.raises(IncompleteError) as caught:
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        author_storyline("blackmail", MODEL, out=folder, rewrite="credential", distance="names", tries=2)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1500
    assert 1 <= len(server.seen) <= 8
    assert not (folder / "scenario.yaml").exists()
    journal = (folder / "author" / "journal.jsonl").read_text() if "could not be asked" not in str(caught.value) else ""
    assert journal.count('"refused"') == (2 if journal else 0)


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_search_proposes_nothing_of_nonsense(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with RawServer(lambda body: NONSENSE[kind]) as server:
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        proposer = ByModel(MODEL, said.append, folder=tmp_path)
        try:
            assert not proposer.propose(RECORD)
        except IncompleteError as error:
            assert "could not be asked" in str(error) and "\n" not in str(error)
        else:
            assert said
            assert json.loads((tmp_path / KEPT).read_text())
    assert 1 <= len(server.seen) <= 8
    assert all("\n" not in line and len(line) < 500 for line in said)
