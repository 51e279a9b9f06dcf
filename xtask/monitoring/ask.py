#!/usr/bin/env python3
"""Runs a statement at a ClickHouse on this machine, and prints its rows, a JSON array per line.

    ask.py PORT [STATEMENT]

Without a statement it is read from standard input. A clause FORMAT at its end is left
out: the native protocol has a format of its own.
"""

import json
import re
import sys

import clickhouse_driver

statement = re.sub(r"\s+FORMAT\s+\w+\s*$", "", sys.argv[2] if len(sys.argv) > 2 else sys.stdin.read())
client = clickhouse_driver.Client("127.0.0.1", port=int(sys.argv[1]), compression="lz4")
try:
    rows = client.execute(statement)
except clickhouse_driver.errors.Error as error:
    sys.exit(str(error).splitlines()[0])
# What is not a row is the number of rows of a statement that returns none.
for row in rows if isinstance(rows, list) else []:
    print(json.dumps(row, default=str))
