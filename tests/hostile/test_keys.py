"""Keys reach neither logs nor reports nor the terminal, not even when a provider repeats them in its errors."""

from __future__ import annotations

import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai._util.zipfile import zipfile_compress_kwargs as _zstd  # noqa: F401 - teaches zipfile zstd
from inspect_ai.log import read_eval_log
from typer.testing import CliRunner

from tests.runs.conftest import fresh_clients as fresh_clients
from tests.runs.conftest import isolated as isolated
from tests.runs.provider import PRESSED, Agents, one_kind_each, provider
from tests.wire import Dialect, Kind, anthropic_messages, openai_errors
from tests.wire.clients import model_name
from turncoat.base.errors import UnknownName
from turncoat.cli.app import app
from turncoat.providers.models import resolve_model
from turncoat.providers.secrets import has_password, hide, is_secret, known_secrets
from turncoat.providers.sound import silence

CANARY = "sk-canary-4b9d1e77aa20c3"
OTHER = "hdr-canary-91c2f00d5e6a"
FAULTS = [None, Kind.BAD_REQUEST, Kind.CONTENT_BLOCKED, Kind.INVALID_KEY, Kind.SERVER_ERROR, Kind.RATE_LIMIT]


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Providers that repeat the caller's key in the message of every error."""
    for module in (openai_errors, anthropic_messages):
        answer = module.json_answer

        def repeating(status: int, body: Any, *args: Any, _answer: Any = answer, **kwargs: Any) -> Any:
            error = body.get("error") if isinstance(body, dict) else None
            if isinstance(error, dict) and "message" in error:
                error["message"] = f"{error['message']} Your key is {CANARY}, your header {OTHER}."
            return _answer(status, body, *args, **kwargs)

        monkeypatch.setattr(module, "json_answer", repeating)
    yield


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder as text, logs unpacked and read."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".eval":
                yield f"{path} as read", read_eval_log(str(path)).model_dump_json()
                with zipfile.ZipFile(path) as packed:
                    yield from ((f"{path}/{n}", packed.read(n).decode("utf-8", "replace")) for n in packed.namelist())


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("given", ["environment", "argument"])
@pytest.mark.usefixtures("talkative")
def test_no_key_is_written(given: str, dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(len(FAULTS))
    logs, said = tmp_path / "logs", []
    monkeypatch.setenv("SOME_HEADER_TOKEN", OTHER)
    with provider(monkeypatch, agents.answer, one_kind_each(agents, FAULTS)):
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)
        monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
        extra: list[str] = []
        if given == "argument":
            monkeypatch.setenv("OPENAI_API_KEY", "another-key-of-no-use")
            monkeypatch.setenv("ANTHROPIC_API_KEY", "another-key-of-no-use")
            extra = ["--model-arg", f"api_key={CANARY}"]
        run = ["run", "blackmail", "--model", model_name(dialect), "--condition", PRESSED]
        commands = [
            [*run, "--worlds", f"1-{len(FAULTS)}", "--log-dir", str(logs), "--generate", "max_retries=1", *extra],
            ["report", str(logs), "--out", str(tmp_path / "report.html")],
            ["report", str(logs), "--format", "md", "--out", str(tmp_path / "report.md")],
            ["export", str(logs), "--out", str(tmp_path / "rows.csv")],
        ]
        for command in commands:
            result = CliRunner().invoke(app, command)
            assert (tmp_path / "logs").is_dir(), result.output
            said.append(("output", result.output + repr(result.exception)))
    written = list(everything(tmp_path))
    assert any("Error" in text or "error" in text for _, text in written), "the errors themselves are kept"
    assert (tmp_path / "report.html").is_file() and (tmp_path / "rows.csv").is_file()
    for secret in (CANARY, OTHER):
        assert [name for name, text in written + said if secret in text] == []


