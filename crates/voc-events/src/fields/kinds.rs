//! The kinds of field: what is read, what is expected, and which column's value it becomes.

use std::borrow::Cow;

use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    FieldType, Place, Reader,
    json_text::{bare_text, is_trimmed, number_text, string, within_quotes, without_blanks},
    members::{Members, each_member},
    numbers::{self, Whole},
    timestamps,
};
use crate::{
    Family, Json, RowWriter, TenantId, Timestamp, Value,
    found::{bad_escape, describe},
    json::unescaped,
};

/// A kind of field. The types of values are kinds themselves; others, such as [`Tenant`], define a stricter reading of
/// a type, as in `tenant_id: Cow<'a, str> as Tenant`.
///
/// ```
/// # use serde_json::value::RawValue;
/// # use voc_events::{RowWriter, Value, fields::{FieldKind, FieldType, Place, Reader}};
/// #
/// /// A share from 0 to 100.
/// pub struct Percent;
/// impl<'a> FieldKind<'a> for Percent {
///     type Value = f64;
///     type Owned = f64;
///     const REQUIRED: &'static str = "a percentage";
///     const TYPE: FieldType = FieldType::Number;
///
///     fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<f64> {
///         let share = f64::read(value, place, reader)?;
///         if !(0.0..=100.0).contains(&share) {
///             reader.refuse_value(place, "a number from 0 to 100", value.get());
///             return None;
///         }
///         Some(share)
///     }
///     // …
/// #     fn put<W: RowWriter + ?Sized>(value: &f64, place: usize, row: &mut W) {
/// #         row.put(place, Value::F64(*value));
/// #     }
/// #     fn into_owned(value: f64) -> f64 {
/// #         value
/// #     }
/// }
///
/// voc_events::fields! {
///     /// A battery.
///     pub struct Battery<'a> {
///         required {
///             /// How full it is.
///             charge: f64 as Percent,
///         }
///         rest extra
///     }
/// }
/// let invalid = Battery::try_from(&br#"{"charge":140}"#[..]).unwrap_err();
/// assert_eq!(invalid.to_string(), "$.charge: expected a number from 0 to 100, found number 140");
/// ```
pub trait FieldKind<'a> {
    /// The type of the struct's field.
    type Value;

    /// The owned form of the type.
    type Owned: 'static;

    /// The expectation that is reported if a required field is missing.
    const REQUIRED: &'static str;

    /// What it holds, for schemas.
    const TYPE: FieldType;

    /// Reads a value that is not null; `None` if that fails, which is reported.
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self::Value>;

    /// [`read`](Self::read) for a required field.
    fn read_required(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self::Value> {
        Self::read(value, place, reader)
    }

    /// Puts the value into a promoted column.
    fn put<W: RowWriter + ?Sized>(value: &Self::Value, place: usize, row: &mut W);

    /// Puts the promoted fields within the value into their columns; only objects have any.
    fn put_columns<F: Family, W: RowWriter + ?Sized>(_value: &Self::Value, _row: &mut W) {}

    /// The owned value.
    fn into_owned(value: Self::Value) -> Self::Owned;
}

/// The event's tenant: a text that is a [`TenantId`].
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::fields::Tenant;
///
/// voc_events::fields! {
///     /// A visit of a shop.
///     pub struct Visit<'a> {
///         required {
///             /// Whose shop it is.
///             shop: Cow<'a, str> as Tenant,
///         }
///     }
/// }
/// let invalid = Visit::try_from(&br#"{"shop":""}"#[..]).unwrap_err();
/// let expected = "$.shop: expected 1 to 256 bytes of text without control characters, found an empty string";
/// assert_eq!(invalid.to_string(), expected);
/// ```
#[derive(Debug)]
pub struct Tenant;

/// An event's type: a text of 1 to 128 bytes without surrounding white space, which is removed unless the reader is
/// strict. It becomes a metric's label and a row's key.
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::fields::EventType;
///
/// voc_events::fields! {
///     /// Something that a door did.
///     pub struct Door<'a> {
///         required {
///             /// What it did, such as `opened`.
///             action: Cow<'a, str> as EventType,
///         }
///     }
/// }
/// assert_eq!(Door::try_from(&br#"{"action":" opened"}"#[..])?.action, "opened");
/// let invalid = Door::try_from(&br#"{"action":" "}"#[..]).unwrap_err();
/// assert_eq!(invalid.to_string(), "$.action: expected a non-empty string, found white space");
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug)]
pub struct EventType;

