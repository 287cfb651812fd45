"""Reading the event log: in order, from any position that is still kept."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, func, literal_column, select

from domain.events import Interest, LoggedEvent, Position, Subject, Topic
from persistence.database import Reader, Row
from persistence.events.tables import event_log, relay_state
from persistence.statements import Statement, array_parameter

_AFTER = event_log.c.pos > bindparam("after", type_=event_log.c.pos.type)
_UP_TO = event_log.c.pos <= bindparam("upto", type_=event_log.c.pos.type)

_ALL = Statement(select(event_log).where(_AFTER).order_by(event_log.c.pos).limit(bindparam("most")))
_STATE = Statement(
    select(
        relay_state.c.epoch,
        relay_state.c.pos,
        relay_state.c.origin,
        func.coalesce(
            select(func.min(event_log.c.pos)).scalar_subquery(),
            relay_state.c.pos + literal_column("1"),
        ).label("oldest"),
    ).where(relay_state.c.id == literal_column("1"))
)

_WHERE_SUBJECTS_ARE: dict[Subject, tuple[Topic, ColumnElement[str]]] = {
    Subject.VARIANT: (Topic.STOCK, event_log.c.payload["variant"].astext),
    Subject.ORDER: (Topic.ORDER, event_log.c.key),
    Subject.CUSTOMER: (Topic.ORDER, event_log.c.payload["customer"].astext),
    Subject.CART: (Topic.CART, event_log.c.key),
}


@dataclass(frozen=True, slots=True)
class StreamState:
    """Where the stream stands, and the oldest event kept: one more than `position` when none is."""

    position: Position
    oldest: int
    # Which database this is, as far as PostgreSQL can tell.
    origin: str | None = None

    def reaches(self, after: Position) -> bool:
        """Whether everything after that position is still there, and it is one of this stream."""
        return after.epoch == self.position.epoch and self.oldest - 1 <= after.pos <= self.position.pos


async def state(reader: Reader) -> StreamState:
    row = await reader.fetch_one(_STATE)
    assert row is not None
    return StreamState(Position(row["epoch"], row["pos"]), row["oldest"], row["origin"])


async def events_after(reader: Reader, after: int, *, most: int) -> list[LoggedEvent]:
    return [_event(row) for row in await reader.fetch(_ALL, after=after, most=most)]


async def events_for(
    reader: Reader, interest: Interest, *, after: int, upto: int, most: int | None = None
) -> list[LoggedEvent]:
    """Looks at every position between, so the distance bounds the work."""
    rows = await reader.fetch(_for(interest.subject), ids=list(interest.ids), after=after, upto=upto, most=most)
    return [_event(row) for row in rows]


@cache
def _for(subject: Subject) -> Statement:
    query = select(event_log).where(_AFTER, _UP_TO)
    if subject is Subject.TOPIC:
        id_: ColumnElement[str] = event_log.c.topic
    else:
        topic, id_ = _WHERE_SUBJECTS_ARE[subject]
        query = query.where(event_log.c.topic == literal_column(f"'{topic.value}'"))
    query = query.where(id_ == func.any(array_parameter("ids", Text())))
    return Statement(query.order_by(event_log.c.pos).limit(bindparam("most", type_=BigInteger())))


def _event(row: Row) -> LoggedEvent:
    return LoggedEvent(row["pos"], row["at"], row["topic"], row["key"], row["version"], row["payload"])
