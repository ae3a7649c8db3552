"""psycopg 3 with its default settings: from its fifth use on, a statement is prepared by name."""
import enum
import sys
import threading

from run import URL, idiom, run

try:
    import psycopg
    from psycopg.types.composite import CompositeInfo, register_composite
    from psycopg.types.enum import EnumInfo, register_enum
except ImportError:
    print("psycopg 3 is not installed")
    sys.exit(77)


def connect(**more):
    return psycopg.connect(URL, **more)


def refused(function):
    try:
        function()
        return "accepted"
    except psycopg.Error as error:
        return error.sqlstate


@idiom
def prepares_by_itself():
    with connect() as one, connect(autocommit=True) as two:
        seen = []
        for i in range(12):
            seen += one.execute("SELECT 'one', %s::int", (i,)).fetchone()
            one.commit()
            seen += two.execute("SELECT 'two', %s::int", (i,)).fetchone()
        return seen


@idiom
def prepares_at_once_and_forgets():
    with connect(autocommit=True) as connection:
        connection.prepared_max = 3
        return [
            connection.execute(f"SELECT {i % 5} + %s::int", (i,), prepare=True).fetchone()[0] for i in range(30)
        ]


@idiom
def prepared_statement_fails():
    with connect(autocommit=True) as connection:
        query = lambda n: connection.execute("SELECT 10 / %s::int", (n,), prepare=True)
        return [query(5).fetchone(), refused(lambda: query(0)), query(2).fetchone(),
                refused(lambda: connection.execute("SELECT nothing", prepare=True)), query(1).fetchone()]


@idiom
def prepared_in_what_is_undone():
    with connect() as connection:
        query = lambda: connection.execute("SELECT 'prepared'", prepare=True).fetchone()
        seen = [query()]
        connection.rollback()
        seen.append(query())
        connection.execute("CREATE TABLE undone (a int)")
        connection.rollback()
        seen.append(query())
        return seen


@idiom
def pipeline():
    with connect(autocommit=True) as connection:
        with connection.pipeline() as flow:
            cursors = [connection.execute("SELECT %s::int", (i,)) for i in range(50)]
            flow.sync()
            seen = [cursor.fetchone()[0] for cursor in cursors]
        def failing():
            with connection.pipeline():
                connection.execute("SELECT 1", prepare=True)
                connection.execute("SELECT nothing", prepare=True)
                connection.execute("SELECT 2", prepare=True)
        return [seen, refused(failing), connection.execute("SELECT 2", prepare=True).fetchone()]


@idiom
def many_at_once():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE many (n int, word text)")
        cursor.executemany("INSERT INTO many VALUES (%s, %s)", [(i, f"word {i}") for i in range(500)])
        connection.commit()
        cursor.executemany("INSERT INTO many VALUES (%s, 'x') RETURNING n", [(i,) for i in range(3)], returning=True)
        returned = [cursor.fetchone()]
        while cursor.nextset():
            returned.append(cursor.fetchone())
        connection.commit()
        return [returned, cursor.execute("SELECT count(*), sum(n) FROM many").fetchone()]


@idiom
def server_side_cursor():
    with connect() as connection:
        with connection.cursor("named") as cursor:
            cursor.itersize = 40
            cursor.execute("SELECT generate_series(1, %s)", (250,))
            total = sum(row[0] for row in cursor)
        with connection.cursor("named", scrollable=True) as cursor:
            cursor.execute("SELECT generate_series(1, 9)")
            cursor.scroll(5)
            return [total, cursor.fetchone()]


@idiom
def server_side_cursor_with_hold():
    with connect() as connection:
        with connection.cursor("held", withhold=True) as cursor:
            cursor.execute("SELECT generate_series(1, 10)")
            connection.commit()
            seen = [cursor.fetchmany(3)]
            connection.commit()
            seen.append(cursor.fetchall())
        return seen


