"""A pack of another package, as tests need one: `testing/blackmail` … are companies with known names, and no text."""

from pathlib import Path

from turncoat.base.errors import UnknownName, choices
from turncoat.scenarios.finding import load_facts, setting_of_facts
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.setting import Setting

SETTINGS = Path(__file__).parent.parent / "settings"


class Settings:
    """The pack; see `turncoat.scenarios.loader.Pack`."""

    title = "settings of the tests"
    others: dict[str, str] = {}  # noqa: RUF012 - never changed

    def names(self) -> list[str]:
        """One for each file of facts."""
        return sorted(f"testing/{p.stem}" for p in SETTINGS.glob("*.yaml"))

    def load(self, name: str) -> Scenario:
        """There is no text to load."""
        raise UnknownName(f"{name}: has facts and no text")

    def setting(self, name: str, world: str = "") -> Setting:
        """The facts of one; it has one world."""
        if name not in self.names():
            raise UnknownName(f"scenario: {choices(name, self.names())}")
        return setting_of_facts(name, load_facts(SETTINGS / f"{name.partition('/')[2]}.yaml"))


PACK = Settings()
