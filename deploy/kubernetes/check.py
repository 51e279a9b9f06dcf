#!/usr/bin/env python3
"""Checks the manifests and the chart, without a cluster and without a network.

Renders both overlays, the optional components and the chart, and checks that

- Kubernetes 1.29 and 1.37 accept every object (kubernetes-validate, kubeconform),
- the objects follow what kube-score recommends,
- the custom resources are valid (the models of cloudcoil),
- the settings are known to the programs, and fit the ports, volumes and periods around them,
- the chart gives the objects of the overlay for production,
- the queries of the autoscalers are valid, and that of KEDA gives what its comment says (promtool).

Every check is also given something broken, which it must refuse. Ends with status 1 at the first failure.

    pip install PyYAML kubernetes-validate==1.37.0 cloudcoil-models-keda cloudcoil-models-prometheus-operator
    deploy/kubernetes/check.py

The variables KUSTOMIZE (default: kubectl kustomize), HELM, KUBECONFORM, KUBE_SCORE and PROMTOOL name the tools.
VOC_PROCESSOR and VOC_QUERY name the programs, whose help lists their settings; without them the sources do. Without
PROMTOOL, and without a promtool in PATH, the queries are not checked.
"""

import copy
import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import kubernetes_validate
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from cloudcoil.models.prometheus_operator.v1 import ServiceMonitor

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CHART = HERE.parent / "helm" / "voc"
VERSIONS = ("1.29", "1.37")
CUSTOM = {"ScaledObject": ScaledObject, "ServiceMonitor": ServiceMonitor}
PROGRAMS = {"voc-processor": "voc-processor", "migrations": "voc-processor", "voc-migrate": "voc-processor",
            "voc-query": "voc-query"}
# The images have fixed versions, which a node need not look up again.
NOT_RECOMMENDED = ["container-image-pull-policy"]
# One pod of each service is the point of the one, nothing optional that of the other.
NOT_RECOMMENDED_FOR = {"overlays/dev": ["deployment-replicas"],
                       "the chart without anything optional": ["pod-networkpolicy"]}


class Failure(Exception):
    """A check failed."""


def tool(variable, default):
    return shlex.split(os.environ.get(variable, default))


