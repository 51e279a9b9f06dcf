//! The JSON of one event.

use std::fmt::Write;

use uuid::Uuid;
use voc_events::Timestamp;

use super::conversation::{Conversations, Language};
use super::random::Random;
use super::tenant::{Clock, Tenant};
use super::text;

const ACTIONS: &[&str] =
    &["resolve", "transfer", "escalate", "hold", "verify_identity", "add_note", "schedule_callback", "send_summary"];
const DEPARTMENTS: &[&str] = &["billing", "technical-support", "retention", "sales", "supervisor", "fraud"];
const METRICS: &[(&str, u32, u32)] = &[
    // Name, largest value in units of the last decimal, decimals.
    ("latency_p50", 4_000, 1),
    ("latency_p99", 25_000, 1),
    ("error_rate", 80, 3),
    ("jitter_ms", 600, 1),
    ("packet_loss", 50, 3),
    ("mos_score", 450, 2),
    ("queue_depth", 140, 0),
    ("speech_recognition_wer", 300, 3),
];
const REGIONS: &[&str] = &["us-east-1", "eu-west-1", "sa-east-1"];
const SERVICES: &[&str] = &["voice-gateway", "dialog-engine", "speech-to-text", "tool-runner"];
const TOOLS: &[(&str, u32)] = &[
    // Name, typical duration in milliseconds.
    ("crm.lookup_customer", 80),
    ("billing.get_invoice", 140),
    ("billing.issue_refund", 420),
    ("orders.track", 210),
    ("orders.cancel", 330),
    ("kb.search", 95),
    ("identity.send_code", 650),
    ("tickets.create", 260),
    ("calendar.schedule_visit", 300),
];

/// The common part of all events.
pub(super) struct Head<'a> {
    pub(super) event_id: Uuid,
    pub(super) tenant: &'a Tenant,
    pub(super) timestamp: Timestamp,
    pub(super) event_type: &'static str,
}

