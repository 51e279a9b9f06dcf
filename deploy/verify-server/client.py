#!/usr/bin/env python3
"""clickhouse-client, as far as this repository needs it, for machines that have none.

    client.py --port PORT [--host HOST] [--user USER] [--password PASSWORD]
        [--query "STATEMENT[;
    STATEMENT]..."]

Statements, without --query those on standard input, are separated by a semicolon and a
line break, and run in one session. Rows are printed with tabs between values, or as JSON
if the statement ends in FORMAT JSONCompactEachRow. Without --password it is that of
CLICKHOUSE_PASSWORD. Needs the packages clickhouse-driver, clickhouse-cityhash and lz4.
"""

import argparse
import json
import os
import sys

import clickhouse_driver

JSON = "FORMAT JSONCompactEachRow"

arguments = argparse.ArgumentParser()
arguments.add_argument("--host", default="127.0.0.1")
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--user", default="default")
arguments.add_argument("--password", default=os.environ.get("CLICKHOUSE_PASSWORD", ""))
arguments.add_argument("--query")
given = arguments.parse_args()

client = clickhouse_driver.Client(
    given.host, port=given.port, user=given.user, password=given.password, compression="lz4"
)
text = sys.stdin.read() if given.query is None else given.query
for statement in text.split(";\n"):
    statement = statement.strip(" \n;")
    if not statement:
        continue
    # The native protocol has a format of its own.
    as_json = statement.endswith(JSON)
    try:
        rows = client.execute(statement.removesuffix(JSON))
    except (clickhouse_driver.errors.Error, EOFError, OSError) as error:
        # In one line: the code is in the first one, and what is wrong in the second.
        sys.exit(" ".join(str(error).split("Stack trace")[0].split()))
    # What is not a row is the number of rows of a statement that returns none.
    for row in rows if isinstance(rows, list) else []:
        if as_json:
            print(json.dumps(row, default=str))
        else:
            print(*row, sep="\t")
