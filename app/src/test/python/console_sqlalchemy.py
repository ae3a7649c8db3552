"""SQLAlchemy at Weir's console, with what it asks of every Postgres: prints one line when all is well, raises otherwise."""
import os
import sys

try:
    import psycopg  # noqa: F401
    import sqlalchemy
except ImportError:
    print("sqlalchemy or psycopg is not installed")
    sys.exit(77)

engine = sqlalchemy.create_engine(os.environ["URL"].replace("postgresql://", "postgresql+psycopg://"),
                                  use_native_hstore=False)
for _ in range(2):
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SHOW LISTS").fetchall()
        assert len(rows) == 14 and rows[0].items == 2, rows
print("all well with SQLAlchemy", sqlalchemy.__version__)
