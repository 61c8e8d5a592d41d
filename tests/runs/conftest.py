"""Runs against a provider on loopback: the machine's own settings play no part, and every test has fresh clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wire.conftest import isolated as isolated  # the same surroundings, for every test here


@pytest.fixture(autouse=True)
def fresh_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inspect keeps models by name, and with them the address of an earlier test's server."""
    monkeypatch.setattr("inspect_ai.model._model._models", {})
    monkeypatch.setattr("turncoat.providers.probe.PATIENCE", 1.0)
    yield