/// An identifier: a text without surrounding white space, which is removed unless the reader is strict.
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::{DecodeOptions, fields::{Id, decode}};
///
/// voc_events::fields! {
///     /// A parcel.
///     pub struct Parcel<'a> {
///         required {
///             /// Its number.
///             number: Cow<'a, str> as Id,
///         }
///     }
/// }
/// let options = DecodeOptions::default();
/// assert_eq!(decode::<Parcel>(r#"{"number":"P-1\n"}"#, &options, None)?.event.number, "P-1");
/// let invalid = decode::<Parcel>(r#"{"number":" P-1"}"#, &options.strict(true), None).unwrap_err();
/// let expected = r#"$.number: expected a string without surrounding white space, found string " P-1""#;
/// assert_eq!(invalid.to_string(), expected);
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug)]
pub struct Id;

/// A conversation: a text. A list or an object, of turns, is kept as its JSON unless the reader is strict.
///
/// ```
/// use voc_events::{FamilyEvent, voc::VocEvent};
///
/// // A field is described by `transcript: Cow<'a, str> as Transcript`.
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
///     "event_type":"call","call_id":"c-1","transcript":[{"speaker":"customer","text":"Thank you!"}]}"#;
/// let event = VocEvent::try_from(&record[..])?;
/// assert_eq!(event.text(), Some(r#"[{"speaker":"customer","text":"Thank you!"}]"#));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug)]
pub struct Transcript;

/// A JSON object of measurements. As a column, [`ColumnKind::F64Map`](crate::ColumnKind::F64Map), it has the members
/// that are numbers, and those that are `true` or `false` as 1 or 0; others, nested ones among them, are only in the
/// payload.
///
/// ```
/// use voc_events::{Family, FamilyEvent, RowWriter, Value, voc::{Voc, VocEvent}};
///
/// struct Quality(Vec<(String, f64)>);
/// impl RowWriter for Quality {
///     fn put(&mut self, _place: usize, value: Value<'_>) {
///         if let Value::F64Map(numbers) = value {
///             self.0 = numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect();
///         }
///     }
/// }
/// // The field is described by `call_quality: Json<'a> as Numbers => F64Map`.
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
///     "event_type":"call","call_id":"c-1","call_quality":{"mos":4.1,"muted":false,"codec":"opus","rtt":{"p50":20}}}"#;
/// let mut quality = Quality(Vec::new());
/// VocEvent::try_from(&record[..])?.write_row(&mut quality);
/// assert_eq!(quality.0, [("mos".to_owned(), 4.1), ("muted".to_owned(), 0.0)]);
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[derive(Debug)]
pub struct Numbers;

/// Texts by name, in their original order. Null is the same as absent. As a column, it is a
/// [`ColumnKind::StrMap`](crate::ColumnKind::StrMap).
///
/// ```
/// use voc_events::fields::StringMap;
///
/// let tags = StringMap(vec![("region".into(), "eu".into()), ("line".into(), "7".into())]);
/// let region = tags.0.iter().find(|(name, _)| name == "region").map(|(_, value)| value.as_ref());
/// assert_eq!(region, Some("eu"));
/// assert_eq!(serde_json::to_string(&tags)?, r#"{"region":"eu","line":"7"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StringMap<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Serialize for StringMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// Reads a text. Unless the reader is strict, a number or a boolean counts as one.
#[inline]
fn text<'a>(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
    let json = value.get();
    if json.starts_with('"') {
        return match unescaped(json) {
            Ok(text) => Some(text),
            Err(error) => {
                let found = bad_escape(&error, json, reader.text);
                reader.refuse(place, "a string", found);
                None
            }
        };
    }
    if bare_text(json).is_some() && reader.may_coerce(place) {
        return Some(Cow::Borrowed(json));
    }
    reader.refuse_value(place, "a string", json);
    None
}

