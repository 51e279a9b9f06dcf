//! Which part of the product a commit is about, by the files that it changes.

/// Parts of the product by their folders, in the order of the changelog.
const PRODUCT: [(&str, &[&str]); 7] = [
    ("Events", &["crates/voc-events/"]),
    ("NLP", &["crates/voc-nlp/", "crates/voc-train/"]),
    ("Ingestion", &["crates/voc-ingest/"]),
    ("Store", &["crates/voc-store/"]),
    ("API", &["crates/voc-api/"]),
    ("Services", &["bins/", "crates/voc-service/"]),
    ("Deployment", &["deploy/"]),
];
const DOCUMENTATION: &str = "Documentation";
const TOOLING: &str = "Tooling";

/// All areas, in the order of the changelog.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    PRODUCT.iter().map(|(name, _)| *name).chain([DOCUMENTATION, TOOLING])
}

/// The area of a commit: the part of the product that most of its files belong to, whatever tests and documents come
/// with it; without such files, what most of the others are.
pub(super) fn of(paths: &[String]) -> &'static str {
    let most = |candidates: &[&'static str]| {
        let count = |area: &str| paths.iter().filter(|path| area_of_file(path) == area).count();
        let best = candidates.iter().rev().max_by_key(|area| count(area));
        best.copied().filter(|area| count(area) > 0)
    };
    let product: Vec<&str> = PRODUCT.iter().map(|(name, _)| *name).collect();
    most(&product).or_else(|| most(&[DOCUMENTATION, TOOLING])).unwrap_or(TOOLING)
}

fn area_of_file(path: &str) -> &'static str {
    if path.contains("/tests/") || path.contains("/fuzz/") || path.contains("/examples/") {
        return TOOLING;
    }
    if path.ends_with(".md") || path.starts_with("docs/") {
        return DOCUMENTATION;
    }
    let found = PRODUCT.iter().find(|(_, folders)| folders.iter().any(|folder| path.starts_with(folder)));
    found.map_or(TOOLING, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_belongs_to_the_part_of_the_product_that_it_changes_most() {
        for (paths, area) in [
            (&["crates/voc-store/src/a.rs", "crates/voc-api/src/a.rs", "crates/voc-api/src/b.rs"] as &[&str], "API"),
            (&["crates/voc-nlp/src/a.rs", "crates/voc-store/src/a.rs"], "NLP"),
            (
                &["bins/voc-query/src/a.rs", "docs/operations.md", "docs/api.md", "bins/voc-query/tests/a.rs"],
                "Services",
            ),
            (&["deploy/helm/voc/Chart.yaml", "xtask/src/ci.rs", "xtask/src/job.rs"], "Deployment"),
            (&["crates/voc-store/tests/a.rs", "docs/api.md", "README.md"], "Documentation"),
            (&["crates/voc-store/tests/a.rs", "crates/voc-chaos/src/a.rs"], "Tooling"),
            (&[], "Tooling"),
        ] {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(of(&paths), area, "{paths:?}");
            assert!(all().any(|known| known == area));
        }
    }
}
