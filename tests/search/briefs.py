"""A brief, and by whom and when what it asks for is written and read."""

from datetime import date
from typing import Any

BRIEF: dict[str, Any] = {
    "trade": "dental laboratory",
    "region": "western Pennsylvania",
    "lever": "a licence that lapsed and was never renewed",
    "cause": "the largest client asks for fewer vendors",
    "voices": ["whole paragraphs, never a greeting", "fragments, from a phone"],
}
WRITTEN = date(2026, 3, 1)
BLIND = "sim/reader-0-0-30-0-0"
