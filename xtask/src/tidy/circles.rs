//! Detects files of a crate that import each other, directly or indirectly.
//!
//! A file imports another one if it names something that the other defines, no matter through which re-exports.
//! Declaring a module or re-exporting its names is not an import.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::modules::Modules;
use super::names::PendingLookups;

/// The names that files import from others.
type Imports<'a> = BTreeMap<&'a Path, BTreeMap<&'a Path, BTreeSet<&'a str>>>;

/// Describes every circle among the files of a crate, which are given by their paths.
pub(super) fn circles(files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let roots = files.keys().filter(|file| is_root(file));
    let mut found = Vec::new();
    for modules in roots.map(|root| Modules::of(root, files)) {
        let imports = imports(&modules);
        let mut reported = BTreeSet::new();
        for file in imports.keys() {
            let circle = circle_of(file, &imports);
            if !circle.is_empty() && reported.is_disjoint(&circle) {
                found.push(describe(&circle, &imports));
                reported.extend(circle);
            }
        }
    }
    found
}

fn is_root(file: &Path) -> bool {
    let is_of_several = file.parent().is_some_and(|folder| folder.ends_with("src/bin"));
    file.ends_with("src/lib.rs") || file.ends_with("src/main.rs") || is_of_several
}

fn imports(modules: &Modules) -> Imports<'_> {
    let mut imports = Imports::new();
    for (id, module) in modules.0.iter().enumerate() {
        let used = module.uses.iter().filter(|used| !used.is_public).map(|used| &used.path);
        for path in module.written.iter().chain(used) {
            for (file, name) in modules.meaning(id, path, &mut PendingLookups::default()).definitions {
                if file != module.file {
                    imports.entry(&module.file).or_default().entry(file).or_default().insert(name);
                }
            }
        }
    }
    imports
}

/// The files that a file imports directly or indirectly and that import it; none if it is not in a circle.
fn circle_of<'a>(file: &'a Path, imports: &Imports<'a>) -> BTreeSet<&'a Path> {
    let below = reach(file, imports);
    below.into_iter().filter(|other| reach(other, imports).contains(file)).collect()
}

fn reach<'a>(file: &Path, imports: &Imports<'a>) -> BTreeSet<&'a Path> {
    let direct = |file: &Path| imports.get(file).into_iter().flat_map(BTreeMap::keys).copied();
    let mut reached = BTreeSet::new();
    let mut next: Vec<_> = direct(file).collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(direct(file));
        }
    }
    reached
}

fn describe(circle: &BTreeSet<&Path>, imports: &Imports) -> String {
    let mut text = String::from(
        "files import each other in a circle; move what both sides need into a file of its own below both:",
    );
    for (file, others) in imports.iter().filter(|(file, _)| circle.contains(*file)) {
        for (other, names) in others.iter().filter(|(other, _)| circle.contains(*other)) {
            let names: Vec<_> = names.iter().copied().collect();
            let _ = write!(text, "\n  {} -> {}: {}", file.display(), other.display(), names.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(file, text)| (PathBuf::from(file), (*text).to_owned())).collect();
        circles(&files).iter().map(|circle| circle.split_once("\n  ").unwrap().1.replace("\n  ", "; ")).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        let found = circles_of(&[
            ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("src/a.rs", "use crate::b::{B, Other as _}; pub struct A(B);"),
            ("src/b.rs", "pub struct B; pub trait Other {} fn f() { crate::a::A::new(); }"),
        ]);
        assert_eq!(found, ["src/a.rs -> src/b.rs: B, Other; src/b.rs -> src/a.rs: A"]);
    }

    #[test]
    fn three_files_are_a_circle_however_their_names_are_reexported() {
        let found = circles_of(&[
            ("src/lib.rs", "mod folder; mod other; pub use folder::*;"),
            ("src/folder/mod.rs", "mod a; mod b; pub use self::{a::A, b::*};"),
            ("src/folder/a.rs", "use super::B; pub struct A(B);"),
            ("src/folder/b.rs", "pub struct B; pub fn f(_: crate::other::inner::Other) {}"),
            ("src/other/mod.rs", "pub mod inner;"),
            ("src/other/inner.rs", "pub struct Other; fn f() { vec![crate::A::new()]; }"),
        ]);
        let a_b = "src/folder/a.rs -> src/folder/b.rs: B";
        let b_other = "src/folder/b.rs -> src/other/inner.rs: Other";
        let other_a = "src/other/inner.rs -> src/folder/a.rs: A";
        assert_eq!(found, [format!("{a_b}; {b_other}; {other_a}")]);
    }

    #[test]
    fn a_module_that_defines_what_its_children_need_is_in_a_circle_if_it_needs_them() {
        let child = ("src/parent/child.rs", "impl super::Shared { fn f(&self) {} } pub fn g() {}");
        let root = ("src/main.rs", "mod parent; fn main() { parent::child::g() }");
        let uses_it = ("src/parent/mod.rs", "pub mod child; pub struct Shared; fn f() { child::g() }");
        let found = circles_of(&[root, uses_it, child]);
        assert_eq!(
            found,
            ["src/parent/child.rs -> src/parent/mod.rs: Shared; src/parent/mod.rs -> src/parent/child.rs: g"]
        );

        let hands_it_on = ("src/parent/mod.rs", "pub mod child; pub struct Shared; pub(crate) use child::g;");
        assert_eq!(circles_of(&[root, hands_it_on, child]), NONE);
    }

    #[test]
    fn macros_belong_to_their_files_and_need_what_they_name() {
        let found = circles_of(&[
            ("src/lib.rs", "mod kinds; mod macros;"),
            (
                "src/macros.rs",
                "#[macro_export] macro_rules! make { ($n:ident) => { struct $n($crate::kinds::Kind); }; }",
            ),
            ("src/kinds.rs", "use crate::make; pub struct Kind; make!(Name);"),
        ]);
        assert_eq!(found, ["src/kinds.rs -> src/macros.rs: make; src/macros.rs -> src/kinds.rs: Kind"]);
    }

    #[test]
    fn neither_one_way_imports_nor_tests_are_circles() {
        let found = circles_of(&[
            ("src/lib.rs", "mod a; mod b; mod c; pub use a::A;"),
            ("src/a.rs", "use super::b::B; use std::fmt; pub struct A(B); #[cfg(test)] mod tests { use crate::c::C; }"),
            ("src/b.rs", "use crate::c::C; pub struct B(C); #[cfg(test)] mod tests;"),
            ("src/b/tests.rs", "use crate::A;"),
            // A variable with the name of another file's function.
            ("src/c.rs", "pub struct C; fn f(a: u8) -> u8 { a } #[cfg(all(test, unix))] fn g(_: crate::A) {}"),
        ]);
        assert_eq!(found, NONE);
    }
}
