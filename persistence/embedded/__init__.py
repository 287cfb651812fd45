"""An embedded PostgreSQL: a real server from pip's or the system's programs, run for one data directory.

It listens on a private Unix socket only, is shared by all Oneshelf processes of the data directory, and outlives the
death of any of them. Its authentication is `trust`: whoever may enter the socket's directory is let in.
"""

from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.status import EmbeddedStatus, embedded_status, is_running
from persistence.embedded.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "EmbeddedStatus", "embedded_status", "is_running"]
