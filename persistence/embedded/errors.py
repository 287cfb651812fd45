"""The one way in which the embedded PostgreSQL fails."""


class EmbeddedPostgresError(Exception):
    """What is wrong and how to mend it, in words for the person at the terminal."""
