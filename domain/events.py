"""What the event stream carries: that something changed, and what a reader needs to find it. Never personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

STREAMS_PER_CALLER = 1_000
STREAMS_PER_ADDRESS = 20_000
"""Of those who say nothing of themselves. Behind a proxy that is all of them, so it only keeps the process alive."""


class Topic(StrEnum):
    """`key` of an event is the id of the stock level, the order or the cart, as text."""

    STOCK = "stock"
    ORDER = "order"
    CART = "cart"


class Subject(Enum):
    """What a subscriber may name to be told of its changes."""

    VARIANT = "variant"
    ORDER = "order"
    CUSTOMER = "customer"
    CART = "cart"
    # Everything of one topic; the id is the topic's own name.
    TOPIC = "topic"


Address = tuple[Subject, str]
"""A subject and its id as text; UUIDs with dashes."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change as its command reports it. `version` is the aggregate's own and rises with each of its changes."""

    topic: Topic
    key: str
    version: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the stream. Positions of two epochs cannot be compared."""

    epoch: int
    pos: int


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event that has its place. Positions are dense and begin with 1."""

    pos: int
    at: datetime
    topic: str
    key: str
    version: int
    payload: Mapping[str, Any]

    def addresses(self) -> tuple[Address, ...]:
        """Where subscribers to this event are found."""
        whole = (Subject.TOPIC, self.topic)
        match self.topic:
            case Topic.STOCK:
                return whole, (Subject.VARIANT, self.payload["variant"])
            case Topic.ORDER:
                customer = self.payload.get("customer")
                own = (Subject.ORDER, self.key)
                return (whole, own) if customer is None else (whole, own, (Subject.CUSTOMER, customer))
            case Topic.CART:
                return whole, (Subject.CART, self.key)
            case _:
                return (whole,)


@dataclass(frozen=True, slots=True)
class Interest:
    """Every event of any of these ids."""

    subject: Subject
    ids: frozenset[str]

    def addresses(self) -> tuple[Address, ...]:
        return tuple((self.subject, id_) for id_ in self.ids)

    def covers(self, event: LoggedEvent) -> bool:
        return any(subject is self.subject and id_ in self.ids for subject, id_ in event.addresses())


def newest_of_each(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """The last event of each key, in order: all that somebody needs who reads states, not steps."""
    newest = {(event.topic, event.key): event for event in events}
    return sorted(newest.values(), key=lambda event: event.pos)
