"""Why PostgreSQL cannot run here."""


class PostgresUnavailable(Exception):
    """PostgreSQL does not start or has ended; the message is one sentence that says what to do."""