/// [`text`] of at least one character.
#[inline]
fn non_empty<'a>(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
    let text = text(value, place, reader)?;
    if text.is_empty() {
        reader.refuse(place, NON_EMPTY, "an empty string");
        return None;
    }
    Some(text)
}

const NON_EMPTY: &str = "a non-empty string";

/// [`text`] without surrounding white space, which is removed unless the reader is strict.
#[inline]
fn trimmed<'a>(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
    let text = text(value, place, reader)?;
    if is_trimmed(&text) {
        return Some(text);
    }
    if reader.may_coerce(place) {
        return Some(without_blanks(text));
    }
    reader.refuse_value(place, "a string without surrounding white space", value.get());
    None
}

/// [`trimmed`], if the result is not empty.
#[inline]
fn non_blank<'a>(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
    let text = trimmed(value, place, reader)?;
    if text.is_empty() {
        let found = if value.get() == "\"\"" { "an empty string" } else { "white space" };
        reader.refuse(place, NON_EMPTY, found);
        return None;
    }
    Some(text)
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// The common part of kinds of text.
macro_rules! text_kind {
    () => {
        type Value = Cow<'a, str>;
        type Owned = Cow<'static, str>;
        const TYPE: FieldType = FieldType::Text;

        fn put<W: RowWriter + ?Sized>(value: &Cow<'a, str>, place: usize, row: &mut W) {
            row.put(place, Value::Str(value));
        }

        fn into_owned(value: Cow<'a, str>) -> Cow<'static, str> {
            owned(value)
        }
    };
}

impl<'a> FieldKind<'a> for Cow<'a, str> {
    text_kind!();
    const REQUIRED: &'static str = NON_EMPTY;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        text(value, place, reader)
    }

    #[inline]
    fn read_required(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        non_empty(value, place, reader)
    }
}

impl<'a> FieldKind<'a> for Id {
    text_kind!();
    const REQUIRED: &'static str = NON_EMPTY;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        trimmed(value, place, reader)
    }

    #[inline]
    fn read_required(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        non_blank(value, place, reader)
    }
}

impl<'a> FieldKind<'a> for Tenant {
    text_kind!();
    const REQUIRED: &'static str = "a tenant identifier";

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        let tenant = trimmed(value, place, reader)?;
        if let Err(error) = TenantId::check(&tenant) {
            let expected = format!("1 to {} bytes of text without control characters", TenantId::MAX_BYTES);
            reader.refuse(place, expected, error.to_string());
            return None;
        }
        Some(tenant)
    }
}

impl<'a> FieldKind<'a> for EventType {
    text_kind!();
    const REQUIRED: &'static str = "an event type";

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        const MAX_BYTES: usize = 128;
        let event_type = non_blank(value, place, reader)?;
        if event_type.len() > MAX_BYTES {
            let found = format!("a string of {} bytes", event_type.len());
            reader.refuse(place, format!("at most {MAX_BYTES} bytes"), found);
            return None;
        }
        Some(event_type)
    }
}

impl<'a> FieldKind<'a> for Transcript {
    text_kind!();
    const REQUIRED: &'static str = NON_EMPTY;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        turns(value, place, reader).or_else(|| text(value, place, reader))
    }

    #[inline]
    fn read_required(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
        turns(value, place, reader).or_else(|| non_empty(value, place, reader))
    }
}

/// The JSON of a conversation that is written turn by turn, unless the reader is strict.
fn turns<'a>(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Cow<'a, str>> {
    (value.get().starts_with(['{', '[']) && reader.may_coerce(place)).then(|| Cow::Borrowed(value.get()))
}

/// The common part of kinds that are their own value, and borrow nothing.
macro_rules! plain_kind {
    ($value:ident => $column:expr) => {
        type Value = Self;
        type Owned = Self;

        fn put<W: RowWriter + ?Sized>($value: &Self, place: usize, row: &mut W) {
            row.put(place, $column);
        }

        fn into_owned(value: Self) -> Self {
            value
        }
    };
}

