//! Finds circles of modules. Each Rust file is a module; it needs another one when it imports a
//! name from it, or names it in a path, outside of tests. To understand one file of a circle, one
//! has to understand all of them, so a crate must not have any.

pub(crate) mod attributes;
mod imports;
mod names;
mod paths;
mod read;
mod tree;

use crate::run::{Result, root};
use names::Names;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tree::Tree;

/// Checks every crate. The error lists each circle, with the line of each import in it.
pub fn check() -> Result {
    let mut report = Vec::new();
    for (name, files) in crates()? {
        let circles =
            files.iter().map(|file| circles_of_crate(file)).collect::<Result<Vec<_>>>()?.concat();
        report.extend(circles.iter().map(|circle| format!("{name}: {circle}")));
    }
    if report.is_empty() { Ok(()) } else { Err(report.join("\n").into()) }
}

/// Returns the root files of every crate, with the name of its folder.
fn crates() -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut folders = vec![root().join("src-tauri"), root().join("xtask")];
    for entry in std::fs::read_dir(root().join("crates"))? {
        folders.push(entry?.path());
    }
    let of = |folder: PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file));
        (name, files.into_iter().filter(|file| file.exists()).collect())
    };
    Ok(folders.into_iter().map(of).collect())
}

fn circles_of_crate(file: &Path) -> Result<Vec<String>> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let tree = read::read_crate(file, &read)?;
    let top = root();
    Ok(report(&tree, |path| path.strip_prefix(&top).unwrap_or(path).display().to_string()))
}

/// Returns a description of every circle: its modules in order, and the line of each import.
fn report(tree: &Tree, shown: impl Fn(&Path) -> String) -> Vec<String> {
    let needs = needs(tree);
    let circles = paths::circles(&needs.keys().copied().collect::<Vec<_>>());
    let circles = circles.into_iter().map(|mut circle| {
        let first = (0..circle.len()).min_by_key(|&at| tree.name(circle[at])).unwrap_or(0);
        circle.rotate_left(first);
        let name = |file: usize| tree.name(file);
        let path: Vec<_> = circle.iter().chain(&circle[..1]).copied().collect();
        let mut text = path.iter().map(|&file| name(file)).collect::<Vec<_>>().join(" → ");
        for step in path.windows(2) {
            let line = needs[&(step[0], step[1])];
            let file = shown(&tree.scopes[step[0]].path);
            text += &format!("\n    {file}:{line} needs {}", name(step[1]));
        }
        text
    });
    let mut circles: Vec<_> = circles.collect();
    circles.sort();
    circles
}

/// Returns which file needs which other one, and the first line where it does.
fn needs(tree: &Tree) -> BTreeMap<(usize, usize), usize> {
    let names = Names::new(tree);
    let mut needs = BTreeMap::new();
    for (at, scope) in tree.scopes.iter().enumerate() {
        for mention in &scope.mentions {
            let Some(found) = names.resolve(at, &mention.path) else { continue };
            let (from, to) = (tree.file_of(at), tree.file_of(found));
            if from != to {
                let first = needs.entry((from, to)).or_insert(mention.line);
                *first = mention.line.min(*first);
            }
        }
    }
    needs
}

#[cfg(test)]
mod tests;
