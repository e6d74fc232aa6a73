//! Finds the packages that contain tests with given names, so that nothing else has to be built to
//! run them.

use crate::run::{Result, root, sources};
use std::collections::BTreeSet;
use std::path::Path;

/// Returns the packages with a test whose name contains one of `names`. Fails if one of them is in
/// no test's name.
pub fn packages_with(names: &[&str]) -> Result<BTreeSet<String>> {
    let mut files = Vec::new();
    for folder in ["crates", "src-tauri/src", "tests", "xtask/src"] {
        sources(&root().join(folder), &mut files)?;
    }
    let mut packages = BTreeSet::new();
    let mut missing: BTreeSet<&str> = names.iter().copied().collect();
    for path in files {
        let text = std::fs::read_to_string(&path)?;
        for name in names.iter().filter(|name| has_test(&text, name)) {
            missing.remove(name);
            packages.insert(package_of(path.strip_prefix(root())?));
        }
    }
    match missing.first() {
        Some(name) => Err(format!("no test has {name} in its name").into()),
        None => Ok(packages),
    }
}

/// Returns whether a source with tests has a function whose name contains `name`. Of
/// `module::name`, only the last part counts.
fn has_test(text: &str, name: &str) -> bool {
    let name = name.rsplit("::").next().unwrap_or(name);
    let mut functions = text.split("fn ").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    });
    ["test]", "::test(", "on_both_databases!", "proptest!"].iter().any(|mark| text.contains(mark))
        && functions.any(|function| function.contains(name))
}

fn package_of(path: &Path) -> String {
    let mut parts = path.iter().map(|part| part.to_string_lossy());
    match (parts.next().as_deref(), parts.next()) {
        (Some("crates"), Some(name)) => format!("parlour-{name}"),
        (Some("tests"), _) => "parlour-tests".into(),
        (Some("xtask"), _) => "xtask".into(),
        _ => "parlour".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_test_is_found_by_a_part_of_its_name() {
        let of = |name: &str| packages_with(&[name]).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(of("found_by_a_part_of_its_name"), ["xtask"]);
        assert_eq!(of("tests::the_package_of_a_test_is_found"), ["xtask"]);
        assert_eq!(of("bindings_are_current"), ["parlour"]);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let unknown = ["nothing_is_", "called_so"].concat();
        let error = packages_with(&["the_package_of_a_test", &unknown]).unwrap_err();
        assert_eq!(error.to_string(), "no test has nothing_is_called_so in its name");
    }

    #[test]
    fn functions_of_files_without_tests_are_not_tests() {
        assert!(!has_test("fn works() {}", "works"));
        assert!(has_test("#[test]\nfn it_works() {}", "works"));
        assert!(has_test("on_both_databases! { it_works, }\nasync fn it_works(d: D) {}", "works"));
        assert!(!has_test("#[test]\nfn other() { works() }", "works"));
    }
}
