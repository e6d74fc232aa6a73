//! A crate as a tree of scopes. A scope is a file, or an inline module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A path in the source, and its line.
pub struct Mention {
    /// The names of the path as written. For a glob, those before the `*`.
    pub path: Vec<String>,
    /// The line of the path.
    pub line: usize,
}

/// The binding of a name by an import.
pub struct Import {
    /// The path of what is imported.
    pub path: Vec<String>,
    /// Whether the import is re-exported.
    pub is_public: bool,
}

/// A module: a whole file, or an inline one in braces.
#[derive(Default)]
pub struct Scope {
    /// The module's name, without those of the modules around it.
    pub name: String,
    /// The scope around it, none for the root.
    pub parent: Option<usize>,
    /// The file that contains it.
    pub path: PathBuf,
    /// Whether it is the whole file.
    pub is_file: bool,
    /// The modules that it declares, by name.
    pub children: BTreeMap<String, usize>,
    /// The names that it defines itself.
    pub defined: BTreeSet<String>,
    /// Names in macro calls, which may define them.
    pub declared: BTreeSet<String>,
    /// Its imports by the name that they bind.
    pub imports: BTreeMap<String, Import>,
    /// The paths of the modules of which it imports everything.
    pub globs: Vec<Vec<String>>,
    /// Every path in it that may lead to another module.
    pub mentions: Vec<Mention>,
}

/// All scopes of a crate, the root first.
pub struct Tree {
    /// The scopes.
    pub scopes: Vec<Scope>,
}

impl Tree {
    /// Creates a tree that contains only the root's file.
    pub fn new(root: PathBuf) -> Self {
        Self { scopes: vec![Scope { path: root, is_file: true, ..Scope::default() }] }
    }

    /// Adds a module's scope, and returns its index.
    pub fn add(&mut self, parent: usize, name: &str, path: PathBuf, is_file: bool) -> usize {
        let id = self.scopes.len();
        let scope =
            Scope { name: name.into(), parent: Some(parent), path, is_file, ..Scope::default() };
        self.scopes.push(scope);
        self.scopes[parent].children.insert(name.into(), id);
        id
    }

    /// Returns the scope of the file that contains a scope.
    pub fn file_of(&self, mut scope: usize) -> usize {
        while !self.scopes[scope].is_file {
            scope = self.scopes[scope].parent.expect("a root is a file");
        }
        scope
    }

    /// Returns a module's name starting at the crate.
    pub fn name(&self, scope: usize) -> String {
        let path = self.path_of(scope);
        if path.is_empty() { "crate".into() } else { path.join("::") }
    }

    /// Returns the names that lead from the crate's root to a module.
    pub fn path_of(&self, scope: usize) -> Vec<String> {
        let Some(parent) = self.scopes[scope].parent else { return Vec::new() };
        let mut path = self.path_of(parent);
        path.push(self.scopes[scope].name.clone());
        path
    }

    /// Returns whether a scope is `outer` or within it.
    pub fn is_within(&self, scope: usize, outer: usize) -> bool {
        scope == outer
            || self.scopes[scope].parent.is_some_and(|parent| self.is_within(parent, outer))
    }
}
