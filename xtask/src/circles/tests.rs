//! Crates in memory, and the circles that are found in them.

use super::*;
use std::collections::HashMap;

/// Returns the report about a crate with these files.
fn check_files(files: &[(&str, &str)]) -> Vec<String> {
    let files: HashMap<PathBuf, &str> =
        files.iter().map(|(path, text)| (path.into(), *text)).collect();
    let read = |path: &Path| files.get(path).map(|text| (*text).to_owned());
    let tree = read::read_crate(Path::new("lib.rs"), &read).unwrap();
    report(&tree, |path| path.display().to_string())
}

/// Returns only the first line of each report.
fn cycle_lines(files: &[(&str, &str)]) -> Vec<String> {
    check_files(files).iter().map(|report| report.lines().next().unwrap().to_owned()).collect()
}

/// Returns whether `a` needs `b`, in a crate where `b` needs `a` and both are plain modules of the
/// root.
fn needs_b(a: &str) -> bool {
    let root = "pub mod a;\npub mod b;\n";
    let b = "use crate::a::A;\npub struct B;\npub mod c { pub struct C; }\n";
    match &cycle_lines(&[("lib.rs", root), ("a.rs", &format!("pub struct A;\n{a}\n")), ("b.rs", b)])
        [..]
    {
        [] => false,
        [path] if path == "a → b → a" => true,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_crate_here_has_a_circle() {
    check().unwrap();
}

#[test]
fn a_circle_of_three_is_reported_with_the_line_of_each_import() {
    let report = check_files(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
        ("a.rs", "pub struct A;\n\nuse crate::b::B;\n"),
        ("b.rs", "use crate::c::C;\npub struct B;\n"),
        ("c.rs", "pub struct C;\nfn f() {\n    super::a::A;\n}\n"),
    ]);
    let path = "a → b → c → a\n    a.rs:3 needs b\n    b.rs:1 needs c\n    c.rs:3 needs a";
    assert_eq!(report, [path]);
}

#[test]
fn two_circles_through_one_module_are_both_reported() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
        ("a.rs", "use crate::b;\nuse crate::c;\n"),
        ("b.rs", "use crate::a;\n"),
        ("c.rs", "use crate::a;\n"),
    ];
    assert_eq!(cycle_lines(&files), ["a → b → a", "a → c → a"]);
}

#[test]
fn imports_in_one_direction_are_no_circle() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;\nuse a::A;\n"),
        ("a.rs", "use crate::{b::B, c::C};\npub struct A;\n"),
        ("b.rs", "use crate::c::C;\npub struct B;\n"),
        ("c.rs", "pub struct C;\n"),
    ];
    assert!(cycle_lines(&files).is_empty());
}

#[test]
fn an_import_is_found_however_it_is_written() {
    for import in [
        "use crate::b::B;",
        "use super::b::B;",
        "use self::super::b::B;",
        "use crate::{b::{self, c::{C as Other}}};",
        "use crate::{a::A as Own, b::B as Other};",
        "use crate::b as other;",
        "use crate::b::*;",
        "use crate::b::{self as other};",
        "pub use crate::b::c::C;",
        "fn f() { use crate::b::B; }",
        "fn f() -> crate::b::B { todo!() }",
        "impl super::b::B {}",
        "fn f() { println!(\"{:?}\", crate::b::B); }",
        "macro_rules! m { () => { $crate::b::B } }",
        "mod inner { use super::super::b::B; }",
        "mod inner { fn f() { crate::b::B; } }",
        "#[cfg(unix)] use crate::b::B;",
        "#[cfg(not(test))] use crate::b::B;",
    ] {
        assert!(needs_b(import), "{import}");
    }
}

#[test]
fn imports_of_tests_and_text_without_imports_are_ignored() {
    for text in [
        "use std::b::B;",
        "use other::b::B;",
        "// use crate::b::B;",
        "const TEXT: &str = \"use crate::b::B;\";",
        "/// See [`crate::b::B`].\npub struct D;",
        "pub(in crate::b) struct D;",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, unix))] use crate::b::B;",
        "#[cfg(any(test, fuzzing))] pub fn f() { crate::b::B; }",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[test] fn f() { crate::b::B; }",
        "#[tokio::test] async fn f() { crate::b::B; }",
        "#[cfg(test)] impl A { fn f() { crate::b::B; } }",
        "impl A { #[cfg(test)] fn f() { crate::b::B; } }",
        "mod own { pub mod b { pub struct B; } }\nuse own::b::B;",
    ] {
        assert!(!needs_b(text), "{text}");
    }
}

