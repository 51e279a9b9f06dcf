//! How much work and how much of the stack a schema may take.
//!
//! The library evaluates a subschema as often as it is applied, even to the same value, and recurses for each. So a
//! few kilobytes of a schema could take any time and any stack.

use super::{SchemaError, graph::Graph};

/// Maximum number of evaluations of subschemas for one value.
const MAX_EVALUATIONS: usize = 100_000;

/// Maximum number of subschemas that apply each other to one value. It bounds the recursion here, too.
const MAX_CHAIN: usize = 100;

/// What the validation of a record may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Complexity {
    /// The most evaluations of subschemas for one value.
    pub(super) evaluations: usize,
    /// The longest chain of subschemas that apply each other to one value.
    pub(super) chain: usize,
    /// How many times each part of a record is visited at most when errors are searched; `None` if that depends on the
    /// record's depth.
    pub(super) visits: Option<usize>,
}

/// What one subschema takes for one value.
#[derive(Debug, Clone, Copy)]
struct Cost {
    evaluations: usize,
    /// Evaluations to find out which members it has evaluated.
    for_evaluated: usize,
    chain: usize,
}

impl Complexity {
    /// Refuses schemas that take too much.
    pub(super) fn of(graph: &Graph) -> Result<Self, SchemaError> {
        let too_many = SchemaError::TooComplex { what: "evaluations of one value", limit: MAX_EVALUATIONS };
        let mut costs = Costs { graph, known: vec![None; graph.nodes.len()] };
        let reached = reached(graph);
        let (mut evaluations, mut chain) = (1, 1);
        for &position in &reached {
            let cost = costs.of(position, 1)?;
            if cost.evaluations > MAX_EVALUATIONS {
                return Err(too_many);
            }
            evaluations = evaluations.max(cost.evaluations);
            chain = chain.max(cost.chain);
        }
        let (visits, is_recursive) = visits(graph, &reached);
        if visits > MAX_EVALUATIONS {
            return Err(too_many);
        }
        let is_disjoint = reached.iter().all(|&position| graph.nodes[position].is_disjoint);
        let visits = match (is_disjoint, is_recursive) {
            (true, _) => Some(chain),
            (false, false) => Some(visits),
            (false, true) => None,
        };
        Ok(Self { evaluations, chain, visits })
    }
}

/// The subschemas that may be applied to a record, directly or not.
fn reached(graph: &Graph) -> Vec<usize> {
    let mut is_known = vec![false; graph.nodes.len()];
    let mut reached = Vec::new();
    let mut add = |reached: &mut Vec<usize>, position: usize| {
        if !std::mem::replace(&mut is_known[position], true) {
            reached.push(position);
        }
    };
    (0..graph.nodes.len().min(1)).for_each(|root| add(&mut reached, root));
    let mut at = 0;
    while let Some(&position) = reached.get(at) {
        at += 1;
        graph.nodes[position].applied().for_each(|next| add(&mut reached, next));
    }
    reached
}

/// How many times subschemas are visited at most, and whether any is recursive.
///
/// The library visits a subschema by each way to it, except for references that close a cycle: it remembers what
/// became of their targets. Which ones these are depends on where it begins a cycle and in which order it goes on.
fn visits(graph: &Graph, reached: &[usize]) -> (usize, bool) {
    let sections = sections(graph, reached);
    let (root, is_recursive) = Ways::of(&sections, Order::Forward).from(0);
    if !is_recursive {
        return (root, false);
    }
    let mut most = root;
    for target in 0..sections.len() {
        for order in [Order::Forward, Order::Backward] {
            most = most.max(Ways::of(&sections, order).from(target).0);
        }
    }
    (most, true)
}

/// A subschema that references lead to, together with its parts that none leads to.
#[derive(Debug)]
struct Section {
    subschemas: usize,
    /// The positions of the sections that these apply.
    applied: Vec<usize>,
}

/// The sections of a schema, that of the schema itself first. There are no more than references, whereas there may be
/// many thousands of subschemas.
fn sections(graph: &Graph, reached: &[usize]) -> Vec<Section> {
    let mut positions = vec![None; graph.nodes.len()];
    let mut targets = Vec::new();
    let referenced = reached.iter().flat_map(|&position| &graph.nodes[position].referenced);
    for &target in reached.first().into_iter().chain(referenced) {
        if positions[target].is_none() {
            positions[target] = Some(targets.len());
            targets.push(target);
        }
    }
    targets.into_iter().map(|target| section(graph, &positions, target)).collect()
}

