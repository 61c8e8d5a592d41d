"""Planted secrets of many shapes are in no file that a run leaves, and reach the provider all the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from inspect_ai import eval as inspect_eval
from typer.testing import CliRunner

from tests.hostile.test_keys import everything
from tests.providers.raw import Answer, RawServer, chat
from turncoat.cli.app import app
from turncoat.providers.secrets import clear, hide, is_secret, known_secrets, secrets_in

SHORT = "q7-short"
PLANTED = {
    "header": "hdr-4f1e77aa20c3d1",
    "odd header": "0123456789abcdef0123456789abcdef",
    "body": "bdy-81b2a7c3e9d0",
    "nested": "nst-55d1c0ffee77",
    "basic": "dXNlcjpwYXNzd29yZA==",
    "short": SHORT,
    "proxy": "pr0xy-pass-99",
    "query": "qry-77f1a2b3c4",
    "form": "sk-proj-A1b2C3d4E5f6G7h8",
    "argument": "arg-2c3d4e5f6a7b",
}
GENERATE = [
    "extra_headers="
    + json.dumps(
        {
            "X-Api-Key": PLANTED["header"],
            "X-Gateway": PLANTED["odd header"],
            "Proxy-Authorization": f"Basic {PLANTED['basic']}",
            "Cookie": f"sid={SHORT}",
            "X-Team": "red",
        }
    ),
    "extra_body="
    + json.dumps(
        {
            "api_key": PLANTED["body"],
            "routing": {"providers": [{"name": "p", "credentials": {"token": PLANTED["nested"]}}]},
            "proxy": f"http://user:{PLANTED['proxy']}@proxy.example.com:8080",
            "callback": f"https://x.example.com/done?n=1&api_key={PLANTED['query']}",
            "env": f"UPSTREAM={PLANTED['form']}",
        }
    ),
    "max_retries=0",
]


def errors(body: dict[str, Any]) -> Answer:
    """A provider that refuses every sample and repeats all that it was given."""
    if "Say: ready" in str(body):
        return chat()
    return Answer(400, json.dumps({"error": {"message": f"no: {json.dumps(body)}"}}).encode())


@pytest.mark.parametrize("respond", [errors, lambda _: chat("I have read the mail.")], ids=["refusing", "answering"])
def test_no_file_of_a_run_holds_a_planted_secret(respond: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(respond) as server:
        monkeypatch.setenv("LOCAL_API_KEY", "key-of-the-environment-1")
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        command = ["run", "blackmail", "--model", "openai-api/local/m", "--condition", "control", "--worlds", "1-2"]
        command += [word for item in GENERATE for word in ("--generate", item)]
        command += ["--model-arg", f"default_headers={{X-Auth: {PLANTED['argument']}}}", "--model-arg", "max_retries=0"]
        logs = tmp_path / "logs"
        said = [CliRunner().invoke(app, [*command, "--log-dir", str(logs)])]
        said.append(CliRunner().invoke(app, [*command, "--log-dir", str(logs), "--generate", "temperature=1"]))
        said.append(CliRunner().invoke(app, ["report", str(logs), "--out", str(tmp_path / "r.html")]))
        said.append(CliRunner().invoke(app, ["export", str(logs), "--out", str(tmp_path / "r.csv")]))
        heads, bodies = "\n".join(server.heads), json.dumps(server.seen)
    written = [*everything(tmp_path), *(("output", r.output + repr(r.exception)) for r in said)]
    assert any("X-Team" in text for _, text in written)
    found = {what: [n for n, text in written if secret in text] for what, secret in PLANTED.items()}
    assert {what: names for what, names in found.items() if names} == {}
    assert all(PLANTED[what] in heads for what in ("header", "odd header", "basic", "short", "argument"))
    assert all(PLANTED[what] in bodies for what in ("body", "nested", "proxy", "query", "form"))


@pytest.mark.parametrize("respond", [errors, lambda _: chat("I have read the mail.")], ids=["refusing", "answering"])
def test_nor_does_a_log_of_plain_inspect_eval(respond: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {name: yaml.safe_load(value) for name, _, value in (item.partition("=") for item in GENERATE)}
    with RawServer(respond) as server:
        monkeypatch.setenv("LOCAL_API_KEY", "key-of-the-environment-1")
        monkeypatch.setenv("LOCAL_BASE_URL", f"{server.url}/v1")
        inspect_eval(
            "turncoat/blackmail",
            model="openai-api/local/m",
            model_args={"default_headers": {"X-Auth": PLANTED["argument"]}, "max_retries": 0},
            task_args={"worlds": "1", "conditions": "control"},
            log_dir=str(tmp_path),
            display="none",
            **settings,
        )
        heads = "\n".join(server.heads)
    written = list(everything(tmp_path))
    assert {what: [n for n, text in written if s in text] for what, s in PLANTED.items()} == {w: [] for w in PLANTED}
    assert all(PLANTED[what] in heads for what in ("header", "odd header", "basic", "short", "argument"))


@pytest.mark.parametrize("item", ["extra_headers={X-Api-Key: [abc-123-xyz]}", "api_key:abc-123-xyz"])
@pytest.mark.parametrize("option", ["--generate", "--model-arg"])
def test_a_setting_that_cannot_be_read_is_not_repeated(option: str, item: str, tmp_path: Path) -> None:
    command = ["run", "blackmail", "--model", "openai/gpt-4o", "--worlds", "1", "--log-dir", str(tmp_path)]
    result = CliRunner().invoke(app, [*command, option, item])
    assert result.exit_code and "abc-123-xyz" not in result.output + str(result.exception)


SHAPES = [
    ("OPENAI_API_KEY=hunter2 FOO=bar", "OPENAI_API_KEY=(secret) FOO=bar"),
    ("https://u:p@h:80/v1", "https://(secret)@h:80/v1"),
    ("u:p@proxy:80", "(secret)@proxy:80"),
    ("https://h/v1?api_key=zz&x=1#access_token=qq", "https://h/v1?api_key=(secret)&x=1#access_token=(secret)"),
    ("https://h/v1?key=zz", "https://h/v1?key=(secret)"),
    ("https://h/blob?sv=1&sig=abc%3D", "https://h/blob?sv=1&sig=(secret)"),
    ('{"api_key": "abc", "n": 1}', '{"api_key": "(secret)", "n": 1}'),
    ("Authorization: Basic dXNl", "Authorization: (secret)"),
    ("bearer abcdefgh12", "bearer (secret)"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "(secret)"),
    ("AKIAIOSFODNN7EXAMPLE", "(secret)"),
    (["X-Api-Key", "abc"], ["X-Api-Key", "(secret)"]),
    ({"name": "X-Api-Key", "value": "abc"}, {"name": "X-Api-Key", "value": "(secret)"}),
    ({"clientSecret": {"deep": ["abc"]}}, {"clientSecret": "(secret)"}),
    ({"AWS_ACCESS_KEY_ID": "abc", "token_2": "x"}, {"AWS_ACCESS_KEY_ID": "(secret)", "token_2": "(secret)"}),
    (b"api_key=abc", b"api_key=(secret)"),
]
PLAIN = [
    "the basic instructions are here",
    "claude-sonnet-4-20250514",
    "prompt-caching-2024-07-31",
    "/models/HuggingFaceTB/SmolLM2_135M_Instruct",
    "http://127.0.0.1:9/v1",
    "git@github.com:x/y",
    "mail ada@example.com at 10:30",
    {"temperature": 0.5, "max_tokens": 5, "top_k": 4, "metadata": {"user_id": "ada"}, "X-Team": "red"},
    {"stop_seqs": ["key points"], "reasoning_effort": "high", "tokenizer": "t", "use_cache": True},
    [1, None, 2.5, ("a", "b")],
]


@pytest.mark.parametrize(("given", "public"), SHAPES)
def test_secrets_of_many_shapes_are_hidden_once_and_for_all(given: Any, public: Any) -> None:
    assert hide(given) == public and hide(public) == public
    assert secrets_in(given) and not [s for s in secrets_in(public) if s != "(secret)"]


@pytest.mark.parametrize("given", PLAIN)
def test_what_is_no_secret_stays(given: Any) -> None:
    assert hide(given) == given and secrets_in(given) == []


def test_random_text_is_a_secret_in_settings_and_an_id_in_a_message() -> None:
    text = "request 0123456789abcdef0123456789abcdef"
    assert hide(text) == "request (secret)" and clear(text) == text
    assert clear("no: token=abcdef", ["request-secret"]) == "no: token=(secret)"


def test_the_shell_s_folder_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PWD", "/home/somebody/long-enough")
    monkeypatch.setenv("DB_URL", "postgres://ada:the-password-9@h/db")
    assert "/home/somebody/long-enough" not in known_secrets() and "the-password-9" in known_secrets()
    assert is_secret("DB_PWD")
