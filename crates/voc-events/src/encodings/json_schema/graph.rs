//! Which subschemas of a schema apply which others.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use jsonschema::{Draft, Registry, Uri};
use serde_json::{Map, Value};

/// The subschemas of a schema and of its references.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The first is the schema itself.
    pub(super) nodes: Vec<Node>,
}

/// A subschema, with the positions of those that it applies.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// To the same value, by reference.
    pub(super) referenced: Vec<usize>,
    /// To the same value, as a part of its own.
    pub(super) in_place: Vec<usize>,
    /// To the members or elements of the value.
    pub(super) below: Vec<usize>,
    /// Whether it asks which members or elements the others have evaluated, so that these are evaluated again.
    pub(super) asks_for_evaluated: bool,
    /// Whether no part of the value has more than one of the others applied to it.
    pub(super) is_disjoint: bool,
}

/// How a keyword applies the subschemas in its value.
enum Applies {
    InPlace,
    Below,
    /// It only declares them.
    No,
}

/// What is known of a subschema before those that it applies are visited.
struct Place<'r> {
    schema: &'r Value,
    base: Arc<Uri<String>>,
    draft: Draft,
}

struct Builder<'r> {
    registry: &'r Registry<'r>,
    places: Vec<Place<'r>>,
    /// By address: the registry keeps each schema in one place.
    by_address: HashMap<*const Value, usize>,
    /// The subschemas with each dynamic anchor; those with a recursive one under an empty name.
    anchors: HashMap<&'r str, Vec<usize>>,
    /// The references that lead to any of the subschemas with an anchor, depending on the way to them.
    dynamic: Vec<(usize, &'r str)>,
}

impl Node {
    /// The subschemas that it applies to the same value.
    pub(super) fn to_same_value(&self) -> impl Iterator<Item = usize> {
        self.referenced.iter().chain(&self.in_place).copied()
    }

    /// All subschemas that it applies.
    pub(super) fn applied(&self) -> impl Iterator<Item = usize> {
        self.to_same_value().chain(self.below.iter().copied())
    }
}

impl Graph {
    /// The graph of the schema at a location. References that lead nowhere are left to the compiler.
    pub(super) fn of(registry: &Registry<'_>, location: Uri<String>) -> Self {
        let mut builder = Builder {
            registry,
            places: Vec::new(),
            by_address: HashMap::new(),
            anchors: HashMap::new(),
            dynamic: Vec::new(),
        };
        builder.referenced(&Arc::new(location), "#");
        let mut nodes = Vec::new();
        // Visiting one adds those that it applies.
        while nodes.len() < builder.places.len() {
            nodes.push(builder.node(nodes.len()));
        }
        builder.add_dynamic(&mut nodes);
        Self { nodes }
    }
}

