//! The macros that define events from their descriptions.

/// Describes an object: the macro defines the struct, a constructor with its required fields, and its
/// [`Fields`](crate::fields::Fields).
///
/// A field is one line: its name, its type, `as` a [kind](crate::fields::FieldKind) if the type alone does not say how
/// it is read, and `=>` the [kind of column](crate::ColumnKind) if it is promoted to one, with `as` and the column's
/// name if that differs from the field's: `received_at: Timestamp => OptTimestamp as service_received_at`. The fields
/// of an object within the event are promoted by their own lines, but not those of objects in a list. Documentation is
/// required, because it also becomes the schema's. `rest extra` adds a field `extra` for all other members. `:
/// BaseEvent<'a> = "call"` after the name makes it one of the types of [`event_types!`](crate::event_types), with the
/// fields of that base. The struct has a lifetime, so it needs a borrowed field or `rest`.
///
/// ```
/// use voc_events::Timestamp;
///
/// voc_events::fields! {
///     /// How warm a machine is.
///     pub struct Temperature<'a> {
///         required {
///             /// In degrees Celsius.
///             degrees: f64 => OptF64,
///         }
///         optional {
///             /// When it was measured.
///             at: Timestamp => OptTimestamp as measured_at,
///         }
///         rest extra
///     }
/// }
/// assert_eq!(Temperature::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>(), ["degrees", "measured_at"]);
/// assert_eq!(Temperature::OWN_FIELDS[0].doc.trim(), "In degrees Celsius.");
/// assert_eq!(Temperature::new(21.5).degrees, 21.5);
/// ```
///
/// [The module](mod@crate::fields) shows how events are read.
#[macro_export]
macro_rules! fields {
    // One of several types of event.
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $name:ident<$lt:lifetime> : $base:ty = $type_name:literal {
            $(required { $(
                $(#[doc = $rdoc:literal])+
                $r:ident : $rt:ty $(as $rk:ty)? $(=> $rc:ident $(as $rn:ident)?)?,
            )+ })?
            $(optional { $(
                $(#[doc = $odoc:literal])+
                $o:ident : $ot:ty $(as $ok:ty)? $(=> $oc:ident $(as $on:ident)?)?,
            )+ })?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        $vis struct $name<$lt> {
            /// The fields of every event.
            pub base: $base,
            $($($(#[doc = $rdoc])+ pub $r: $rt,)+)?
            $($($(#[doc = $odoc])+ pub $o: ::core::option::Option<$ot>,)+)?
        }

        impl<$lt> $name<$lt> {
            /// The type's name.
            pub const TYPE: &'static str = $type_name;

            /// The type's own fields.
            pub const OWN_FIELDS: &'static [$crate::fields::FieldInfo] = &[
                $($($crate::__field!($r, $rt, true, [$($rk)?], [$($rc $(as $rn)?)?], [$($rdoc),+]),)+)?
                $($($crate::__field!($o, $ot, false, [$($ok)?], [$($oc $(as $on)?)?], [$($odoc),+]),)+)?
            ];

            /// An event with its required fields; sets the base's type.
            $vis fn new(base: $base $($(, $r: impl ::core::convert::Into<$rt>)+)?) -> Self {
                Self {
                    base: base.with_type(Self::TYPE),
                    $($($r: $r.into(),)+)?
                    $($($o: ::core::option::Option::None,)+)?
                }
            }

            /// The owned event.
            #[must_use]
            $vis fn into_owned(self) -> $name<'static> {
                $name {
                    base: self.base.into_owned(),
                    $($($r: $crate::__kind!($lt, [$rt], [$($rk)?], into_owned(self.$r)),)+)?
                    $($($o: self.$o.map(|value| $crate::__kind!($lt, [$ot], [$($ok)?], into_owned(value))),)+)?
                }
            }

            /// Reads the type's own fields of an event whose base was already read; see `Fields`.
            #[doc(hidden)]
            #[allow(unused_variables)]
            pub fn read_own<S: $crate::fields::Names>(
                base: ::core::option::Option<$base>,
                object: &mut $crate::fields::Object<$lt, S>,
                place: &$crate::fields::Place<'_>,
                reader: &mut $crate::fields::Reader<$lt, '_>,
            ) -> ::core::option::Option<Self> {
                $($(let $r = $crate::__read!($lt, required, $r, [$rt], [$($rk)?], object, place, reader);)+)?
                $($(let $o = $crate::__read!($lt, optional, $o, [$ot], [$($ok)?], object, place, reader);)+)?
                ::core::option::Option::Some(Self { base: base?, $($($r: $r?,)+)? $($($o: $o?,)+)? })
            }

            /// See `Fields`.
            #[doc(hidden)]
            pub fn serialize_own<M: $crate::__private::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                $($(map.serialize_entry(stringify!($r), &self.$r)?;)+)?
                $($(if let ::core::option::Option::Some(value) = &self.$o {
                    map.serialize_entry(stringify!($o), value)?;
                })+)?
                let _ = map;
                ::core::result::Result::Ok(())
            }

            /// See `Fields`.
            #[doc(hidden)]
            #[allow(unused_variables)]
            pub fn put_own<F: $crate::Family, W: $crate::RowWriter + ?Sized>(&self, row: &mut W) {
                $($($crate::__put!(
                    $lt, $r, [$rt], [$($rk)?], [$($rc $(as $rn)?)?], F, ::core::option::Option::Some(&self.$r), row
                );)+)?
                $($($crate::__put!($lt, $o, [$ot], [$($ok)?], [$($oc $(as $on)?)?], F, self.$o.as_ref(), row);)+)?
            }
        }
    };
    // A separate object.
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $name:ident<$lt:lifetime> {
            $(required { $(
                $(#[doc = $rdoc:literal])+
                $r:ident : $rt:ty $(as $rk:ty)? $(=> $rc:ident $(as $rn:ident)?)?,
            )+ })?
            $(optional { $(
                $(#[doc = $odoc:literal])+
                $o:ident : $ot:ty $(as $ok:ty)? $(=> $oc:ident $(as $on:ident)?)?,
            )+ })?
            $(rest $rest:ident)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        $vis struct $name<$lt> {
            $($($(#[doc = $rdoc])+ pub $r: $rt,)+)?
            $($($(#[doc = $odoc])+ pub $o: ::core::option::Option<$ot>,)+)?
            $(
                /// All other members, in their original order.
                pub $rest: ::std::vec::Vec<(::std::borrow::Cow<$lt, str>, $crate::Json<$lt>)>,
            )?
        }

        impl<$lt> $name<$lt> {
            /// The fields.
            pub const OWN_FIELDS: &'static [$crate::fields::FieldInfo] = &[
                $($($crate::__field!($r, $rt, true, [$($rk)?], [$($rc $(as $rn)?)?], [$($rdoc),+]),)+)?
                $($($crate::__field!($o, $ot, false, [$($ok)?], [$($oc $(as $on)?)?], [$($odoc),+]),)+)?
            ];

            /// The columns that the fields are promoted to.
            pub const COLUMNS: &'static [$crate::Column] = $crate::__columns!($name::OWN_FIELDS);

            /// An object with its required fields.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "some objects have no required fields, others have")]
            $vis fn new($($($r: impl ::core::convert::Into<$rt>),+)?) -> Self {
                Self {
                    $($($r: $r.into(),)+)?
                    $($($o: ::core::option::Option::None,)+)?
                    $($rest: ::std::vec::Vec::new(),)?
                }
            }

            /// The owned object.
            #[must_use]
            $vis fn into_owned(self) -> $name<'static> {
                $name {
                    $($($r: $crate::__kind!($lt, [$rt], [$($rk)?], into_owned(self.$r)),)+)?
                    $($($o: self.$o.map(|value| $crate::__kind!($lt, [$ot], [$($ok)?], into_owned(value))),)+)?
                    $($rest: self.$rest.into_iter()
                        .map(|(name, value)| (::std::borrow::Cow::Owned(name.into_owned()), value.into_owned()))
                        .collect(),)?
                }
            }
        }

        impl<$lt> $crate::fields::Fields<$lt> for $name<$lt> {
            const FIELDS: &'static [&'static [$crate::fields::FieldInfo]] = &[Self::OWN_FIELDS];

            fn read<S: $crate::fields::Names>(
                object: &mut $crate::fields::Object<$lt, S>,
                place: &$crate::fields::Place<'_>,
                reader: &mut $crate::fields::Reader<$lt, '_>,
            ) -> ::core::option::Option<Self> {
                $($(let $r = $crate::__read!($lt, required, $r, [$rt], [$($rk)?], object, place, reader);)+)?
                $($(let $o = $crate::__read!($lt, optional, $o, [$ot], [$($ok)?], object, place, reader);)+)?
                ::core::option::Option::Some(Self {
                    $($($r: $r?,)+)?
                    $($($o: $o?,)+)?
                    $($rest: ::std::vec::Vec::new(),)?
                })
            }

            #[allow(unused_variables)]
            fn set_rest(&mut self, rest: ::std::vec::Vec<(::std::borrow::Cow<$lt, str>, $crate::Json<$lt>)>) {
                $(self.$rest = rest;)?
            }

            fn serialize_members<M: $crate::__private::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                $($(map.serialize_entry(stringify!($r), &self.$r)?;)+)?
                $($(if let ::core::option::Option::Some(value) = &self.$o {
                    map.serialize_entry(stringify!($o), value)?;
                })+)?
                $(for (name, value) in &self.$rest {
                    map.serialize_entry(name, value)?;
                })?
                ::core::result::Result::Ok(())
            }

            #[allow(unused_variables)]
            fn put_columns<F: $crate::Family, W: $crate::RowWriter + ?Sized>(&self, row: &mut W) {
                $($($crate::__put!(
                    $lt, $r, [$rt], [$($rk)?], [$($rc $(as $rn)?)?], F, ::core::option::Option::Some(&self.$r), row
                );)+)?
                $($($crate::__put!($lt, $o, [$ot], [$($ok)?], [$($oc $(as $on)?)?], F, self.$o.as_ref(), row);)+)?
            }
        }

        $crate::__object!($name);
    };
}

/// Describes the types of event that share a base and are distinguished by a field of it; each is described by
/// [`fields!`](crate::fields!), and so is the base. An event of any other type is kept as a base event.
///
/// ```
/// use std::borrow::Cow;
/// use voc_events::{DecodeOptions, Timestamp, fields::{EventType, decode}};
///
/// voc_events::fields! {
///     /// What every event has.
///     pub struct Base<'a> {
///         required {
///             /// When it happened.
///             at: Timestamp,
///             /// What it is.
///             kind: Cow<'a, str> as EventType,
///         }
///         rest extra
///     }
/// }
/// impl Base<'_> {
///     fn with_type(self, kind: &'static str) -> Self {
///         Self { kind: kind.into(), ..self }
///     }
/// }
/// voc_events::fields! {
///     /// A door was opened.
///     pub struct Opened<'a>: Base<'a> = "opened" {
///         required {
///             /// Which door.
///             door: i64,
///         }
///     }
/// }
/// voc_events::event_types! {
///     /// An event of a house.
///     pub enum House<'a>: Base<'a> by kind {
///         /// A door was opened.
///         Opened(Opened<'a>),
///     }
/// }
///
/// let text = r#"{"at":1770033600,"kind":"opened","door":2}"#;
/// let event = decode::<House>(text, &DecodeOptions::default(), None)?.event;
/// assert!(matches!(event, House::Opened(Opened { door: 2, .. })));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
#[macro_export]
macro_rules! event_types {
    (
        $(#[doc = $doc:literal])+
        $vis:vis enum $name:ident<$lt:lifetime> : $base:ident<$baselt:lifetime> by $tag:ident {
            $( $(#[doc = $vdoc:literal])+ $variant:ident($inner:ident<$innerlt:lifetime>), )+
        }
    ) => {
        $(#[doc = $doc])+
        ///
        /// Serialises to the JSON object that decodes to an equal event; timestamps are written in UTC.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        $vis enum $name<$lt> {
            $( $(#[doc = $vdoc])+ $variant($inner<$lt>), )+
            /// Any other type, kept with all its members.
            Other($base<$lt>),
        }

        impl<$lt> $name<$lt> {
            /// The names of the types that have their own fields.
            pub const TYPES: &'static [&'static str] = &[$($inner::TYPE),+];

            /// The columns that fields are promoted to.
            pub const COLUMNS: &'static [$crate::Column] =
                $crate::__columns!($base::OWN_FIELDS, $($inner::OWN_FIELDS),+);

            /// The types with their own fields, for schemas and documentation.
            pub const TYPE_FIELDS: &'static [(&'static str, &'static [$crate::fields::FieldInfo])] =
                &[$(($inner::TYPE, $inner::OWN_FIELDS)),+];

            /// The fields that every event has.
            #[must_use]
            pub fn base(&self) -> &$base<$lt> {
                match self {
                    $(Self::$variant(event) => &event.base,)+
                    Self::Other(base) => base,
                }
            }

            /// The owned event.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                match self {
                    $(Self::$variant(event) => $name::$variant(event.into_owned()),)+
                    Self::Other(base) => $name::Other(base.into_owned()),
                }
            }

            fn base_mut(&mut self) -> &mut $base<$lt> {
                match self {
                    $(Self::$variant(event) => &mut event.base,)+
                    Self::Other(base) => base,
                }
            }
        }

        impl<$lt> $crate::fields::Fields<$lt> for $name<$lt> {
            const FIELDS: &'static [&'static [$crate::fields::FieldInfo]] =
                &[$base::OWN_FIELDS, $($inner::OWN_FIELDS),+];

            fn read<S: $crate::fields::Names>(
                object: &mut $crate::fields::Object<$lt, S>,
                place: &$crate::fields::Place<'_>,
                reader: &mut $crate::fields::Reader<$lt, '_>,
            ) -> ::core::option::Option<Self> {
                let base = <$base<$lt> as $crate::fields::Fields<$lt>>::read(object, place, reader);
                // The fields of a type are read even if the base is wrong, so that all errors are reported.
                let event_type = match &base {
                    ::core::option::Option::Some(base) => ::core::option::Option::Some(base.$tag.clone()),
                    ::core::option::Option::None => {
                        object.peek_text(const { S::NAMES.slot_of(stringify!($tag)) }, reader.options())
                    }
                };
                match event_type.as_deref() {
                    $(::core::option::Option::Some($inner::TYPE) =>
                        $inner::read_own(base, object, place, reader).map(Self::$variant),)+
                    _ => base.map(Self::Other),
                }
            }

            fn set_rest(&mut self, rest: ::std::vec::Vec<(::std::borrow::Cow<$lt, str>, $crate::Json<$lt>)>) {
                $crate::fields::Fields::set_rest(self.base_mut(), rest);
            }

            fn serialize_members<M: $crate::__private::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                match self {
                    $(Self::$variant(event) => event.serialize_own(map)?,)+
                    Self::Other(_) => {}
                }
                $crate::fields::Fields::serialize_members(self.base(), map)
            }

            fn put_columns<F: $crate::Family, W: $crate::RowWriter + ?Sized>(&self, row: &mut W) {
                $crate::fields::Fields::put_columns::<F, W>(self.base(), row);
                match self {
                    $(Self::$variant(event) => event.put_own::<F, W>(row),)+
                    Self::Other(_) => {}
                }
            }
        }

        $crate::__names!($name);
        $crate::__serialize!($name);
    };
}

/// An object's names, serialisation and kind of field.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    ($name:ident) => {
        $crate::__names!($name);
        $crate::__serialize!($name);

        impl<'a> $crate::fields::FieldKind<'a> for $name<'a> {
            type Value = Self;
            type Owned = $name<'static>;
            const REQUIRED: &'static str = "an object";
            const TYPE: $crate::fields::FieldType = $crate::fields::FieldType::Object(
                &$crate::fields::ObjectInfo::new(stringify!($name), $name::OWN_FIELDS),
            );

            fn read(
                value: &'a $crate::__private::RawValue,
                place: &$crate::fields::Place<'_>,
                reader: &mut $crate::fields::Reader<'a, '_>,
            ) -> ::core::option::Option<Self> {
                $crate::fields::read_object(value, place, reader)
            }

            fn put<W: $crate::RowWriter + ?Sized>(value: &Self, place: usize, row: &mut W) {
                let json = $crate::__private::to_json(value);
                row.put(place, $crate::Value::Str(&json));
            }

            fn put_columns<F: $crate::Family, W: $crate::RowWriter + ?Sized>(value: &Self, row: &mut W) {
                $crate::fields::Fields::put_columns::<F, W>(value, row);
            }

            fn into_owned(value: Self) -> $name<'static> {
                value.into_owned()
            }
        }

        impl $crate::fields::ListElement for $name<'_> {
            fn text(&self) -> ::std::borrow::Cow<'_, str> {
                ::std::borrow::Cow::Owned($crate::__private::to_json(self))
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __names {
    ($name:ident) => {
        const _: () = {
            const NAMES: &$crate::fields::NameTable =
                &$crate::fields::NameTable::of(<$name<'static> as $crate::fields::Fields<'static>>::FIELDS);

            impl $crate::fields::Names for $name<'_> {
                const NAMES: &'static $crate::fields::NameTable = NAMES;
                type Slots<'r> = [::core::option::Option<&'r $crate::__private::RawValue>; NAMES.len()];

                fn slots<'r>() -> Self::Slots<'r> {
                    [::core::option::Option::None; NAMES.len()]
                }
            }
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __serialize {
    ($name:ident) => {
        /// Decodes a record with the default options, borrowing from it where possible.
        impl<'a> ::core::convert::TryFrom<&'a [u8]> for $name<'a> {
            type Error = $crate::Invalid;

            fn try_from(record: &'a [u8]) -> ::core::result::Result<Self, $crate::Invalid> {
                let options = $crate::DecodeOptions::default();
                match $crate::record_text(record, &options.limits)? {
                    ::std::borrow::Cow::Borrowed(text) => {
                        $crate::fields::decode::<$name<'a>>(text, &options, ::core::option::Option::None)
                            .map(|decoded| decoded.event)
                    }
                    ::std::borrow::Cow::Owned(text) => {
                        $crate::fields::decode::<$name<'_>>(&text, &options, ::core::option::Option::None)
                            .map(|decoded| decoded.event.into_owned())
                    }
                }
            }
        }

        /// Reads from any self-describing format, and validates as decoding does.
        impl<'de> $crate::__private::Deserialize<'de> for $name<'static> {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let json = $crate::__private::json_of(deserializer)?;
                let event: ::core::result::Result<$name<'_>, _> = ::core::convert::TryFrom::try_from(json.as_bytes());
                event.map($name::into_owned).map_err($crate::__private::custom_error)
            }
        }

        impl $crate::__private::Serialize for $name<'_> {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(::core::option::Option::None)?;
                $crate::fields::Fields::serialize_members(self, &mut map)?;
                $crate::__private::SerializeMap::end(map)
            }
        }
    };
}

/// The description of a field.
#[doc(hidden)]
#[macro_export]
macro_rules! __field {
    ($name:ident, $type:ty, $required:literal, [$kind:ty], $column:tt, $docs:tt) => {
        $crate::__field!($name, $kind, $required, [], $column, $docs)
    };
    ($name:ident, $type:ty, $required:literal, [], [], [$($doc:literal),+]) => {
        $crate::fields::FieldInfo::new(
            stringify!($name),
            <$type as $crate::fields::FieldKind<'_>>::TYPE,
            $required,
            ::core::option::Option::None,
            concat!($($doc, "\n"),+),
        )
    };
    ($name:ident, $type:ty, $required:literal, [], [$column:ident], $docs:tt) => {
        $crate::__field!($name, $type, $required, [], [$column as $name], $docs)
    };
    ($name:ident, $type:ty, $required:literal, [], [$kind:ident as $column:ident], [$($doc:literal),+]) => {
        $crate::fields::FieldInfo::new(
            stringify!($name),
            <$type as $crate::fields::FieldKind<'_>>::TYPE,
            $required,
            ::core::option::Option::Some($crate::Column::new(stringify!($column), $crate::ColumnKind::$kind)),
            concat!($($doc, "\n"),+),
        )
    };
}

/// A call of a kind's function.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ($lt:lifetime, [$type:ty], [], $function:ident($value:expr)) => {
        <$type as $crate::fields::FieldKind<$lt>>::$function($value)
    };
    ($lt:lifetime, [$type:ty], [$kind:ty], $function:ident($value:expr)) => {
        <$kind as $crate::fields::FieldKind<$lt>>::$function($value)
    };
}

/// The reading of a field.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($lt:lifetime, $how:ident, $name:ident, [$type:ty], [], $object:ident, $place:ident, $reader:ident) => {
        $object.$how::<$type>(const { S::NAMES.slot_of(stringify!($name)) }, $place, $reader)
    };
    ($lt:lifetime, $how:ident, $name:ident, [$type:ty], [$kind:ty], $object:ident, $place:ident, $reader:ident) => {
        $object.$how::<$kind>(const { S::NAMES.slot_of(stringify!($name)) }, $place, $reader)
    };
}

