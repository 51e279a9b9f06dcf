//! Events in Avro, as Confluent's serializers write them, encoded by a library that the product does not decode with.

use std::collections::BTreeMap;

use apache_avro::{
    Schema,
    schema::{NamesRef, RecordSchema, ResolvedSchema, UnionSchema, UuidSchema},
    types::Value as Avro,
    writer::datum::GenericDatumWriter,
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;
use voc_events::{Family, activity::Activity, encodings::export, product::Product, quality::Quality, voc::Voc};

use crate::generator::GeneratedFamily;

/// The first byte of Confluent's header.
const MAGIC: u8 = 0;
/// The property of a field in Avro whose strings are JSON texts.
const JSON_PROPERTY: &str = "voc.json";

/// The schema in Avro of a family's events on a topic, as the product exports it.
#[must_use]
pub fn avro_schema(family: GeneratedFamily, topic: &str) -> String {
    fn of<F: Family>(topic: &str) -> String {
        export::avro_schema(F::NAME, "Event", F::FIELDS.common, &F::types_on(topic))
    }
    match family {
        GeneratedFamily::Voc => of::<Voc>(topic),
        GeneratedFamily::Activity => of::<Activity>(topic),
        GeneratedFamily::Product => of::<Product>(topic),
        GeneratedFamily::Quality => of::<Quality>(topic),
    }
}

/// Writes events, given as JSON, with one schema.
///
/// ```
/// use serde_json::json;
/// use voc_testkit::{encoding::{AvroEncoder, avro_schema}, generator::GeneratedFamily};
///
/// let encoder = AvroEncoder::new(&avro_schema(GeneratedFamily::Quality, "chip-quality.user.events"))?;
/// let event = json!({"event_type": "USER_LOGIN", "timestamp": "2026-02-02T12:00:00Z", "user_id": "operator-7"});
/// assert!(encoder.encode(42, &event)?.starts_with(&[0, 0, 0, 0, 42]));
/// # Ok::<(), voc_testkit::encoding::EncodingError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AvroEncoder {
    schema: Schema,
}

/// Reasons why an event cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodingError {
    /// The schema is invalid, or the converted event does not match it.
    #[error(transparent)]
    Avro(Box<apache_avro::Error>),
    /// The schema has no place for a value of the event.
    #[error("{path}: expected {expected}, found {found}")]
    Value {
        /// Its path.
        path: String,
        /// What the schema expects there.
        expected: String,
        /// The value, as JSON.
        found: String,
    },
}

impl From<apache_avro::Error> for EncodingError {
    fn from(error: apache_avro::Error) -> Self {
        Self::Avro(Box::new(error))
    }
}

impl AvroEncoder {
    /// An encoder for this schema, a JSON text.
    ///
    /// # Errors
    /// [`EncodingError::Avro`] if it is not a schema.
    pub fn new(schema_text: &str) -> Result<Self, EncodingError> {
        Ok(Self { schema: Schema::parse_str(schema_text)? })
    }

    /// The event as a record's value: Confluent's header with the schema's number, followed by the datum.
    ///
    /// # Errors
    /// If the event does not match the schema. A member without a field in the schema is also an error, because it
    /// would be lost.
    pub fn encode(&self, schema_id: u32, event: &Value) -> Result<Vec<u8>, EncodingError> {
        let resolved = ResolvedSchema::new(&self.schema)?;
        let datum = Conversion { names: resolved.get_names() }.value(&self.schema, false, event, "$")?;
        let mut record = vec![MAGIC];
        record.extend(schema_id.to_be_bytes());
        let writer = GenericDatumWriter::builder(&self.schema).resolved_schemata(resolved).build()?;
        writer.write_value(&mut record, datum)?;
        Ok(record)
    }
}

/// Converts JSON values to Avro values. It knows the types that occur in exported schemas.
struct Conversion<'n, 's> {
    names: &'n NamesRef<'s>,
}