fn section(graph: &Graph, positions: &[Option<usize>], target: usize) -> Section {
    let mut section = Section { subschemas: 0, applied: Vec::new() };
    let mut to_visit = vec![target];
    while let Some(position) = to_visit.pop() {
        match positions[position] {
            Some(applied) if section.subschemas > 0 => section.applied.push(applied),
            _ => {
                section.subschemas += 1;
                let mut applied: Vec<usize> = graph.nodes[position].applied().collect();
                applied.reverse();
                to_visit.extend(applied);
            }
        }
    }
    section
}

struct Costs<'g> {
    graph: &'g Graph,
    known: Vec<Option<Cost>>,
}

impl Costs<'_> {
    /// The cost of a subschema that is the `place`-th of a chain. A cycle is an endless chain: it means nothing, and
    /// the library may follow each of its ways.
    fn of(&mut self, position: usize, place: usize) -> Result<Cost, SchemaError> {
        if let Some(cost) = self.known[position] {
            return Ok(cost);
        }
        let too_long =
            SchemaError::TooComplex { what: "subschemas that apply each other to one value", limit: MAX_CHAIN };
        if place > MAX_CHAIN {
            return Err(too_long);
        }
        let graph = self.graph;
        let node = &graph.nodes[position];
        let mut cost = Cost { evaluations: 1, for_evaluated: 0, chain: 1 };
        for next in node.to_same_value() {
            let of_next = self.of(next, place + 1)?;
            cost.evaluations = cost.evaluations.saturating_add(of_next.evaluations);
            let again = of_next.evaluations.saturating_add(of_next.for_evaluated);
            cost.for_evaluated = cost.for_evaluated.saturating_add(again);
            cost.chain = cost.chain.max(1 + of_next.chain);
        }
        if node.asks_for_evaluated {
            cost.evaluations = cost.evaluations.saturating_add(cost.for_evaluated);
        }
        if cost.chain > MAX_CHAIN {
            return Err(too_long);
        }
        self.known[position] = Some(cost);
        Ok(cost)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Forward,
    Backward,
}

/// What is known of the ways from a section.
#[derive(Debug, Clone, Copy)]
enum Known {
    Nothing,
    /// Its own are being counted.
    Begun,
    Ways(usize),
}

/// Counts the ways from a section to subschemas, up to where they close a cycle. It may be a thousand steps deep, so
/// it does not recurse.
struct Ways<'s> {
    sections: &'s [Section],
    order: Order,
    known: Vec<Known>,
}

/// A section whose ways are being counted.
struct Begun {
    position: usize,
    to_visit: Vec<usize>,
    ways: usize,
}

impl<'s> Ways<'s> {
    fn of(sections: &'s [Section], order: Order) -> Self {
        Self { sections, order, known: vec![Known::Nothing; sections.len()] }
    }

    /// The number, and whether there are cycles.
    fn from(mut self, position: usize) -> (usize, bool) {
        let mut has_cycle = false;
        let mut before = Vec::new();
        let mut current = self.begin(position);
        loop {
            let more = match current.to_visit.pop() {
                Some(next) => match self.known[next] {
                    Known::Nothing => {
                        before.push(std::mem::replace(&mut current, self.begin(next)));
                        continue;
                    }
                    Known::Begun => {
                        has_cycle = true;
                        1
                    }
                    Known::Ways(ways) => ways,
                },
                None => {
                    let ways = current.ways;
                    self.known[current.position] = Known::Ways(ways);
                    let Some(outer) = before.pop() else { return (ways, has_cycle) };
                    current = outer;
                    ways
                }
            };
            current.ways = current.ways.saturating_add(more);
        }
    }

    fn begin(&mut self, position: usize) -> Begun {
        self.known[position] = Known::Begun;
        let section = &self.sections[position];
        let mut to_visit = section.applied.clone();
        if self.order == Order::Forward {
            to_visit.reverse();
        }
        Begun { position, to_visit, ways: section.subschemas }
    }
}
