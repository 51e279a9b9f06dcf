//! What the times of turns reveal.

use super::{Role, Turn};
use crate::call_facts::CallTiming;

/// How long two must speak at once, at least, so that the one who has begun later interrupts.
const INTERRUPTION_MS: u64 = 200;

/// Gathers the times of turns.
#[derive(Debug, Default)]
pub(super) struct TimingCollector<'t> {
    spans: Vec<Span<'t>>,
}

/// A turn from its start to its end.
#[derive(Clone, Copy, Debug)]
struct Span<'t> {
    start: u64,
    end: u64,
    speaker: Speaker<'t>,
}

/// Whose turn it is: the role and the name.
type Speaker<'t> = (Role, Option<&'t str>);

impl<'t> TimingCollector<'t> {
    /// A turn, in any order. It counts if its start and its end are known, and in this order.
    pub(super) fn add(&mut self, turn: &Turn<'t>) {
        if let (Some(start), Some(end)) = (turn.start_ms, turn.end_ms)
            && start <= end
        {
            self.spans.push(Span { start, end, speaker: (turn.role, turn.speaker) });
        }
    }

    /// What the times reveal; `None` if none are known.
    pub(super) fn finish(mut self) -> Option<CallTiming> {
        self.spans.sort_by_key(|span| span.start);
        let spans = &self.spans;
        let first = spans.first()?.start;
        let last = spans.iter().map(|span| span.end).max()?;
        let of = |is_meant: fn(Role) -> bool| covered(spans.iter().filter(|span| is_meant(span.speaker.0)));
        let (agent_interruptions, customer_interruptions) = interruptions(spans);
        Some(CallTiming {
            agent_talk_ms: of(is_agent),
            customer_talk_ms: of(|role| role == Role::Customer),
            other_talk_ms: of(|role| role == Role::Other),
            non_talk_ms: (last - first).saturating_sub(of(|_| true)),
            agent_interruptions,
            customer_interruptions,
            response_ms: response(spans),
        })
    }
}

fn is_agent(role: Role) -> bool {
    matches!(role, Role::Agent | Role::Bot)
}

/// How long any of the spans lasts. They are in the order of their starts.
fn covered<'s>(spans: impl Iterator<Item = &'s Span<'s>>) -> u64 {
    let (mut sum, mut reached) = (0_u64, 0);
    for span in spans {
        sum += span.end.saturating_sub(span.start.max(reached));
        reached = reached.max(span.end);
    }
    sum
}

/// How often an agent or a bot, and how often a customer, begins while someone else speaks.
fn interruptions(spans: &[Span<'_>]) -> (u32, u32) {
    let (mut by_agent, mut by_customer) = (0, 0);
    // Of those who have begun earlier: the speaker who speaks longest, and when; when the last of the others ends.
    let mut longest: Option<(Speaker<'_>, u64)> = None;
    let mut others = 0;
    for at_once in spans.chunk_by(|a, b| a.start == b.start) {
        for span in at_once {
            let end_of_others = match longest {
                Some((speaker, end)) if speaker != span.speaker => end,
                _ => others,
            };
            if end_of_others.min(span.end).saturating_sub(span.start) >= INTERRUPTION_MS {
                match span.speaker.0 {
                    Role::Customer => by_customer += 1,
                    role if is_agent(role) => by_agent += 1,
                    _ => {}
                }
            }
        }
        for span in at_once {
            match &mut longest {
                Some((speaker, end)) if *speaker == span.speaker => *end = span.end.max(*end),
                Some((_, end)) if span.end <= *end => others = others.max(span.end),
                Some((_, end)) => {
                    others = others.max(*end);
                    longest = Some((span.speaker, span.end));
                }
                None => longest = Some((span.speaker, span.end)),
            }
        }
    }
    (by_agent, by_customer)
}

/// The mean time from the end of what a customer says to the next turn of an agent or a bot. What one says while the
/// other goes on speaking, such as "I see", neither waits for an answer nor is one.
fn response(spans: &[Span<'_>]) -> Option<u64> {
    let (mut sum, mut count) = (0_u128, 0_u128);
    let mut waiting_since: Option<u64> = None;
    let mut agent_until: Option<u64> = None;
    for span in spans {
        if is_agent(span.speaker.0) {
            if let Some(since) = waiting_since.take_if(|since| span.end >= *since) {
                sum += u128::from(span.start.saturating_sub(since));
                count += 1;
            }
            agent_until = agent_until.max(Some(span.end));
        } else if span.speaker.0 == Role::Customer && Some(span.end) > agent_until {
            waiting_since = Some(span.end.max(waiting_since.unwrap_or_default()));
        }
    }
    // The mean of numbers of 64 bits is one.
    (count > 0).then(|| u64::try_from((sum + count / 2) / count).unwrap_or(u64::MAX))
}
