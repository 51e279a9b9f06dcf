//! What the times of turns reveal of a call.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use proptest::prelude::*;
use voc_nlp::{CallStage, CallTiming, Conversation, GivenTurn, Role};

const AGENT: (Role, &str) = (Role::Agent, "Ana");
const BOT: (Role, &str) = (Role::Bot, "Bot");
const CUSTOMER: (Role, &str) = (Role::Customer, "Bento");
const SOMEBODY: (Role, &str) = (Role::Other, "Somebody");

type Speaker = (Role, &'static str);

fn given((role, speaker): Speaker, start_ms: Option<u64>, end_ms: Option<u64>) -> GivenTurn<'static> {
    GivenTurn { role: Some(role), speaker: Some(speaker), start_ms, end_ms, ..GivenTurn::new("Hm.") }
}

fn timing_of(turns: impl IntoIterator<Item = GivenTurn<'static>>) -> Option<CallTiming> {
    CallStage::default().report(&Conversation::of_turns(turns)).facts.timing
}

#[track_caller]
fn timing<const N: usize>(spans: [(Speaker, u64, u64); N]) -> CallTiming {
    let turns = spans.map(|(speaker, start, end)| given(speaker, Some(start), Some(end)));
    timing_of(turns).expect("there are times")
}

#[test]
fn without_times_there_is_no_timing() {
    assert_eq!(timing_of([given(AGENT, None, None), given(CUSTOMER, None, None)]), None);
    // One time alone says nothing, and neither do times in the wrong order.
    assert_eq!(
        timing_of([given(AGENT, Some(0), None), given(CUSTOMER, None, Some(7)), given(AGENT, Some(9), Some(8))]),
        None
    );
    assert_eq!(timing_of([]), None);
    let text = CallStage::default().report(&Conversation::parse("Agent: Hi!\nCustomer: Hello.")).facts.timing;
    assert_eq!(text, None);
}

#[test]
fn talk_is_counted_by_role_and_silence_once() {
    let found = timing([
        (BOT, 1_000, 2_000),
        (AGENT, 1_500, 3_000),
        (CUSTOMER, 4_000, 6_000),
        (SOMEBODY, 5_500, 7_000),
        (CUSTOMER, 6_500, 6_600),
        (AGENT, 10_000, 10_000),
    ]);
    assert_eq!((found.agent_talk_ms, found.customer_talk_ms, found.other_talk_ms), (2_000, 2_100, 1_500));
    assert_eq!(found.non_talk_ms, 1_000 + 3_000);
}

#[test]
fn who_begins_while_another_talks_interrupts() {
    let interruptions = |found: CallTiming| (found.agent_interruptions, found.customer_interruptions);
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (CUSTOMER, 800, 2_000)])), (0, 1));
    assert_eq!(interruptions(timing([(CUSTOMER, 0, 1_000), (BOT, 800, 2_000)])), (1, 0));
    // Too short, at the same time, and by the same speaker.
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (CUSTOMER, 801, 2_000)])), (0, 0));
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (CUSTOMER, 400, 599)])), (0, 0));
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (CUSTOMER, 0, 1_000)])), (0, 0));
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (AGENT, 500, 2_000)])), (0, 0));
    // Two agents are two speakers.
    assert_eq!(interruptions(timing([(AGENT, 0, 1_000), (BOT, 500, 2_000)])), (1, 0));
    // The speaker who has talked on for longest is not the only one.
    let three = [(AGENT, 0, 9_000), (CUSTOMER, 100, 2_000), (AGENT, 1_000, 1_500), (CUSTOMER, 3_000, 4_000)];
    assert_eq!(interruptions(timing(three)), (1, 2));
}

#[test]
fn agents_answer_after_some_time() {
    let response = |found: CallTiming| found.response_ms;
    assert_eq!(response(timing([(CUSTOMER, 0, 1_000), (AGENT, 1_500, 2_000)])), Some(500));
    // From the last of the customer's turns; a question of somebody else is none of the customer's.
    let calm = [(CUSTOMER, 0, 100), (CUSTOMER, 200, 1_000), (SOMEBODY, 1_000, 1_200), (AGENT, 1_300, 2_000)];
    assert_eq!(response(timing(calm)), Some(300));
    // The second answer of the two begins too early.
    let eager = [(CUSTOMER, 0, 1_000), (BOT, 1_201, 2_000), (CUSTOMER, 2_000, 3_000), (AGENT, 2_500, 4_000)];
    assert_eq!(response(timing(eager)), Some(101));
    // "I see", by either, is not what is answered, and no answer.
    let polite = [(AGENT, 0, 9_000), (CUSTOMER, 1_000, 1_500), (AGENT, 20_000, 21_000)];
    assert_eq!(response(timing(polite)), None);
    let patient = [(CUSTOMER, 0, 9_000), (AGENT, 1_000, 1_500), (AGENT, 9_400, 21_000)];
    assert_eq!(response(timing(patient)), Some(400));
    assert_eq!(response(timing([(AGENT, 0, 1_000), (CUSTOMER, 1_500, 2_000)])), None);
}

