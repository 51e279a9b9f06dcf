//! The modules of a crate, from the contents of its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Item, ItemMod};

use super::items::{attributes, definitions, is_exported_macro, is_for_tests};
use super::paths::{Paths, Use, Written};

/// A module's index in [`Modules`].
pub(super) type Id = usize;

/// A module: its definitions, its imports, and the names it uses.
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) parent: Option<Id>,
    pub(super) children: BTreeMap<String, Id>,
    /// The file that defines a name, and whether the name is visible to other modules.
    pub(super) definitions: BTreeMap<String, (PathBuf, bool)>,
    pub(super) uses: Vec<Use>,
    pub(super) written: Vec<Written>,
}

/// The modules of a crate; the first one is its root.
#[derive(Default)]
pub(super) struct Modules(pub(super) Vec<Module>);

impl Modules {
    /// Reads the file of a crate's root, and everything that it declares.
    pub(super) fn of(root: &Path, files: &BTreeMap<PathBuf, String>) -> Self {
        let mut modules = Self::default();
        let folder = root.parent().unwrap();
        modules.add_file(root, folder, None, files);
        modules
    }

    fn add_file(&mut self, file: &Path, folder: &Path, parent: Option<Id>, files: &BTreeMap<PathBuf, String>) -> Id {
        let parsed = syn::parse_file(&files[file]).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.add(&parsed.items, file, folder, parent, files)
    }

    /// Adds a module; the files of its children are in `folder`.
    fn add(
        &mut self,
        items: &[Item],
        file: &Path,
        folder: &Path,
        parent: Option<Id>,
        files: &BTreeMap<PathBuf, String>,
    ) -> Id {
        let id = self.0.len();
        self.0.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            definitions: BTreeMap::new(),
            uses: Vec::new(),
            written: Vec::new(),
        });
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            if let Item::Mod(declared) = item {
                let child = self.add_child(declared, file, folder, id, files);
                self.0[id].children.insert(declared.ident.to_string(), child);
                continue;
            }
            let home = if matches!(item, Item::Macro(item) if is_exported_macro(item)) { 0 } else { id };
            let defined = definitions(item).into_iter().map(|(name, is_public)| (name, (file.to_owned(), is_public)));
            self.0[home].definitions.extend(defined);
            let paths = Paths::of(item);
            self.0[id].uses.extend(paths.uses);
            self.0[id].written.extend(paths.written);
        }
        id
    }

    fn add_child(
        &mut self,
        declared: &ItemMod,
        file: &Path,
        folder: &Path,
        parent: Id,
        files: &BTreeMap<PathBuf, String>,
    ) -> Id {
        let name = declared.ident.to_string();
        let below = folder.join(&name);
        if let Some((_, items)) = &declared.content {
            return self.add(items, file, &below, Some(parent), files);
        }
        let places = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
        let found = places.iter().find(|place| files.contains_key(*place));
        let found = found.unwrap_or_else(|| panic!("{} declares {name}, which has no file", file.display()));
        self.add_file(found, &below, Some(parent), files)
    }
}
