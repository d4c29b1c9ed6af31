"""A log that is put back to an older copy of itself, as a restore of its database would."""

import asyncpg

CUT = """
alter table log.events disable trigger all;
delete from log.events where position > {kept};
alter table log.events enable trigger all;
delete from log.commands where last > {kept};
update log.head set position = {kept},
    hash = coalesce((select hash from log.events where position = {kept}), decode(repeat('00', 32), 'hex'));
select log.begin_lineage({kept});
"""


async def put_back(owner: str, kept: int) -> None:
    """The log has no more than its first events, and goes on as another history.

    Args:
        owner: address of the database, as the owner. kept: how many.
    """
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(CUT.format(kept=int(kept)))
    finally:
        await connection.close()
