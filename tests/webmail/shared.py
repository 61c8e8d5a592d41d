"""A webmail in process: a client that keeps its cookie and reads what pages show."""

from __future__ import annotations

import re
from typing import Any

from starlette.testclient import TestClient

from turncoat.doors.visit import Visit
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.webmail.app import make
from turncoat.webmail.pages.session import Person

TOKEN = "a-token-of-the-tests"
HOST = "127.0.0.1:8123"


def rendered(name: str, condition: str, world: int = 7) -> Rendered:
    scenario = load_scenario(name)
    return scenario.render(scenario.space.parse(condition), world)


class Browser:
    """A browser in which one visitor works."""

    def __init__(self, visit: Visit, person: Person | None = None) -> None:
        self.visit = visit
        self.app = make(visit, TOKEN, person=person)
        self.client = self.another()
        self.text = ""
        self.status = 0
        self.path = ""

    def another(self) -> TestClient:
        """A client without the cookie."""
        return TestClient(self.app, base_url=f"http://{HOST}")

    def get(self, path: str = "") -> str:
        """Open a page below the token."""
        return self._took(self.client.get(f"/{TOKEN}/{path}"))

    def post(self, path: str, /, *, again: bool = False, **fields: Any) -> str:
        """Send a form of the page at hand, with its number."""
        once = {"once": re.findall(r'name="once" value="(\d+)"', self.text)[-1]} if not again else {}
        asked = {name.replace("__", "."): value for name, value in fields.items()}
        return self._took(self.client.post(f"/{TOKEN}/{path}", data=once | asked, headers={"origin": f"http://{HOST}"}))

    def _took(self, answer: Any) -> str:
        self.status, self.text = answer.status_code, answer.text
        self.path = answer.url.raw_path.decode().removeprefix(f"/{TOKEN}/")
        return self.text

    @property
    def view(self) -> str:
        """What the page says that it shows."""
        return "".join(re.findall(r'data-view="([^"]*)"', self.text))

    @property
    def said(self) -> str:
        """What came of the last act."""
        return " ".join(re.findall(r'<p class="said">([^<]*)', self.text))

    def marked(self, name: str) -> list[str]:
        """The values of a data- attribute in the page."""
        return re.findall(rf'data-{name}="([^"]*)"', self.text)

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """What was attempted, as the log keeps it."""
        return [e.get("action", {"unreadable": e.get("tool")}) for e in self.visit.acts.entries]

    @property
    def kinds(self) -> list[str]:
        """The kinds of what was attempted."""
        return [str(a.get("kind", "unreadable")) for a in self.attempts]
