"""The company: a frozen seed, the action log, and the state that follows from the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from turncoat.world.actions import (
    AGENT,
    COLLEAGUE,
    ENVIRONMENT,
    Action,
    ActionLog,
    AlertCancelled,
    Booked,
    Closed,
    Decision,
    Delivered,
    Drafted,
    Effect,
    Entered,
    Happened,
    Opened,
    Outcome,
    Queued,
    Record,
    Saved,
    Wait,
    Withdrawn,
    edited,
    held_back,
    held_for,
    is_write,
)
from turncoat.world.people import RecipientKind
from turncoat.world.performing import answer, bounce, decide
from turncoat.world.performing_office import delayed
from turncoat.world.seed import CompanySeed, Message, Scheduled, State

BOUNCE_SECONDS = 120
ON_HOLD, PUT_OFF, REVIEWED = "decision_on_hold", "put_off", "review_"
"""Events of an office outside: the hold begins; an event does not come because of it; the review is done, by outcome.
"""
DECIDED, UNDECIDED = "decided_", "undecided_"
"""Events, by outcome, where somebody else decides for the rule: it was decided; nobody decided, and the rule stands in.
"""
STANDS = "stands"
"""The outcome with which the hold ends."""


@dataclass(frozen=True, order=True)
class _Due:
    """Something that the environment will do; ordered by time, then by when it was planned."""

    at: datetime
    order: int
    cause: int | None
    scheduled: Scheduled | None
    message: Message | None
    queued: str = ""
    """Id of the scheduled message that goes out now."""

    # The order field is unique, so comparison never reaches the fields that have no order.


class Company(State):
    """A company that an agent works in.

    `perform` is the only way anything happens. It is synchronous and deterministic: the same seed and
    the same actions give the same log, ids and times, and `replay` of a log gives an equal company
    without deciding anything again.

    Args:
        seed: The company before the first action.
        live: Whether time passes. The text interface, in which the agent acts once, holds the clock.
    """

    def __init__(self, seed: CompanySeed, *, live: bool = True) -> None:
        super().__init__(seed, live=live)
        self._log: list[Record] = []
        self._due: list[_Due] = []
        self._planned = 0
        self._answered: set[str] = set()
        self._arrived: dict[str, str] = {}
        self._on_hold = False
        self._left = False
        """Whether the session ended by the agent or the clock, and not by a guard, after which nothing is attempted."""
        self.undecided: int | None = None
        """`seq` of the report whose review waits for somebody's decision; time stands still meanwhile."""
        for item in seed.timeline:
            self._plan(item.at, item.message, scheduled=item)

    @property
    def log(self) -> ActionLog:
        """All records so far, in order."""
        return tuple(self._log)

    def __eq__(self, other: object) -> bool:  # by state, which changes: so it has no hash
        return self._state() == other._state() if isinstance(other, Company) else NotImplemented

    def _state(self) -> tuple[object, ...]:
        due = sorted(self._due)
        return (
            *(self.seed, self.live, self.now, self.closed, self.log),
            *(self.messages, self.documents, self.cancelled, self.opened, due, self._answered, self._arrived),
            *(self.events, self.items, self.drafts, self.queued, self._on_hold, self.undecided),
        )

    # What the agent does

    def perform(self, action: Action, decisions: tuple[Decision, ...] = ()) -> Outcome:
        """Carry out one action of the agent as far as the guards' decisions allow.

        Args:
            action: The attempt.
            decisions: What was decided on it; nobody is asked here. See `Decision`.

        Returns:
            What came of it; of an attempt that was held back or edited, also what it would have done. Environment
            events that fall due follow it in the log.
        """
        held, instead = held_back(decisions), edited(decisions)
        if self.closed is not None:
            text = f"The session has ended: {self.closed}"
            outcome = Outcome(status="failed", text=text, prevented=self.would(action) if self._left else ())
        elif held is not None:
            outcome = self._hold_back(action, held)
        elif instead is not None:
            outcome = decide(self, instead).model_copy(update={"prevented": self.would(action)})
        else:
            outcome = decide(self, action)
        if held is None and self.closed is None and self.live and (minutes := held_for(decisions)):
            outcome = delayed(self, outcome, minutes, self.would(action))
        self._take(AGENT, outcome, self.now, attempt=action, decisions=decisions)
        if self.live:
            self._let_pass(self._until)
        return outcome

    def _hold_back(self, action: Action, held: Decision) -> Outcome:
        ends = held.decision == "end"
        text = held.reason or ("The session was ended." if ends else "This action was not permitted.")
        return Outcome(
            status="blocked", text=text, effects=(Closed(reason=text),) if ends else (), prevented=self.would(action)
        )

    def would(self, action: Action) -> tuple[Effect, ...]:
        """What a writing action would do now; nothing of one that only reads, waits or ends."""
        would = decide(self, action) if is_write(action) else Outcome(status="blocked")
        return would.effects or would.prevented

    def _cost(self, action: Action) -> timedelta:
        if not isinstance(action, Wait):
            return timedelta(seconds=self.seed.costs.get(action.kind, 0))
        asked = timedelta(minutes=action.minutes)
        # Waiting lasts no longer than until a message comes or the session ends.
        news = [d.at for d in self._due if d.message is not None or (d.scheduled and d.scheduled.ends_session)]
        return min([asked, *(at - self.now for at in news if at > self.now)]) if self.live else asked

    # What the environment does

    def occur(self, message: Message, cause: int | None = None) -> None:
        """Let a message arrive that was composed outside the rules (by a colleague played by a model).

        It becomes an event in the log, so that a replay needs no model.
        """
        self._take(COLLEAGUE, Outcome(status="done", effects=(Delivered(message=message),)), self.now, cause=cause)

    def review(self, outcome: str, reason: str, *, by_rule: bool = False) -> None:
        """Decide the review that waits for somebody (`undecided`); time goes on. The agent is told when it is done.

        Args:
            outcome: One of the outcomes of the office's review.
            reason: Why; readers of the log are told, the agent is not.
            by_rule: Whether nobody decided, so that it is the rule's outcome.
        """
        event = Happened(event=(UNDECIDED if by_rule else DECIDED) + outcome)
        outcome_of = Outcome(status="done", text=reason, effects=(event,))
        self._take(COLLEAGUE, outcome_of, self._at, cause=self.undecided)
        self._let_pass(self._until)

    def _plan(
        self,
        at: datetime,
        message: Message | None,
        *,
        cause: int | None = None,
        scheduled: Scheduled | None = None,
        queued: str = "",
    ) -> None:
        heappush(self._due, _Due(at, self._planned, cause, scheduled, message, queued))
        self._planned += 1

    def _let_pass(self, until: datetime) -> None:
        while self._due and self._due[0].at <= until and self.closed is None and self.undecided is None:
            due = self._due[0]
            self._take(ENVIRONMENT, self._come(due), max(self._at, due.at), cause=due.cause)

    def _come(self, due: _Due) -> Outcome:
        effects: list[Effect] = []
        event = due.scheduled
        if due.queued and (message := self.queued[due.queued]) is not None:
            sent = message.model_copy(update={"id": self.next_id(), "thread": message.thread or self.next_id()})
            return Outcome(status="done", effects=(Withdrawn(id=due.queued), Delivered(message=sent)))
        if due.message is not None:
            effects.append(Delivered(message=self._on_arrival(due.message, due.at, planned=event is not None)))
        if event is not None and event.event and event.unless not in self.cancelled:
            held = self._held(event)
            effects.append(Happened(event=PUT_OFF if held else event.event))
            if event.ends_session:
                effects.append(Closed(reason=held or event.text or event.event))
        return Outcome(status="done", text=event.text if event else "", effects=tuple(effects))

    def _held(self, event: Scheduled) -> str:
        """What is told in place of an event that a hold keeps from being carried out; "" where it comes."""
        review = self.seed.review
        return review.held if review is not None and self._on_hold and event.event in review.holds else ""

    def _on_arrival(self, message: Message, at: datetime, *, planned: bool) -> Message:
        """The message with the id that it gets on arrival; what the timeline's messages say of each other follows."""
        own = self.next_id()
        changed: dict[str, object] = {"id": own, "time": at}
        if planned:
            known = {**self._arrived, message.id: own}
            changed |= {
                "thread": known.get(message.thread, message.thread),
                "in_reply_to": known.get(message.in_reply_to or "", message.in_reply_to),
            }
        return message.model_copy(update=changed)

    # State from records

    def _take(
        self,
        actor: str,
        outcome: Outcome,
        at: datetime,
        *,
        cause: int | None = None,
        attempt: Action | None = None,
        decisions: tuple[Decision, ...] = (),
    ) -> None:
        self._apply(
            Record(
                seq=len(self._log),
                time=at,
                actor=actor,
                attempt=attempt,
                decisions=decisions,
                outcome=outcome,
                cause=cause,
            )
        )

    def _apply(self, record: Record) -> None:
        self._log.append(record)
        self._at = record.time
        if record.performed is not None:
            costs = self._cost(record.performed) if self.live and self.closed is None else timedelta()
            self._until = record.time + costs
        if record.actor == ENVIRONMENT:
            due = heappop(self._due)
            if due.scheduled is not None and due.message is not None and record.message is not None:
                self._arrived[due.message.id] = record.message.id
        for effect in record.outcome.effects:
            match effect:
                case Delivered():
                    self.messages[effect.message.id] = effect.message
                    if record.actor == AGENT or effect.message.sender == self.seed.agent_address.lower():
                        self._answer(record.seq, effect.message)
                case Saved():
                    self.documents[effect.document.id] = effect.document
                case AlertCancelled():
                    self.cancelled.add(effect.alert_id)
                case Booked():
                    self.events[effect.event.id] = effect.event
                case Entered():
                    self.items[effect.item.id] = effect.item
                case Drafted():
                    self.drafts[effect.message.id] = effect.message
                case Queued():
                    self.queued[effect.message.id] = effect.message
                    self._plan(effect.message.time, None, cause=record.seq, queued=effect.message.id)
                case Withdrawn():
                    kept = self.drafts if effect.id in self.drafts else self.queued
                    kept[effect.id] = None
                case Opened():
                    self.opened.update(effect.ids)
                case Happened(event=event) if event.startswith((DECIDED, UNDECIDED)):
                    self._close_review(event.partition("_")[2])
                case Happened(event=event):
                    self._on_hold = (self._on_hold or event == ON_HOLD) and event != REVIEWED + STANDS
                case Closed():
                    self.closed = effect.reason
                    self._left = held_back(record.decisions) is None and edited(record.decisions) is None

    def _answer(self, cause: int, message: Message) -> None:
        directory = self.seed.directory
        reached: list[str] = []
        for address in message.recipients:
            recipient = directory.resolve(address)
            reached += recipient.roles
            if recipient.kind is RecipientKind.UNKNOWN_INSIDE and not self._writes(address):
                at = message.time + timedelta(seconds=BOUNCE_SECONDS)
                self._plan(at, bounce(self.seed, message, address), cause=cause)
        for rule in self.seed.replies:
            person = directory.person(rule.role)
            if person is None or rule.role not in reached or (rule.once and rule.role in self._answered):
                continue
            self._answered.add(rule.role)
            at = message.time + timedelta(seconds=rule.after_seconds)
            self._plan(at, answer(self.seed, message, person, rule.body), cause=cause)

        self._report(cause, message, reached)

    def _report(self, cause: int, message: Message, reached: Sequence[str]) -> None:
        """Plan what an office outside does with the first report that it gets."""
        review = self.seed.review
        office = self.seed.directory.person(review.role) if review is not None else None
        if review is None or office is None or review.role not in reached or review.role in self._answered:
            return
        self._answered.add(review.role)
        self._happens(message.time, ON_HOLD, cause)
        receipt = message.time + timedelta(seconds=review.receipt_seconds)
        self._plan(receipt, answer(self.seed, message, office, review.receipt), cause=cause)
        self.undecided = cause
        if review.outcome:
            self._close_review(review.outcome)

    def _close_review(self, outcome: str) -> None:
        """Plan what the office tells of its review, and what follows."""
        review, cause, self.undecided = self.seed.review, self.undecided, None
        if review is None or cause is None:
            return
        message, office = self._log[cause].message, self.seed.directory.person(review.role)
        if message is None or office is None:
            return
        told = message.time + timedelta(seconds=review.decision_seconds)
        self._plan(told, answer(self.seed, message, office, review.decisions[outcome]), cause=cause)
        self._happens(told, REVIEWED + outcome, cause)

    def _happens(self, at: datetime, event: str, cause: int) -> None:
        self._plan(at, None, cause=cause, scheduled=Scheduled(at=at, event=event))

    def _writes(self, address: str) -> bool:
        """Whether mail of the company's own has gone from or to an address that no directory lists."""
        planned = (item.message for item in self.seed.timeline if item.message is not None)
        return any(address.lower() in (m.sender, *m.recipients) for m in (*self.seed.messages, *planned))


def replay(seed: CompanySeed, log: Iterable[Record], *, live: bool = True) -> Company:
    """Rebuild a company from its log without deciding anything again.

    Args:
        seed: The seed that the log began from.
        log: The records, in order.
        live: As it was when the log was made.
    """
    company = Company(seed, live=live)
    for record in log:
        company._apply(record)
    return company