@idiom
def copy():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE copied (n int, word text)")
        with cursor.copy("COPY copied FROM STDIN") as into:
            for i in range(3000):
                into.write_row((i, f"word {i}"))
        connection.commit()
        with cursor.copy("COPY copied TO STDOUT (FORMAT binary)") as out:
            out.set_types(["int4", "text"])
            total = sum(row[0] for row in out.rows())
        def failing():
            with cursor.copy("COPY copied FROM STDIN") as into:
                into.write("x\ty\n")
        seen = [total, refused(failing)]
        connection.rollback()
        return seen + [cursor.execute("SELECT count(*) FROM copied").fetchone()]


@idiom
def notifies():
    with connect(autocommit=True) as listener, connect(autocommit=True) as notifier:
        heard = []
        listener.add_notify_handler(lambda news: heard.append((news.channel, news.payload)))
        listener.execute("LISTEN psycopg_news")
        notifier.execute("NOTIFY psycopg_news, 'one'")
        with notifier.transaction():
            notifier.execute("SELECT pg_notify('psycopg_news', 'two')")
        listener.execute("NOTIFY psycopg_news, 'three'")
        for _ in range(1000):
            listener.execute("SELECT 1")
            if len(heard) >= 3:
                break
        return heard


@idiom
def transactions():
    with connect() as connection:
        connection.execute("CREATE TABLE moved (n int)")
        connection.commit()
        with connection.transaction():
            connection.execute("INSERT INTO moved VALUES (1)")
            try:
                with connection.transaction():
                    connection.execute("INSERT INTO moved VALUES (2)")
                    raise ValueError("back")
            except ValueError:
                pass
            with connection.transaction(force_rollback=True):
                connection.execute("INSERT INTO moved VALUES (3)")
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.read_only = True
        seen = [connection.execute("SHOW transaction_isolation").fetchone(),
                refused(lambda: connection.execute("INSERT INTO moved VALUES (4)"))]
        connection.rollback()
        return seen + [connection.execute("SELECT * FROM moved").fetchall()]


@idiom
def settings():
    with connect(autocommit=True) as connection:
        connection.execute("SET timezone = 'Asia/Tokyo'; SET search_path = pg_catalog")
        connection.execute("SET my.tenant = 'seven'")
        seen = [connection.execute("SELECT current_setting('search_path'), current_setting('my.tenant'),"
                                   " '2001-02-03 04:05:06+00'::timestamptz::text").fetchone() for _ in range(5)]
        return seen + [str(connection.info.timezone), connection.info.parameter_status("TimeZone")]


@idiom
def startup_settings():
    with connect(application_name="mine", options="-c work_mem=3MB -c search_path=one,two",
                 client_encoding="latin1") as connection:
        return connection.execute(
            "SELECT current_setting('application_name'), current_setting('work_mem'), current_setting('search_path'),"
            " current_setting('client_encoding'), chr(233)").fetchone()


@idiom
def types():
    class Mood(enum.Enum):
        calm = 1
        wild = 2

    with connect(autocommit=True) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE TYPE pair AS (a int, b text)")
        register_enum(EnumInfo.fetch(connection, "mood"), connection, Mood)
        register_composite(CompositeInfo.fetch(connection, "pair"), connection)
        return [str(value) for value in connection.execute(
            "SELECT %s::mood, ARRAY['calm', 'wild']::mood[], ROW(1, 'x')::pair, %s::int[], %b::numeric",
            (Mood.wild, [1, 2], 5)).fetchone()]


@idiom
def temporary_table():
    with connect(autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE t (n int)")
        for i in range(8):
            connection.execute("INSERT INTO t VALUES (%s)", (i,))
        return connection.execute("SELECT count(*), sum(n) FROM t").fetchone()


@idiom
def cancel():
    with connect(autocommit=True) as connection:
        timer = threading.Timer(0.3, connection.cancel)
        timer.start()
        return [refused(lambda: connection.execute("SELECT pg_sleep(60)")), connection.execute("SELECT 1").fetchone()]


@idiom
def table_changed():
    with connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE changing AS SELECT 1 AS a")
        query = lambda: connection.execute("SELECT a FROM changing", prepare=True).fetchone()
        before = query()
        connection.execute("ALTER TABLE changing ADD b int")
        return [before, query()]


run()