impl Conversion<'_, '_> {
    /// The value for the schema; `is_json` if its strings are JSON texts.
    fn value(&self, schema: &Schema, is_json: bool, value: &Value, path: &str) -> Result<Avro, EncodingError> {
        let unlike = |expected: &str| EncodingError::Value {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found: value.to_string(),
        };
        let text = |expected: &str| value.as_str().ok_or_else(|| unlike(expected));
        Ok(match schema {
            Schema::Null => value.as_null().map(|()| Avro::Null).ok_or_else(|| unlike("null"))?,
            Schema::Boolean => Avro::Boolean(value.as_bool().ok_or_else(|| unlike("a boolean"))?),
            Schema::Long => Avro::Long(value.as_i64().ok_or_else(|| unlike("a whole number"))?),
            Schema::Double => Avro::Double(value.as_f64().ok_or_else(|| unlike("a number"))?),
            Schema::String if is_json => Avro::String(value.to_string()),
            Schema::String => Avro::String(text("a string")?.to_owned()),
            Schema::Uuid(UuidSchema::String) => {
                Avro::Uuid(Uuid::parse_str(text("a UUID")?).map_err(|_| unlike("a UUID"))?)
            }
            Schema::TimestampMillis => {
                let expected = "a time in RFC 3339, or a number of seconds or milliseconds";
                Avro::TimestampMillis(milliseconds(value).ok_or_else(|| unlike(expected))?)
            }
            Schema::Array(array) => {
                let items = value.as_array().ok_or_else(|| unlike("an array"))?.iter().enumerate();
                let item = |(place, item)| self.value(&array.items, is_json, item, &format!("{path}[{place}]"));
                Avro::Array(items.map(item).collect::<Result<_, _>>()?)
            }
            Schema::Map(map) => {
                let members = value.as_object().ok_or_else(|| unlike("an object"))?.iter();
                let member = |(name, member): (&String, &Value)| {
                    let member = self.value(&map.types, is_json, member, &format!("{path}.{name}"))?;
                    Ok::<_, EncodingError>((name.clone(), member))
                };
                Avro::Map(members.map(member).collect::<Result<_, _>>()?)
            }
            Schema::Record(record) => {
                self.record(record, value.as_object().ok_or_else(|| unlike("an object"))?, path)?
            }
            Schema::Union(union) => self.branch(union, is_json, value, path)?,
            Schema::Ref { name } => {
                let schema = self.names.get(name).ok_or_else(|| unlike(&format!("a known type, not {name}")))?;
                self.value(schema, is_json, value, path)?
            }
            other => return Err(unlike(&format!("nothing: values of {other:?} are not encoded"))),
        })
    }

    fn record(&self, schema: &RecordSchema, object: &Map<String, Value>, path: &str) -> Result<Avro, EncodingError> {
        let mut members: BTreeMap<&str, &Value> = object.iter().map(|(name, member)| (name.as_str(), member)).collect();
        let mut fields = Vec::new();
        for field in &schema.fields {
            let is_json = field.custom_attributes.get(JSON_PROPERTY) == Some(&Value::Bool(true));
            let member = members.remove(field.name.as_str()).unwrap_or(&Value::Null);
            let member = self.value(&field.schema, is_json, member, &format!("{path}.{}", field.name))?;
            fields.push((field.name.clone(), member));
        }
        match members.first_key_value() {
            None => Ok(Avro::Record(fields)),
            Some((name, member)) => Err(EncodingError::Value {
                path: format!("{path}.{name}"),
                expected: "no such field".to_owned(),
                found: member.to_string(),
            }),
        }
    }

