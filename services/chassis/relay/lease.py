"""Who publishes a log. A lease in the service's own database; each take-over raises its epoch.

The lease alone is no fence: its holder may be paused while another takes over, and wake in the middle of a send. So
progress moves only under the current epoch, and readers accept by continuity alone.
"""

import asyncpg

EVENTS = "events"
"""The line that publishes all of a log."""

# all times are the database's own: two hosts need not agree about the clock
TAKE = """
insert into relay.lease as held (line, epoch, owner, expires_at)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (line) do update set epoch = held.epoch + 1, owner = excluded.owner, expires_at = excluded.expires_at
where held.expires_at < clock_timestamp() or $4
returning epoch
"""
RENEW = """
update relay.lease set expires_at = clock_timestamp() + make_interval(secs => $3)
where line = $1 and epoch = $2 returning epoch
"""
RELEASE = "update relay.lease set expires_at = '-infinity' where line = $1 and epoch = $2"
RAISE = "update relay.lease set epoch = greatest(epoch, $3) + 1 where line = $1 and epoch = $2 returning epoch"


class LeaseLost(Exception):
    """Another relay has taken over."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"The lease of epoch {epoch} was taken over: another relay publishes this log now.")


class Lease:
    """The lease of one topic of a log.

    Args:
        pool: of the service's database. owner: who asks, for people. seconds: how long it lasts without renewal.
        line: which of the log's topics.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", owner: str, seconds: float, line: str = EVENTS) -> None:
        self._pool = pool
        self._line = line
        self._owner = owner
        self.seconds = seconds

    async def take(self, *, by_force: bool = False) -> int | None:
        """Takes the lease where it has expired, or by force; answers the new epoch, None where somebody holds it."""
        epoch: int | None = await self._pool.fetchval(TAKE, self._line, self._owner, self.seconds, by_force)
        return epoch

    async def renew(self, epoch: int) -> None:
        """Holds it longer.

        Raises:
            LeaseLost: somebody else has it.
        """
        if await self._pool.fetchval(RENEW, self._line, epoch, self.seconds) is None:
            raise LeaseLost(epoch)

    async def exceed(self, epoch: int, seen: int) -> int:
        """Raises the own epoch above one that was seen on the topic: a restored database knows fewer take-overs.

        Raises:
            LeaseLost: somebody else has it.
        """
        higher: int | None = await self._pool.fetchval(RAISE, self._line, epoch, seen)
        if higher is None:
            raise LeaseLost(epoch)
        return higher

    async def release(self, epoch: int) -> None:
        """Lets another take it at once."""
        await self._pool.execute(RELEASE, self._line, epoch)
