"""psycopg (3, else 2) against Weir: prints one line when all is well, raises otherwise; status 77 without either."""
import os
import sys

try:
    import psycopg as driver
except ImportError:
    try:
        import psycopg2 as driver
    except ImportError:
        print("neither psycopg nor psycopg2 is installed")
        sys.exit(77)

three = driver.__name__ == "psycopg"
session = os.environ["MODE"] == "session"
options = {"prepare_threshold": 5 if session else None} if three else {}
connection = driver.connect(os.environ["URL"], **options)
with connection.cursor() as cursor:
    for i in range(12):
        cursor.execute("SELECT %s::int + 1", (i,))
        assert cursor.fetchone() == (i + 1,)
    cursor.execute("CREATE TEMP TABLE t (a int) ON COMMIT DROP")
    cursor.executemany("INSERT INTO t VALUES (%s)", [(i,) for i in range(20)])
    cursor.execute("SELECT count(*) FROM t")
    assert cursor.fetchone() == (20,)
connection.rollback()
try:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    raise AssertionError("no error")
except driver.errors.UndefinedColumn if three else driver.Error as error:
    assert (error.sqlstate if three else error.pgcode) == "42703"
connection.rollback()
with connection.cursor("server_side") as cursor:
    cursor.execute("SELECT generate_series(1, 250)")
    assert len(cursor.fetchall()) == 250
connection.commit()
connection.close()
print("all well with", driver.__name__, driver.__version__)
