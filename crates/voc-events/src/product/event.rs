//! The event of the `product` family.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{
    Json, Timestamp, fields,
    fields::{EventType, Id, Tenant},
    readable::meets,
};

fields! {
    /// Something a user did in an application, or that an application did for a user.
    ///
    /// Serialises to the JSON object that decodes to an equal event; timestamps are written in UTC.
    ///
    /// ```
    /// use voc_events::{Timestamp, product::ProductEvent};
    ///
    /// let time = Timestamp::from_millis(1_770_033_600_000);
    /// let event = ProductEvent::new("openstream", "search", time, "u-1");
    /// assert_eq!(
    ///     serde_json::to_string(&event)?,
    ///     r#"{"app_id":"openstream","event_name":"search","timestamp":"2026-02-02T12:00:00.000Z","user_id":"u-1"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ProductEvent<'a> {
        required {
            /// The application, which is the tenant: 1 to 256 bytes of text without control characters.
            app_id: Cow<'a, str> as Tenant,
            /// What happened, such as `video_buffering`.
            event_name: Cow<'a, str> as EventType,
            /// When it happened. The table keeps whole seconds.
            timestamp: Timestamp,
            /// The user.
            user_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// What belongs to this kind of event: a JSON object.
            properties: Json<'a>,
        }
        rest extra
    }
}

impl ProductEvent<'_> {
    /// The content of the column `properties`: always a JSON object.
    ///
    /// It is the original [`properties`](Self::properties), or `{}` if there are none. The table has no column for the
    /// members in `extra`, so they are added as one object, the last member: they are never mistaken for properties,
    /// and no property for one of them. This member is named `_extra`, with as many further `_` as necessary to differ
    /// from all properties.
    ///
    /// ```
    /// use voc_events::{DecodeOptions, Envelope, Family, product::Product};
    ///
    /// let text = r#"{"app_id":"openstream","event_name":"video_heartbeat","user_id":"u-1",
    ///     "timestamp":"2026-02-02T12:00:00Z","properties":{"watch_time":30},"session_id":"s-1"}"#;
    /// let product = Product::for_topic("octane.events", &DecodeOptions::default());
    /// let event = product.decode(text, &Envelope::default())?.event;
    /// assert_eq!(event.stored_properties(), r#"{"watch_time":30,"_extra":{"session_id":"s-1"}}"#);
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    #[must_use]
    pub fn stored_properties(&self) -> Cow<'_, str> {
        let properties = self.properties.as_ref().map_or("{}", Json::as_str);
        if self.extra.is_empty() {
            return Cow::Borrowed(properties);
        }
        let extra = serde_json::to_string(&Extra(&self.extra)).unwrap_or_default();
        let name = name_of_extra(properties);
        // The object is continued before its closing brace, so that its text stays unchanged.
        let beginning = properties.strip_suffix('}').unwrap_or(properties).trim_end_matches([' ', '\t', '\r', '\n']);
        let separator = if beginning.ends_with('{') { "" } else { "," };
        Cow::Owned(format!("{beginning}{separator}\"{name}\":{extra}}}"))
    }
}

/// All other members, as one object.
struct Extra<'e, 'a>(&'e [(Cow<'a, str>, Json<'a>)]);

impl Serialize for Extra<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A name whose paths no property has.
fn name_of_extra(properties: &str) -> String {
    // The names can be read, like those of every event decoded from its `record_text`.
    let properties: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(properties).unwrap_or_default();
    let mut name = "_extra".to_owned();
    while properties.keys().any(|property| meets(property, &name)) {
        name.push('_');
    }
    name
}
