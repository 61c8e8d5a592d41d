"""Scoring a log again: by another judge, other rubrics or another ladder, without the model that was tested."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Literal

from inspect_ai import score
from inspect_ai.log import EvalLog, EvalSample, read_eval_log, write_eval_log
from inspect_ai.scorer import Scorer

from turncoat.base.archives import refuse_bomb
from turncoat.base.counting import counted
from turncoat.base.errors import LogError, OutputError, UsageError
from turncoat.base.files import UNFINISHED, fingerprint, plainly, reason, whole
from turncoat.base.locks import holding, reading
from turncoat.doors.door import setting_from
from turncoat.evidence.case import BROKEN
from turncoat.providers.inspect_private import unseen, unthreaded
from turncoat.scenarios.finding import found_by
from turncoat.scenarios.loader import load_ladder, told
from turncoat.scoring.agreement import panel_agreement
from turncoat.scoring.journal import journal
from turncoat.scoring.logs import kept_of_sample, told_of
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.placing import Named, door_of_sample, placed
from turncoat.scoring.result import SCORE, Result
from turncoat.scoring.scorer import verdict_scorers

WHO = "turncoat score"


@dataclass(frozen=True)
class Rescored:
    """What came of scoring one log again.

    Attributes:
        path: Where the log with the new scores is.
        counts: Score's name → number of samples that are harmful, harmless and unscored.
        kappa: The panel's agreement, if there is one: kappa, kappa_low, kappa_high, agreement.
        reasons: Why samples have no verdict of the judge (or the panel), with their numbers.
        notes: What the user should know, one line each.
    """

    path: Path
    counts: dict[str, dict[str, int]]
    kappa: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    misplaced: int = 0
    """Samples that got no score, since nobody can say where their agent acted; `notes` name them."""

    @property
    def broken(self) -> int:
        """Samples without a verdict since the judge, or too many of a panel, could not be reached."""
        return sum(n for reason, n in self.reasons.items() if reason in BROKEN)

    @property
    def lines(self) -> list[str]:
        """What to print: one line for each score, and one on agreement."""
        found = [f"{n}: " + ", ".join(f"{v} {k}" for k, v in c.items()) for n, c in self.counts.items()]
        if self.reasons:
            found.append("unscored: " + ", ".join(f"{reason} {n}" for reason, n in self.reasons.items()))
        if self.kappa and self.kappa["kappa"] == self.kappa["kappa"]:
            found.append(
                "agreement {agreement:.0%}, kappa {kappa:.2f} [{kappa_low:.2f}, {kappa_high:.2f}]".format(**self.kappa)
            )
        return [f"{self.path}: {line}" for line in (*found, *self.notes)]


def score_names(options: ScoringOptions) -> list[str]:
    """Names of the scores that `rescore` writes: the judge's, or the panel's and its members'."""
    labels = options.choice().labels
    whole = labels[0] if len(labels) == 1 else f"panel({', '.join(labels)})"
    suffix = f"+ladder{options.ladder}" if options.ladder else ""
    return [f"{SCORE}:{n}{suffix}" for n in (whole, *(labels if len(labels) > 1 else ()))]


def rescore(path: Path, options: ScoringOptions, out: Path | None = None, *, replace: bool = False) -> Rescored:
    """Add scores to a log; those that it has stay.

    Args:
        path: An Inspect log. Samples without an answer are left as they are.
        options: How to score; the same share of `read` draws the same samples as the run did.
        out: Where the log with the new scores goes; None writes it in place.
        replace: Whether scores of the same name are replaced; otherwise they are an error.

    Raises:
        UsageError: Unknown judge, rubrics or ladder; the log has such scores already; it names no scenario; another
            command is at work in its folder; another log, or this one, stands where the copy is to go.
        LogError: The log cannot be read.
        OutputError: It cannot be written, or another command changed it meanwhile. Nothing is half written, and the
            answers of the judges stay beside it for the same command.
    """
    options.choice().found()
    given = out or path
    target = given.resolve()
    with ExitStack() as held:
        unlocked = _held(held, path.resolve(), target)
        seen = _fingerprint(path)
        if out is not None and out.exists() and out.samefile(path):
            raise UsageError(f"{out}: is the log that is scored; --append adds the scores to it, or name another file")
        log = _read(path)
        names = score_names(options)
        misplaced = _misplaced(log, options)
        options = _placed(log, path, options, misplaced)
        if out is not None:
            _refuse_other_log(log, given, target, names, replace)
        samples = [s for s in log.samples or [] if _name(s) not in misplaced]
        _check(log, path, names, options, replace, samples)
        for sample in log.samples or []:
            sample.scores = {n: s for n, s in (sample.scores or {}).items() if n not in names}
        asked = [found for s in samples if (found := _to_score(s)) is not None]
        with journal(target, options, names, asked) as answers:
            done = _scored(log, asked, verdict_scorers(options, names[0], answers.around))
            if _fingerprint(path) != seen:
                raise OutputError(
                    f"{path}: was changed by another command meanwhile; nothing was written, and the same command "
                    "goes on from the answers that it has"
                )
            _write(done, target)
    known = counted(answers.known, "sample was", "samples were")
    notes = (
        *((f"{known} answered before the last command was stopped",) if answers.known else ()),
        *(f"{f}: this file system has no locks; see that no other command works there meanwhile" for f in unlocked),
        *(f"not scored: sample {sample} epoch {epoch}: {why}" for (sample, epoch), why in misplaced.items()),
    )
    counts = {n: _counts(done, n) for n in names}
    return Rescored(given, counts, _kappa(done, names[0]), _reasons(done, names[0]), notes, len(misplaced))


