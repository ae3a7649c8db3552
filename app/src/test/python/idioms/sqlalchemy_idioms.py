"""SQLAlchemy with asyncpg and psycopg, as applications use it: pool, ORM, reflection."""
import asyncio
import sys

from run import URL, idiom, run

try:
    import sqlalchemy
    from sqlalchemy import Column, Enum, Integer, String, inspect, select, text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import Session, declarative_base
    import asyncpg
    import greenlet
except ImportError as error:
    print("SQLAlchemy, asyncpg or greenlet is not installed:", error)
    sys.exit(77)

try:
    import psycopg
    blocking = "psycopg" if sqlalchemy.__version__ >= "2" else None
except ImportError:
    blocking = None


def url(driver):
    return URL.replace("postgresql:", f"postgresql+{driver}:")


class Tables:
    def __init__(self, prefix):
        self.Base = declarative_base()

        class Author(self.Base):
            __tablename__ = prefix + "author"
            id = Column(Integer, primary_key=True)
            name = Column(String, unique=True)
            mood = Column(Enum("calm", "wild", name=prefix + "mood"))

        self.Author = Author


@idiom
async def orm_on_asyncpg():
    tables = Tables("a_")
    engine = create_async_engine(url("asyncpg"), pool_size=3)
    async with engine.begin() as connection:
        await connection.run_sync(tables.Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([tables.Author(name=f"author {i}", mood="wild") for i in range(50)])
        await session.commit()
        names = (await session.execute(select(tables.Author.name).where(tables.Author.id < 4))).scalars().all()
        try:
            async with session.begin_nested():
                session.add(tables.Author(name="author 1"))
                await session.flush()
        except sqlalchemy.exc.IntegrityError:
            names.append("refused")
        await session.commit()
    await engine.dispose()
    return names


@idiom
async def many_on_asyncpg():
    engine = create_async_engine(url("asyncpg"), pool_size=4)

    async def one(i):
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT CAST(:n AS int) + 1"), {"n": i})).scalar()

    sums = await asyncio.gather(*(one(i) for i in range(40)))
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="SERIALIZABLE")
        level = (await connection.execute(text("SHOW transaction_isolation"))).scalar()
        stream = await connection.stream(text("SELECT generate_series(1, 100)"))
        total = sum([row[0] async for row in stream])
    await engine.dispose()
    return [sums, level, total]


if blocking:

    @idiom
    def orm_on_psycopg():
        tables = Tables("p_")
        engine = sqlalchemy.create_engine(url("psycopg"), pool_size=2)
        tables.Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all([tables.Author(name=f"author {i}", mood="calm") for i in range(50)])
            session.commit()
            for i in range(8):
                session.get(tables.Author, i + 1)
                session.commit()
            names = list(session.execute(select(tables.Author.name).where(tables.Author.id < 4)).scalars())
        engine.dispose()
        return names

    @idiom
    def reflection_and_settings():
        engine = sqlalchemy.create_engine(url("psycopg"), pool_size=1, pool_pre_ping=True)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE reflected (id serial PRIMARY KEY, word text NOT NULL)"))
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspect(engine).get_columns("reflected")]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET work_mem = '1MB'"))
            kept = [connection.execute(text("SHOW work_mem")).scalar() for _ in range(8)]
        with engine.connect() as connection:
            rows = connection.execution_options(yield_per=30).execute(text("SELECT generate_series(1, 100)"))
            total = sum(row[0] for row in rows)
        engine.dispose()
        return [columns, kept, total]


run()