@pytest.mark.parametrize("dialect", [Dialect.CHAT, Dialect.MESSAGES])
def test_a_key_in_a_header_is_not_written(
    talkative: None, dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inspect would write the arguments of a model's client, all but `api_key`, into the head of each log."""
    agents = Agents(2)
    with provider(monkeypatch, agents.answer, one_kind_each(agents, [None, Kind.BAD_REQUEST])):
        model = resolve_model(model_name(dialect), {"default_headers": {"X-Gateway-Token": CANARY}})
        api: Any = model.api
        assert api.client.default_headers["X-Gateway-Token"] == CANARY
        run = ["run", "blackmail", "--model", model_name(dialect), "--condition", PRESSED, "--worlds", "1-2"]
        header = f"default_headers={{X-Team: red, X-Gateway-Token: Bearer {CANARY}}}"
        result = CliRunner().invoke(app, [*run, "--log-dir", str(tmp_path), "--model-arg", header])
    written = list(everything(tmp_path))
    assert any("X-Team" in text for _, text in written) and any("Your key is (secret)" in text for _, text in written)
    assert [name for name, text in [*written, ("output", result.output)] if CANARY in text] == []


def test_a_refused_key_is_not_repeated_on_the_terminal(
    talkative: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.wire import always

    with provider(monkeypatch, Agents(1).answer, always(Kind.INVALID_KEY)):
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)
        command = ["run", "blackmail", "--model", "openai/gpt-4o", "--worlds", "1", "--log-dir", str(tmp_path)]
        result = CliRunner().invoke(app, command)
    assert result.exit_code
    said = result.output + str(result.exception)
    assert "(secret)" in said and CANARY not in said


@pytest.mark.parametrize(
    "url", ["http://ada:pass-word-7@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?version=2&api_key=pass-word-7"]
)
def test_a_password_or_a_key_in_the_url_is_refused(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    command = ["run", "blackmail", "--model", "openai/gpt-4o", "--worlds", "1", "--log-dir", str(tmp_path)]
    result = CliRunner().invoke(app, [*command, "--model-arg", f"base_url={url}"])
    assert result.exit_code
    said = result.output + str(result.exception)
    assert "user or password" in said and "pass-word-7" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_the_url_of_a_variable_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"https://proxy.example.com/v1?key={OTHER}&v=1")
    assert OTHER in known_secrets()


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("OPENAI_API_KEY", True),
        ("api_key", True),
        ("apikey", True),
        ("HF_TOKEN", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("Authorization", True),
        ("x-api-key", True),
        ("password", True),
        ("accessToken", True),
        ("maxTokens", False),
        ("max_tokens", False),
        ("temperature", False),
        ("base_url", False),
        ("monkey", False),
        ("SSH_AUTH_SOCK", False),
    ],
)
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


def test_settings_as_they_may_be_written() -> None:
    settings = {
        "temperature": 0.5,
        "api_key": CANARY,
        "default_headers": {"Authorization": f"Bearer {CANARY}", "X-Team": "red"},
        "base_url": "https://ada:pw@proxy.example.com/v1",
        "proxies": ["http://bob@x.example.com"],
        "callback": "https://x.example.com/?v=1&key=abc#top",
        "note": "a?key=b",
    }
    public = hide(settings)
    assert public["temperature"] == 0.5
    assert public["default_headers"] == {"Authorization": "(secret)", "X-Team": "red"}
    assert public["base_url"] == "https://(secret)@proxy.example.com/v1"
    assert public["proxies"] == ["http://(secret)@x.example.com"]
    assert (public["callback"], public["note"]) == ("https://x.example.com/?v=1&key=(secret)#top", "a?key=(secret)")
    assert CANARY not in repr(public)
    assert has_password("https://a:b@c/") and not has_password("https://c/a@b") and not has_password(None)
    assert has_password("https://c/v1?x=1&access%5Ftoken=9") and not has_password("https://c/v1?max_tokens=9")
    assert has_password("https://c/sk-abcdef123456/v1") and not has_password(f"https://gateway/v1/{'3f' * 16}/openai")


def test_every_error_behind_an_error_is_silenced() -> None:
    cause, context, member = ValueError(CANARY), KeyError(CANARY), OSError(CANARY)
    error = ExceptionGroup("unhandled", [member])
    error.__cause__, error.__context__, cause.__context__ = cause, context, error
    member.add_note(f"with {CANARY}")
    silence(error, [CANARY])
    shown = "".join(traceback.format_exception(error))
    error.__cause__ = None
    error.__suppress_context__ = False
    shown += "".join(traceback.format_exception(error))
    assert "(secret)" in shown and CANARY not in shown


def test_a_missing_key_is_said_without_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect's own message is made for a terminal; ours is one plain line that names the variable."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UnknownName, match="OPENAI_API_KEY") as raised:
        resolve_model("openai/gpt-4.1")
    assert "[" not in str(raised.value)
