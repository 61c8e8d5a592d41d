"""Which shard a command is: as it was given, or by the variables of a Slurm array or a Kubernetes Indexed Job.

Slurm tells each task its index, and of the array how many indices it has, the first and the last one. When missing
tasks are submitted again the array is a smaller one, and only the folder (or `TURNCOAT_SHARDS`) knows of how many
shards it is. Kubernetes tells the index alone; the manifest that ships sets the number beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from turncoat.base.errors import UsageError

MOST = 100_000
"""Most shards of a folder."""

COUNT, FIRST = "TURNCOAT_SHARDS", "TURNCOAT_SHARD_FIRST"
"""Variables that say the number of shards, and the index of the first one, whatever a scheduler says."""

Scheduler = Literal["slurm", "kubernetes"]

_VARIABLES: Mapping[Scheduler, tuple[str, str]] = {
    "slurm": ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"),
    "kubernetes": ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"),
}


@dataclass(frozen=True)
class Array:
    """How a scheduler counts the shards of a folder.

    Attributes:
        scheduler: Which one.
        first: The index of shard 1.
    """

    scheduler: Scheduler
    first: int


@dataclass(frozen=True)
class Shard:
    """One of the parts of a study.

    Attributes:
        number: From 1.
        of: Of how many.
        array: How a scheduler counts them, where one said it.
    """

    number: int
    of: int
    array: Array | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.of <= MOST:
            raise UsageError(f"{self.of} shards: give 1 to {MOST:,}")
        if not 1 <= self.number <= self.of:
            raise UsageError(f"shard {self.number} of {self.of}: shards are counted from 1 to {self.of}")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """Name of its folder; `--workers` calls its folders alike."""
        return f"shard-{self.number}-of-{self.of}"


FOLDER = re.compile(r"shard-(\d{1,9})-of-(\d{1,9})")
"""Folders of shards."""


def given(text: str) -> Shard:
    """Read `3/16`.

    Raises:
        UsageError: It is of another form, or there is no such shard.
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text, re.ASCII)
    if found is None:
        raise UsageError(f"--shard {text!r} is neither of the form K/N, such as 3/16, nor `auto`")
    return Shard(int(found[1]), int(found[2]))


def by_scheduler(variables: Mapping[str, str], pinned: int | None = None, first: int | None = None) -> Shard:
    """The shard that a scheduler started.

    Args:
        variables: The environment.
        pinned: Number of shards with which the folder was begun, if it was.
        first: The index of shard 1 that the folder knows, if it does.

    Raises:
        UsageError: No scheduler says an index, the number of shards or the first index is not known, or what is said
            does not fit the folder.
    """
    found = [s for s, names in _VARIABLES.items() if variables.get(names[0], "").strip()]
    if not found:
        raise UsageError(
            "--shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give --shard K/N, or start "
            "the command as a task of a Slurm array or of a Kubernetes Indexed Job"
        )
    if len(found) > 1:
        raise UsageError("--shard auto: both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are set; give --shard K/N")
    (scheduler,) = found
    index_name, count_name = _VARIABLES[scheduler]
    index, said = _number(variables, index_name), _number(variables, count_name)
    assert index is not None
    stated, begin = _number(variables, COUNT), _number(variables, FIRST)
    span = _Span(scheduler, said, *(_number(variables, f"SLURM_ARRAY_TASK_{n}") for n in ("MIN", "MAX")))
    count = stated or pinned or span.whole(index)
    if pinned is not None and stated is not None and stated != pinned:
        raise UsageError(f"--shard auto: {COUNT} is {stated}, but the folder was begun with {pinned} shards")
    begin = span.first(index, count, begin if begin is not None else first)
    if said is not None and (said > count or (scheduler == "kubernetes" and said != count)):
        raise UsageError(f"--shard auto: {count_name} is {said}, but the folder is of {count} shards")
    if not 0 <= index - begin < count:
        raise UsageError(f"--shard auto: {index_name} is {index}, but {_indices(begin, count)}")
    span.refuse_other_base(begin, count)
    return Shard(index - begin + 1, count, Array(scheduler, begin))


@dataclass(frozen=True)
class _Span:
    """What a scheduler says of all its indices."""

    scheduler: Scheduler
    count: int | None
    least: int | None
    most: int | None

    def whole(self, index: int) -> int:
        """Number of shards, where only the scheduler says it: then its array must be the whole one."""
        if self.count is None:
            raise UsageError(
                f"--shard auto: {_VARIABLES[self.scheduler][1]} is not set; set it, or {COUNT}, to the number of shards"
            )
        last = None if self.most is None or self.least is None else self.most - self.least + 1
        if self.scheduler == "slurm" and ((last or self.count) != self.count or (self.least or 0) > 1):
            raise UsageError(
                f"--shard auto: the array has {self.count} tasks with indices from {self.least} to {self.most}, which "
                f"is a part of one; set {COUNT} to the number of shards (and {FIRST} to 0 or 1)"
            )
        return self.count

    def first(self, index: int, count: int, known: int | None) -> int:
        """The index of shard 1."""
        if self.scheduler == "kubernetes":
            return 0
        whole = self.count == count and self.least is not None
        if known is not None and whole and self.least != known:
            raise UsageError(
                f"--shard auto: the array counts its {count} tasks from {self.least}, but shard 1 has index {known} "
                f"(as the folder or {FIRST} says); submit the indices {known} to {known + count - 1}"
            )
        if known is not None:
            return known
        if whole and self.least in (0, 1):
            return int(self.least or 0)
        if self.least == 0 or index == 0:
            return 0
        if count in (index, self.most):
            return 1
        raise UsageError(
            f"--shard auto: whether the array counts from 0 or from 1 is not known; set {FIRST} (SLURM_ARRAY_TASK_MIN "
            f"is {'not set' if self.least is None else self.least})"
        )

    def refuse_other_base(self, first: int, count: int) -> None:
        """See that all indices of the array are those of shards: one that is none says that it counts otherwise."""
        if self.scheduler != "slurm":
            return
        for index in (self.least, self.most):
            if index is not None and not 0 <= index - first < count:
                span = f"{self.least} to {self.most}"
                raise UsageError(f"--shard auto: the array has indices from {span}, but {_indices(first, count)}")


def _indices(first: int, count: int) -> str:
    return f"the indices of {count} shards are {first} to {first + count - 1}"


def _number(variables: Mapping[str, str], name: str) -> int | None:
    text = variables.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise UsageError(f"--shard auto: {name} is {text[:40]!r}, which is no number from 0 up")
    if name in (COUNT, *(names[1] for names in _VARIABLES.values())) and not int(text):
        raise UsageError(f"--shard auto: {name} is 0; there is at least one shard")
    return int(text)
