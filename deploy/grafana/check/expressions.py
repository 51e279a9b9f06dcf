#!/usr/bin/env python3
"""Lists the expressions of the dashboards, or runs all of them.

    expressions.py
    expressions.py --prometheus http://localhost:9090 --clickhouse-command 'clickhouse-client --database voc'

Without a server it prints a JSON object per expression: kind, dashboard, panel, query and the expression, in which
variables and macros are replaced as Grafana replaces them, with the dashboard's default time range. Metrics that the
documentation does not know, and macros and variables that Grafana would not replace, are errors.

With a server it runs the expressions of that kind, and fails if one is refused, names a label that none of its metrics
has, or has a legend with a label that the answer has not. The command gets a statement, with a FORMAT clause of JSON
lines, on its standard input. With --require-data an expression that returns nothing, or whose metrics Prometheus does
not have, fails as well, unless the list of panels that may be empty has its panel.

Only the standard library is needed.
"""

import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
POINTS = 200
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
HISTOGRAM = re.compile(r"_(bucket|sum|count)$")
METRIC = re.compile(r"\b([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{|\b(voc_\w+)")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
MATCHER = re.compile(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*\"")


class Fault(Exception):
    """What is wrong with an expression."""


class Replacer:
    """Replaces variables and macros in the expressions of a dashboard."""

    def __init__(self, dashboard, chosen, rate_interval, now):
        self.rate_interval = rate_interval
        self.variables = {v["name"]: v for v in dashboard["templating"]["list"]}
        self.chosen = {name: values for name, values in chosen.items() if name in self.variables}
        match = re.fullmatch(r"now-(\d+)([smhdw])", dashboard["time"]["from"])
        if not match or dashboard["time"]["to"] != "now":
            raise Fault(f"{dashboard['uid']}: the time range does not end now, or its beginning is not understood")
        self.seconds = int(match[1]) * SECONDS[match[2]]
        self.end = now
        self.start = self.end - self.seconds
        self.step = max(15, self.seconds // POINTS)

    def promql(self, text):
        def value(match):
            name = match[1] or match[2]
            own = {"__rate_interval": self.rate_interval, "__range": f"{self.seconds}s", "__interval": f"{self.step}s"}
            if name in own:
                return own[name]
            if name not in self.variables:
                raise Fault(f"unknown variable or macro ${name}")
            values = self.chosen.get(name)
            if not values:
                return self.variables[name].get("allValue") or ".*"
            escaped = [re.escape(value).replace("\\", "\\\\") for value in values]
            return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

        return re.sub(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)", value, text)

    def sql(self, text):
        # As in the plugin: first $__conditionalAll and variables, in the browser, then macros, in the backend.
        text = self.macro(text, "conditionalAll", self.conditional)
        text = re.sub(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)", self.variable, text)
        start, end, start_ms, end_ms = self.start, self.end, self.start * 1000, self.end * 1000
        seconds = lambda column: f"toStartOfInterval(toDateTime({column}), INTERVAL {self.step} second)"
        macros = {
            "timeFilter": lambda column: f"{column} >= toDateTime({start}) AND {column} <= toDateTime({end})",
            "timeFilter_ms": lambda column: (
                f"{column} >= fromUnixTimestamp64Milli({start_ms}) AND {column} <= fromUnixTimestamp64Milli({end_ms})"
            ),
            "timeInterval": seconds,
            "fromTime": lambda: f"toDateTime({start})",
            "toTime": lambda: f"toDateTime({end})",
            "interval_s": lambda: str(self.step),
        }
        for name, function in macros.items():
            text = self.macro(text, name, function)
        left = re.search(r"\$\w+|\$\{", text)
        if left:
            raise Fault(f"unknown variable or macro {left[0]}")
        return text

    def variable(self, match):
        name, form = match[1] or match[3], match[2]
        if name not in self.variables:
            raise Fault(f"unknown variable ${name}")
        if form != "singlequote":
            raise Fault(f"a value of ${name} would not be quoted: write ${{{name}:singlequote}}")
        if name not in self.chosen:
            raise Fault(f"${name} is used outside of $__conditionalAll, so a long list of all values would be sent")
        return ", ".join("'" + value.replace("'", "\\'") + "'" for value in self.chosen[name])

    def conditional(self, condition, variable):
        name = variable.strip().strip("${}")
        if name not in self.variables:
            raise Fault(f"unknown variable ${name}")
        return condition if name in self.chosen else "1=1"

    @staticmethod
    def macro(text, name, function):
        """Replaces a macro, whose arguments may have parentheses."""
        while True:
            match = re.search(rf"\$__{name}(?!\w)", text)
            if not match:
                return text
            end, arguments = match.end(), []
            if text[end : end + 1] == "(":
                depth, begin = 0, end + 1
                for place in range(end, len(text)):
                    depth += {"(": 1, ")": -1}.get(text[place], 0)
                    if depth == 0 or (depth == 1 and text[place] == ","):
                        arguments.append(text[begin:place].strip())
                        begin = place + 1
                    if depth == 0:
                        end = place + 1
                        break
                else:
                    raise Fault(f"$__{name} has no end")
            try:
                value = function(*arguments)
            except TypeError:
                raise Fault(f"$__{name} has {len(arguments)} arguments") from None
            text = text[: match.start()] + value + text[end:]


def expressions(dashboard, chosen, rate_interval, now):
    """The expressions of a dashboard's variables and panels; a fault in one is its member `fault`."""
    replacer = Replacer(dashboard, chosen, rate_interval, now)

    def found(kind, panel, query, text, **more):
        entry = {"kind": kind, "dashboard": dashboard["uid"], "panel": panel, "query": query, **more}
        entry["window"] = (replacer.start, replacer.end, replacer.step)
        try:
            if kind.startswith("promql"):
                entry["expression"] = replacer.promql(text)
            else:
                entry["expression"] = replacer.sql(text)
        except Fault as fault:
            entry.update(expression=text, fault=str(fault))
        return entry

    for variable in dashboard["templating"]["list"]:
        title = f"variable {variable['name']}"
        if variable["datasource"]["type"] == "prometheus":
            yield found("promql-variable", title, "", variable["query"]["query"])
        else:
            yield found("sql-variable", title, "", variable["query"])
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            if "expr" in target:
                more = {"instant": target.get("instant", False), "legend": target.get("legendFormat", "")}
                yield found("promql", panel["title"], target["refId"], target["expr"], **more)
            elif "rawSql" in target:
                entry = found("sql", panel["title"], target["refId"], target["rawSql"])
                is_series = target.get("format") == 0
                if is_series and not re.search(r"\bAS time\b.*\bORDER BY time\b", target["rawSql"], re.DOTALL):
                    entry.setdefault("fault", "a time series needs a column time, and rows in its order")
                yield entry
            else:
                yield {"kind": "unknown", "dashboard": dashboard["uid"], "panel": panel["title"],
                       "query": target.get("refId", ""), "expression": "", "fault": "neither PromQL nor SQL"}


def metrics_of(expression):
    return {match[0] or match[1] for match in METRIC.findall(expression)}


def undocumented(expression, documentation):
    """The metrics of an expression that the documentation does not mention."""
    known = lambda name: f"`{name}`" in documentation or f"`{name}{{" in documentation
    return sorted(name for name in metrics_of(expression) if not known(name) and not known(HISTOGRAM.sub("", name)))


class Prometheus:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.labels = {}

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            try:
                reason = json.load(error)["error"]
            except (ValueError, KeyError):
                reason = str(error)
            raise Fault(reason) from None

    def labels_of(self, metric, window):
        """The names of a metric's labels; none if Prometheus has no series of it."""
        if metric not in self.labels:
            series = self.get("series", **{"match[]": metric, "start": window[0], "end": window[1]})
            self.labels[metric] = {label for labels in series for label in labels}
        return self.labels[metric]

    def check_labels(self, expression, window):
        """Whether all metrics are known; a label that none of them has is a fault."""
        known = [self.labels_of(metric, window) for metric in sorted(metrics_of(expression))]
        if not all(known):
            return False
        names = set(MATCHER.findall(expression))
        for group in GROUPING.findall(expression):
            names.update(name.strip() for name in group.split(",") if name.strip())
        wrong = sorted(names - set().union(*known))
        if wrong:
            raise Fault(f"no metric of the expression has a label {', '.join(wrong)}")
        return True

    def run(self, entry):
        """Whether the expression returns data."""
        expression, (start, end, step) = entry["expression"], entry["window"]
        if entry["kind"] == "promql-variable":
            return self.variable(expression, entry["window"])
        if entry["instant"]:
            answer = self.get("query", query=expression, time=end)
        else:
            answer = self.get("query_range", query=expression, start=start, end=end, step=step)
        is_known = self.check_labels(expression, entry["window"])
        if answer["resultType"] not in ("matrix", "vector"):
            raise Fault(f"a {answer['resultType']} is returned")
        samples = [value for series in answer["result"] for _, value in series.get("values", [series.get("value")])]
        has_data = any(value != "NaN" for value in samples)
        if has_data:
            for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", entry["legend"]):
                if not any(label in series["metric"] for series in answer["result"]):
                    raise Fault(f"the legend has the label {label}, the answer has not")
        return has_data and is_known

    def variable(self, expression, window):
        match = re.fullmatch(r"label_values\((?:(.*),\s*)?(\w+)\)", expression, re.DOTALL)
        if not match:
            raise Fault("only label_values is understood")
        self.check_labels(match[1], window)
        limits = {"match[]": match[1], "start": window[0], "end": window[1]}
        return bool(self.get(f"label/{match[2]}/values", **limits))


class ClickHouse:
    def __init__(self, command):
        self.command = shlex.split(command)

    def run(self, entry):
        """Whether the statement returns a row that is not only NULL."""
        statement = f"{entry['expression']}\nFORMAT JSONCompactEachRow\n"
        done = subprocess.run(self.command, input=statement, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}"
            # In one line: a client's first one has the code, or the server's name.
            raise Fault(" ".join(said.split("Stack trace")[0].split()))
        return any(value is not None for line in done.stdout.splitlines() if line for value in json.loads(line))


def read_exceptions(path):
    """The panels that may be empty, as pairs of dashboard and panel, from lines `dashboard | panel | reason`."""
    panels = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 3 or not all(parts):
            sys.exit(f"{path.name}:{number}: not 'dashboard | panel | reason'")
        panels.add((parts[0], parts[1]))
    return panels


def arguments():
    parser = argparse.ArgumentParser(description="Lists the expressions of the dashboards, or runs all of them.")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="dashboards (default: those of this repository)")
    parser.add_argument("--prometheus", metavar="URL", help="run PromQL there")
    parser.add_argument("--clickhouse-command", metavar="CMD", help="run SQL with this command, from standard input")
    parser.add_argument("--require-data", action="store_true", help="fail if an expression returns nothing")
    parser.add_argument("--may-be-empty", metavar="FILE", type=pathlib.Path, default=HERE / "may-be-empty.txt")
    parser.add_argument("--documentation", metavar="FILE", type=pathlib.Path,
                        default=HERE.parents[2] / "docs" / "operations.md", help="names all metrics")
    parser.add_argument("--rate-interval", metavar="TIME", default="1m", help="replaces $__rate_interval")
    parser.add_argument("--variable", metavar="NAME=VALUE", action="append", default=[],
                        help="value of a variable, several times for several values (default: All)")
    return parser.parse_args()


