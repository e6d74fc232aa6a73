//! Finds sentences in the Rust code behind the window. What is shown to users is a key there, and
//! the window's catalogue has the words (docs/decisions/0030). What is printed on a terminal or in
//! a log may be a sentence where it is printed.

use crate::circles::attributes;
use crate::run::{Result, root};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::path::Path;
use syn::visit::{self, Visit};

/// The folders whose code contains no sentences.
const FOLDERS: [&str; 5] = [
    "crates/client/src",
    "crates/desktop/src",
    "crates/export/src",
    "crates/store/src",
    "src-tauri/src",
];
/// The macros that print on a terminal.
const TERMINAL: [&str; 4] = ["eprint", "eprintln", "print", "println"];

/// Checks everything that the window may receive. The error lists each sentence with its line.
pub fn check() -> Result {
    let mut reported = Vec::new();
    for folder in FOLDERS {
        in_folder(&root().join(folder), &mut reported)?;
    }
    if reported.is_empty() { Ok(()) } else { Err(reported.join("\n").into()) }
}

fn in_folder(folder: &Path, reported: &mut Vec<String>) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_test_only = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "fuzz");
        if is_test_only {
            continue;
        }
        if path.is_dir() {
            in_folder(&path, reported)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            let found = sentences(&std::fs::read_to_string(&path)?);
            let found = found.map_err(|error| format!("{shown}: {error}"))?;
            reported.extend(
                found.into_iter().map(|(line, sentence)| format!("{shown}:{line}: {sentence:?}")),
            );
        }
    }
    Ok(())
}

/// Returns the sentences in a file, outside of tests, each with its line.
fn sentences(text: &str) -> syn::Result<Vec<(usize, String)>> {
    let mut found = SentenceFinder(Vec::new());
    found.visit_file(&syn::parse_file(text)?);
    Ok(found.0)
}

struct SentenceFinder(Vec<(usize, String)>);

impl SentenceFinder {
    fn check_text(&mut self, sentence: String, at: Span) {
        if is_sentence(&sentence) {
            self.0.push((at.start().line, sentence));
        }
    }

    fn check_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.check_tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.check_text(text.value(), literal.span());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'a> Visit<'a> for SentenceFinder {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if !attributes::attributes_of(item).iter().any(attributes::is_test_only) {
            visit::visit_item(self, item);
        }
    }

    /// Ignores documentation, and the display texts of errors.
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.check_text(text.value(), text.span());
    }

    fn visit_macro(&mut self, called: &'a syn::Macro) {
        if !TERMINAL.iter().any(|name| called.path.is_ident(name)) {
            self.check_tokens(called.tokens.clone());
        }
    }
}

/// Returns whether a text starts and ends like a sentence for users.
fn is_sentence(text: &str) -> bool {
    let starts_with_capital = text.chars().next().is_some_and(char::is_uppercase);
    let ends_with_punctuation = text.trim_end().ends_with(['.', '?', '!', '…']);
    starts_with_capital && ends_with_punctuation && text.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_for_users_are_found_and_nothing_else() {
        let text = r#"
            //! It says much.
            #[error("The server is gone.")]
            fn one() -> String {
                eprintln!("Nobody is there.");
                let query = "SELECT name FROM settings";
                let logged = tracing::error!("the mirror differed");
                format!("{} joined.", "Wren") + "This is shown."
            }
            const TWO: &str = "What is this?";
            fn three() { tell(format!("Only {n} of them.", n = 3)) }
            #[cfg(test)]
            mod tests { const THREE: &str = "This is a test."; }
        "#;
        let found: Vec<_> = sentences(text).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(found, [8, 10, 11]);
    }
}
