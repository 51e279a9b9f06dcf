//! Rights that are missing.

use crate::stage::Stage;

#[test]
fn rights_that_bob_lacks() {
    let Some(stage) = Stage::migrated() else { return };
    let (address, topic, group) = (stage.kafka.unencrypted(), &stage.topic, &stage.group);
    let examine = |topic: &str| {
        stage.examine(&[
            ("KAFKA_BOOTSTRAP", &address),
            ("KAFKA_TOPICS", topic),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_USERNAME", "bob"),
            ("KAFKA_SASL_PASSWORD", "octopus"),
        ])
    };
    let allow = |operation: &str, on: [&str; 2]| stage.tools.allow("bob", operation, on);
    let dead_letters = format!("{topic}.dlq");
    allow("Write", ["--topic", &dead_letters]);
    allow("Describe", ["--topic", topic]);
    let right = format!("right to read {topic}");
    let advice = |operation: &str, on: &str| format!("--allow-principal 'User:bob' --operation {operation} {on}");
    let report = examine(topic);
    report.assert_cause(&right, "the group", &advice("Read", &format!("--group {group}")));
    report.assert_consequence(&format!("group {group}"), &right);

    allow("Read", ["--group", group]);
    examine(topic).assert_cause(&right, "the topic", &advice("Read", &format!("--topic {topic}")));

    allow("Read", ["--topic", topic]);
    assert_eq!(examine(topic).assert_well(), Vec::<&str>::new());

    // Of another topic bob may not even know.
    let hidden = format!("{topic}-hidden");
    stage.tools.create_topic(&hidden, 1);
    let check = format!("topic {hidden}");
    examine(&hidden).assert_cause(&check, "may not even know", &advice("Read", &format!("--topic {hidden}")));

    // He may read a third one, but neither has its dead letters nor may create them.
    let third = format!("{topic}-third");
    stage.tools.create_topic(&third, 1);
    allow("Read", ["--topic", &third]);
    stage.tools.create_topic(&format!("{third}.dlq"), 1);
    for is_known in [false, true] {
        if is_known {
            allow("Describe", ["--topic", &format!("{third}.dlq")]);
        }
        let advice = advice("Write", &format!("--topic {third}.dlq"));
        examine(&third).assert_cause(&format!("dead letters of {third}"), "lacks the right Write", &advice);
    }
}
