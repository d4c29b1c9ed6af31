"""What a borrowed connection costs, and what is left on it."""

LAST = "select query from pg_stat_activity where pid = $1"


async def test_a_connection_goes_back_without_a_statement(log):
    pool = log.database.pool
    async with pool.acquire() as borrowed:
        pid = await borrowed.fetchval("select pg_backend_pid()")
    async with pool.acquire() as first, pool.acquire() as second:
        other = second if first.get_server_pid() == pid else first
        assert await other.fetchval(LAST, pid) == "select pg_backend_pid()"


async def test_a_transaction_that_its_borrower_left_open_is_rolled_back(log):
    pool = log.database.pool
    borrowed = await pool.acquire()
    pid = borrowed.get_server_pid()
    await borrowed.execute("begin; insert into projections.models values ('left', 1)")
    await pool.release(borrowed)
    async with pool.acquire() as again:
        assert again.get_server_pid() == pid
        assert not again.is_in_transaction()
        assert await again.fetchval("select count(*) from projections.models where name = 'left'") == 0
