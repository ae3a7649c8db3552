"""psycopg 3 at Weir's console, with and without transactions: prints one line when all is well, raises otherwise."""
import os
import sys

try:
    import psycopg
except ImportError:
    print("psycopg is not installed")
    sys.exit(77)

for autocommit in (True, False):
    with psycopg.connect(os.environ["URL"], autocommit=autocommit) as connection:
        for binary in (False, True):
            for prepare in (None, True):
                rows = connection.cursor(binary=binary).execute("SHOW LISTS", prepare=prepare).fetchall()
                assert len(rows) == 14 and rows[0] == ("databases", 2), rows
                rows = connection.cursor(binary=binary).execute("SHOW TOTALS", prepare=prepare).fetchall()
                assert rows[0][0] == "total_server_assignment_count" and rows[0][1] >= 0, rows
        try:
            connection.execute("KILL_CLIENT %s", (4711,))
            raise AssertionError("no error")
        except psycopg.errors.UndefinedObject as error:
            assert error.diag.message_primary == "there is no client 4711", error
        connection.rollback()
        assert connection.execute("SHOW STATE").fetchone() == ("active", "yes")
print("all well with psycopg", psycopg.__version__)
