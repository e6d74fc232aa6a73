//! Checks CI workflows. They may run only actions that are pinned by the digest of a commit, since a tag can be moved
//! to another one, and the versions in lock files; and they must declare their permissions.

use crate::run::{Result, root};

/// Subcommands of cargo that read the lock file.
const LOCKED: [&str; 6] = ["build", "install", "run", "test", "clippy", "check"];

/// Checks every workflow. The error names everything that is wrong.
pub fn check() -> Result {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(".github/workflows"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        found.extend(faults(&text).into_iter().map(|fault| format!("{name}{fault}")));
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}

/// Returns what is wrong with a workflow, with line numbers.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.lines().any(|line| line.starts_with("permissions:")) {
        faults.push(": has no `permissions:`".into());
    }
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split(" #").next().unwrap_or(line);
        if line.trim_start().starts_with('#') {
            continue;
        }
        if let Some((_, action)) = line.split_once("uses:")
            && !is_pinned(action.trim().trim_matches(['"', '\'']))
        {
            faults.push(format!(":{number}: {} is not pinned to a commit", action.trim()));
        }
        if ignores_lock_file(line) {
            faults.push(format!(
                ":{number}: may use versions that are in no lock file: {}",
                line.trim()
            ));
        }
    }
    faults
}

/// Returns whether an action is one of this repository, or is pinned by the full digest of a commit
/// or an image.
fn is_pinned(action: &str) -> bool {
    let is_hex = |text: &str, length| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    match (action.strip_prefix("docker://"), action.rsplit_once('@')) {
        (Some(_), Some((_, digest))) => {
            digest.strip_prefix("sha256:").is_some_and(|hex| is_hex(hex, 64))
        }
        (None, Some((_, commit))) => is_hex(commit, 40),
        (_, None) => action.starts_with("./"),
    }
}

fn ignores_lock_file(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let has_subcommand = |first: &str, seconds: &[&str]| {
        words.windows(2).any(|pair| pair[0] == first && seconds.contains(&pair[1]))
    };
    words.contains(&"npx")
        || has_subcommand("npm", &["install", "i", "add", "exec"])
        || (has_subcommand("cargo", &LOCKED) && !words.contains(&"--locked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workflow_here_is_pinned_and_locked() {
        check().unwrap();
    }

    #[test]
    fn an_unpinned_action_is_found() {
        let commit = "3d3c42e5aac5ba805825da76410c181273ba90b1";
        let faults_of = |line: &str| faults(&format!("permissions: {{}}\n{line}\n")).len();
        for line in [
            "- uses: actions/checkout@v7",
            "  uses: \"actions/checkout@main\"",
            "- uses: actions/checkout",
            "- uses: actions/checkout@3d3c42e",
            "- uses: docker://debian:12",
            &format!("- uses: actions/checkout@{commit}0"),
            &format!("- uses: actions/checkout@v7 # {commit}"),
            "- run: cargo build --release",
            "- run: npx --yes tool",
            "- run: npm install tool",
        ] {
            assert_eq!(faults_of(line), 1, "{line}");
        }
        for line in [
            &format!("- uses: actions/checkout@{commit} # v7.0.1") as &str,
            "- uses: ./.github/actions/own",
            "# uses: actions/checkout@v7",
            "- run: cargo build --locked --release",
            "- run: cargo xtask check",
            "- run: npm ci",
        ] {
            assert_eq!(faults_of(line), 0, "{line}");
        }
    }

    #[test]
    fn the_pinned_compiler_is_that_of_the_crates() {
        let value = |file: &str, key: &str| {
            let text = std::fs::read_to_string(root().join(file)).unwrap();
            let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.trim_matches([' ', '=', '"']).to_owned()
        };
        let (pinned, required) =
            (value("rust-toolchain.toml", "channel"), value("Cargo.toml", "rust-version"));
        assert!(pinned.starts_with(&format!("{required}.")), "{pinned} is not {required}");
    }

    #[test]
    fn a_workflow_without_permissions_is_found() {
        assert_eq!(faults("on: push\n"), [": has no `permissions:`"]);
    }
}
