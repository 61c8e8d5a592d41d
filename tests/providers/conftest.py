"""Clients of their own for each test, and retries without pauses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runs.conftest import fresh_clients as fresh_clients
from tests.runs.conftest import isolated as isolated


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Between retries."""
    monkeypatch.setattr("turncoat.providers.patience.pause", lambda _state: 0.0)
    yield
