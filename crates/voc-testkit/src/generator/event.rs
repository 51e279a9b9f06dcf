//! The JSON of one event.

use std::fmt::Write;

use uuid::Uuid;
use voc_events::Timestamp;

use super::calls::Call;
use super::conversation::{Conversations, Language, Mood};
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
const TOOLS: &[(&str, u32, u32)] = &[
    // Name, typical duration in milliseconds, how many times as often it fails as others.
    ("billing.issue_refund", 420, 2),
    ("tickets.create", 260, 1),
    ("crm.lookup_customer", 80, 1),
    ("billing.get_invoice", 140, 1),
    ("orders.track", 210, 1),
    ("orders.cancel", 330, 1),
    ("kb.search", 95, 1),
    ("identity.send_code", 650, 4),
    ("calendar.schedule_visit", 300, 1),
];
/// How many of the tools, from the first one, are used more for customers in a bad mood than for others.
const TOOLS_IN_BAD_MOOD: usize = 2;
const ACTIONS_IN_BAD_MOOD: &[&str] = &["transfer", "escalate"];

/// The common part of all events.
pub(super) struct Head<'a> {
    pub(super) event_id: Uuid,
    pub(super) tenant: &'a mut Tenant,
    pub(super) timestamp: Timestamp,
    pub(super) event_type: &'static str,
    /// What many customers call about at this time, as a queue.
    pub(super) trouble: Option<&'static str>,
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
    pub(super) fn write(&self, out: &mut String, random: &mut Random, head: &mut Head<'_>) {
        write_head(out, head);
        match head.event_type {
            "call" => self.write_call(out, random, head.tenant, head.trouble),
            "agent_action" => write_agent_action(out, random, head.tenant),
            "tool_invocation" => write_tool_invocation(out, random, head.tenant),
            "qos_metric" => write_qos_metric(out, random, head.tenant),
            "survey_response" => self.write_survey_response(out, random, head.tenant),
            _ => self.write_chat_message(out, random, head.tenant),
        }
        out.push('}');
    }

    fn write_call(&self, out: &mut String, random: &mut Random, tenant: &mut Tenant, trouble: Option<&str>) {
        let language = tenant.language(random);
        let number = identifier(random);
        push_id(out, "call_id", "call-", number);
        let agent = random.per_mille(950).then(|| tenant.agent(random));
        if let Some(agent) = agent {
            push_agent(out, agent);
        }
        let customer = random.per_mille(850).then(|| customer(random, tenant));
        if let Some(customer) = customer {
            push_id(out, "customer_id", "cust-", customer);
        }
        let mut mood = agent.and_then(usual_mood).unwrap_or_else(|| tenant.mood(random));
        let mut queue = None;
        // An unanswered call, or one whose recording was declined, has no transcript.
        if random.per_mille(960) {
            out.push_str(r#","transcript":""#);
            let (called_about, end) = self.conversations(language).write(out, random, tenant.company, mood, trouble);
            (queue, mood) = (Some(called_about), end);
            out.push('"');
        }
        if random.per_mille(980) {
            push_number(out, "duration_ms", u64::from(20_000 + random.below(600_000)));
        }
        if random.per_mille(600) {
            let mos = if mood == Mood::Negative { 250 + random.below(150) } else { 290 + random.below(160) };
            out.push_str(r#","call_quality":{"latency_ms":"#);
            text::push_integer(out, u64::from(20 + random.below(300)));
            out.push_str(r#","jitter_ms":"#);
            text::push_fixed(out, u64::from(random.below(450)), 1);
            out.push_str(r#","mos":"#);
            text::push_fixed(out, u64::from(mos), 2);
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
        tenant.calls.add(Call { number, agent, customer, mood });
    }

    fn write_survey_response(&self, out: &mut String, random: &mut Random, tenant: &Tenant) {
        push_number(out, "score", u64::from(1 + random.below(5)));
        self.push_remark(out, "comment", random, tenant);
        let call = tenant.calls.current(random);
        push_metadata(out, random, call);
    }

    fn write_chat_message(&self, out: &mut String, random: &mut Random, tenant: &Tenant) {
        push_id(out, "session_id", "chat-", identifier(random));
        self.push_remark(out, "text", random, tenant);
        push_metadata(out, random, None);
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

/// A customer: a new one, or one who calls again, most likely because the call did not help.
fn customer(random: &mut Random, tenant: &Tenant) -> u32 {
    let earlier = tenant.calls.any(random).filter(|call| {
        let returning = if call.mood == Mood::Negative { 240 } else { 90 };
        random.per_mille(returning)
    });
    earlier.and_then(|call| call.customer).unwrap_or_else(|| identifier(random))
}

/// How an agent's calls tend to end, if differently from those of others.
fn usual_mood(agent: u32) -> Option<Mood> {
    match agent % 8 {
        2 => Some(Mood::Negative),
        5 => Some(Mood::Positive),
        _ => None,
    }
}

fn write_agent_action(out: &mut String, random: &mut Random, tenant: &Tenant) {
    let call = tenant.calls.current(random);
    let is_bad = is_in_bad_mood(call) && random.per_mille(200);
    let action = random.word(if is_bad { ACTIONS_IN_BAD_MOOD } else { ACTIONS });
    push_text(out, "action", action);
    push_agent(out, call.and_then(|call| call.agent).unwrap_or_else(|| tenant.agent(random)));
    if matches!(action, "transfer" | "escalate") || random.per_mille(200) {
        push_text(out, "target_id", random.word(DEPARTMENTS));
    }
    push_metadata(out, random, call);
}

fn write_tool_invocation(out: &mut String, random: &mut Random, tenant: &Tenant) {
    let call = tenant.calls.current(random);
    let is_bad = is_in_bad_mood(call) && random.per_mille(200);
    let (tool, typical_ms, failures) = *random.pick(if is_bad { &TOOLS[..TOOLS_IN_BAD_MOOD] } else { TOOLS });
    push_text(out, "tool_name", tool);
    if random.per_mille(950) {
        let duration = random.duration_ms(typical_ms);
        push_number(out, "duration_ms", duration);
    }
    if random.per_mille(970) {
        push_name(out, "success");
        out.push_str(if random.per_mille(tenant.failures * failures) { "false" } else { "true" });
    }
    push_metadata(out, random, call);
}

fn is_in_bad_mood(call: Option<Call>) -> bool {
    call.is_some_and(|call| call.mood == Mood::Negative)
}

fn write_qos_metric(out: &mut String, random: &mut Random, tenant: &Tenant) {
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
        let call = tenant.calls.current(random);
        push_metadata(out, random, call);
    }
}

/// Members that producers sometimes add: the related call, their version, a trace.
fn push_metadata(out: &mut String, random: &mut Random, call: Option<Call>) {
    if !random.per_mille(600) {
        return;
    }
    out.push_str(r#","metadata":{"producer":"agent-runtime/4."#);
    text::push_integer(out, u64::from(random.below(12)));
    out.push('"');
    if let Some(call) = call {
        push_id(out, "call_id", "call-", call.number);
    }
    if random.per_mille(300) {
        push_id(out, "trace_id", "", identifier(random));
    }
    if random.per_mille(200) {
        push_number(out, "attempt", u64::from(1 + random.below(3)));
    }
    out.push('}');
}

fn push_agent(out: &mut String, number: u32) {
    push_name(out, "agent_id");
    out.push_str("\"agent-");
    text::push_digits(out, u64::from(number), 3);
    out.push('"');
}

/// The number of something of which there are very many.
fn identifier(random: &mut Random) -> u32 {
    random.below(100_000_000)
}

fn push_id(out: &mut String, name: &str, prefix: &str, number: u32) {
    push_name(out, name);
    out.push('"');
    out.push_str(prefix);
    text::push_digits(out, u64::from(number), 8);
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