impl<'r> Builder<'r> {
    /// Adds a node for each anchor, which stands for any subschema that has it.
    fn add_dynamic(self, nodes: &mut Vec<Node>) {
        let mut by_anchor = HashMap::new();
        for (from, anchor) in self.dynamic {
            let Some(with_anchor) = self.anchors.get(anchor) else { continue };
            let of_anchor = match by_anchor.entry(anchor) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => {
                    nodes.push(Node { referenced: with_anchor.clone(), is_disjoint: true, ..Node::default() });
                    *new.insert(nodes.len() - 1)
                }
            };
            nodes[from].referenced.push(of_anchor);
        }
    }

    /// The position of the subschema that a reference names.
    fn referenced(&mut self, base: &Arc<Uri<String>>, reference: &str) -> Option<usize> {
        let resolved = self.registry.resolver(base.as_ref().clone()).lookup(reference).ok()?;
        let (schema, resolver, draft) = resolved.into_inner();
        let position = self.position(schema, resolver.base_uri(), draft);
        // Its whole document, because a dynamic anchor may be anywhere in it.
        if let Ok(document) = resolver.lookup("#") {
            let (schema, resolver, draft) = document.into_inner();
            self.position(schema, resolver.base_uri(), draft);
        }
        Some(position)
    }

    fn position(&mut self, schema: &'r Value, base: Arc<Uri<String>>, draft: Draft) -> usize {
        let next = self.places.len();
        let position = *self.by_address.entry(schema).or_insert(next);
        if position == next {
            self.places.push(Place { schema, base, draft });
        }
        position
    }

    /// The position of a subschema within another.
    fn within(&mut self, schema: &'r Value, base: &Arc<Uri<String>>, draft: Draft) -> usize {
        let draft = draft.detect(schema);
        let resource = draft.create_resource_ref(schema);
        let own = match resource.id() {
            Some(_) => self.registry.resolver(base.as_ref().clone()).in_subresource(resource).ok(),
            None => None,
        };
        let base = own.map_or_else(|| Arc::clone(base), |own| own.base_uri());
        self.position(schema, base, draft)
    }

    fn node(&mut self, position: usize) -> Node {
        let mut node = Node::default();
        let Place { schema, ref base, draft } = self.places[position];
        let (base, Value::Object(keywords)) = (Arc::clone(base), schema) else {
            return Node { is_disjoint: true, ..node };
        };
        self.anchors(position, keywords);
        for (keyword, value) in keywords {
            if let (true, Value::String(reference)) = (is_reference(keyword), value) {
                node.referenced.extend(self.reference(position, &base, keyword, reference));
            }
            for schema in subschemas(keyword, value) {
                let within = self.within(schema, &base, draft);
                match applies(keyword) {
                    Applies::InPlace => node.in_place.push(within),
                    Applies::Below => node.below.push(within),
                    Applies::No => {}
                }
            }
        }
        let has = |keyword| keywords.contains_key(keyword);
        node.asks_for_evaluated = has("unevaluatedProperties") || has("unevaluatedItems");
        let is_dynamic = has("$dynamicRef") || has("$recursiveRef");
        node.is_disjoint = !is_dynamic
            && match node.to_same_value().count() {
                0 => !has("patternProperties") && !has("contains"),
                1 => node.below.is_empty(),
                _ => false,
            };
        node
    }

    fn anchors(&mut self, position: usize, keywords: &'r Map<String, Value>) {
        if let Some(Value::String(name)) = keywords.get("$dynamicAnchor") {
            self.anchors.entry(name).or_default().push(position);
        }
        if keywords.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
            self.anchors.entry("").or_default().push(position);
        }
    }

    /// What a reference of a subschema names. The library does not follow one to the subschema itself.
    fn reference(
        &mut self,
        position: usize,
        base: &Arc<Uri<String>>,
        keyword: &str,
        reference: &'r str,
    ) -> Option<usize> {
        if keyword != "$ref" {
            let (_, anchor) = reference.rsplit_once('#')?;
            self.dynamic.push((position, anchor));
        }
        self.referenced(base, reference).filter(|target| !reference.is_empty() && *target != position)
    }
}

fn is_reference(keyword: &str) -> bool {
    matches!(keyword, "$ref" | "$dynamicRef" | "$recursiveRef")
}

fn applies(keyword: &str) -> Applies {
    match keyword {
        "$defs" | "definitions" => Applies::No,
        "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else" | "dependentSchemas" | "dependencies" => {
            Applies::InPlace
        }
        _ => Applies::Below,
    }
}

/// The subschemas in a keyword's value, in any draft.
fn subschemas<'r>(keyword: &str, value: &'r Value) -> Vec<&'r Value> {
    match (keyword, value) {
        ("allOf" | "anyOf" | "oneOf" | "prefixItems" | "items", Value::Array(schemas)) => schemas.iter().collect(),
        (
            "$defs" | "definitions" | "dependentSchemas" | "dependencies" | "patternProperties" | "properties",
            Value::Object(schemas),
        ) => schemas.values().filter(|schema| !schema.is_array()).collect(),
        (
            "not"
            | "if"
            | "then"
            | "else"
            | "additionalProperties"
            | "propertyNames"
            | "items"
            | "additionalItems"
            | "contains"
            | "unevaluatedProperties"
            | "unevaluatedItems",
            schema,
        ) => vec![schema],
        _ => Vec::new(),
    }
}
