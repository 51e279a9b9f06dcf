"""Which requests `cargo xtask fuzz-api` leaves out, and which it changes."""

from urllib.parse import urlencode

import schemathesis
from schemathesis.generation import GenerationMode

# A longer URI never becomes a request: it is answered with 400 and no body, which a description cannot have beside a
# 400 with one. The path and percent-encoding are within what is left of 64 KiB.
MAX_QUERY_CHARACTERS = 60_000

# What a range can be given as. A description cannot say that they exclude each other.
RANGES = [("from", "to"), ("last",), ("days",)]

# Filters of conversations. A description cannot say that questions about another `family` have others.
FILTERS = {
    "action", "agent_id", "call_id", "customer_id", "decided_by", "event_type", "language", "metric", "source",
    "target_id", "tool", "topic", "sentiment_min", "sentiment_max",
}
FAMILIES_WITHOUT_TENANTS = {"activity", "quality"}


@schemathesis.hook
def filter_case(context, case):
    return len(urlencode(case.query or {}, doseq=True)) <= MAX_QUERY_CHARACTERS


@schemathesis.hook
def map_case(context, case):
    """Right requests break no rule that the description cannot express, and half of them get answers with rows."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return case
    if case.query:
        case.query = without_contradictions(case.query)
    if isinstance(case.body, dict):
        case.body = without_contradictions(case.body)
    return case


def without_contradictions(given):
    # A choice that is the same whenever the request is.
    number = len(urlencode(given, doseq=True))
    given = dict(given)
    ranges = [names for names in RANGES if names[0] in given]
    kept = ranges[number % len(ranges)] if ranges else ()
    for name in ("from", "to", "last", "days"):
        if name not in kept:
            given.pop(name, None)
    if "to" in given:
        given["from"], given["to"] = sorted([given["from"], given["to"]], key=str)
        if given["from"] == given["to"]:
            del given["to"]
    is_plain = number % 2 == 0
    if is_plain:
        given.pop("cursor", None)
    if is_plain or given.get("family", "voc") != "voc":
        for name in FILTERS & given.keys():
            del given[name]
    if given.get("family") in FAMILIES_WITHOUT_TENANTS:
        given.pop("tenant_id", None)
    return given