/// The columns of lists of fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __columns {
    ($($fields:expr),+) => {{
        const LISTS: &[&[$crate::fields::FieldInfo]] = &[$($fields),+];
        const COLUMNS: [$crate::Column; $crate::fields::count_columns(LISTS)] = $crate::fields::collect_columns(LISTS);
        &COLUMNS
    }};
}

/// Writes the field into its column, if it has one, and the fields within it into theirs.
#[doc(hidden)]
#[macro_export]
macro_rules! __put {
    ($lt:lifetime, $name:ident, $type:tt, [$kind:ty], $column:tt, $family:ident, $value:expr, $row:ident) => {
        $crate::__put!($lt, $name, [$kind], [], $column, $family, $value, $row)
    };
    ($lt:lifetime, $name:ident, [$type:ty], [], [], $family:ident, $value:expr, $row:ident) => {
        if let ::core::option::Option::Some(value) = $value {
            <$type as $crate::fields::FieldKind<$lt>>::put_columns::<$family, W>(value, $row);
        }
    };
    ($lt:lifetime, $name:ident, $type:tt, [], [$column:ident], $family:ident, $value:expr, $row:ident) => {
        $crate::__put!($lt, $name, $type, [], [$column as $name], $family, $value, $row)
    };
    (
        $lt:lifetime, $name:ident, [$type:ty], [], [$kind:ident as $column:ident], $family:ident, $value:expr,
        $row:ident
    ) => {
        if let ::core::option::Option::Some(value) = $value {
            let place = const { $family::TABLE.place_of(stringify!($column)) };
            <$type as $crate::fields::FieldKind<$lt>>::put(value, place, $row);
            <$type as $crate::fields::FieldKind<$lt>>::put_columns::<$family, W>(value, $row);
        }
    };
}
