"""asyncpg at Weir's console, which asks for binary values always: prints one line when all is well, raises otherwise."""
import asyncio
import os
import sys

try:
    import asyncpg
except ImportError:
    print("asyncpg is not installed")
    sys.exit(77)


async def main():
    pool = await asyncpg.create_pool(os.environ["URL"], min_size=1, max_size=2)
    async with pool.acquire() as connection:
        rows = await connection.fetch("SHOW LISTS")
        assert len(rows) == 14 and rows[0]["items"] == 2, rows
        clients = await connection.fetch("SHOW CLIENTS")
        assert clients[0]["id"] > 0 and clients[0]["port"] > 0, clients
        totals = await connection.fetch("SHOW TOTALS")
        assert all(row["value"] >= 0 for row in totals), totals
        async with connection.transaction():
            cursor = await connection.cursor("SHOW LISTS")
            assert len(await cursor.fetch(10)) == 10
            assert len(await cursor.fetch(10)) == 4
        try:
            await connection.execute("KILL_CLIENT $1", "4711")
            raise AssertionError("no error")
        except asyncpg.UndefinedObjectError:
            pass
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()
    print("all well with asyncpg", asyncpg.__version__)


asyncio.run(main())
