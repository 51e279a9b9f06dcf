//! Reading an event's JSON object: every member once, then field by field, collecting what is wrong.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    Invalid, InvalidKind, Json, Limits, Timestamp, TimestampError, Violation,
    found::{bad_escape, describe, excerpt, mistake},
    json::unescaped,
    readable::{Glance, glance, inspect, meets},
};

/// Members of unknown names up to which a name is compared with all before it.
const FEW: usize = 64;

/// The members of a JSON object, known ones by the slot their name has in the family's field list.
pub(crate) struct Object<'a, const N: usize> {
    text: &'a str,
    names: &'static [&'static str; N],
    slots: [Option<&'a RawValue>; N],
    unknown: Vec<(Cow<'a, str>, &'a RawValue)>,
    violations: Vec<Violation>,
    /// Whether something may be in it that cannot be read.
    is_doubtful: bool,
    too_deep: bool,
}

impl<'a, const N: usize> Object<'a, N> {
    /// Reads an object. `slot_of` gives the index in `names` of a known name.
    pub(crate) fn read(
        text: &'a str,
        names: &'static [&'static str; N],
        slot_of: fn(&str) -> Option<usize>,
        limits: &Limits,
    ) -> Result<Self, Invalid> {
        let mut object = Self {
            text,
            names,
            slots: [None; N],
            unknown: Vec::new(),
            violations: Vec::new(),
            is_doubtful: false,
            too_deep: false,
        };
        if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
            return Err(not_an_object(text));
        }
        let mut current_key = None;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let visitor = Members { object: &mut object, slot_of, current_key: &mut current_key, limits };
        let outcome = deserializer.deserialize_map(visitor).and_then(|()| {
            // Past the object, a mistake belongs to no member.
            deserializer.end()
        });
        if let Err(error) = outcome {
            let path = current_key.map_or_else(|| "$".to_owned(), |key| format!("$.{key}"));
            return Err(Invalid {
                tenant_id: object.readable_tenant(),
                ..Invalid::new(InvalidKind::Json, Violation::new(path, "valid JSON", mistake(&error, text, text)))
            });
        }
        if object.is_doubtful && !object.too_deep {
            object.violations.extend(inspect(text));
        }
        Ok(object)
    }

    fn insert(&mut self, slot: Option<usize>, key: Cow<'a, str>, value: &'a RawValue, limits: &Limits) {
        // The event itself is the first level.
        match glance(value.get(), limits.max_depth.saturating_sub(1)) {
            Glance::Plain => {}
            Glance::Doubtful => self.is_doubtful = true,
            Glance::TooDeep => {
                self.too_deep = true;
                let expected = format!("at most {} levels of nesting", limits.max_depth);
                self.violations.push(Violation::new(format!("$.{}", excerpt(&key)), expected, "a deeper value"));
                return;
            }
        }
        match slot {
            Some(slot) => self.is_doubtful |= self.slots[slot].replace(value).is_some(),
            None => {
                self.is_doubtful |= self.unknown.len() >= FEW
                    || self.unknown.iter().any(|(other, _)| meets(other, &key))
                    || key.contains('.') && self.names.iter().any(|name| meets(name, &key));
                self.unknown.push((key, value));
            }
        }
    }

    fn readable_tenant(&self) -> Option<String> {
        let slot = self.names.iter().position(|name| *name == "tenant_id")?;
        serde_json::from_str(self.slots[slot]?.get()).ok()
    }

    fn take(&mut self, slot: usize) -> Option<&'a RawValue> {
        self.slots[slot].take().filter(|raw| raw.get() != "null")
    }

    /// The text of a string; for anything else, a description of what it is.
    fn string(&self, raw: &'a RawValue) -> Result<Cow<'a, str>, Cow<'static, str>> {
        let json = raw.get();
        if !json.starts_with('"') {
            return Err(describe(json));
        }
        unescaped(json).map_err(|error| bad_escape(&error, json, self.text).into())
    }

    fn violation(&mut self, slot: usize, expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) {
        let violation = Violation::new(format!("$.{}", self.names[slot]), expected, found);
        // A number that no type holds is wrong in general before its field is read.
        let is_known = |other: &Violation| other.path == violation.path && other.found == violation.found;
        if !self.violations.iter().any(is_known) {
            self.violations.push(violation);
        }
    }

    /// Reports a violation of a field that the caller checked itself.
    pub(crate) fn refuse(
        &mut self,
        slot: usize,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) {
        self.violation(slot, expected, found);
    }

    /// A required field: reads it with `read`, or reports it missing and gives the type's empty value, so that reading goes on.
    pub(crate) fn required<T: Default>(
        &mut self,
        slot: usize,
        expected: &'static str,
        read: impl FnOnce(&mut Self, usize) -> Option<T>,
    ) -> T {
        if let Some(raw) = self.slots[slot]
            && raw.get() != "null"
        {
            return read(self, slot).unwrap_or_default();
        }
        let found = if self.slots[slot].take().is_some() { "null" } else { "nothing" };
        self.violation(slot, expected, found);
        T::default()
    }

    /// Optional text.
    pub(crate) fn text(&mut self, slot: usize) -> Option<Cow<'a, str>> {
        let raw = self.take(slot)?;
        match self.string(raw) {
            Ok(text) => Some(text),
            Err(found) => {
                self.violation(slot, "a string", found);
                None
            }
        }
    }

    /// Text that must hold at least one character.
    pub(crate) fn non_empty_text(&mut self, slot: usize) -> Option<Cow<'a, str>> {
        let text = self.text(slot)?;
        if text.is_empty() {
            self.violation(slot, "a non-empty string", "an empty string");
            return None;
        }
        Some(text)
    }

    /// An optional UUID in any of its written forms.
    pub(crate) fn uuid(&mut self, slot: usize) -> Option<Uuid> {
        let raw = self.take(slot)?;
        let uuid = self.string(raw).ok().and_then(|text| Uuid::try_parse(&text).ok());
        if uuid.is_none() {
            self.violation(slot, "a UUID string", describe(raw.get()));
        }
        uuid
    }

    /// An optional timestamp within the limits.
    pub(crate) fn timestamp(&mut self, slot: usize, limits: &Limits) -> Option<Timestamp> {
        let raw = self.take(slot)?;
        let timestamp = if raw.get().starts_with('"') {
            self.string(raw).map_err(|_| TimestampError::Format).and_then(|text| Timestamp::parse(text.trim()))
        } else {
            serde_json::from_str(raw.get()).map_err(|_| TimestampError::Format).and_then(Timestamp::from_epoch)
        };
        match timestamp {
            Ok(timestamp) if (limits.min_timestamp..=limits.max_timestamp).contains(&timestamp) => {
                return Some(timestamp);
            }
            Ok(_) | Err(TimestampError::OutOfRange) => {
                let expected = format!("a time from {} to {}", limits.min_timestamp, limits.max_timestamp);
                self.violation(slot, expected, describe(raw.get()));
            }
            Err(TimestampError::Format) => {
                let expected = "an RFC 3339 date and time, or a number of epoch seconds or milliseconds";
                self.violation(slot, expected, describe(raw.get()));
            }
            Err(impossible) => {
                let found = format!("{}: {impossible}", describe(raw.get()));
                self.violation(slot, "a date and time that exist", found);
            }
        }
        None
    }

    /// An optional whole number; `1500.0` is one, too, as some producers know only floats.
    pub(crate) fn integer(&mut self, slot: usize) -> Option<i64> {
        const TWO_TO_53: f64 = 9_007_199_254_740_992.0;
        let raw = self.take(slot)?;
        if let Ok(integer) = serde_json::from_str::<i64>(raw.get()) {
            return Some(integer);
        }
        let whole = serde_json::from_str::<f64>(raw.get())
            .ok()
            .filter(|float| float.fract() == 0.0 && float.abs() <= TWO_TO_53);
        if whole.is_none() {
            self.violation(slot, "a whole number of 64 bits", describe(raw.get()));
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 53 bits")]
        whole.map(|float| float as i64)
    }

    /// An optional finite number.
    pub(crate) fn float(&mut self, slot: usize) -> Option<f64> {
        let raw = self.take(slot)?;
        let float = serde_json::from_str::<f64>(raw.get()).ok().filter(|float| float.is_finite());
        if float.is_none() {
            self.violation(slot, "a finite number", describe(raw.get()));
        }
        float
    }

    /// An optional truth value.
    pub(crate) fn boolean(&mut self, slot: usize) -> Option<bool> {
        let raw = self.take(slot)?;
        match raw.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.violation(slot, "true or false", describe(raw.get()));
                None
            }
        }
    }

    /// An optional object, kept as its text.
    pub(crate) fn json_object(&mut self, slot: usize) -> Option<Json<'a>> {
        let raw = self.take(slot)?;
        if raw.get().starts_with('{') {
            return Some(Json::new(raw));
        }
        self.violation(slot, "an object", describe(raw.get()));
        None
    }

    /// An optional object whose values are all strings.
    pub(crate) fn string_map(&mut self, slot: usize) -> Option<Vec<(Cow<'a, str>, Cow<'a, str>)>> {
        let raw = self.take(slot)?;
        if !raw.get().starts_with('{') {
            self.violation(slot, "an object of strings", describe(raw.get()));
            return None;
        }
        let mut members = Vec::new();
        let collector = MemberList { members: &mut members };
        // The text was read once already, so it is well-formed; but a name may hold half a surrogate pair.
        if let Err(error) = serde_json::Deserializer::from_str(raw.get()).deserialize_map(collector) {
            self.violation(slot, "an object of strings", bad_escape(&error, raw.get(), self.text));
            return None;
        }
        let mut map = Vec::with_capacity(members.len());
        for (key, value) in members {
            match self.string(value) {
                Ok(text) => map.push((key, text)),
                Err(found) => {
                    let path = format!("$.{}.{}", self.names[slot], excerpt(&key));
                    self.violations.push(Violation::new(path, "a string", found));
                }
            }
        }
        Some(map)
    }

    /// The event's remaining members, or everything that was wrong.
    ///
    /// # Errors
    /// All violations reported so far.
    pub(crate) fn finish(mut self, tenant_id: &str) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, Invalid> {
        if !self.violations.is_empty() {
            let kind = if self.too_deep { InvalidKind::Depth } else { InvalidKind::Schema };
            let tenant_id = Some(tenant_id).filter(|id| !id.is_empty()).map(str::to_owned);
            return Err(Invalid { kind, violations: self.violations, tenant_id });
        }
        let known = self.names.iter().zip(self.slots.iter_mut()).filter_map(|(name, slot)| {
            // Known names of another event type are this type's unknown ones.
            slot.take().map(|raw| (Cow::Borrowed(*name), Json::new(raw)))
        });
        let unknown = self.unknown.into_iter().map(|(key, raw)| (key, Json::new(raw)));
        Ok(known.chain(unknown).collect())
    }
}

struct Members<'o, 'a, const N: usize> {
    object: &'o mut Object<'a, N>,
    slot_of: fn(&str) -> Option<usize>,
    current_key: &'o mut Option<String>,
    limits: &'o Limits,
}

impl<'a, const N: usize> Visitor<'a> for Members<'_, 'a, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let slot = (self.slot_of)(&key);
            match map.next_value() {
                Ok(value) => self.object.insert(slot, key, value, self.limits),
                Err(error) => {
                    *self.current_key = Some(excerpt(&key).into_owned());
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

struct MemberList<'o, 'a> {
    members: &'o mut Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Visitor<'a> for MemberList<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Key(key), value)) = map.next_entry()? {
            self.members.push((key, value));
        }
        Ok(())
    }
}

/// A member's name, borrowed unless it holds an escape. (`Cow` alone always copies.)
struct Key<'a>(Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'a> Visitor<'a> for KeyVisitor {
            type Value = Key<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

fn not_an_object(text: &str) -> Invalid {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Invalid::new(InvalidKind::Schema, Violation::new("$", "a JSON object", describe(raw.get()))),
        Err(error) => Invalid::new(InvalidKind::Json, Violation::new("$", "valid JSON", mistake(&error, text, text))),
    }
}
