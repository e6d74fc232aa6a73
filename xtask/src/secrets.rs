//! Searches the sources for leaks of secrets into logs: a type whose `Debug` prints a secret, and a log
//! line with a secret as a value.

use crate::run::{Result, root, sources};

/// Names of fields that contain secrets.
const SECRETS: [&str; 9] = [
    "password",
    "password_hash",
    "current",
    "passphrase",
    "secret",
    "token",
    "code",
    "key",
    "invitation",
];
/// Types that print the value of such a field.
const PRINTED: [&str; 4] = ["String", "Zeroizing<", "Vec<u8>", "[u8;"];
/// Names that no log line may have as a value.
const NEVER_LOGGED: [&str; 9] =
    ["password", "passphrase", "secret", "token", "key", "body", "credentials", "note", "draft"];

/// Checks every source of the programs. The error names everything that was found.
pub fn check() -> Result {
    let mut files = Vec::new();
    for folder in ["crates", "src-tauri/src"] {
        sources(&root().join(folder), &mut files)?;
    }
    let mut found = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path)?;
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        found.extend(faults(&text).into_iter().map(|fault| format!("{name}{fault}")));
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}

fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut prints, mut log) = (false, false);
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with("#[derive(") {
            prints = line.contains("Debug");
        } else if line == "}"
            || line.starts_with("fn ")
            || line.contains(" fn ")
            || line.starts_with("impl")
        {
            prints = false;
        }
        if prints && is_secret(line) {
            faults.push(format!(":{number}: is printed with its type: {line}"));
        }
        log = (log && !line.is_empty()) || line.contains("tracing::");
        if log && NEVER_LOGGED.iter().any(|word| logs(line, word)) {
            faults.push(format!(":{number}: is written to a log: {line}"));
        }
        log = log && !line.contains(';');
    }
    faults
}

/// Returns whether a line is a field that contains a secret as text or bytes.
fn is_secret(line: &str) -> bool {
    let field = line.strip_prefix("pub ").unwrap_or(line);
    let Some((name, kind)) = field.split_once(": ") else { return false };
    SECRETS.contains(&name) && PRINTED.iter().any(|printed| kind.contains(printed))
}

/// Returns whether a log line has this as a value: by itself, or under another name.
fn logs(line: &str, word: &str) -> bool {
    ["%", "?", "{", "{:?", "= ", "= %", "= ?", "= &"].iter().any(|before| {
        line.match_indices(&format!("{before}{word}")).any(|(at, found)| {
            let after = line[at + found.len()..].chars().next();
            after.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.' && c != '(')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_or_log_line_prints_a_secret() {
        check().unwrap();
    }

    #[test]
    fn a_type_that_prints_a_secret_is_found() {
        let of = |derives: &str, field: &str| {
            faults(&format!("#[derive({derives})]\npub struct A {{\n    {field},\n}}\n")).len()
        };
        assert_eq!(of("Debug, Clone", "pub token: String"), 1);
        assert_eq!(of("Clone, Debug", "password_hash: Option<String>"), 1);
        assert_eq!(of("Debug", "key: Zeroizing<[u8; 32]>"), 1);
        assert_eq!(of("Clone", "pub token: String"), 0);
        assert_eq!(of("Debug", "pub token: Token"), 0);
        assert_eq!(of("Debug", "pub tokens: String"), 0);
        let after =
            "#[derive(Debug)]\nstruct A {\n    a: u8,\n}\n\nstruct B {\n    token: String,\n}\n";
        assert!(faults(after).is_empty(), "the second one does not print");
    }

    #[test]
    fn a_log_line_with_a_secret_is_found() {
        for line in ["%token, \"ended\"", "?credentials", "said = %body", "\"it was {password}\""] {
            assert_eq!(faults(&format!("tracing::info!({line});")).len(), 1, "{line}");
        }
        for line in ["%error, \"the token stays\"", "code = %error.code", "\"a note came\""] {
            assert_eq!(faults(&format!("tracing::info!({line});")).len(), 0, "{line}");
        }
    }
}