    /// The first branch that matches the value.
    fn branch(&self, union: &UnionSchema, is_json: bool, value: &Value, path: &str) -> Result<Avro, EncodingError> {
        let mut outcome = Err(EncodingError::Value {
            path: path.to_owned(),
            expected: "nothing: the union is empty".to_owned(),
            found: value.to_string(),
        });
        for (place, schema) in (0..).zip(union.variants()) {
            outcome = self.value(schema, is_json, value, path).map(|fit| Avro::Union(place, Box::new(fit)));
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

/// A time as written in generated events: in RFC 3339, in UTC by default, or as a number of seconds or milliseconds
/// since the epoch.
fn milliseconds(time: &Value) -> Option<i64> {
    /// Numbers up to this are seconds.
    const MAX_SECONDS: i64 = 20_000_000_000;
    if let Some(number) = time.as_i64() {
        return Some(if number.abs() <= MAX_SECONDS { number * 1000 } else { number });
    }
    let text = time.as_str()?;
    let time = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339));
    let time = time.ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voc_events::{
        DecodeOptions, Envelope, Limits,
        encodings::{Schema as Reader, SchemaFormat, SchemaText, wire},
    };

    use super::*;
    use crate::generator::{GeneratedEvent, GeneratorConfig};

    const FAMILIES: [GeneratedFamily; 4] =
        [GeneratedFamily::Voc, GeneratedFamily::Activity, GeneratedFamily::Product, GeneratedFamily::Quality];

    fn decoded<F: Family>(topic: &str, json: &str) -> Value
    where
        for<'a> F::Event<'a>: serde::Serialize,
    {
        let family = F::for_topic(topic, &DecodeOptions::default());
        let decoded = family.decode(json, &Envelope::default()).unwrap_or_else(|error| panic!("{error}: {json}"));
        serde_json::to_value(&decoded.event).unwrap()
    }

    #[test]
    fn generated_events_survive_a_round_trip() {
        let config = GeneratorConfig { events: 600, ..GeneratorConfig::ending_at(1_790_000_000_000) };
        for family in FAMILIES {
            // Types that the family does not know have members that its schema does not have.
            let is_known = |event: &GeneratedEvent| !["survey_response", "chat_message"].contains(&event.event_type);
            for event in family.events(&config).filter(is_known) {
                let schema = avro_schema(family, event.topic);
                let original: Value = serde_json::from_str(&event.json).unwrap();
                let record = AvroEncoder::new(&schema).unwrap().encode(7, &original).unwrap();
                let header = wire::header(&record).unwrap().unwrap();
                assert_eq!(header.schema_id, 7);
                let text = SchemaText::new(SchemaFormat::Avro, schema);
                let reader = Reader::compile(&text, Some(&text)).unwrap();
                let json = reader.event_json(header.body, &Limits::default()).unwrap();
                let decode = match family {
                    GeneratedFamily::Voc => decoded::<Voc>,
                    GeneratedFamily::Activity => decoded::<Activity>,
                    GeneratedFamily::Product => decoded::<Product>,
                    GeneratedFamily::Quality => decoded::<Quality>,
                };
                assert_eq!(decode(event.topic, &json), decode(event.topic, &event.json));
            }
        }
    }

    #[test]
    fn values_without_a_place_in_the_schema_are_named() {
        let encoder = AvroEncoder::new(&avro_schema(GeneratedFamily::Quality, "chip-quality.user.events")).unwrap();
        let refused = |event: Value| encoder.encode(1, &event).unwrap_err().to_string();
        let event = json!({"event_type": "USER_LOGIN", "timestamp": "2026-02-02T12:00:00Z", "shoe_size": 44});
        assert_eq!(refused(event), "$.shoe_size: expected no such field, found 44");
        let event = json!({"event_type": "USER_LOGIN", "timestamp": "yesterday"});
        assert_eq!(
            refused(event),
            "$.timestamp: expected a time in RFC 3339, or a number of seconds or milliseconds, found \"yesterday\""
        );
        assert_eq!(
            refused(json!({"timestamp": "2026-02-02T12:00:00Z"})),
            "$.event_type: expected a string, found null"
        );
    }
}