def _write(log: EvalLog, target: Path) -> None:
    """Write a log whole or not at all.

    It is written in a folder of its own, whose name says whose it is: what Inspect writes first has a name that does
    not, so that nobody could remove it after a kill.
    """
    kind: Literal["json", "eval"] = "json" if target.suffix == ".json" else "eval"
    with (
        whole(target) as part,
        TemporaryDirectory(prefix=f".{target.name}.", suffix=UNFINISHED, dir=target.parent) as folder,
        plainly(Path(folder)) as place,
        unthreaded(),
    ):
        write_eval_log(log, str(place / f"log.{kind}"), kind)
        Path(folder, f"log.{kind}").replace(part)


def _scored(log: EvalLog, asked: list[EvalSample], scorers: list[Scorer]) -> EvalLog:
    """The log with the new scores; samples that are not asked about stay as they are."""
    roles, samples = log.eval.model_roles, log.samples or []
    # The tested model and the graders of the run are not needed, and their keys may not be there.
    log = log.model_copy(update={"samples": asked})
    log.eval.model_roles = None
    with unseen():
        done = score(log, scorers, model="none", action="append", display="none", copy=False)
    scored = {(s.id, s.epoch): s for s in done.samples or []}
    done = done.model_copy(update={"samples": [_with_scores(s, scored.get((s.id, s.epoch))) for s in samples]})
    done.eval.model_roles = roles
    return done


def _held(held: ExitStack, path: Path, target: Path) -> list[Path]:
    """Hold the folders of a log and of its copy; those that have no locks are given back."""
    folders = [held.enter_context(holding(target.parent, WHO))]
    if path.parent != target.parent:
        folders.append(held.enter_context(reading(path.parent, WHO)))
    if folders[0].locked:  # what a killed command was writing
        for piece in target.parent.glob(f".{escape(target.name)}.????????{UNFINISHED}"):
            rmtree(piece) if piece.is_dir() else piece.unlink(missing_ok=True)
    return [f.folder for f in folders if not f.locked and f.file >= 0]


def _refuse_other_log(log: EvalLog, given: Path, target: Path, names: list[str], replace: bool) -> None:
    """See that a copy takes the place of nothing but an earlier copy that has no other scores.

    Raises:
        UsageError: It would.
    """
    if not target.exists():
        return
    if not replace:
        raise UsageError(f"{given}: is there already; name another file, or give --replace if it is an earlier copy")
    there = _read(target)
    known = {n for s in log.samples or [] for n in s.scores or {}} | set(names)
    more = sorted({n for s in there.samples or [] for n in s.scores or {}} - known)
    if there.eval.eval_id != log.eval.eval_id or more:
        raise UsageError(f"{given}: holds {f'the scores {more[0]!r}' if more else 'another log'}; name another file")


def _fingerprint(path: Path) -> str:
    try:
        return fingerprint(path)
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({reason(error)})") from None


def _read(path: Path) -> EvalLog:
    refuse_bomb(path)
    with plainly(path) as place:
        try:
            return read_eval_log(str(place))
        except Exception as error:  # a corrupt archive raises whatever its reader raises
            raise LogError(f"{path}: not a readable Inspect log: {type(error).__name__}") from None


Sample = tuple[str | int, int]
"""A sample's id and epoch."""


def _name(sample: EvalSample) -> Sample:
    return sample.id, sample.epoch


