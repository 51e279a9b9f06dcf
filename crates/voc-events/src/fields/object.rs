//! Reads a JSON object: every member once, then field by field, collecting the errors.

use std::borrow::Cow;

use serde::{Deserializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::{FieldInfo, FieldKind, NameTable, Names, Place, Reader, json_text::peek, members::Members};
use crate::{
    DecodeOptions, Decoded, Family, Invalid, InvalidKind, Json, RowWriter, TenantId, Violation,
    found::{bad_escape, describe, syntax_error},
    readable::{Glance, glance, inspect, meets},
};

/// Number of members with unknown names up to which a name is compared with all previous ones.
const FEW: usize = 64;

/// An event, or an object within one, that is described field by field, as implemented by [`fields!`](crate::fields!)
/// and [`event_types!`](crate::event_types).
///
/// ```
/// use voc_events::{fields::Fields, product::ProductEvent, quality::BaseEvent};
///
/// fn required<'a, E: Fields<'a>>() -> Vec<&'static str> {
///     E::FIELDS.concat().into_iter().filter(|field| field.is_required).map(|field| field.name).collect()
/// }
/// assert_eq!(required::<ProductEvent>(), ["app_id", "event_name", "timestamp", "user_id"]);
/// assert_eq!(required::<BaseEvent>(), ["event_type", "timestamp"]);
/// ```
pub trait Fields<'a>: Sized {
    /// The fields, those of all types of event together, in the order in which they are written.
    const FIELDS: &'static [&'static [FieldInfo]];

    /// Reads the fields; `None` if any is missing or wrong, which the reader then knows.
    fn read<S: Names>(object: &mut Object<'a, S>, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self>;

    /// Takes all other members.
    fn set_rest(&mut self, rest: Vec<(Cow<'a, str>, Json<'a>)>);

    /// Writes the fields, followed by all other members.
    ///
    /// # Errors
    /// The serializer's error.
    fn serialize_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Writes the promoted fields into the columns of a family's table with their names.
    fn put_columns<F: Family, W: RowWriter + ?Sized>(&self, row: &mut W);
}

/// Decodes an event. `tenant` is the name of the tenant's field, so that the tenant of a refused event is reported,
/// too.
///
/// ```
/// use voc_events::{DecodeOptions, fields::decode, voc::BaseEvent};
///
/// let text = r#"{"event_id":"7","tenant_id":"acme","timestamp":1770033600,"event_type":"survey"}"#;
/// let invalid = decode::<BaseEvent>(text, &DecodeOptions::default(), Some("tenant_id")).unwrap_err();
/// assert_eq!(invalid.path(), "$.event_id");
/// assert_eq!(invalid.tenant_id.as_deref(), Some("acme"));
/// ```
///
/// # Errors
/// [`Invalid`] with every violation found.
pub fn decode<'a, E: Fields<'a> + Names>(
    text: &'a str,
    options: &DecodeOptions,
    tenant: Option<&'static str>,
) -> Result<Decoded<E>, Invalid> {
    decode_checked(text, options, tenant, |_, _| {})
}

/// [`decode`] with an additional check of what the fields alone do not cover. It sees the members before their fields
/// are read, and reports to the reader.
///
/// ```
/// use voc_events::{DecodeOptions, fields::{Names, Place, decode_checked}, product::ProductEvent};
///
/// const EVENT: usize = <ProductEvent as Names>::NAMES.slot_of("event_name");
/// let text = r#"{"app_id":"openstream","event_name":"test","timestamp":1770033600,"user_id":"u-1"}"#;
/// let outcome = decode_checked::<ProductEvent>(text, &DecodeOptions::default(), None, |object, reader| {
///     if object.peek_text(EVENT, reader.options()).as_deref() == Some("test") {
///         reader.refuse(&Place::EVENT.of_field("event_name"), "an event of a user", "a test");
///     }
/// });
/// assert_eq!(outcome.unwrap_err().to_string(), "$.event_name: expected an event of a user, found a test");
/// ```
///
/// # Errors
/// Like [`decode`].
pub fn decode_checked<'a, E: Fields<'a> + Names>(
    text: &'a str,
    options: &DecodeOptions,
    tenant: Option<&'static str>,
    check: impl FnOnce(&Object<'a, E>, &mut Reader<'a, '_>),
) -> Result<Decoded<E>, Invalid> {
    let mut reader = Reader::new(text, options);
    let mut object = Object::<E>::new();
    object.take_event(text, &mut reader, tenant)?;
    check(&object, &mut reader);
    let event = E::read(&mut object, &Place::EVENT, &mut reader);
    let invalid = match (event, reader.finish()) {
        (Some(mut event), Ok(coerced)) => {
            event.set_rest(object.rest());
            return Ok(Decoded { event, coerced });
        }
        (_, Err(invalid)) => invalid,
        // Every failure is reported, so this is a kind of field with a bug.
        (None, Ok(_)) => {
            Invalid::new(InvalidKind::Schema, Violation::new("$", "a valid event", "a field that cannot be read"))
        }
    };
    Err(Invalid { tenant_id: tenant.and_then(|name| object.tenant(name, options)), ..invalid })
}

/// Reads an object within an event.
///
/// ```
/// use serde_json::value::RawValue;
/// use voc_events::{DecodeOptions, fields::{Place, Reader, read_object}, quality::Defect};
///
/// // As a `FieldKind` reads its value.
/// let text = r#"{"defect_type":"scratch","confidence":0.9}"#;
/// let (value, options): (&RawValue, _) = (serde_json::from_str(text)?, DecodeOptions::default());
/// let mut reader = Reader::new(text, &options);
/// let defect: Option<Defect> = read_object(value, &Place::EVENT.of_field("defect"), &mut reader);
/// assert_eq!(defect.and_then(|defect| defect.confidence), Some(0.9));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn read_object<'a, T: Fields<'a> + Names>(
    value: &'a RawValue,
    place: &Place<'_>,
    reader: &mut Reader<'a, '_>,
) -> Option<T> {
    if !value.get().starts_with('{') {
        reader.refuse_value(place, "an object", value.get());
        return None;
    }
    match Object::<T>::nested(value) {
        Ok(mut object) => {
            let mut read = T::read(&mut object, place, reader)?;
            read.set_rest(object.rest());
            Some(read)
        }
        Err(error) => {
            let found = bad_escape(&error, value.get(), reader.text);
            reader.refuse(place, "an object", found);
            None
        }
    }
}