def main():
    options = arguments()
    chosen = {}
    for pair in options.variable:
        name, equals, value = pair.partition("=")
        if not equals:
            sys.exit(f"{pair}: not NAME=VALUE")
        chosen.setdefault(name, []).append(value)
    files = options.files or sorted((HERE.parent / "dashboards").glob("*.json"))
    if not files:
        sys.exit("no dashboards")
    documentation = options.documentation.read_text(encoding="utf-8")
    now = int(time.time())
    entries, panels, names = [], set(), set()
    for file in files:
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        names.add(dashboard["uid"])
        panels.update((dashboard["uid"], panel["title"]) for panel in dashboard["panels"])
        entries.extend(expressions(dashboard, chosen, options.rate_interval, now))
    exceptions = read_exceptions(options.may_be_empty)
    failures = [f"{options.may_be_empty.name}: {dashboard} has no panel '{panel}'"
                for dashboard, panel in sorted(exceptions - panels) if dashboard in names]

    servers = {}
    if options.prometheus:
        servers["promql"] = Prometheus(options.prometheus)
    if options.clickhouse_command:
        servers["sql"] = ClickHouse(options.clickhouse_command)
    ran = empty = 0
    for entry in entries:
        where = " / ".join(part for part in (entry["dashboard"], entry["panel"], entry["query"]) if part)
        language = entry["kind"].split("-")[0]
        if not servers:
            print(json.dumps({key: entry[key] for key in ("kind", "dashboard", "panel", "query", "expression")},
                             ensure_ascii=False))
        if language == "promql" and "fault" not in entry:
            unknown = undocumented(entry["expression"], documentation)
            if unknown:
                entry["fault"] = f"{', '.join(unknown)} is not in {options.documentation.name}"
        if "fault" in entry:
            failures.append(f"{where}: {entry['fault']}")
            continue
        if language not in servers:
            continue
        ran += 1
        try:
            has_data = servers[language].run(entry)
        except (Fault, OSError, ValueError, subprocess.TimeoutExpired) as error:
            failures.append(f"{where}: {error}")
            continue
        if has_data:
            continue
        empty += 1
        is_allowed = (entry["dashboard"], entry["panel"]) in exceptions
        print(f"no data{' (may be empty)' if is_allowed else ''}: {where}")
        if options.require_data and not is_allowed:
            failures.append(f"{where}: returns nothing, and {options.may_be_empty.name} does not list its panel")
    for failure in failures:
        print(failure, file=sys.stderr)
    if servers:
        print(f"{ran} of {len(entries)} expressions run, {len(failures)} failures, {empty} without data")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