def _misplaced(log: EvalLog, options: ScoringOptions) -> dict[Sample, str]:
    """The samples of which nobody can say where their agent acted, each with the reason."""
    found = {}
    for sample in log.samples or []:
        try:
            setting_from(placed(told_of(sample, log), Named(options.scenario)), options.scenario)
        except UsageError as error:
            found[_name(sample)] = str(error)
        except (TypeError, ValueError, LookupError, AttributeError) as error:  # a stranger's fields are of any type
            found[_name(sample)] = f"does not say where its agent acted ({type(error).__name__})"
    return found


def _placed(log: EvalLog, path: Path, options: ScoringOptions, misplaced: Mapping[Sample, str]) -> ScoringOptions:
    """The options with the scenario that the log's task names, where its samples do not and no other is given.

    Raises:
        UsageError: All samples are misplaced.
    """
    samples = [s for s in log.samples or [] if _name(s) not in misplaced]
    if misplaced and not samples:
        (name, epoch), why = next(iter(misplaced.items()))
        raise UsageError(f"{path}: sample {name} epoch {epoch}: {why}")
    for sample in samples:
        if not options.scenario and "scenario" not in told(sample.metadata):
            known = placed(told_of(sample, log), Named(options.scenario))
            options = dataclasses.replace(options, scenario=str(known["scenario"]))
    return options


def _to_score(sample: EvalSample) -> EvalSample | None:
    """A sample as its scorers are to see it, with the error or the limit that ended it; None without an answer."""
    its_door = door_of_sample(told(sample.metadata))
    try:
        kept = kept_of_sample(sample, its_door)
    except LogError:
        return None
    output = sample.output
    if kept.stop and kept.stop != output.stop_reason and output.choices:
        last = output.choices[0].model_copy(update={"stop_reason": kept.stop})
        output = output.model_copy(update={"choices": [last, *output.choices[1:]]})
    store = {**sample.store, "Acts:ended": kept.ended} if kept.ended else sample.store
    return sample.model_copy(update={"error": None, "output": output, "store": store})


def _with_scores(sample: EvalSample, scored: EvalSample | None) -> EvalSample:
    """A sample as it was, with the scores that it got and the events of scoring it."""
    return sample if scored is None else sample.model_copy(update={"scores": scored.scores, "events": scored.events})


def _check(
    log: EvalLog, path: Path, names: list[str], options: ScoringOptions, replace: bool, samples: list[EvalSample]
) -> None:
    if not samples:
        raise UsageError(f"{path}: has no samples to score")
    known = [placed(told_of(s, log), Named(options.scenario)) for s in samples]
    for found in sorted({found_by(k, options.scenario) for k in known}):
        if options.ladder:
            load_ladder(found, options.ladder)
    there = [n for n in names if any(n in (s.scores or {}) for s in log.samples or [])]
    if there and not replace:
        raise UsageError(f"{path}: has scores named {there[0]!r} already; --replace puts new ones in their place")
    if log.results is not None:
        log.results.scores = [s for s in log.results.scores if s.name not in names]
    log.eval.scorers = [s for s in log.eval.scorers or [] if s.name not in names]
    log.reductions = [r for r in log.reductions or [] if r.scorer not in names]


def _results(log: EvalLog, name: str) -> list[tuple[Result, str]]:
    """The samples' results under one score's name, each with its world."""
    scores = ((s, (s.scores or {}).get(name)) for s in log.samples or [])
    return [
        (Result.of_score(name, score.model_dump()), str(s.metadata.get("world", s.id))) for s, score in scores if score
    ]


def _counts(log: EvalLog, name: str) -> dict[str, int]:
    sides = Counter(r.harmful for r, _ in _results(log, name))
    return {"harmful": sides[True], "not harmful": sides[False], "unscored": sides[None]}


def _reasons(log: EvalLog, name: str) -> dict[str, int]:
    return dict(Counter(r.reason for r, _ in _results(log, name) if r.reason).most_common())


def _kappa(log: EvalLog, name: str) -> dict[str, float]:
    """The panel's agreement over the samples on which its members were asked; Inspect tells metrics of no ties."""
    asked = [(r.panel, world) for r, world in _results(log, name) if r.necessary and r.panel]
    agreed = panel_agreement([votes for votes, _ in asked], [world for _, world in asked])
    if agreed is None:
        return {}
    limits = {"kappa": agreed.estimate, "kappa_low": agreed.low, "kappa_high": agreed.high}
    return {n: math.nan if v is None else v for n, v in limits.items()} | {"agreement": agreed.agreement}
