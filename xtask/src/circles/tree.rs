//! A crate as a tree of scopes: a scope is a file, or a module within one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A path in the source, and its line.
pub struct Mention {
    /// Its names, as they are written; the last is `*` where all are meant.
    pub path: Vec<String>,
    /// Where it stands.
    pub line: usize,
}

/// What an import brings under a name.
pub struct Import {
    /// The path to it.
    pub path: Vec<String>,
    /// Whether it is passed on to others.
    pub is_public: bool,
}

/// A module: a whole file, or what stands in braces in one.
#[derive(Default)]
pub struct Scope {
    /// Its name, without those of the modules around it.
    pub name: String,
    /// The scope around it; nothing for the root.
    pub parent: Option<usize>,
    /// The file that it stands in.
    pub path: PathBuf,
    /// Whether it is that whole file.
    pub is_file: bool,
    /// The modules that it declares.
    pub children: BTreeMap<String, usize>,
    /// What it defines itself.
    pub defined: BTreeSet<String>,
    /// Names in a macro's call, which may define them.
    pub made: BTreeSet<String>,
    /// What its imports call which path.
    pub imports: BTreeMap<String, Import>,
    /// The modules of which it imports everything.
    pub globs: Vec<Vec<String>>,
    /// Every path in it that may lead to another module.
    pub mentions: Vec<Mention>,
}

/// Every scope of a crate, its root first.
pub struct Tree {
    /// The scopes.
    pub scopes: Vec<Scope>,
}

impl Tree {
    /// A crate of which only the root's file is known.
    pub fn new(root: PathBuf) -> Self {
        Self { scopes: vec![Scope { path: root, is_file: true, ..Scope::default() }] }
    }

    /// Adds a module's scope.
    pub fn add(&mut self, parent: usize, name: &str, path: PathBuf, is_file: bool) -> usize {
        let id = self.scopes.len();
        let scope =
            Scope { name: name.into(), parent: Some(parent), path, is_file, ..Scope::default() };
        self.scopes.push(scope);
        self.scopes[parent].children.insert(name.into(), id);
        id
    }

    /// The file's scope that a scope stands in.
    pub fn file_of(&self, mut scope: usize) -> usize {
        while !self.scopes[scope].is_file {
            scope = self.scopes[scope].parent.expect("a root is a file");
        }
        scope
    }

    /// A module's name from the crate on.
    pub fn name(&self, scope: usize) -> String {
        let path = self.path_of(scope);
        if path.is_empty() { "crate".into() } else { path.join("::") }
    }

    /// The names that lead to a module from the crate's root.
    pub fn path_of(&self, scope: usize) -> Vec<String> {
        let Some(parent) = self.scopes[scope].parent else { return Vec::new() };
        let mut path = self.path_of(parent);
        path.push(self.scopes[scope].name.clone());
        path
    }

    /// Whether a scope is another one, or stands in it.
    pub fn is_within(&self, scope: usize, outer: usize) -> bool {
        scope == outer
            || self.scopes[scope].parent.is_some_and(|parent| self.is_within(parent, outer))
    }
}
