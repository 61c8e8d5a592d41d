"""Turncoat: does an LLM agent turn on its employer, and under which pressures?

```python
import turncoat as tc

results = tc.run("demo", log_dir="logs")        # in a notebook: await tc.run(…)
results.rates()
session = tc.open("blackmail", world=7, goal="explicit", threat="replacement")
session.do(tc.SendMail(to=("someone@example.com",), subject="Hello", body="…"))
session.score()
```

Names are loaded when they are first used, so that importing Turncoat takes no time. What is public stands in `__all__`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from turncoat.base.version import __version__ as __version__

_PUBLIC = {
    "api.studies": ("Study", "study"),
    "api.running": ("Run", "run"),
    "api.results": ("Results", "read"),
    "api.samples": ("Sample",),
    "api.monitors": ("Monitored", "monitor"),
    "api.realism": ("Realism", "realism"),
    "api.searching": ("Investigation", "explain", "investigate"),
    "api.figures": ("Figure",),
    "api.clusters": ("Status", "status"),
    "api.scoring": ("Compared", "compare", "score"),
    "api.scenes": ("Scenario", "Scene", "check", "scenario"),
    "api.sessions": ("Judged", "Session", "open"),
    "runs.progress": ("Progress",),
    "guards.guard": ("Guard",),
    "guards.monitors.monitor": ("Monitor", "Suspicion"),
    "guards.monitors.view": ("View",),
    "world.actions": (
        "Decision",
        "Outcome",
        "Record",
        *("CancelAlert", "Finish", "Forward", "ListMail", "LookUp", "ReadDocument", "ReadMail", "ReadThread", "Reply"),
        *("SearchDocuments", "SearchMail", "SendMail", "Wait", "WriteDocument"),
    ),
    "base.errors": (
        *(
            "ConditionError",
            "DataError",
            "IncompleteError",
            "JudgeError",
            "LogError",
            "OutputError",
            "Problem",
            "RuleMet",
        ),
        *("ScenarioError", "TemplateError", "TranscriptError", "TurncoatError", "UnknownName", "UsageError"),
        "WorldError",
    ),
}
"""Module → the public names that stand in it."""

if TYPE_CHECKING:
    from turncoat.api.clusters import Status, status
    from turncoat.api.figures import Figure
    from turncoat.api.monitors import Monitored, monitor
    from turncoat.api.realism import Realism, realism
    from turncoat.api.results import Results, read
    from turncoat.api.running import Run, run
    from turncoat.api.samples import Sample
    from turncoat.api.scenes import Scenario, Scene, check, scenario
    from turncoat.api.scoring import Compared, compare, score
    from turncoat.api.searching import Investigation, explain, investigate
    from turncoat.api.sessions import Judged, Session, open
    from turncoat.api.studies import Study, study
    from turncoat.base.errors import (
        ConditionError,
        DataError,
        IncompleteError,
        JudgeError,
        LogError,
        OutputError,
        Problem,
        RuleMet,
        ScenarioError,
        TemplateError,
        TranscriptError,
        TurncoatError,
        UnknownName,
        UsageError,
        WorldError,
    )
    from turncoat.guards.guard import Guard
    from turncoat.guards.monitors.monitor import Monitor, Suspicion
    from turncoat.guards.monitors.view import View
    from turncoat.runs.progress import Progress
    from turncoat.world.actions import (
        CancelAlert,
        Decision,
        Finish,
        Forward,
        ListMail,
        LookUp,
        Outcome,
        ReadDocument,
        ReadMail,
        ReadThread,
        Record,
        Reply,
        SearchDocuments,
        SearchMail,
        SendMail,
        Wait,
        WriteDocument,
    )

__all__ = [
    "CancelAlert",
    "Compared",
    "ConditionError",
    "DataError",
    "Decision",
    "Figure",
    "Finish",
    "Forward",
    "Guard",
    "IncompleteError",
    "Investigation",
    "JudgeError",
    "Judged",
    "ListMail",
    "LogError",
    "LookUp",
    "Monitor",
    "Monitored",
    "Outcome",
    "OutputError",
    "Problem",
    "Progress",
    "ReadDocument",
    "ReadMail",
    "ReadThread",
    "Realism",
    "Record",
    "Reply",
    "Results",
    "RuleMet",
    "Run",
    "Sample",
    "Scenario",
    "ScenarioError",
    "Scene",
    "SearchDocuments",
    "SearchMail",
    "SendMail",
    "Session",
    "Status",
    "Study",
    "Suspicion",
    "TemplateError",
    "TranscriptError",
    "TurncoatError",
    "UnknownName",
    "UsageError",
    "View",
    "Wait",
    "WorldError",
    "WriteDocument",
    "check",
    "compare",
    "explain",
    "investigate",
    "monitor",
    "open",
    "read",
    "realism",
    "run",
    "scenario",
    "score",
    "status",
    "study",
]


if not TYPE_CHECKING:  # type checkers know the names from above, and shall not take any other

    def __getattr__(name: str) -> Any:
        module = next((m for m, names in _PUBLIC.items() if name in names), None)
        if module is None:
            raise AttributeError(f"module 'turncoat' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"turncoat.{module}"), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
