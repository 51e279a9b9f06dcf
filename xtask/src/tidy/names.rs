//! Resolves paths to the places of their definitions.

use std::collections::BTreeSet;
use std::path::Path;

use super::modules::{Id, Modules};
use super::paths::Use;

/// The meaning of a name within this crate: a module, definitions by file and name, or both.
#[derive(Default)]
pub(super) struct Meaning<'a> {
    module: Option<Id>,
    pub(super) definitions: BTreeSet<(&'a Path, &'a str)>,
}

impl<'a> Meaning<'a> {
    fn and(mut self, other: Self) -> Self {
        self.module = self.module.or(other.module);
        self.definitions.extend(other.definitions);
        self
    }

    fn is_nothing(&self) -> bool {
        self.module.is_none() && self.definitions.is_empty()
    }
}

/// Names being resolved, so that modules may re-export each other's names.
#[derive(Default)]
pub(super) struct PendingLookups<'a>(BTreeSet<(Id, &'a str)>);

impl Modules {
    /// The meaning of a path in a module. A path that continues after a type, for example to a variant, means the
    /// type.
    pub(super) fn meaning<'a>(&'a self, from: Id, path: &'a [String], asked: &mut PendingLookups<'a>) -> Meaning<'a> {
        let mut meaning = Meaning { module: Some(from), ..Meaning::default() };
        for (place, segment) in path.iter().enumerate() {
            let Some(module) = meaning.module else { break };
            let next = match segment.as_str() {
                "crate" => Meaning { module: Some(0), ..Meaning::default() },
                "self" => Meaning { module: Some(module), ..Meaning::default() },
                "super" => Meaning { module: self.0[module].parent, ..Meaning::default() },
                name => self.look_up(module, name, place == 0 || self.is_within(from, module), asked),
            };
            if next.is_nothing() {
                return next;
            }
            meaning = next;
        }
        meaning
    }

    /// Whether a module is another one, or a descendant of it, and therefore sees that one's private names.
    fn is_within(&self, inner: Id, outer: Id) -> bool {
        inner == outer || self.0[inner].parent.is_some_and(|parent| self.is_within(parent, outer))
    }

    fn look_up<'a>(&'a self, id: Id, name: &'a str, sees_private: bool, asked: &mut PendingLookups<'a>) -> Meaning<'a> {
        if !asked.0.insert((id, name)) {
            return Meaning::default();
        }
        let module = &self.0[id];
        let defined = module.definitions.get(name).filter(|(_, is_public)| sees_private || *is_public);
        let own = Meaning {
            module: module.children.get(name).copied(),
            definitions: defined.iter().map(|(file, _)| (file.as_path(), name)).collect(),
        };
        let visible = |used: &&Use| sees_private || used.is_public;
        let named = module.uses.iter().filter(visible).filter(|used| used.name.as_deref() == Some(name));
        let mut found = named.fold(own, |found, used| found.and(self.meaning(id, &used.path, asked)));
        if found.is_nothing() {
            for glob in module.uses.iter().filter(visible).filter(|used| used.is_glob) {
                let Some(other) = self.meaning(id, &glob.path, asked).module else { continue };
                found = found.and(self.look_up(other, name, self.is_within(id, other), asked));
            }
        }
        asked.0.remove(&(id, name));
        found
    }
}