def run(command, **options):
    try:
        ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    if ran.returncode != 0:
        raise Failure(f"{shlex.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def passed(text):
    print(f"ok   {text}", flush=True)


def refused(what, check, *arguments):
    """Checks that a check fails."""
    try:
        check(*arguments)
    except Failure:
        passed(f"     refused: {what}")
        return
    raise Failure(f"accepted, although it is broken: {what}")


# What is checked.

def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def kustomize(folder):
    return documents(run([*tool("KUSTOMIZE", "kubectl kustomize"), folder]))


def helm(*options):
    return documents(run([*tool("HELM", "helm"), "template", "voc", CHART, "--namespace", "voc", *options]))


def kustomize_with_components(work):
    """The overlay for production with the other autoscaler, and with the monitor."""
    text = (HERE / "overlays" / "production" / "kustomization.yaml").read_text()
    text = text.replace("  - ../../components/hpa\n", "  - ../../components/keda\n")
    text = text.replace("  # - ../../components/service-monitor\n", "  - ../../components/service-monitor\n")
    folder = work / "components"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(text.replace("../../", os.path.relpath(HERE, folder.resolve()) + "/"))
    return kustomize(folder)


def render(work):
    keda = ["--set", "autoscaling.kind=keda,serviceMonitor.enabled=true"]
    bare = ["--set", "autoscaling.kind=none,migrate.enabled=false,networkPolicy.enabled=false"]
    return {
        "overlays/production": kustomize(HERE / "overlays" / "production"),
        "overlays/production with KEDA and a ServiceMonitor": kustomize_with_components(work),
        "overlays/dev": kustomize(HERE / "overlays" / "dev"),
        "secrets.example.yaml": documents((HERE / "secrets.example.yaml").read_text()),
        "the chart": helm(),
        "the chart with KEDA and a ServiceMonitor": helm(*keda),
        "the chart without anything optional": helm(*bare),
    }


def find(objects, kind, name="voc-processor"):
    return next(item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name)


def changed(objects, change, kind="StatefulSet"):
    """A copy of the objects, of which one is changed."""
    objects = copy.deepcopy(objects)
    change(find(objects, kind))
    return objects


def container(item):
    return item["spec"]["template"]["spec"]["containers"][0]


# Schemas.


def built_in(objects):
    return [item for item in objects if item["kind"] not in CUSTOM]


def check_kubernetes_validate(objects, version):
    for item in built_in(objects):
        try:
            kubernetes_validate.validate(item, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            raise Failure(f"{item['kind']} {item['metadata']['name']} with {version}: {error.message}") from error


def write_schemas(work, version, objects):
    """The schemas of kubernetes-validate, in the form that kubeconform reads: each with what it refers to."""
    source = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    folder = work / f"schemas-{version}"
    folder.mkdir()

    def read(name):
        text = (source / f"{name}.json").read_text()
        text = text.replace('"/api/_definitions.json#/$defs/', '"#/definitions/')
        return json.loads(text.replace('"#/$defs/', '"#/definitions/'))

    definitions = read("_definitions")["$defs"]
    for item in built_in(objects):
        group, _, version_of_group = item["apiVersion"].rpartition("/")
        parts = [item["kind"].lower(), *([group.split(".")[0]] if group else []), version_of_group]
        name = "-".join(parts)
        (folder / f"{name}.json").write_text(json.dumps({**read(name), "definitions": definitions}))
    return folder


def check_kubeconform(objects, version, schemas):
    location = f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    command = [*tool("KUBECONFORM", "kubeconform"), "-strict", "-n", "1", "-kubernetes-version", f"{version}.0",
               "-schema-location", location, "-"]
    run(command, input=yaml.safe_dump_all(built_in(objects)))


def check_kube_score(objects, ignored=()):
    ignore = [option for test in [*NOT_RECOMMENDED, *ignored] for option in ("--ignore-test", test)]
    command = [*tool("KUBE_SCORE", "kube-score"), "score", "--kubernetes-version", "v1.29", "--exit-one-on-warning",
               "--output-format", "ci", *ignore, "-"]
    run(command, input=yaml.safe_dump_all(built_in(objects)))


def check_custom(objects):
    for item in objects:
        if item["kind"] not in CUSTOM:
            continue
        try:
            model = CUSTOM[item["kind"]].model_validate(item)
        except ValueError as error:
            raise Failure(f"{item['kind']} {item['metadata']['name']}: {error}") from error
        # The models ignore what they do not know.
        if model.model_dump(mode="json", by_alias=True, exclude_unset=True) != item:
            raise Failure(f"{item['kind']} {item['metadata']['name']} has fields that its definition does not know")


# Settings.


def known_settings(program):
    """The variables that a program reads, and whether its own help says so."""
    binary = os.environ.get(program.upper().replace("-", "_"))
    if binary:
        text = " ".join(run([binary, "--help"]).split())
        listed = re.findall(r"\[env: ([A-Z0-9_, ]+)\]", text)
        return {name for names in listed for name in names.split(", ")}, binary
    folders = [REPOSITORY / "bins" / program / "src" / "config", REPOSITORY / "crates/voc-service/src/config"]
    text = " ".join(file.read_text() for folder in folders for file in sorted(folder.rglob("*.rs")))
    lists = re.findall(r'&\[((?:\s*"[A-Z][A-Z0-9_]*",?)+)\s*\]', text)
    return {name for names in lists for name in re.findall(r'"([A-Z0-9_]+)"', names)}, "its sources"


def settings_of(objects, part):
    """The variables of a container, with their values as far as the objects have them."""
    maps = {item["metadata"]["name"]: item["data"] for item in objects if item["kind"] == "ConfigMap"}
    settings = {}
    for source in part.get("envFrom", []):
        name = source["configMapRef"]["name"]
        if name not in maps:
            raise Failure(f"container {part['name']} has settings of {name}, which does not exist")
        settings.update(maps[name])
    settings.update({variable["name"]: variable.get("value") for variable in part.get("env", [])})
    return settings


def workloads(objects):
    for item in objects:
        if item["kind"] in ("Deployment", "StatefulSet", "Job"):
            pod = item["spec"]["template"]["spec"]
            for part in [*pod.get("initContainers", []), *pod["containers"]]:
                yield item, pod, part


def check_settings(objects, known):
    for item, _, part in workloads(objects):
        unknown = set(settings_of(objects, part)) - known[PROGRAMS[part["name"]]]
        if unknown:
            raise Failure(f"{PROGRAMS[part['name']]} does not know {', '.join(sorted(unknown))}")


def check_consistency(objects):
    """What no schema knows: that settings and the objects around them fit."""
    for item, pod, part in workloads(objects):
        settings = settings_of(objects, part)
        where = f"{item['kind']} {item['metadata']['name']}, container {part['name']}"
        mounts = {mount["mountPath"]: mount for mount in part["volumeMounts"]}
        volumes = {volume["name"] for volume in pod["volumes"]}
        if {mount["name"] for mount in mounts.values()} - volumes:
            raise Failure(f"{where}: a mounted volume is missing")
        for name, value in settings.items():
            is_path = name.endswith(("_FILE", "_LOCATION")) and value
            if is_path and str(Path(value).parent) not in mounts:
                raise Failure(f"{where}: {name} is {value}, and nothing is mounted there")
        for name, value in settings.items():
            if name.endswith(("_PASSWORD", "_TOKEN", "_SECRET", "_API_KEY")) and value:
                raise Failure(f"{where}: the secret {name} is no file")
        if item["kind"] == "Job" or part in pod.get("initContainers", []):
            continue
        ports = [port["containerPort"] for port in part["ports"]]
        if ports != [int(settings["HTTP_PORT"])] or settings["HTTP_HOST"] != "0.0.0.0":
            raise Failure(f"{where}: the port is {ports}, the program listens elsewhere")
        if pod["terminationGracePeriodSeconds"] <= float(settings["VOC_SHUTDOWN_SECONDS"]):
            raise Failure(f"{where}: it would be killed before VOC_SHUTDOWN_SECONDS are over")
        data = settings.get("VOC_DATA_DIR")
        if data and (data not in mounts or mounts[data].get("readOnly")):
            raise Failure(f"{where}: VOC_DATA_DIR is {data}, which cannot be written to")
        if part["name"] == "voc-query" and not any(
            settings.get(name) for name in ("VOC_API_KEYS_FILE", "VOC_JWT_SECRET_FILE", "VOC_JWT_PUBLIC_KEY_FILE",
                                            "VOC_JWT_JWKS")
        ):
            raise Failure(f"{where}: without credentials it does not listen on other addresses than 127.0.0.1")


def has_config_check(binary):
    return re.search(r"^\s+config\s", run([binary, "--help"]), re.MULTILINE)


def check_configuration(objects, binary, program, work):
    """Lets the program itself check the settings of its containers."""
    folder = work / "etc"
    folder.mkdir(exist_ok=True)
    for name in ("keys.json", "CLICKHOUSE_PASSWORD"):
        (folder / name).write_text('{"keys": []}')
    for _, _, part in workloads(objects):
        if part["name"] == program:
            # A value that comes from a Secret or the pod is not in the objects.
            settings = {name: "x" if value is None else re.sub(r"^/etc/voc/\w+", str(folder), value)
                        for name, value in settings_of(objects, part).items()}
            run([binary, "config", "check"], env=settings)


# The chart and the overlay.


OF_HELM = ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "app.kubernetes.io/version",
           "checksum/config")


def without(value, names):
    if isinstance(value, dict):
        return {key: without(member, names) for key, member in value.items() if key not in names}
    if isinstance(value, list):
        return [without(member, names) for member in value]
    return value


def comparable(objects, hashed):
    """The objects by kind and name, without what kustomize and Helm add: namespaces, labels, hashes at names' ends."""
    text = json.dumps(without(objects, ("namespace", *OF_HELM)))
    for item in objects:
        if item["kind"] in hashed:
            name = item["metadata"]["name"]
            text = text.replace(f'"{name}"', f'"{name.rpartition("-")[0]}"')
    objects = json.loads(text)
    return {f"{item['kind']} {item['metadata']['name']}": item for item in objects}


def check_same(overlay, chart):
    overlay, chart = comparable(overlay, ("ConfigMap", "Secret")), comparable(chart, ("Job",))
    left, right = (yaml.safe_dump(side, sort_keys=True).splitlines() for side in (overlay, chart))
    differences = list(difflib.unified_diff(left, right, "overlay", "chart", lineterm=""))
    if differences:
        raise Failure("\n".join(differences))
    return len(overlay)


# Queries.


def scaling_query(objects):
    return find(objects, "ScaledObject")["spec"]["triggers"][0]["metadata"]["query"]


def adapter_query():
    rule = yaml.safe_load((HERE / "components" / "hpa" / "prometheus-adapter.yaml").read_text())["rules"][0]
    query = rule["metricsQuery"].replace("<<.Series>>", rule["name"]["as"])
    return query.replace("<<.LabelMatchers>>", 'namespace="voc",pod=~"voc-processor-0"').replace("<<.GroupBy>>", "pod")


def check_query(query, work):
    file = work / "rule.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [{"record": "r", "expr": query}]}]}))
    run([*tool("PROMTOOL", "promtool"), "check", "rules", file])


def check_answers(query, cases, work):
    """Checks what a query answers after ten minutes; a case is a list of series with their changes in 30 s, and the
    answer."""
    tests = []
    for series, answer in cases:
        input_series = [{"series": name, "values": f"{start}+{step}x20"} for name, start, step in series]
        samples = [] if answer is None else [{"value": answer}]
        tests.append({"interval": "30s", "input_series": input_series,
                      "promql_expr_test": [{"expr": query, "eval_time": "10m", "exp_samples": samples}]})
    file = work / "queries.yaml"
    file.write_text(yaml.safe_dump({"tests": tests}))
    run([*tool("PROMTOOL", "promtool"), "test", "rules", file])


def scaling_cases():
    """Cases of two partitions and 100 records per second: name, records behind per partition, seconds of delivering
    per second, failures of the store per second, and the factor."""
    cases = [
        ("without a backlog: as few pods as allowed", 0, 0.1, 0, 0),
        ("with half of the acceptable backlog: half of the pods", 1500, 0.1, 0, 0.5),
        ("with ten times of it, an idle store: ten times as many", 30000, 0, 0, 10),
        ("with ten times of it, half of the partitions delivering: five and a half times", 30000, 1, 0, 5.5),
        ("with ten times of it, all partitions delivering: the pods stay", 30000, 2, 0, 1),
        ("with ten times of it, a store that does not answer: the pods stay", 30000, 0, 1, 1),
    ]
    for name, behind, delivering, failures, factor in cases:
        labels = 'namespace="voc",pod="voc-processor-0",family="voc"'
        series = [
            (f'voc_consumer_lag{{{labels},topic="voc.events",partition="0"}}', behind, 0),
            (f'voc_consumer_lag{{{labels},topic="voc.events",partition="1"}}', behind, 0),
            # What the former owner of a partition still shows.
            ('voc_consumer_lag{namespace="voc",pod="voc-processor-1",family="voc",topic="voc.events",partition="0"}',
             0, 0),
            (f"voc_events_consumed_total{{{labels}}}", 0, 3000),
            (f"voc_batch_process_seconds_sum{{{labels}}}", 0, 30 * delivering),
            (f'voc_processing_errors_total{{{labels},error_type="store_unavailable"}}', 0, 30 * failures),
        ]
        yield name, series, factor


# All of it.


def check_objects(renders, work):
    everything = [item for objects in renders.values() for item in objects]
    production = renders["overlays/production"]
    unknown_field = changed(production, lambda item: item["spec"].update(replica=2))
    wrong_type = changed(production, lambda item: container(item)["ports"][0].update(containerPort="http"))
    for version in VERSIONS:
        schemas = write_schemas(work, version, everything)
        for name, objects in renders.items():
            check_kubernetes_validate(objects, version)
            check_kubeconform(objects, version, schemas)
            passed(f"Kubernetes {version} accepts {name}: {len(built_in(objects))} objects")
        for what, objects in (("an unknown field", unknown_field), ("a port that is a text", wrong_type)):
            refused(f"{what} (kubernetes-validate, {version})", check_kubernetes_validate, objects, version)
            refused(f"{what} (kubeconform, {version})", check_kubeconform, objects, version, schemas)
    for name, objects in renders.items():
        check_kube_score(objects, NOT_RECOMMENDED_FOR.get(name, ()))
        passed(f"kube-score has nothing against {name}")
    root = changed(production, lambda item: item["spec"]["template"]["spec"].pop("securityContext"))
    unlimited = changed(production, lambda item: container(item)["resources"].pop("limits"))
    refused("a pod without the id of a user (kube-score)", check_kube_score, root)
    refused("a container without limits (kube-score)", check_kube_score, unlimited)


def check_custom_resources(renders):
    for name, objects in renders.items():
        check_custom(objects)
        kinds = [item["kind"] for item in objects if item["kind"] in CUSTOM]
        if kinds:
            passed(f"the custom resources of {name} are valid: {', '.join(kinds)}")
    objects = renders["the chart with KEDA and a ServiceMonitor"]
    no_target = changed(objects, lambda item: item["spec"].pop("scaleTargetRef"), "ScaledObject")
    unknown = changed(objects, lambda item: item["spec"].update(minReplicas=2), "ScaledObject")
    refused("a ScaledObject without a target", check_custom, no_target)
    refused("a ScaledObject with an unknown field", check_custom, unknown)
    monitor = copy.deepcopy(objects)
    find(monitor, "ServiceMonitor", "voc")["spec"]["endpoints"][0]["intervall"] = "30s"
    refused("a ServiceMonitor with an unknown field", check_custom, monitor)


def check_all_settings(renders, work):
    known = {}
    for program in ("voc-processor", "voc-query"):
        known[program], source = known_settings(program)
        passed(f"{program} has {len(known[program])} settings, says {source}")
    for name, objects in renders.items():
        check_settings(objects, known)
        check_consistency(objects)
    passed("the settings of all containers are known, and fit their ports, volumes and periods")
    production = renders["overlays/production"]
    misspelt = changed(production, lambda item: container(item)["env"].append({"name": "VOC_FAMILYS", "value": "voc"}))
    hasty = changed(
        production, lambda item: item["spec"]["template"]["spec"].update(terminationGracePeriodSeconds=30)
    )
    read_only = changed(production, lambda item: container(item)["volumeMounts"].pop())
    refused("a misspelt setting", check_settings, misspelt, known)
    refused("a period of grace that is too short", check_consistency, hasty)
    refused("a data directory without a volume", check_consistency, read_only)
    for program in ("voc-processor", "voc-query"):
        binary = os.environ.get(program.upper().replace("-", "_"))
        if not binary or not has_config_check(binary):
            print(f"skip {program} does not check its settings itself: its path is not given, or it cannot")
            continue
        for name, objects in renders.items():
            check_configuration(objects, binary, program, work)
        passed(f"{program} accepts its settings")
        kind = "StatefulSet" if program == "voc-processor" else "Deployment"
        broken = copy.deepcopy(production)
        container(find(broken, kind, program))["env"].append({"name": "CLICKHOUSE_PORT", "value": "8123"})
        refused(f"the port of HTTP for ClickHouse ({program})", check_configuration, broken, binary, program, work)


def check_chart(renders):
    run([*tool("HELM", "helm"), "lint", "--strict", CHART])
    passed("helm lint has nothing against the chart")
    refused("an autoscaler that does not exist (values.schema.json)", helm, "--set", "autoscaling.kind=vpa")
    refused("an unknown value (values.schema.json)", helm, "--set", "processor.replicaCount=3")
    refused("a password among the settings (values.schema.json)", helm, "--set",
            "processor.config.CLICKHOUSE_PASSWORD=placeholder")
    for extra in ("", " with KEDA and a ServiceMonitor"):
        overlay, chart = renders[f"overlays/production{extra}"], renders[f"the chart{extra}"]
        passed(f"the chart gives the {check_same(overlay, chart)} objects of overlays/production{extra}")
    different = changed(renders["the chart"], lambda item: container(item)["resources"]["limits"].update(memory="1Gi"))
    refused("a chart with another limit of memory", check_same, renders["overlays/production"], different)


def check_queries(renders, work):
    if "PROMTOOL" not in os.environ and not shutil.which("promtool"):
        print("skip the queries of the autoscalers: there is no promtool")
        return
    query = scaling_query(renders["the chart with KEDA and a ServiceMonitor"])
    check_query(query, work)
    check_query(adapter_query(), work)
    passed("the queries of the autoscalers are valid")
    refused("a query without its last parenthesis", check_query, query.rstrip(" \n)"), work)
    cases = list(scaling_cases())
    for name, series, factor in cases:
        check_answers(query, [(series, factor)], work)
        passed(f"KEDA's query, {name}")
    _, series, _ = cases[-1]
    refused("another answer to it", check_answers, query, [(series, 2)], work)
    check_answers(adapter_query(), [([], None)], work)
    of_pod = [(f'voc_consumer_lag{{namespace="voc",pod="voc-processor-0",partition="{number}"}}', 700, 0)
              for number in range(2)]
    check_answers(f"sum({adapter_query()})", [(of_pod, 1400)], work)
    passed("the adapter's query sums the partitions of a pod")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        try:
            renders = render(work)
            check_objects(renders, work)
            check_custom_resources(renders)
            check_all_settings(renders, work)
            check_chart(renders)
            check_queries(renders, work)
        except Failure as failure:
            print(f"FAIL {failure}", file=sys.stderr)
            return 1
    print("all checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