impl<'a> FieldKind<'a> for Uuid {
    plain_kind!(value => Value::Uuid(*value));
    const REQUIRED: &'static str = "a UUID string";
    const TYPE: FieldType = FieldType::Uuid;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        if let Some(text) = string(value.get()) {
            // Of this length only the form with hyphens is a UUID.
            if text.len() == Hyphenated::LENGTH
                && let Ok(uuid) = Self::try_parse(&text)
            {
                return Some(uuid);
            }
            if let Ok(uuid) = Self::try_parse(text.trim())
                && reader.may_coerce(place)
            {
                return Some(uuid);
            }
        }
        reader.refuse_value(place, "a UUID string", value.get());
        None
    }
}

impl<'a> FieldKind<'a> for Timestamp {
    plain_kind!(value => Value::Timestamp(*value));
    const REQUIRED: &'static str = "a timestamp";
    const TYPE: FieldType = FieldType::Timestamp;

    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        timestamps::read(value, place, reader)
    }
}

impl<'a> FieldKind<'a> for i64 {
    plain_kind!(value => Value::I64(*value));
    const REQUIRED: &'static str = "a whole number";
    const TYPE: FieldType = FieldType::Whole;

    /// `1500.0` is a whole number, too, because some producers only know floats.
    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        let json = value.get();
        if let Ok(whole) = json.parse() {
            return Some(whole);
        }
        let text = number_text(json);
        match numbers::whole(text.as_deref().unwrap_or(json)) {
            Some(Whole::Exact(whole)) if text.is_none() => return Some(whole),
            Some(Whole::Exact(whole) | Whole::Cut(whole)) if reader.may_coerce(place) => return Some(whole),
            Some(Whole::TooLarge) => {
                let expected = format!("a whole number from {} to {}", Self::MIN, Self::MAX);
                reader.refuse_value(place, expected, json);
            }
            _ => reader.refuse_value(place, "a whole number of 64 bits", json),
        }
        None
    }
}

impl<'a> FieldKind<'a> for f64 {
    plain_kind!(value => Value::F64(*value));
    const REQUIRED: &'static str = "a finite number";
    const TYPE: FieldType = FieldType::Number;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        let json = value.get();
        if let Some(float) = numbers::float(json) {
            return Some(float);
        }
        if let Some(float) = number_text(json).and_then(|text| numbers::float(&text))
            && reader.may_coerce(place)
        {
            return Some(float);
        }
        reader.refuse_value(place, "a finite number", json);
        None
    }
}

impl<'a> FieldKind<'a> for bool {
    plain_kind!(value => Value::Bool(*value));
    const REQUIRED: &'static str = "true or false";
    const TYPE: FieldType = FieldType::Flag;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        let json = value.get();
        if let Ok(flag) = json.parse() {
            return Some(flag);
        }
        let text = within_quotes(json).unwrap_or(Cow::Borrowed(json)).to_ascii_lowercase();
        // The values that pydantic 1 accepts as booleans, and the floats of producers that know no other numbers.
        let flag = match &*text {
            "1" | "1.0" | "true" | "t" | "on" | "yes" | "y" => Some(true),
            "0" | "0.0" | "false" | "f" | "off" | "no" | "n" => Some(false),
            _ => None,
        };
        if flag.is_some() && reader.may_coerce(place) {
            return flag;
        }
        reader.refuse_value(place, "true or false", json);
        None
    }
}

impl<'a> FieldKind<'a> for Json<'a> {
    type Value = Self;
    type Owned = Json<'static>;
    const REQUIRED: &'static str = "an object";
    const TYPE: FieldType = FieldType::JsonObject;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        if value.get().starts_with('{') {
            return Some(Self::from_raw(value));
        }
        reader.refuse_value(place, "an object", value.get());
        None
    }

    fn put<W: RowWriter + ?Sized>(value: &Self, place: usize, row: &mut W) {
        row.put(place, Value::Str(value.as_str()));
    }

    fn into_owned(value: Self) -> Json<'static> {
        value.into_owned()
    }
}

impl<'a> FieldKind<'a> for Numbers {
    type Value = Json<'a>;
    type Owned = Json<'static>;
    const REQUIRED: &'static str = Json::REQUIRED;
    const TYPE: FieldType = Json::TYPE;