/// Writes events in either language.
pub(super) struct Writer {
    english: Conversations,
    portuguese: Conversations,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { english: Conversations::new(Language::English), portuguese: Conversations::new(Language::Portuguese) }
    }

    /// Appends the event as one line of JSON, without the line feed.
    pub(super) fn write(&self, out: &mut String, random: &mut Random, head: &Head<'_>) {
        write_head(out, head);
        match head.event_type {
            "call" => self.write_call(out, random, head.tenant),
            "agent_action" => write_agent_action(out, random),
            "tool_invocation" => write_tool_invocation(out, random, head.tenant),
            "qos_metric" => write_qos_metric(out, random),
            "survey_response" => self.write_survey_response(out, random, head.tenant),
            _ => self.write_chat_message(out, random, head.tenant),
        }
        out.push('}');
    }

    fn write_call(&self, out: &mut String, random: &mut Random, tenant: &Tenant) {
        let language = tenant.language(random);
        push_id(out, "call_id", "call-", random);
        if random.per_mille(950) {
            push_agent(out, random);
        }
        if random.per_mille(850) {
            push_id(out, "customer_id", "cust-", random);
        }
        let mut queue = None;
        // An unanswered call, or one whose recording was declined, has no transcript.
        if random.per_mille(960) {
            out.push_str(r#","transcript":""#);
            let mood = tenant.mood(random);
            queue = Some(self.conversations(language).write(out, random, tenant.company, mood));
            out.push('"');
        }
        if random.per_mille(980) {
            push_number(out, "duration_ms", u64::from(20_000 + random.below(600_000)));
        }
        if random.per_mille(600) {
            out.push_str(r#","call_quality":{"latency_ms":"#);
            text::push_integer(out, u64::from(20 + random.below(300)));
            out.push_str(r#","jitter_ms":"#);
            text::push_fixed(out, u64::from(random.below(450)), 1);
            out.push_str(r#","mos":"#);
            text::push_fixed(out, u64::from(250 + random.below(200)), 2);
            out.push('}');
        }
        if let Some(queue) = queue
            && random.per_mille(700)
        {
            out.push_str(r#","metadata":{"channel":"voice""#);
            push_text(out, "queue", queue);
            push_text(out, "language", language.tag());
            out.push('}');
        }
    }

    fn write_survey_response(&self, out: &mut String, random: &mut Random, tenant: &Tenant) {
        push_number(out, "score", u64::from(1 + random.below(5)));
        self.push_remark(out, "comment", random, tenant);
        push_metadata(out, random);
    }

    fn write_chat_message(&self, out: &mut String, random: &mut Random, tenant: &Tenant) {
        push_id(out, "session_id", "chat-", random);
        self.push_remark(out, "text", random, tenant);
        push_metadata(out, random);
    }

    fn push_remark(&self, out: &mut String, field: &str, random: &mut Random, tenant: &Tenant) {
        let language = tenant.language(random);
        let mood = tenant.mood(random);
        push_name(out, field);
        out.push('"');
        self.conversations(language).write_remark(out, random, tenant.company, mood);
        out.push('"');
    }

    fn conversations(&self, language: Language) -> &Conversations {
        match language {
            Language::English => &self.english,
            Language::Portuguese => &self.portuguese,
        }
    }
}

fn write_head(out: &mut String, head: &Head<'_>) {
    out.push_str(r#"{"event_id":""#);
    out.push_str(head.event_id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    out.push('"');
    push_text(out, "tenant_id", &head.tenant.id);
    push_name(out, "timestamp");
    push_timestamp(out, head.timestamp, head.tenant.clock);
    push_text(out, "event_type", head.event_type);
}

fn write_agent_action(out: &mut String, random: &mut Random) {
    let action = random.word(ACTIONS);
    push_text(out, "action", action);
    push_agent(out, random);
    if matches!(action, "transfer" | "escalate") || random.per_mille(200) {
        push_text(out, "target_id", random.word(DEPARTMENTS));
    }
    push_metadata(out, random);
}

fn write_tool_invocation(out: &mut String, random: &mut Random, tenant: &Tenant) {
    let (tool, typical_ms) = *random.pick(TOOLS);
    push_text(out, "tool_name", tool);
    if random.per_mille(950) {
        let duration = random.duration_ms(typical_ms);
        push_number(out, "duration_ms", duration);
    }
    if random.per_mille(970) {
        push_name(out, "success");
        out.push_str(if random.per_mille(tenant.failures) { "false" } else { "true" });
    }
    push_metadata(out, random);
}

fn write_qos_metric(out: &mut String, random: &mut Random) {
    let (name, largest, decimals) = *random.pick(METRICS);
    push_text(out, "metric_name", name);
    push_name(out, "value");
    let value = u64::from(random.below(largest));
    if decimals == 0 {
        text::push_integer(out, value);
    } else {
        text::push_fixed(out, value, decimals);
    }
    if random.per_mille(900) {
        out.push_str(r#","tags":{"region":""#);
        out.push_str(random.word(REGIONS));
        out.push('"');
        push_text(out, "service", random.word(SERVICES));
        out.push_str(r#","host":"node-"#);
        text::push_digits(out, u64::from(random.below(48)), 2);
        out.push_str("\"}");
    }
    if random.per_mille(300) {
        push_metadata(out, random);
    }
}

/// Members that producers sometimes add: the related call, their version, a trace.
fn push_metadata(out: &mut String, random: &mut Random) {
    if !random.per_mille(600) {
        return;
    }
    out.push_str(r#","metadata":{"producer":"agent-runtime/4."#);
    text::push_integer(out, u64::from(random.below(12)));
    out.push('"');
    push_id(out, "call_id", "call-", random);
    if random.per_mille(300) {
        push_id(out, "trace_id", "", random);
    }
    if random.per_mille(200) {
        push_number(out, "attempt", u64::from(1 + random.below(3)));
    }
    out.push('}');
}

fn push_agent(out: &mut String, random: &mut Random) {
    push_name(out, "agent_id");
    out.push_str("\"agent-");
    text::push_digits(out, u64::from(random.below(120)), 3);
    out.push('"');
}

fn push_id(out: &mut String, name: &str, prefix: &str, random: &mut Random) {
    push_name(out, name);
    out.push('"');
    out.push_str(prefix);
    text::push_digits(out, u64::from(random.below(100_000_000)), 8);
    out.push('"');
}

fn push_number(out: &mut String, name: &str, value: u64) {
    push_name(out, name);
    text::push_integer(out, value);
}

fn push_text(out: &mut String, name: &str, value: &str) {
    push_name(out, name);
    out.push('"');
    out.push_str(value);
    out.push('"');
}

fn push_name(out: &mut String, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

fn push_timestamp(out: &mut String, timestamp: Timestamp, clock: Clock) {
    const BRASILIA_MS: i64 = -3 * 3_600_000;
    let shown = match clock {
        Clock::EpochMillis => {
            text::push_integer(out, timestamp.as_millis().unsigned_abs());
            return;
        }
        Clock::Brasilia => Timestamp::from_millis(timestamp.as_millis() + BRASILIA_MS),
        Clock::Utc | Clock::Naive => timestamp,
    };
    // Writing to a `String` cannot fail.
    let _ = write!(out, "\"{shown}");
    match clock {
        Clock::Brasilia => {
            out.pop();
            out.push_str("-03:00");
        }
        Clock::Naive => {
            out.pop();
        }
        Clock::Utc | Clock::EpochMillis => {}
    }
    out.push('"');
}