/// The members of a JSON object: those with a known name by slot, and the others.
///
/// ```
/// # use serde::ser::SerializeMap;
/// # use serde_json::value::RawValue;
/// # use std::borrow::Cow;
/// # use voc_events::{DecodeOptions, Family, Json, RowWriter, Timestamp};
/// # use voc_events::fields::{FieldInfo, FieldType, Fields, NameTable, Names, Object, Place, Reader, decode};
/// struct Stay {
///     from: Timestamp,
///     until: Option<Timestamp>,
///     more: usize,
/// }
/// impl<'a> Fields<'a> for Stay {
///     const FIELDS: &'static [&'static [FieldInfo]] = FIELDS;
///
///     fn read<S: Names>(object: &mut Object<'a, S>, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
///         let from = object.required::<Timestamp>(S::NAMES.slot_of("from"), place, reader);
///         let until = object.optional::<Timestamp>(S::NAMES.slot_of("until"), place, reader);
///         // Only now, so that the errors of both are reported.
///         Some(Self { from: from?, until: until?, more: 0 })
///     }
///
///     /// `rest` is what the object holds beyond these fields.
///     fn set_rest(&mut self, rest: Vec<(Cow<'a, str>, Json<'a>)>) {
///         self.more = rest.len();
///     }
///     // …
/// #     fn serialize_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
/// #         map.serialize_entry("from", &self.from)
/// #     }
/// #     fn put_columns<F: Family, W: RowWriter + ?Sized>(&self, _row: &mut W) {}
/// }
/// # const FIELDS: &[&[FieldInfo]] = &[&[
/// #     FieldInfo::new("from", FieldType::Timestamp, true, None, "When it began."),
/// #     FieldInfo::new("until", FieldType::Timestamp, false, None, "When it ended."),
/// # ]];
/// # static NAMES: NameTable = NameTable::of(FIELDS);
/// # impl Names for Stay {
/// #     const NAMES: &'static NameTable = &NAMES;
/// #     type Slots<'r> = [Option<&'r RawValue>; 2];
/// #     fn slots<'r>() -> Self::Slots<'r> {
/// #         [None; 2]
/// #     }
/// # }
///
/// let stay = decode::<Stay>(r#"{"from":1770033600,"room":7}"#, &DecodeOptions::default(), None)?.event;
/// assert_eq!((stay.from.month(), stay.until, stay.more), (202_602, None, 1));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
pub struct Object<'a, S: Names> {
    slots: S::Slots<'a>,
    /// Slots with a value whose field has not been read, as bits.
    untaken: u128,
    unknown: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a, S: Names> Object<'a, S> {
    fn new() -> Self {
        Self { slots: S::slots(), untaken: 0, unknown: Vec::new() }
    }

    /// Reads an event's members, and reports what the consumers of the payload could not read.
    fn take_event(
        &mut self,
        text: &'a str,
        reader: &mut Reader<'a, '_>,
        tenant: Option<&'static str>,
    ) -> Result<(), Invalid> {
        if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
            return Err(not_an_object(text));
        }
        let mut current_key = None;
        let mut is_doubtful = false;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let take = |key: Cow<'a, str>, value| is_doubtful |= self.insert_event_member(key, value, reader);
        let outcome = deserializer
            .deserialize_map(Members { take, current_key: &mut current_key })
            // After the object, an error belongs to no member.
            .and_then(|()| deserializer.end());
        if let Err(error) = outcome {
            let path = current_key.map_or_else(|| "$".to_owned(), |key| format!("$.{key}"));
            return Err(Invalid {
                tenant_id: tenant.and_then(|name| self.tenant(name, reader.options())),
                ..Invalid::new(InvalidKind::Json, Violation::new(path, "valid JSON", syntax_error(&error, text, text)))
            });
        }
        if is_doubtful && !reader.is_too_deep() {
            reader.add(inspect(text));
        }
        Ok(())
    }

    /// Reads the members of an object within an event. It was already read once, so it is well-formed.
    pub(super) fn nested(value: &'a RawValue) -> Result<Self, serde_json::Error> {
        let mut object = Self::new();
        let take = |key: Cow<'a, str>, value| match S::NAMES.slot(&key) {
            Some(slot) => drop(object.insert(slot, value)),
            None => object.unknown.push((key, value)),
        };
        let mut deserializer = serde_json::Deserializer::from_str(value.get());
        deserializer.deserialize_map(Members { take, current_key: &mut None })?;
        Ok(object)
    }

    /// Takes a member; returns whether its value, or its name, may be unreadable.
    fn insert_event_member(&mut self, key: Cow<'a, str>, value: &'a RawValue, reader: &mut Reader<'a, '_>) -> bool {
        // The event itself is the first level.
        let is_doubtful = match glance(value.get(), reader.options().limits.max_depth.saturating_sub(1)) {
            Glance::Plain => false,
            Glance::Doubtful => true,
            Glance::TooDeep => {
                reader.too_deep(&Place::EVENT.of_member(&key));
                return false;
            }
        };
        let names: &NameTable = S::NAMES;
        if let Some(slot) = names.slot(&key) {
            return self.insert(slot, value).is_some() || is_doubtful;
        }
        let meets_another = self.unknown.len() >= FEW
            || self.unknown.iter().any(|(other, _)| meets(other, &key))
            || key.contains('.') && names.names().iter().any(|name| meets(name, &key));
        self.unknown.push((key, value));
        is_doubtful || meets_another
    }

    /// Takes the value of a known name; returns the previous one, if the name occurs twice.
    #[inline]
    fn insert(&mut self, slot: usize, value: &'a RawValue) -> Option<&'a RawValue> {
        self.untaken |= 1 << slot;
        self.slots.as_mut()[slot].replace(value)
    }

    /// A required field, by slot; reports if it is missing or null.
    #[inline]
    pub fn required<K: FieldKind<'a>>(
        &mut self,
        slot: usize,
        place: &Place<'_>,
        reader: &mut Reader<'a, '_>,
    ) -> Option<K::Value> {
        let value = self.slots.as_ref()[slot];
        self.untaken &= !(1 << slot);
        let place = place.of_field(S::NAMES.names()[slot]);
        match value {
            Some(value) if value.get() != "null" => K::read_required(value, &place, reader),
            other => {
                reader.refuse(&place, K::REQUIRED, if other.is_some() { "null" } else { "nothing" });
                None
            }
        }
    }

    /// An optional field, by slot: absent, or its value; `None` if it is wrong, which is reported.
    #[inline]
    pub fn optional<K: FieldKind<'a>>(
        &mut self,
        slot: usize,
        place: &Place<'_>,
        reader: &mut Reader<'a, '_>,
    ) -> Option<Option<K::Value>> {
        self.untaken &= !(1 << slot);
        match self.slots.as_ref()[slot] {
            Some(value) if value.get() != "null" => {
                K::read(value, &place.of_field(S::NAMES.names()[slot]), reader).map(Some)
            }
            _ => Some(None),
        }
    }

    /// The text of a member, if it can be read as one, like an identifier; nothing is reported.
    #[must_use]
    pub fn peek_text(&self, slot: usize, options: &DecodeOptions) -> Option<Cow<'a, str>> {
        peek(self.slots.as_ref()[slot]?.get(), options.is_strict)
    }

    fn tenant(&self, name: &str, options: &DecodeOptions) -> Option<String> {
        let tenant = self.peek_text(S::NAMES.slot(name)?, options)?;
        TenantId::check(&tenant).is_ok().then(|| tenant.into_owned())
    }

    /// The members that were not read as a field. Those with known names come first, in the order of the names: they
    /// are fields of another type of event.
    #[must_use]
    pub fn rest(self) -> Vec<(Cow<'a, str>, Json<'a>)> {
        let mut rest = Vec::with_capacity(self.untaken.count_ones() as usize + self.unknown.len());
        let mut slots = self.untaken;
        while slots != 0 {
            let slot = slots.trailing_zeros() as usize;
            slots &= slots - 1;
            if let Some(value) = self.slots.as_ref()[slot].filter(|value| value.get() != "null") {
                rest.push((Cow::Borrowed(S::NAMES.names()[slot]), Json::from_raw(value)));
            }
        }
        rest.extend(self.unknown.into_iter().map(|(key, value)| (key, Json::from_raw(value))));
        rest
    }
}

fn not_an_object(text: &str) -> Invalid {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Invalid::new(InvalidKind::Schema, Violation::new("$", "a JSON object", describe(raw.get()))),
        Err(error) => {
            Invalid::new(InvalidKind::Json, Violation::new("$", "valid JSON", syntax_error(&error, text, text)))
        }
    }
}
