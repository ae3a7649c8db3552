"""asyncpg with its default settings: statements are cached by name, a pool resets what its clients leave."""
import asyncio
import sys

from run import URL, idiom, run

try:
    import asyncpg
except ImportError:
    print("asyncpg is not installed")
    sys.exit(77)


class connected:
    def __init__(self, **more):
        self.more = more

    async def __aenter__(self):
        self.connection = await asyncpg.connect(URL, **self.more)
        return self.connection

    async def __aexit__(self, *_):
        self.connection.terminate()


async def refused(awaitable):
    try:
        await awaitable
        return "accepted"
    except asyncpg.PostgresError as error:
        return error.sqlstate


@idiom
async def cache_of_statements():
    async with connected() as one, connected() as two:
        seen = []
        for i in range(12):
            seen.append(tuple(await one.fetchrow("SELECT 'one', $1::int", i)))
            seen.append(tuple(await two.fetchrow("SELECT 'two', $1::text, 0", str(i))))
        return seen


@idiom
async def small_cache_of_statements():
    async with connected(statement_cache_size=3) as connection:
        return [await connection.fetchval(f"SELECT {i % 7} + $1::int", i) for i in range(40)]


@idiom
async def prepared():
    async with connected() as connection:
        statement = await connection.prepare("SELECT 10 / $1::int AS n")
        seen = [await statement.fetchval(5), await refused(statement.fetchval(0)), await statement.fetchval(2)]
        seen.append([attribute.name for attribute in statement.get_attributes()])
        seen.append(await refused(connection.prepare("SELECT nothing")))
        return seen + [await connection.fetchval("SELECT 1")]


@idiom
async def pool():
    async with asyncpg.create_pool(URL, min_size=1, max_size=5) as pool:
        sums = await asyncio.gather(*(pool.fetchval("SELECT $1::int + 1", i) for i in range(60)))
        async with pool.acquire() as connection:
            await connection.execute("SET work_mem = '1MB'; SET my.tenant = 'seven'")
            kept = [await connection.fetchval("SHOW work_mem") for _ in range(3)]
        async with pool.acquire() as connection:
            return [sums, kept, await connection.fetchval("SHOW work_mem")]


@idiom
async def transactions():
    async with connected() as connection:
        await connection.execute("CREATE TABLE moved (n int)")
        async with connection.transaction():
            await connection.execute("INSERT INTO moved VALUES ($1)", 1)
            try:
                async with connection.transaction():
                    await connection.execute("INSERT INTO moved VALUES ($1)", 2)
                    raise ValueError("back")
            except ValueError:
                pass
        async with connection.transaction(isolation="serializable", readonly=True):
            seen = [await connection.fetchval("SHOW transaction_isolation")]
        return seen + [[row["n"] for row in await connection.fetch("SELECT n FROM moved")]]


@idiom
async def cursor():
    async with connected() as connection:
        async with connection.transaction():
            total = 0
            async for row in connection.cursor("SELECT generate_series(1, $1::int) AS n", 250, prefetch=40):
                total += row["n"]
            moving = await connection.cursor("SELECT generate_series(1, 10) AS n")
            await moving.forward(4)
            return [total, [row["n"] for row in await moving.fetch(3)]]


@idiom
async def copy():
    async with connected() as connection:
        await connection.execute("CREATE TABLE copied (n int, word text)")
        status = await connection.copy_records_to_table(
            "copied", records=[(i, f"word {i}") for i in range(3000)])
        size = 0

        async def count(data):
            nonlocal size
            size += len(data)

        out = await connection.copy_from_query("SELECT * FROM copied WHERE n < $1", 100, output=count)
        bad = await refused(connection.copy_records_to_table("copied", records=[(1, "x")], columns=["n", "nothing"]))
        return [status, out, size, bad, await connection.fetchval("SELECT sum(n) FROM copied")]


@idiom
async def listeners():
    async with connected() as listener, connected() as notifier:
        heard = asyncio.Queue()
        callback = lambda _connection, _pid, channel, payload: heard.put_nowait((channel, payload))
        await listener.add_listener("asyncpg_news", callback)
        await notifier.execute("NOTIFY asyncpg_news, 'one'")
        async with notifier.transaction():
            await notifier.execute("SELECT pg_notify('asyncpg_news', $1)", "two")
        seen = [await heard.get(), await heard.get()]
        await listener.remove_listener("asyncpg_news", callback)
        return seen


@idiom
async def types():
    async with connected() as connection:
        await connection.execute("CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE TYPE pair AS (a int, m mood)")
        await connection.execute("CREATE TABLE felt (m mood, p pair, l mood[], r int4range)")
        await connection.execute("INSERT INTO felt VALUES ($1, $2, $3, $4)", "wild", (1, "calm"), ["calm"], asyncpg.Range(1, 5))
        seen = [str(tuple(row)) for row in await connection.fetch("SELECT * FROM felt WHERE m = $1", "wild")]
        await connection.set_type_codec("json", encoder=str, decoder=lambda text: ("decoded", text), schema="pg_catalog")
        return seen + [await connection.fetchval("SELECT '[1]'::json")]


@idiom
async def types_of_another_connection():
    async with connected() as connection:
        await connection.execute("CREATE TYPE hue AS ENUM ('red', 'blue')")
        async with connected() as other:
            return [await other.fetchval("SELECT $1::hue", "blue"), await connection.fetchval("SELECT $1::hue[]", ["red"])]


@idiom
async def many_at_once():
    async with connected() as connection:
        await connection.execute("CREATE TABLE many (n int)")
        await connection.executemany("INSERT INTO many VALUES ($1)", [(i,) for i in range(500)])
        bad = await refused(connection.executemany("INSERT INTO many VALUES (1 / $1::int)", [(1,), (0,)]))
        return [bad, tuple(await connection.fetchrow("SELECT count(*), sum(n) FROM many"))]


@idiom
async def settings():
    async with connected(server_settings={"application_name": "mine", "work_mem": "3MB", "search_path": "one"}) as connection:
        ask = "SELECT current_setting('application_name'), current_setting('work_mem'), current_setting('search_path')"
        seen = [tuple(await connection.fetchrow(ask))]
        await connection.execute("SET work_mem = '1MB'; SET search_path = two")
        seen.append(tuple(await connection.fetchrow(ask)))
        await connection.reset()
        return seen + [tuple(await connection.fetchrow(ask)), connection.get_settings().TimeZone]


@idiom
async def timeout():
    async with connected() as connection:
        try:
            await connection.fetch("SELECT pg_sleep(60)", timeout=0.3)
        except asyncio.TimeoutError:
            pass
        return await connection.fetchval("SELECT 1")


@idiom
async def temporary_table_and_lock():
    async with connected() as connection:
        await connection.execute("CREATE TEMP TABLE t (n int)")
        await connection.copy_records_to_table("t", records=[(i,) for i in range(10)])
        seen = [await connection.fetchval("SELECT sum(n) FROM t"), await connection.fetchval("SELECT pg_try_advisory_lock(99)")]
        return seen + [await connection.fetchval("SELECT pg_advisory_unlock(99)")]


@idiom
async def table_changed():
    async with connected() as connection:
        await connection.execute("CREATE TABLE changing AS SELECT 1 AS a")
        before = await connection.fetchval("SELECT a FROM changing")
        await connection.execute("ALTER TABLE changing ADD b int")
        return [before, await connection.fetchval("SELECT a FROM changing")]


run()
