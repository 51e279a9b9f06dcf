//! The fields of all types of event, without duplicates.

use crate::fields::{FieldInfo, FieldType, ObjectInfo};

/// A field of one or several types of event.
pub(super) struct MergedField {
    pub(super) name: &'static str,
    /// Its kind: a single one, unless types of event differ in the meaning of the name.
    pub(super) kinds: Vec<FieldType>,
    /// Whether every event has it.
    pub(super) is_required: bool,
    pub(super) doc: String,
    /// The number of its list (0 for the common fields, followed by those of the types), and its position there.
    pub(super) place: (usize, usize),
}

/// The common fields, followed by those of the types in order.
pub(super) fn merge(common: &[FieldInfo], types: &[(&str, &[FieldInfo])]) -> Vec<MergedField> {
    let mut merged: Vec<MergedField> = Vec::new();
    for (place, field) in common.iter().enumerate() {
        merged.push(MergedField {
            name: field.name,
            kinds: vec![field.kind],
            is_required: field.is_required,
            doc: plain(field.doc),
            place: (0, place),
        });
    }
    for (list, (type_name, fields)) in types.iter().enumerate() {
        for (place, field) in fields.iter().enumerate() {
            let is_required = if field.is_required { ", required" } else { "" };
            let doc = format!("Of {type_name}{is_required}: {}", plain(field.doc));
            match merged.iter_mut().find(|known| known.name == field.name) {
                Some(known) => {
                    if !known.kinds.contains(&field.kind) {
                        known.kinds.push(field.kind);
                    }
                    known.doc = format!("{} {doc}", known.doc);
                }
                None => merged.push(MergedField {
                    name: field.name,
                    kinds: vec![field.kind],
                    is_required: false,
                    doc,
                    place: (list + 1, place),
                }),
            }
        }
    }
    merged
}

/// Documentation on one line.
pub(super) fn plain(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names of the types of objects in a schema. Different objects with one name get different names.
pub(super) struct ObjectNames {
    taken: Vec<(String, Option<ObjectInfo>)>,
}

impl ObjectNames {
    /// Contains only the event's name.
    pub(super) fn with_event(event: &str) -> Self {
        Self { taken: vec![(event.to_owned(), None)] }
    }

    /// The object's name, and whether it was not requested before.
    pub(super) fn name(&mut self, object: &ObjectInfo) -> (String, bool) {
        if let Some((name, _)) = self.taken.iter().find(|(_, known)| known.as_ref() == Some(object)) {
            return (name.clone(), false);
        }
        let mut name = object.name.to_owned();
        let mut number = 2;
        while self.taken.iter().any(|(taken, _)| *taken == name) {
            name = format!("{}{number}", object.name);
            number += 1;
        }
        self.taken.push((name.clone(), Some(*object)));
        (name, true)
    }
}
