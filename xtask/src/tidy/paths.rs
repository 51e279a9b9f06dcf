//! The paths written in an item: the names it uses, not yet their meaning.

use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ExprPath, Ident, ImplItem, Item, ItemUse, Macro, Path, UseTree, Visibility};

use super::items::{attributes, is_for_tests};

/// A path as it is written, segment by segment.
pub(super) type Written = Vec<String>;

/// A name that a `use` brings into scope.
pub(super) struct Use {
    /// `None` for a glob, and for a trait that is imported as `_`.
    pub(super) name: Option<String>,
    pub(super) path: Written,
    pub(super) is_glob: bool,
    /// Whether it re-exports the name.
    pub(super) is_public: bool,
}

/// The contents of an item.
#[derive(Default)]
pub(super) struct Paths {
    pub(super) written: Vec<Written>,
    pub(super) uses: Vec<Use>,
}

impl Paths {
    pub(super) fn of(item: &Item) -> Self {
        let mut paths = Self::default();
        paths.visit_item(item);
        paths
    }

    fn add(&mut self, path: &Path) {
        if path.leading_colon.is_none() {
            self.written.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
    }

    fn add_tree(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let with = |ident: &Ident| before.iter().cloned().chain([ident.to_string()]).collect::<Written>();
        match tree {
            UseTree::Path(path) => self.add_tree(&path.tree, &with(&path.ident), is_public),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, before, is_public)),
            UseTree::Glob(_) => {
                self.uses.push(Use { name: None, path: before.to_vec(), is_glob: true, is_public });
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.uses.push(Use { name: before.last().cloned(), path: before.to_vec(), is_glob: false, is_public });
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                self.uses.push(Use { name: path.last().cloned(), path, is_glob: false, is_public });
            }
            UseTree::Rename(renamed) => {
                let name = Some(renamed.rename.to_string()).filter(|name| name != "_");
                self.uses.push(Use { name, path: with(&renamed.ident), is_glob: false, is_public });
            }
        }
    }

    /// Adds what looks like a path among the tokens passed to, or produced by, a macro.
    fn add_tokens(&mut self, mut cursor: Cursor) {
        let mut before = None;
        while !cursor.eof() {
            if let Some((inside, _, _, rest)) = cursor.any_group() {
                self.add_tokens(inside);
                (before, cursor) = (None, rest);
            } else if let Some((path, rest)) = path_at(cursor) {
                // A member of something, or a macro's parameter.
                let is_other = before == Some('.') || before == Some('$') && path[0] != "crate";
                let is_called = rest.any_group().is_some();
                if !is_other && (path.len() > 1 || is_called || is_type_or_constant(&path[0])) {
                    self.written.push(path);
                }
                (before, cursor) = (None, rest);
            } else {
                before = cursor.punct().map(|(punct, _)| punct.as_char());
                let Some((_, rest)) = cursor.token_tree() else { break };
                cursor = rest;
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.add_tree(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.add(path);
        visit::visit_path(self, path);
    }

    /// A single lower-case name is a variable, unless it is called.
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let alone = path.path.get_ident().map(ToString::to_string);
        if path.qself.is_some() || alone.is_none_or(|name| is_type_or_constant(&name)) {
            visit::visit_expr_path(self, path);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func {
            self.add(&function.path);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.add(&called.path);
        self.add_tokens(TokenBuffer::new2(called.tokens.clone()).begin());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// The path that begins at a position among tokens, and the rest.
fn path_at(cursor: Cursor) -> Option<(Written, Cursor)> {
    let (first, mut rest) = cursor.ident()?;
    let mut path = vec![first.to_string()];
    while let Some((ident, after)) = colons(rest).and_then(Cursor::ident) {
        path.push(ident.to_string());
        rest = after;
    }
    Some((path, rest))
}

fn colons(cursor: Cursor) -> Option<Cursor> {
    colon(cursor).and_then(colon)
}

fn colon(cursor: Cursor) -> Option<Cursor> {
    let (punct, rest) = cursor.punct()?;
    (punct.as_char() == ':').then_some(rest)
}

/// By convention, because tokens do not show it.
fn is_type_or_constant(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}