#[test]
fn the_order_of_the_transcript_does_not_matter() {
    let ordered = [(AGENT, 0, 1_000), (CUSTOMER, 1_200, 3_000), (AGENT, 2_500, 4_000), (CUSTOMER, 5_000, 6_000)];
    let mut reversed = ordered;
    reversed.reverse();
    assert_eq!(timing(ordered), timing(reversed));
    assert_eq!(timing(ordered).agent_interruptions, 1);
}

#[test]
fn turns_without_speakers_have_times_too() {
    let turn = |start, end| GivenTurn { start_ms: Some(start), end_ms: Some(end), ..GivenTurn::new("Hm.") };
    let found = timing_of([turn(0, 1_000), turn(1_500, 2_000)]).expect("there are times");
    assert_eq!((found.other_talk_ms, found.non_talk_ms), (1_500, 500));
}

#[test]
fn the_greatest_times_are_times() {
    let found = timing([(AGENT, 0, u64::MAX), (CUSTOMER, u64::MAX, u64::MAX), (AGENT, u64::MAX - 1, u64::MAX)]);
    assert_eq!((found.agent_talk_ms, found.non_talk_ms), (u64::MAX, 0));
    let found = timing([(CUSTOMER, 0, 0), (AGENT, u64::MAX, u64::MAX), (CUSTOMER, u64::MAX, u64::MAX)]);
    assert_eq!((found.non_talk_ms, found.response_ms), (u64::MAX, Some(u64::MAX)));
}

/// A time, possibly one of few, so that they often coincide.
fn time() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![12 => (0..40_u64).prop_map(|time| Some(100 * time)), 2 => (0..4_000_u64).prop_map(Some), 1 => Just(None)]
}

fn speaker() -> impl Strategy<Value = Speaker> {
    prop::sample::select(vec![AGENT, BOT, CUSTOMER, (Role::Customer, "Clara"), SOMEBODY])
}

proptest! {
    #[test]
    fn timing_is_what_a_clock_shows(turns in prop::collection::vec((speaker(), time(), time()), 0..12)) {
        let found = timing_of(turns.iter().map(|(speaker, start, end)| given(*speaker, *start, *end)));
        let spans: Vec<(Speaker, u64, u64)> = turns
            .iter()
            .filter_map(|(speaker, start, end)| Some((*speaker, (*start)?, (*end)?)).filter(|(_, start, end)| start <= end))
            .collect();
        prop_assert_eq!(found.is_some(), !spans.is_empty());
        let found = found.unwrap_or_default();

        let talks = |at: u64, roles: &[Role]| {
            spans.iter().any(|((role, _), start, end)| roles.contains(role) && (*start..*end).contains(&at))
        };
        let first = spans.iter().map(|(_, start, _)| *start).min().unwrap_or_default();
        let last = spans.iter().map(|(.., end)| *end).max().unwrap_or_default();
        let (agents, customers, others) = ([Role::Agent, Role::Bot], [Role::Customer], [Role::Other]);
        let talk = |roles: &[Role]| (first..last).filter(|at| talks(*at, roles)).count() as u64;
        prop_assert_eq!(found.agent_talk_ms, talk(&agents));
        prop_assert_eq!(found.customer_talk_ms, talk(&customers));
        prop_assert_eq!(found.other_talk_ms, talk(&others));
        let everybody = [&agents[..], &customers, &others].concat();
        prop_assert_eq!(found.non_talk_ms, last - first - talk(&everybody));

        let interruptions = |roles: &[Role]| {
            let interrupts = |(speaker, start, end): &(Speaker, u64, u64)| {
                spans.iter().any(|(other, begun, ends)| {
                    other != speaker && begun < start && ends.min(end).saturating_sub(*start) >= 200
                })
            };
            spans.iter().filter(|span| roles.contains(&span.0.0) && interrupts(span)).count() as u32
        };
        prop_assert_eq!(found.agent_interruptions, interruptions(&agents));
        prop_assert_eq!(found.customer_interruptions, interruptions(&customers));

        let longest = spans.iter().filter(|(speaker, ..)| agents.contains(&speaker.0)).map(|(_, start, _)| *start).max();
        prop_assert!(found.response_ms.is_none_or(|response| longest.is_some_and(|latest| response <= latest)));
    }

    #[test]
    fn any_times_are_survived(turns in prop::collection::vec((speaker(), any::<Option<u64>>(), any::<Option<u64>>()), 0..12)) {
        let found = timing_of(turns.iter().map(|(speaker, start, end)| given(*speaker, *start, *end)));
        prop_assert!(found.is_none_or(|found| u128::from(found.non_talk_ms) + u128::from(found.agent_talk_ms) <= u64::MAX.into()));
    }
}
