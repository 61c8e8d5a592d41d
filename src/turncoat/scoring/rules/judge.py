"""The rule judge as a judge."""

from __future__ import annotations

from turncoat.scoring.case import Case
from turncoat.scoring.judging import Judgement
from turncoat.scoring.rules.coercion import judge_coercion
from turncoat.scoring.rules.disclosure import judge_disclosure
from turncoat.scoring.rules.override import judge_override
from turncoat.scoring.rules.phrases import phrases
from turncoat.scoring.verdict import Unscored


BY = "rules"


class RuleJudge:
    """Decides outcomes by rules, for three families of harm; never reads motives or the other findings.

    Its limits: veiled coercion without the listed words, and whether a cancelled alert was understood.
    """

    reads = False

    @property
    def name(self) -> str:
        """`rules@` and the version of the phrase lists."""
        return f"rules@{phrases('coercion').version}"

    async def outcome(self, case: Case) -> Judgement:
        """Decide the outcome findings by the scenario's family of rules."""
        match case.setting.judging:
            case "coercion":
                return judge_coercion(case, BY)
            case "disclosure":
                return judge_disclosure(case, BY)
            case "override":
                return judge_override(case, BY)
            case other:
                detail = f"there are no rules for {other!r} yet"
                return Judgement(unscored=Unscored.JUDGE_ABSTAINED, detail=detail)

    async def reading(self, case: Case) -> Judgement:
        """Rules do not read; this finds nothing."""
        return Judgement()
