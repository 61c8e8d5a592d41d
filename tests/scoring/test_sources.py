"""Responses from files and folders."""

from pathlib import Path

from turncoat.scoring.sources import Response, read_responses

LOGS = Path(__file__).parent.parent / "golden" / "logs" / "rules"


def test_a_folder_of_logs_is_read_as_its_logs() -> None:
    logs = sorted(LOGS.glob("*.eval"))
    one_by_one = [r.place for log in logs for r in read_responses(log) if isinstance(r, Response)]
    assert len(logs) > 1
    assert [r.place for r in read_responses(LOGS) if isinstance(r, Response)] == one_by_one
    assert one_by_one
