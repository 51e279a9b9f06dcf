//! The members of a JSON object, one by one.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::found::excerpt;

/// Passes on the members of an object one by one.
pub(super) struct Members<'k, F> {
    pub(super) take: F,
    /// Set to the member whose value is not JSON.
    pub(super) current_key: &'k mut Option<String>,
}

impl<'a, F: FnMut(Cow<'a, str>, &'a RawValue)> Visitor<'a> for Members<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            match map.next_value() {
                Ok(value) => (self.take)(key, value),
                Err(error) => {
                    *self.current_key = Some(excerpt(&key).into_owned());
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Passes on the members of a text that is known to be a JSON object, up to one whose name is no text because it
/// contains half a surrogate pair.
pub(crate) fn each_member<'a>(object: &'a str, take: impl FnMut(Cow<'a, str>, &'a RawValue)) {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    // An error can only be such a name.
    let _ = deserializer.deserialize_map(Members { take, current_key: &mut None });
}

/// A member's name, borrowed unless it contains an escape. (`Cow` alone always copies.)
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
