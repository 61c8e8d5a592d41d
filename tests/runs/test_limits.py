"""Inspect's limits and approval in a run: they bind the samples, and are part of what a run is."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task

from turncoat.base.errors import UsageError
from turncoat.runs.request import Request, limits_of, see_approval
from turncoat.runs.study import load_study
from turncoat.runs.study_tasks import bounds_of, policy_named, study_task

REJECT = "approvers:\n  - name: auto\n    tools: '*'\n    decision: reject\n"


def tasks_of(tmp_path: Path, interface: str, **options: Any) -> tuple[Task, dict[str, object]]:
    from turncoat.runs.request import plans_of

    request = Request(
        load_study("smoke"),
        "smoke",
        ["sim/loyal"],
        tmp_path,
        seeds="1",
        interfaces=[interface],
        **options,
    )
    task = study_task(plans_of(request)[0], request)
    return task, dict((task.metadata or {})["manifest"])


def test_limits_bind_the_task_and_are_in_its_settings(tmp_path: Path) -> None:
    limits = limits_of(7, 5000, 60)
    task, manifest = tasks_of(tmp_path, "tools", limits=limits)
    assert [getattr(task, name) for name in limits] == [7, 5000, 60]
    plain, without = tasks_of(tmp_path, "tools")
    assert isinstance(without["settings"], dict) and isinstance(manifest["settings"], dict)
    assert limits.items() <= manifest["settings"].items() and not set(limits) & set(without["settings"])
    assert manifest["run"] != without["run"] and manifest["stimulus"] == without["stimulus"]
    assert plain.message_limit not in (None, 7)  # the interface's own


def test_approval_is_known_by_what_its_file_says(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(REJECT)
    task, manifest = tasks_of(tmp_path, "tools", approval=str(file))
    assert task.approval
    first = policy_named(str(file))
    assert isinstance(manifest["settings"], dict) and manifest["settings"]["approval"] == first
    file.write_text(REJECT.replace("reject", "approve"))
    assert policy_named(str(file)) != first and policy_named("auto") == "auto"


def test_where_no_tool_is_called_there_is_nothing_to_approve(tmp_path: Path) -> None:
    request = Request(load_study("smoke"), "smoke", [], tmp_path, approval="auto")
    assert bounds_of(request, live=False) == {} and bounds_of(request, live=True) == {"approval": "auto"}


@pytest.mark.parametrize(("approval", "words"), [("nonsense", "nonsense"), ("human", "asks nobody")])
def test_an_approval_that_is_none_is_one_line(approval: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        see_approval(approval)


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("human", "", "asks nobody"),
        ("auto", ", decision: nonsense", "key 'approvers.0.decision': 'nonsense' is not one of: approve, "),
        ("auto", ", params: {decision: no way}", "key 'approvers.0.decision': 'no way' is not one of: approve, "),
    ],
)
def test_a_policy_whose_approver_would_fail_at_the_first_call_is_one_line(
    name: str, more: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text(f'approvers: [{{name: {name}, tools: "*"{more}}}]\n')
    with pytest.raises(UsageError, match=words):
        see_approval(str(tmp_path / "policy.yaml"))


def test_an_approver_is_known_by_its_name_and_a_policy_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(REJECT)
    for approval in ("auto", str(tmp_path / "policy.yaml"), None):
        see_approval(approval)


def test_a_limit_is_a_number_above_none() -> None:
    with pytest.raises(UsageError, match="token_limit 0"):
        limits_of(None, 0, None)
    assert limits_of(None, None, None) == {}
