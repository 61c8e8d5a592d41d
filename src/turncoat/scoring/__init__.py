"""The instrument: detectors over the action log, judges of meaning, verdicts."""

from turncoat.scoring.case import Case
from turncoat.scoring.findings import Evidence, Finding
from turncoat.scoring.instrument import score_case
from turncoat.scoring.judging import Judge, Judgement
from turncoat.scoring.responses import case_of_answer
from turncoat.scoring.rules import RuleJudge
from turncoat.scoring.sessions import case_of_session
from turncoat.scoring.verdict import Unscored, Verdict

__all__ = [
    "Case",
    "Evidence",
    "Finding",
    "Judge",
    "Judgement",
    "RuleJudge",
    "Unscored",
    "Verdict",
    "case_of_answer",
    "case_of_session",
    "score_case",
]