    #[inline]
    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Json<'a>> {
        Json::read(value, place, reader)
    }

    fn put<W: RowWriter + ?Sized>(value: &Json<'a>, place: usize, row: &mut W) {
        let mut numbers = Vec::new();
        each_member(value.as_str(), |name, value| {
            let number = match value.get() {
                "true" => Some(1.0),
                "false" => Some(0.0),
                json => numbers::float(json),
            };
            numbers.extend(number.map(|number| (name, number)));
        });
        let numbers: Vec<(&str, f64)> = numbers.iter().map(|(name, number)| (&**name, *number)).collect();
        row.put(place, Value::F64Map(&numbers));
    }

    fn into_owned(value: Json<'a>) -> Json<'static> {
        value.into_owned()
    }
}

impl<'a> FieldKind<'a> for StringMap<'a> {
    type Value = Self;
    type Owned = StringMap<'static>;
    const REQUIRED: &'static str = "an object of strings";
    const TYPE: FieldType = FieldType::TextMap;

    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        if !value.get().starts_with('{') {
            reader.refuse_value(place, "an object of strings", value.get());
            return None;
        }
        let mut map = Vec::new();
        let mut is_whole = true;
        let take = |key: Cow<'a, str>, value: &'a RawValue| {
            if value.get() == "null" {
                return;
            }
            match text(value, &place.of_member(&key), reader) {
                Some(text) => map.push((key, text)),
                None => is_whole = false,
            }
        };
        let mut deserializer = serde_json::Deserializer::from_str(value.get());
        // The text was already read once, so it is well-formed; but a name may contain half a surrogate pair.
        if let Err(error) = deserializer.deserialize_map(Members { take, current_key: &mut None }) {
            let found = bad_escape(&error, value.get(), reader.text);
            reader.refuse(place, "an object of strings", found);
            return None;
        }
        is_whole.then_some(Self(map))
    }

    fn put<W: RowWriter + ?Sized>(value: &Self, place: usize, row: &mut W) {
        let texts: Vec<(&str, &str)> = value.0.iter().map(|(name, text)| (&**name, &**text)).collect();
        row.put(place, Value::StrMap(&texts));
    }

    fn into_owned(value: Self) -> StringMap<'static> {
        StringMap(value.0.into_iter().map(|(key, value)| (owned(key), owned(value))).collect())
    }
}

impl<'a, K: FieldKind<'a, Value = K> + ListElement> FieldKind<'a> for Vec<K> {
    type Value = Self;
    type Owned = Vec<K::Owned>;
    const REQUIRED: &'static str = "a list";
    const TYPE: FieldType = FieldType::List(&K::TYPE);

    fn read(value: &'a RawValue, place: &Place<'_>, reader: &mut Reader<'a, '_>) -> Option<Self> {
        let Ok(elements) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else {
            reader.refuse(place, "a list", describe(value.get()));
            return None;
        };
        let mut list = Self::with_capacity(elements.len());
        let mut is_whole = true;
        for (number, element) in elements.into_iter().enumerate().filter(|(_, element)| element.get() != "null") {
            match K::read_required(element, &place.of_element(number), reader) {
                Some(element) => list.push(element),
                None => is_whole = false,
            }
        }
        is_whole.then_some(list)
    }

    fn put<W: RowWriter + ?Sized>(value: &Self, place: usize, row: &mut W) {
        let texts: Vec<Cow<'_, str>> = value.iter().map(ListElement::text).collect();
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        row.put(place, Value::StrList(&texts));
    }

    fn into_owned(value: Self) -> Vec<K::Owned> {
        value.into_iter().map(K::into_owned).collect()
    }
}

/// The possible elements of a list.
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::{fields::ListElement, quality::Defect};
///
/// assert_eq!(Cow::from("scratch").text(), "scratch");
/// let mut defect = Defect::new();
/// defect.defect_type = Some("scratch".into());
/// assert_eq!(defect.text(), r#"{"defect_type":"scratch"}"#);
/// ```
pub trait ListElement {
    /// The element in a column of texts.
    fn text(&self) -> Cow<'_, str>;
}

impl ListElement for Cow<'_, str> {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}