#[test]
fn a_file_of_tests_is_ignored_with_all_its_modules() {
    let files = [
        ("lib.rs", "pub mod a;\n#[cfg(test)]\n#[path = \"elsewhere.rs\"]\nmod tests;\n"),
        ("a.rs", "#[cfg(test)]\nmod a_tests;\npub struct A;\n"),
    ];
    assert!(cycle_lines(&files).is_empty(), "these files are not read");
}

#[test]
fn a_module_is_found_where_its_file_is() {
    let files = [
        ("lib.rs", "mod a;\n#[path = \"other/place.rs\"]\nmod b;\nmod c { pub mod d; }\n"),
        ("a/mod.rs", "pub mod inner;\n"),
        ("a/inner.rs", "use crate::b::B;\n"),
        ("other/place.rs", "pub struct B;\nuse crate::c::d;\n"),
        ("c/d.rs", "pub mod deep;\n"),
        ("c/d/deep.rs", "use crate::a::inner;\n"),
    ];
    assert!(cycle_lines(&files).is_empty(), "the file d.rs needs no other file");
    let mut files = files.to_vec();
    files[4].1 = "pub mod deep;\nuse deep::D;\n";
    assert_eq!(cycle_lines(&files), ["a::inner → b → c::d → c::d::deep → a::inner"]);
}

#[test]
fn a_reexport_counts_as_an_import_from_where_it_is_defined() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod rows;\npub use a::A;\npub use b::*;\npub use rows::Row;\n"),
        ("a.rs", "use crate::{B, Row};\npub struct A;\n"),
        ("b.rs", "use crate::A;\npub struct B;\n"),
        ("rows/mod.rs", "mod row;\npub use row::Row;\n"),
        ("rows/row.rs", "pub struct Row;\n"),
    ];
    assert_eq!(cycle_lines(&files), ["a → b → a"], "the root is in no circle");
}

#[test]
fn items_that_the_root_defines_are_imported_from_the_root() {
    let files = [
        ("lib.rs", "mod a;\npub use a::A;\npub struct Own;\npub use uuid::Uuid;\n"),
        ("a.rs", "use crate::Own;\npub struct A;\n"),
    ];
    assert_eq!(cycle_lines(&files), ["a → crate → a"]);
    let passed = [files[0], ("a.rs", "use crate::Uuid;\npub struct A;\n")];
    assert_eq!(cycle_lines(&passed), ["a → crate → a"], "another crate's item is the root's");
}

#[test]
fn a_module_that_is_only_declared_is_not_needed() {
    let files = [("lib.rs", "pub mod a;\npub struct Own;\n"), ("a.rs", "use super::Own;\n")];
    assert!(cycle_lines(&files).is_empty());
    let called = [("lib.rs", "mod a;\npub struct Own;\nfn f() { a::f() }\n"), files[1]];
    assert_eq!(cycle_lines(&called), ["a → crate → a"], "a call is a dependency");
}

#[test]
fn names_that_a_macro_defines_are_found_where_it_is_called() {
    let files = [
        ("lib.rs", "mod ids;\nmod rows;\npub use ids::*;\npub use rows::*;\n"),
        (
            "ids.rs",
            "use crate::Row;\nmacro_rules! id { ($n:ident) => { pub struct $n; } }\nid! { UserId }\n",
        ),
        ("rows.rs", "use crate::UserId;\npub struct Row(UserId);\n"),
    ];
    assert_eq!(cycle_lines(&files), ["ids → rows → ids"]);
}

#[test]
fn a_macro_that_is_exported_is_imported_from_its_file() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a.rs", "#[macro_export]\nmacro_rules! m { () => {} }\nuse crate::b::B;\n"),
        ("b.rs", "crate::m!();\npub struct B;\n"),
    ];
    assert_eq!(cycle_lines(&files), ["a → b → a"]);
}

#[test]
fn circular_imports_are_resolved_without_an_endless_loop() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a.rs", "pub use crate::b::*;\npub use crate::b::X;\n"),
        ("b.rs", "pub use crate::a::*;\npub use crate::a::X;\n"),
    ];
    assert_eq!(cycle_lines(&files), ["a → b → a"]);
}

#[test]
fn a_root_that_reexports_many_modules_is_checked_quickly() {
    let modules: Vec<String> = (0..200).map(|n| format!("m{n}")).collect();
    let root: String =
        modules.iter().map(|name| format!("mod {name};\npub use {name}::*;\n")).collect();
    let file = |n: usize| {
        let next = (n + 1) % 200;
        format!("use crate::T{next};\npub struct T{n}(T{next});\n")
    };
    let texts: Vec<(String, String)> = (0..200).map(|n| (format!("m{n}.rs"), file(n))).collect();
    let mut files = vec![("lib.rs", root.as_str())];
    files.extend(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let ways = cycle_lines(&files);
    assert_eq!(ways.len(), 1);
    assert_eq!(ways[0].matches('→').count(), 200, "{}", ways[0]);
}
