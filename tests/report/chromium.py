"""Headless Chromium, driven over its debugging pipe: real keys and clicks, no driver and no network."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

INSTALLED = which("chromium") is not None
WHOLE = bool(os.environ.get("TURNCOAT_WEBMAIL"))
LONG = "takes longer in a browser: `make test-webmail`"
NEEDED = "needs headless Chromium: install the program `chromium` where PATH finds it"

_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
]

_KEYS = {"Tab": 9, "Enter": 13, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35}


class Page:
    """One open page."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._rest = b""
        self._number = 0
        self._session = ""
        self._seen: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        """Errors and warnings of the console, exceptions of scripts, and requests beyond the file."""
        self.base = ""

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the debugging protocol and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (found := self._next()).get("id") != self._number:
            self._note(found)
        if "error" in found:
            raise RuntimeError(f"{method}: {found['error']}")
        return dict(found["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._back, 1 << 20)
            if not part:
                raise RuntimeError("Chromium has ended")
            self._rest += part
        first, self._rest = self._rest.split(b"\0", 1)
        return dict(json.loads(first))

    def _note(self, event: dict[str, Any]) -> None:
        self._seen.append(event)
        params = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.complaints.append(params["entry"]["text"])
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(("file:", "data:")):
                self.complaints.append(params["request"]["url"])

    def attach(self) -> None:
        """Take hold of the browser's one tab."""
        found = self.call("Target.getTargets")["targetInfos"]
        tab = next(t["targetId"] for t in found if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, file: Path, anchor: str = "", width: int = 1400, height: int = 900) -> None:
        """Open a file at a size, on a phone's terms where it is narrow."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.base = file.resolve().as_uri()
        self.call("Page.navigate", url="about:blank")
        self._seen.clear()
        self.call("Page.navigate", url=self.base + (f"#{anchor}" if anchor else ""))
        while not any(e.get("method") == "Page.loadEventFired" for e in self._seen):
            self._note(self._next())
        self.run("document.fonts.ready")

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page and return its value."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"])
        return found["result"].get("value")

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Press a key: a name such as `Tab`, or one character."""
        code = _KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
        typed = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        at = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", **at, **({"text": typed} if typed else {}))
            self.call("Input.dispatchKeyEvent", type="keyUp", **at)

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); "
            "e.scrollIntoView({ block: 'center', behavior: 'instant' }); const b = e.getBoundingClientRect(); "
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def allow(self, *permissions: str) -> None:
        """Grant the page permissions, such as `clipboardReadWrite`."""
        self.call("Browser.grantPermissions", permissions=list(permissions))

    def picture(self, clip: tuple[float, float, float, float] | None = None) -> bytes:
        """The page, or a rectangle (x, y, width, height) of it, as PNG."""
        area = dict(zip(("x", "y", "width", "height"), clip, strict=True)) | {"scale": 1} if clip else None
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True, **({"clip": area} if area else {}))
        return base64.b64decode(found["data"])

    def pdf(self) -> bytes:
        """The page on A4."""
        found = self.call(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True, preferCSSPageSize=True
        )
        return base64.b64decode(found["data"])


@contextmanager
def chromium() -> Iterator[Page]:
    """Start Chromium and yield its page."""
    to_read, to = os.pipe()
    back, back_write = os.pipe()

    def place() -> None:
        # Chromium reads from descriptor 3 and writes to 4; these may be in use by the pipes themselves.
        a, b = os.dup(to_read), os.dup(back_write)
        os.dup2(a, 3)
        os.dup2(b, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            ["chromium", *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(back_write)
        try:
            page = Page(to, back)
            page.attach()
            yield page
        finally:
            os.close(to)
            os.close(back)
            process.terminate()
            process.wait(10)
