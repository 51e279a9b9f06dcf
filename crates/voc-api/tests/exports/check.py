"""Reads exported files with Arrow, and prints what is in them, one line a format.

The argument is the folder with events.parquet and events.csv.
"""

import hashlib
import json
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

folder = sys.argv[1]
parquet = pyarrow.parquet.read_table(f"{folder}/events.parquet")
assert parquet.schema.field("timestamp").type == pa.timestamp("ms", tz="UTC"), parquet.schema
assert parquet.schema.field("duration_ms").type == pa.int64(), parquet.schema
assert parquet.schema.field("sentiment").type == pa.float64(), parquet.schema
assert pa.types.is_list(parquet.schema.field("topics").type), parquet.schema
csv = pyarrow.csv.read_csv(
    f"{folder}/events.csv",
    parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    convert_options=pyarrow.csv.ConvertOptions(column_types={"payload": pa.string()}),
)

for table in (parquet, csv):
    digest = hashlib.sha256()
    for event in sorted(table.column("payload").to_pylist(), key=lambda event: json.loads(event)["event_id"]):
        digest.update(event.encode() + b"\n")
    durations = sum(value for value in table.column("duration_ms").to_pylist() if value is not None)
    print(json.dumps([table.num_rows, digest.hexdigest(), durations]))
