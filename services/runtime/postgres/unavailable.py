"""Why PostgreSQL cannot run here."""

from services.runtime.guarded import ServerUnavailable


class PostgresUnavailable(ServerUnavailable):
    """PostgreSQL does not start or has ended; the message is one sentence that says what to do."""
