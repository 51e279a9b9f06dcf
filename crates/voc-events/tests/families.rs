//! The list of families.

use std::collections::BTreeSet;

use voc_events::{
    ColumnKind,
    families::{ALL, find, visit},
};

#[test]
fn every_table_can_hold_its_familys_events() {
    for family in ALL {
        assert_eq!(family.table.check(), Ok(()), "{}", family.name);
        assert!(!family.table.promoted.is_empty() && !family.table.sorting_key.is_empty());
        // Rows are sorted, and their table partition chosen, by when the event happened.
        assert!(family.table.sorting_key.contains(&family.table.time.name), "{}", family.name);
    }
}

#[test]
fn the_families_differ_in_name_table_topics_and_group() {
    let names: Vec<_> = ALL.iter().map(|family| family.name).collect();
    assert_eq!(names, ["voc", "activity", "product", "quality"]);
    let differ = |values: Vec<&str>| values.iter().collect::<BTreeSet<_>>().len() == values.len();
    assert!(differ(ALL.iter().map(|family| family.table.name).collect()));
    assert!(differ(ALL.iter().map(|family| family.presets.group_id).collect()));
    assert!(differ(ALL.iter().flat_map(|family| family.presets.topics.iter().copied()).collect()));
    for family in ALL {
        assert_eq!(find(family.name), Some(family));
    }
    assert_eq!(find("VOC"), None);
}

#[test]
fn a_family_is_chosen_by_its_name() {
    struct Types;
    impl voc_events::families::FamilyVisitor for Types {
        type Output = usize;
        fn visit<F: voc_events::Family>(self) -> usize {
            F::TYPES.len()
        }
    }
    let types: Vec<_> = ALL.iter().map(|family| visit(family.name, Types)).collect();
    assert_eq!(types, [Some(4), Some(0), Some(0), Some(21)]);
    assert_eq!(visit("", Types), None);
}

#[test]
fn the_roles_of_the_tables() {
    let roles: Vec<String> = ALL
        .iter()
        .map(|family| {
            let table = family.table;
            let has = |role, column: Option<voc_events::Column>| if column.is_some() { role } else { '-' };
            let roles = [
                has('t', table.tenant),
                has('i', table.identifier),
                has('e', table.event_type),
                has('p', table.payload),
                if table.annotated { 'a' } else { '-' },
                if table.time.kind == ColumnKind::Seconds { 's' } else { '-' },
            ];
            roles.iter().collect()
        })
        .collect();
    assert_eq!(roles, ["tiepa-", "-iep--", "t-e--s", "--ep--"]);
}
