"""What one group of commands decides inside one transaction (decision 6).

Commands are decided one after the other against the state the log has at that point. One that fails is taken
out: what it moved is put back to where the commands before it left it, so that its neighbours never see it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from domain.aggregate import deciding_at
from domain.recorded import RecordedEvent
from domain.refusal import Refused
from services.command import Answer, Context, KeyReused, StaleVersion
from services.event_log.contract import AnswerRow, Append, EventRow, HeadRow, LogTransaction, LogUnavailable
from services.event_log.json_form import AnyAggregate, JsonForm, encode_plain
from services.event_log.work import AggregateCache, Work

SMALL_STATE_BYTES = 16_384
CHECKPOINT_BYTES_PER_EVENT = 256

# Kept with the key: what was done, and what the domain has decided for good. What is missing or not allowed today
# may be there tomorrow, so a 404 or 403 is judged anew (decision 43).
FINAL = frozenset({200, 201, 202, 409, 422})

logger = structlog.get_logger()

Outcome = Answer | BaseException
Peek = Callable[[str], AnyAggregate | None]


def nothing_more(_: Peek) -> tuple[str, ...]:
    return ()


class InOrder:
    """Commands that are to be stored in the order in which they were handed in: when one could not be stored, none behind
    it is, so that whoever hands them in again never finds a later one done before an earlier one."""

    def __init__(self) -> None:
        self.broken = False


@dataclass(frozen=True)
class Asked:
    """One command as the decision sees it; ``streams``, then ``then_streams``, are fetched for the whole group.

    ``in_order`` is what it must not overtake."""

    decide: Callable[[Work], Answer]
    context: Context
    streams: tuple[str, ...]
    then_streams: Callable[[Peek], tuple[str, ...]] = field(default=nothing_more, kw_only=True)
    in_order: InOrder | None = field(default=None, kw_only=True)

    def check_turn(self) -> None:
        if self.in_order is not None and self.in_order.broken:
            raise LogUnavailable("behind", "a command before this one could not be stored; hand them in again in their order")

    def could_not_be_stored(self) -> None:
        if self.in_order is not None:
            self.in_order.broken = True


class GroupDecision:
    """One group's decisions inside one transaction: who gets which position, what is written."""

    def __init__(
        self, log: str, tx: LogTransaction, cache: AggregateCache, form: JsonForm,
        refused: Callable[[Refused], Answer],
    ) -> None:
        self._log = log
        self._tx = tx
        self._cache = cache
        self._form = form
        self._refused = refused
        self._answers: dict[str, AnswerRow] = {}
        self._moved: dict[str, AnyAggregate] = {}
        self.group = Append.empty()
        self.recorded: list[RecordedEvent] = []
        now = datetime.now(UTC)
        if tx.last_recorded_at is not None and now <= tx.last_recorded_at:
            now = tx.last_recorded_at + timedelta(microseconds=1)  # P13: a clock set back reorders nothing
        self._now = now
        self._recorded_at = now.isoformat(timespec="microseconds")

    @property
    def position(self) -> int:
        return self._tx.position + len(self.group.events)

    def decide(self, asked: Sequence[Asked]) -> list[Outcome]:
        keys = {s.context.key for s in asked if s.context.key}
        if keys:
            self._answers = self._tx.answers(keys)
        self._cache.fetch(self._tx, {stream for s in asked for stream in s.streams})
        self._cache.fetch(self._tx, {stream for s in asked for stream in s.then_streams(self._cache.peek)})
        return [self._one(one) for one in asked]

    def _one(self, asked: Asked) -> Outcome:
        context = asked.context
        kept = self._answers.get(context.key) if context.key else None
        if kept is not None:
            if kept.fingerprint != context.fingerprint:
                return KeyReused(str(context.key).partition(":")[2])
            return Answer(kept.status, position=kept.position, replayed=True, text=kept.body)
        work = Work(self._tx, self._cache, context, self.group)
        try:
            asked.check_turn()
            self._check_expected(context)
            with deciding_at(context.at):
                answer = asked.decide(work)
        except Refused as refusal:
            self._take_out(work)
            return self._answered(context, self._refused(refusal))
        except (StaleVersion, LogUnavailable) as error:
            self._take_out(work)
            if isinstance(error, LogUnavailable):
                asked.could_not_be_stored()
            return error
        except Exception as error:
            if self._tx.spoilt_by(error):
                raise
            self._take_out(work)
            logger.error("command_failed", command=context.command_id, error=repr(error))
            return error
        self._take(work)
        return self._answered(context, answer)

    def _take_out(self, work: Work) -> None:
        """Forget what a failed command moved; a stream that the group had moved before is built up again from that."""
        for stream in work.moved():
            self._cache.forget(stream)
            if stream in self._moved:
                before = [row for row in self.group.events if row.stream == stream]
                self._moved[stream] = self._cache.restore(self._tx, stream, before)

    def _check_expected(self, context: Context) -> None:
        """If-Match: the version seen must be the version at this command's turn."""
        expected = context.expected
        if expected is None or expected.version is None:
            return
        aggregate = self._cache.get(self._tx, expected.stream)
        actual = aggregate.version if aggregate else 0
        if aggregate is not None and actual != expected.version:
            raise StaleVersion(expected.stream, expected.version, actual)

    def _take(self, work: Work) -> None:
        context = work.context
        for stream, aggregate in work.touched.items():
            pending = aggregate.collect_events()
            if not pending:
                continue
            for event in pending:
                type_name, data = self._form.encode(event)
                position = self.position + 1
                self.group.events.append(EventRow(
                    position, stream, event.originator_version, type_name, data,
                    event.timestamp.isoformat(timespec="microseconds"), self._recorded_at,
                    context.actor, context.command_id, context.causation, context.correlation,
                ))
                self.recorded.append(RecordedEvent(
                    self._log, position, type_name, event, self._now,
                    context.actor, context.command_id, context.causation, context.correlation,
                ))
            self._moved[stream] = aggregate
            self._cache.keep(aggregate)
        self.group.attachments.update(work.attachments)
        self.group.parked.extend(work.parked)
        for cursor in work.cursors:
            self.group.cursors[(cursor.consumer, cursor.log)] = cursor

    def _answered(self, context: Context, answer: Answer) -> Answer:
        text = answer.text or encode_plain(answer.body)
        answer = replace(answer, position=self.position, text=text)
        if context.key and answer.status in FINAL:
            row = AnswerRow(context.key, context.fingerprint, answer.status, text, self.position, context.kept_until)
            self._answers[context.key] = row
            self.group.answers.append(row)
        return answer

    def append(self) -> None:
        """Write everything the group decided; the heads once per stream, whatever happened to it."""
        for stream, aggregate in self._moved.items():
            self.group.heads[stream] = self._head(stream, aggregate)
        if not self.group.is_empty():
            self._tx.append(self.group)

    def _head(self, stream: str, aggregate: AnyAggregate) -> HeadRow:
        """The state goes with every write while it is small; a large one only now and then, so that a stream
        with thousands of parts does not rewrite itself for each of them (loading replays the few facts since)."""
        state_at, size = self._cache.checkpoints.get(stream, (0, 0))
        version = aggregate.version
        if size > SMALL_STATE_BYTES and version - state_at < size // CHECKPOINT_BYTES_PER_EVENT:
            return HeadRow(stream, version, None, state_at, aggregate.STATE_VERSION)
        state = self._form.encode_state(aggregate)
        self._cache.checkpoints[stream] = (version, len(state))
        return HeadRow(stream, version, state, version, aggregate.STATE_VERSION)
