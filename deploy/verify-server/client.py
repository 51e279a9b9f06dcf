#!/usr/bin/env python3
"""clickhouse-client, as far as ../verify-server.sh needs it, for machines that have none.

    client.py --host HOST --port PORT [--user USER] [--password PASSWORD] --query "STATEMENT[;
    STATEMENT]..."

Statements are separated by a semicolon and a line break, and run in one session. Rows are
printed with tabs between values. Needs the packages clickhouse-driver, clickhouse-cityhash
and lz4.
"""

import argparse
import sys

import clickhouse_driver

arguments = argparse.ArgumentParser()
arguments.add_argument("--host", required=True)
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--user", default="default")
arguments.add_argument("--password", default="")
arguments.add_argument("--query", required=True)
given = arguments.parse_args()

client = clickhouse_driver.Client(
    given.host, port=given.port, user=given.user, password=given.password, compression="lz4"
)
for statement in given.query.split(";\n"):
    if not statement.strip(" \n;"):
        continue
    try:
        rows = client.execute(statement.rstrip(" \n;"))
    except (clickhouse_driver.errors.Error, EOFError, OSError) as error:
        sys.exit(f"{error}".split("Stack trace")[0].strip())
    # What is not a row is the number of rows of a statement that returns none.
    for row in rows if isinstance(rows, list) else []:
        print(*row, sep="\t")
