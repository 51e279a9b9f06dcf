"""The Python service that this program replaces, as far as it matters to its successor: aiokafka, pydantic 1, a table.

Its only argument is JSON: where Kafka is, the group and the topics, how many `records` to read, and

- `write`: how the payload writes times, "str" or "iso", or "bare" for a payload without what the service adds;
- `zone`, if its clock is not UTC's;
- `end`: "clean"; "stored" if it dies after it has stored its last batch and before it commits; "committed" if it has
  committed its last batch and dies before it stores it; or "stay" to remain a member until its standard input ends.

It prints what it stores, a row as a line of JSON, and at last what it has read of each partition.
"""

import asyncio
import datetime
import json
import os
import sys
import time
import uuid
from typing import Any, Dict, Optional

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from pydantic import BaseModel, Field

BATCH_SIZE = 500


class BaseEvent(BaseModel):
    event_id: uuid.UUID
    tenant_id: str
    timestamp: datetime.datetime
    event_type: str
    metadata: Optional[Dict[str, Any]] = None


class CallEvent(BaseEvent):
    event_type: str = Field("call", const=True)
    call_id: str
    agent_id: Optional[str] = None
    customer_id: Optional[str] = None
    transcript: Optional[str] = None
    duration_ms: Optional[int] = None
    call_quality: Optional[Dict[str, Any]] = None


class AgentActionEvent(BaseEvent):
    event_type: str = Field("agent_action", const=True)
    action: str
    agent_id: str
    target_id: Optional[str] = None


class ToolInvocationEvent(BaseEvent):
    event_type: str = Field("tool_invocation", const=True)
    tool_name: str
    duration_ms: Optional[int] = None
    success: Optional[bool] = None


class QoSMetricEvent(BaseEvent):
    event_type: str = Field("qos_metric", const=True)
    metric_name: str
    value: float
    tags: Optional[Dict[str, str]] = None


CLASSES = {
    "call": CallEvent,
    "agent_action": AgentActionEvent,
    "tool_invocation": ToolInvocationEvent,
    "qos_metric": QoSMetricEvent,
}


def annotate(event):
    """Keywords, as in the service."""
    words = set((event.get("transcript") or "").lower().split())
    good, bad = len(words & {"good", "great", "thanks"}), len(words & {"bad", "broken", "problem"})
    event["sentiment"] = (good - bad) / (good + bad) if good + bad else (0.0 if words else None)
    event["topic"] = "billing" if "bill" in words else None
    event["processed_at"] = datetime.datetime.now(datetime.timezone.utc)


def column(time):
    """A time in a column DateTime64(3), computed as clickhouse-connect does."""
    ticks = ((int(time.timestamp()) * 1000000 + time.microsecond) * 1000) // 1000000
    return f"{ticks // 1000}.{ticks % 1000:03}"


def row(event, write):
    added = ("sentiment", "topic", "processed_at")
    kept = {name: value for name, value in event.items() if write != "bare" or name not in (*added, "timestamp")}
    default = (lambda value: value.isoformat() if hasattr(value, "isoformat") else str(value)) if write == "iso" else str
    return {
        "event_id": str(event["event_id"]),
        "tenant_id": event["tenant_id"],
        "event_type": event["event_type"],
        "ts": column(event["timestamp"]),
        "payload": json.dumps(kept, default=default),
        "sentiment": event["sentiment"],
        "topic": event["topic"],
        "processed_at": column(event["processed_at"]),
    }


class Service:
    def __init__(self, wish):
        self.wish = wish
        self.read = {}

    async def run(self):
        self.consumer = AIOKafkaConsumer(
            *wish["topics"],
            bootstrap_servers=wish["bootstrap"],
            group_id=wish["group"],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            value_deserializer=lambda value: value.decode("utf-8"),
        )
        await self.consumer.start()
        left, batch = self.wish["records"], []
        while left > 0:
            message = await self.consumer.getone()
            left -= 1
            partition = TopicPartition(message.topic, message.partition)
            self.read[f"{message.topic}/{message.partition}"] = message.offset + 1
            try:
                data = json.loads(message.value)
                event = CLASSES.get(data.get("event_type"), BaseEvent).parse_obj(data).dict()
            except Exception:
                continue
            batch.append((partition, message.offset, event))
            if len(batch) >= BATCH_SIZE and left > 0:
                self.store(batch)
                await self.commit(batch)
                batch = []
        end = self.wish["end"]
        if end != "committed":
            self.store(batch)
        if end != "stored":
            await self.commit(batch)
        print(json.dumps({"read": self.read}), flush=True)
        if end == "stay":
            # Its heartbeats go on meanwhile.
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        if end in ("stored", "committed"):
            # The group learns of a death only when the session ends, so it leaves, without committing anything.
            await self.consumer.stop()
            os._exit(0)
        await self.consumer.stop()

    def store(self, batch):
        for _, _, event in batch:
            annotate(event)
            print(json.dumps(row(event, self.wish["write"])))

    async def commit(self, batch):
        offsets = {}
        for partition, offset, _ in batch:
            offsets[partition] = max(offset + 1, offsets.get(partition, 0))
        if offsets:
            await self.consumer.commit(offsets)


if __name__ == "__main__":
    wish = json.loads(sys.argv[1])
    os.environ["TZ"] = wish.get("zone", "UTC")
    time.tzset()
    asyncio.run(Service(wish).run())
