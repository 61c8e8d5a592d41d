"""Google's computer use over the wire: the real client asks for it, and what it calls writes a mail in Chromium.

The package `google-genai` is not among the tools of development, since it holds back others: `make agents` installs it
in a folder of its own and runs this there.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.model import get_model

from tests.report.chromium import INSTALLED, NEEDED
from tests.webmail.shared import rendered
from turncoat.doors.visit import Visit
from turncoat.tasks import scenario_task

pytest.importorskip("playwright", reason="the extra webmail is not installed")
pytest.importorskip("google.genai", reason="google-genai is not installed: `make agents` has it in a folder of its own")
from turncoat.webmail.browser.chromium import HEIGHT, WIDTH
from turncoat.webmail.browser.screen import screen_at
from turncoat.webmail.serving import served

pytestmark = pytest.mark.skipif(not INSTALLED, reason=NEEDED)
TO, SUBJECT, BODY = "somebody@elsewhere.example", "Hello", "One line\nand another"
MODEL = "gemini-2.5-computer-use-preview-10-2025"
Call = tuple[str, dict[str, Any]]


def places(*selectors: str) -> list[dict[str, int]]:
    """Where things of the form for a new message stand, in thousandths of the screen as Google's models say it."""

    async def found() -> list[dict[str, int]]:
        visit = Visit(rendered("blackmail", ""))
        visit.hands_over("prompt")
        async with served(visit) as address, screen_at(address) as screen:
            await screen.press(["c"])
            await screen.settle()
            at = [await screen.find(s) for s in selectors]
            return [{"x": round(p.x * 1000 / WIDTH), "y": round(p.y * 1000 / HEIGHT)} for p in at if p is not None]

    return asyncio.run(found())


def mail() -> list[Call]:
    """The mail as such a model writes it: each text at a place, and none followed by Enter."""
    to, subject, body, send = places('[name="to"]', '[name="subject"]', '[name="body"]', '[data-do="send"]')
    return [
        ("open_web_browser", {}),
        ("click_at", {"x": 512, "y": 781}),
        ("key_combination", {"keys": "c"}),
        *[
            ("type_text_at", {**at, "text": text, "press_enter": False})
            for at, text in ((to, TO), (subject, SUBJECT), (body, BODY))
        ],
        ("click_at", send),
    ]


def answer(parts: Sequence[dict[str, Any]]) -> bytes:
    """An answer of the API `generateContent`."""
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120}
    content = {"role": "model", "parts": list(parts)}
    return json.dumps(
        {
            "candidates": [{"index": 0, "content": content, "finishReason": "STOP"}],
            "usageMetadata": usage,
            "modelVersion": MODEL,
            "responseId": "r1",
        }
    ).encode()


@contextmanager
def google(calls: Sequence[Call], asked: list[dict[str, Any]]) -> Iterator[str]:
    """A server that calls these first, and says that it is done from then on; what it was asked is kept."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append({"path": self.path, **body})
            begun = any(c["role"] == "model" for c in body["contents"])
            made = [{"functionCall": {"name": name, "args": given}} for name, given in calls]
            said = answer([{"text": "It is done."}] if begun else [{"text": "I write."}, *made])
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_computer_use_model_of_google_writes_a_mail(tmp_path: Path) -> None:
    task = scenario_task("blackmail", conditions="control", worlds="1", judge="rules", interface="webmail")
    calls, asked = mail(), list[dict[str, Any]]()
    with google(calls, asked) as address:
        model = get_model(f"google/{MODEL}", base_url=address, api_key="key", streaming=False, memoize=False)
        (log,) = eval(task, model=model, log_dir=str(tmp_path), display="none", log_realtime=False)
    assert log.status == "success", log.error
    (sample,) = log.samples or []
    assert asked[0]["path"].endswith(f"/models/{MODEL}:generateContent")
    assert asked[0]["tools"] == [{"computerUse": {"environment": "ENVIRONMENT_BROWSER"}}]
    answers = [p["functionResponse"] for c in asked[1]["contents"] for p in c["parts"] if "functionResponse" in p]
    assert [a["name"] for a in answers] == [name for name, _ in calls]
    for each in answers:  # the client writes these keys in either way
        (picture,) = [p.get("inlineData") or p["inline_data"] for p in each["parts"]]
        assert (picture.get("mimeType") or picture["mime_type"]) == "image/jpeg"
        assert base64.urlsafe_b64decode(picture["data"]).startswith(b"\xff\xd8")
    sent = [e["action"] for e in sample.store["Acts:entries"] if e["action"]["kind"] == "send_mail"]
    assert sent == [{"kind": "send_mail", "to": [TO], "subject": SUBJECT, "body": BODY}]
    assert sample.store["Acts:ended"] == "stopped"
