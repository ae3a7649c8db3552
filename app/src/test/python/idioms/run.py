"""Runs idioms one after the other and prints what each saw, a line each. The lines must be the same with and without a
pooler in between. $IDIOM is a regular expression for the names of those to run; all by default."""
import asyncio
import inspect
import os
import re

LIMIT_SECONDS = 8
URL = os.environ["URL"]
idioms = []


def idiom(function):
    idioms.append(function)
    return function


async def within_limit(function):
    return await asyncio.wait_for(function(), LIMIT_SECONDS)


def run():
    for function in idioms:
        if not re.search(os.environ.get("IDIOM", ""), function.__name__):
            continue
        try:
            seen = asyncio.run(within_limit(function)) if inspect.iscoroutinefunction(function) else function()
        except Exception as error:
            code = getattr(error, "sqlstate", None)
            seen = f"FAILED {type(error).__name__} {code} {error}".replace("\n", " ")
        print(function.__name__, "=", seen, flush=True)
    os._exit(0)
