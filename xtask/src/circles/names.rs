//! Which module a path leads to: the one that defines what it names, whoever passes that on.

use super::tree::Tree;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Looks names up in a crate.
pub struct Names<'a> {
    tree: &'a Tree,
    /// By module: itself, and those of which it imports everything. Found once, for each name that is looked up
    /// asks for them.
    globs: RefCell<BTreeMap<usize, Vec<usize>>>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
enum Found {
    /// A module.
    Module(usize),
    /// Something that this module defines.
    Item(usize),
}

/// What is being looked up already: imports may lead around.
type Seen = BTreeSet<(usize, Vec<String>)>;

impl<'a> Names<'a> {
    /// The names of a crate.
    pub fn new(tree: &'a Tree) -> Self {
        Self { tree, globs: RefCell::default() }
    }

    /// The scope that a path in this scope leads to; nothing if that is in another crate.
    pub fn resolve(&self, at: usize, path: &[String]) -> Option<usize> {
        self.follow(at, path, &mut Seen::new())
            .map(|(Found::Module(scope) | Found::Item(scope))| scope)
    }

    fn follow(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Found> {
        let lookup = (at, path.to_vec());
        if !seen.insert(lookup.clone()) {
            return None;
        }
        let found = self.walk(at, path, seen);
        seen.remove(&lookup);
        found
    }

    fn walk(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Found> {
        let (mut here, mut rest) = (at, path);
        while let Some((first, after)) = rest.split_first() {
            here = match first.as_str() {
                "crate" => 0,
                "self" => here,
                "super" => self.tree.scopes[here].parent?,
                _ => break,
            };
            rest = after;
        }
        let is_relative = rest.len() == path.len();
        for (number, name) in rest.iter().enumerate() {
            match self.member(here, name, seen) {
                Some(Found::Module(module)) => here = module,
                Some(found) => return Some(found),
                // Another crate's, where it is the first one.
                None if is_relative && number == 0 => return None,
                None => return Some(Found::Item(here)),
            }
        }
        Some(Found::Module(here))
    }

    /// What a module calls so: what it or a module of which it imports everything has under that name, or
    /// else what a macro may have made there.
    fn member(&self, module: usize, name: &str, seen: &mut Seen) -> Option<Found> {
        let modules = self.with_globs(module);
        let made = |&&module: &&usize| self.tree.scopes[module].made.contains(name);
        modules
            .iter()
            .find_map(|&of| self.own(of, module, name, seen))
            .or_else(|| modules.iter().find(made).map(|&module| Found::Item(module)))
    }

    /// What a module has under a name, as another one sees it that imports all of it.
    fn own(&self, module: usize, by: usize, name: &str, seen: &mut Seen) -> Option<Found> {
        let scope = &self.tree.scopes[module];
        if let Some(&child) = scope.children.get(name) {
            return Some(Found::Module(child));
        }
        if scope.defined.contains(name) {
            return Some(Found::Item(module));
        }
        let sees_all = self.tree.is_within(by, module);
        let import = scope.imports.get(name).filter(|import| import.is_public || sees_all)?;
        // What another crate defines is this module's to pass on.
        Some(self.follow(module, &import.path, seen).unwrap_or(Found::Item(module)))
    }

    /// A module, and those of which it imports everything.
    fn with_globs(&self, module: usize) -> Vec<usize> {
        if let Some(known) = self.globs.borrow().get(&module) {
            return known.clone();
        }
        let mut modules = vec![module];
        // What leads to one of them is not itself looked for in them.
        self.globs.borrow_mut().insert(module, modules.clone());
        let mut at = 0;
        while let Some(&here) = modules.get(at) {
            for glob in &self.tree.scopes[here].globs {
                if let Some(Found::Module(of)) = self.follow(here, glob, &mut Seen::new())
                    && !modules.contains(&of)
                {
                    modules.push(of);
                }
            }
            at += 1;
        }
        self.globs.borrow_mut().insert(module, modules.clone());
        modules
    }
}
