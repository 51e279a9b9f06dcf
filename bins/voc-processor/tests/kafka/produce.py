"""Sends events of a chip factory by Confluent's own client, through a schema registry.

Its only argument is JSON: where Kafka and the registry are, the topics, and how many events of which numbers to send.
It prints as JSON what was sent.
"""

import datetime
import json
import sys
import uuid

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

START = datetime.datetime(2026, 2, 2, 12, tzinfo=datetime.timezone.utc)


def inspection_schema(revision):
    """What inspections are written with; each revision is a schema of its own."""
    optional = lambda name, of_type: {"name": name, "type": ["null", of_type], "default": None}
    defect = {
        "type": "record",
        "name": "Finding",
        "fields": [
            {"name": "severity", "type": {"type": "enum", "name": "Severity", "symbols": ["minor", "major"]}},
            {"name": "defect_type", "type": "string"},
        ],
    }
    return {
        "type": "record",
        "name": "Inspection",
        "namespace": "com.fab",
        "fields": [
            {"name": "inspection_id", "type": "string"},
            {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}},
            {"name": "timestamp", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "event_type", "type": "string"},
            optional("batch_id", "string"),
            optional("quality_score", "double"),
            {"name": "defects", "type": {"type": "array", "items": defect}, "default": []},
            {"name": "metadata", "type": {"type": "map", "values": "string"}, "default": {}},
            optional(f"revision_{revision}", "int"),
        ],
    }


def inspection(number):
    event = {
        "inspection_id": f"i-{number}",
        "event_id": str(uuid.UUID(int=number)),
        "timestamp": START + datetime.timedelta(milliseconds=number, microseconds=250),
        "metadata": {"line": f"L{number % 3}"},
        "batch_id": f"b-{number // 10}",
    }
    if number % 2:
        return event | {"event_type": "INSPECTION_STARTED"}
    defects = [{"severity": "major", "defect_type": "crack"}, {"severity": "minor", "defect_type": "scratch"}]
    completed = {"event_type": "INSPECTION_COMPLETED", "quality_score": number / 1024}
    return event | completed | {"defects": defects[: number % 3]}


BATCH = {
    "type": "record",
    "name": "Batch",
    "namespace": "com.fab.mes",
    "fields": [
        {"name": "kind", "aliases": ["type"], "type": "string"},
        {"name": "event_type", "type": {"type": "enum", "name": "Type", "symbols": ["LOT_CREATED", "BATCH_COMPLETED"]}},
        {"name": "quality_score", "type": ["int", "null"], "default": 0},
        {"name": "batch_id", "type": "string"},
        {"name": "timestamp", "type": "string"},
    ],
}


def batch(number):
    return {
        "kind": "of the producer's own",
        "event_type": ["LOT_CREATED", "BATCH_COMPLETED"][number % 2],
        "quality_score": number % 2 or None,
        "batch_id": f"b-{number}",
        "timestamp": (START + datetime.timedelta(milliseconds=number)).isoformat(),
    }


def service_message():
    """The class of a message as protoc would declare it, the second one of its file."""
    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="fab/service.proto", package="fab", syntax="proto3")
    file.dependency.append(timestamp_pb2.DESCRIPTOR.name)
    unused = file.message_type.add(name="Unused")
    unused.field.add(name="a", number=1, type=kind.TYPE_INT32, label=kind.LABEL_OPTIONAL)
    message = file.message_type.add(name="Service")
    for number, name in enumerate(["service_name", "event_type", "service_version"], 1):
        message.field.add(name=name, number=number, type=kind.TYPE_STRING, label=kind.LABEL_OPTIONAL)
    time = {"type": kind.TYPE_MESSAGE, "type_name": ".google.protobuf.Timestamp", "label": kind.LABEL_OPTIONAL}
    message.field.add(name="timestamp", number=5, **time)
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("fab.Service"))


def service(message, number):
    event = message(service_name=f"s-{number}", event_type=["SERVICE_STARTED", "HEALTH_CHECK"][number % 2])
    event.timestamp.FromDatetime(START + datetime.timedelta(milliseconds=number))
    return event


def plain(number):
    time = (START + datetime.timedelta(milliseconds=number)).isoformat()
    return {"event_type": "INSPECTION_FAILED", "timestamp": time, "inspection_id": f"p-{number}"}


def main():
    wish = json.loads(sys.argv[1])
    registry = SchemaRegistryClient({"url": wish["registry"]})
    producer = Producer({"bootstrap.servers": wish["bootstrap"], "linger.ms": 5})
    failures, types, scores = [], {}, 0.0

    def send(topic, value, event_type):
        producer.produce(topic, value, on_delivery=lambda error, _: error and failures.append(str(error)))
        producer.poll(0)
        types[event_type] = types.get(event_type, 0) + 1

    topics, first, last = wish["topics"], wish["first"], wish["first"] + wish["events"]
    inspections = AvroSerializer(registry, json.dumps(inspection_schema(wish.get("revision", 0))))
    batches = AvroSerializer(registry, json.dumps(BATCH))
    message = service_message()
    services = ProtobufSerializer(message, registry)
    context = {topic: SerializationContext(topic, MessageField.VALUE) for topic in topics.values()}
    for number in range(first, last):
        if number % 2 == 0 or "manufacturing" not in topics:
            topic, event = topics["inspection"], inspection(number)
            send(topic, inspections(event, context[topic]), event["event_type"])
            scores += event.get("quality_score", 0)
        else:
            topic, event = topics["manufacturing"], batch(number)
            send(topic, batches(event, context[topic]), event["event_type"])
            scores += event["quality_score"] or 0
    for number in range(first, first + wish.get("services", 0)):
        topic, event = topics["system"], service(message, number)
        send(topic, services(event, context[topic]), event.event_type)
    for number in range(first, first + wish.get("plain", 0)):
        send(topics["inspection"], json.dumps(plain(number)).encode(), "INSPECTION_FAILED")
    producer.flush(60)
    if failures or len(producer):
        sys.exit(f"not delivered: {len(producer)} {failures[:3]}")
    print(json.dumps({"types": types, "scores": scores}))


main()
