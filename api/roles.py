"""What a process does, where one does not do it all."""

from enum import StrEnum


class Role(StrEnum):
    """Any number of processes of each; `ALL` is for one machine, where there is nothing to divide."""

    ALL = "all"
    # Answers queries and mutations, follows no stream.
    API = "api"
    # Answers them too, and subscriptions.
    SUBSCRIPTIONS = "subscriptions"
    # Gives events their place and cleans up; answers nothing but whether it is well.
    WORKER = "worker"

    @property
    def answers(self) -> bool:
        return self is not Role.WORKER

    @property
    def follows_events(self) -> bool:
        """Every such process reads every event once."""
        return self in (Role.ALL, Role.SUBSCRIPTIONS)

    @property
    def works_in_the_background(self) -> bool:
        """Of all that do, one leads and the others stand by."""
        return self in (Role.ALL, Role.WORKER)
