//! The names that an item defines, and whether it exists only in tests.

use syn::buffer::{Cursor, TokenBuffer};
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, ItemMacro, Meta, Token, Visibility};

/// Keywords that precede the name of what they define.
const KEYWORDS: [&str; 8] = ["const", "enum", "fn", "static", "struct", "trait", "type", "union"];

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether it is compiled only for tests.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    let takes_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta))
    };
    attributes.iter().any(|attribute| attribute.path().is_ident("test") || takes_test(attribute))
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            parts.is_ok_and(|parts| parts.iter().any(needs_test))
        }
        _ => false,
    }
}

/// The names that an item defines, and whether they are visible to other modules.
pub(super) fn definitions(item: &Item) -> Vec<(String, bool)> {
    let (name, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::TraitAlias(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        Item::Macro(item) => return made_by(item),
        _ => return Vec::new(),
    };
    vec![(name.to_string(), !matches!(visibility, Visibility::Inherited))]
}

/// Whether it is a macro that is visible at the root of its crate.
pub(super) fn is_exported_macro(item: &ItemMacro) -> bool {
    item.ident.is_some() && item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

/// What a macro defines, by its name or, as far as tokens show, when it is invoked.
fn made_by(item: &ItemMacro) -> Vec<(String, bool)> {
    let buffer = TokenBuffer::new2(item.mac.tokens.clone());
    let mut found: Vec<_> = item.ident.iter().map(ToString::to_string).collect();
    // The output of a macro's rules is inside their braces.
    add_definitions(buffer.begin(), usize::from(item.ident.is_some()), &mut found);
    found.into_iter().map(|name| (name, true)).collect()
}

fn add_definitions(mut cursor: Cursor, depth: usize, found: &mut Vec<String>) {
    let mut follows_keyword = false;
    while !cursor.eof() {
        if let Some((inside, _, _, _)) = cursor.any_group().filter(|_| depth > 0) {
            add_definitions(inside, depth - 1, found);
        }
        let ident = cursor.ident().map(|(ident, _)| ident.to_string());
        found.extend(ident.clone().filter(|_| follows_keyword && depth == 0));
        follows_keyword = ident.is_some_and(|ident| KEYWORDS.contains(&ident.as_str()));
        let Some((_, rest)) = cursor.token_tree() else { break };
        cursor = rest;
    }
}
