//! Resolves a path to a module: the one that defines what the path names, however it is
//! re-exported.

use super::tree::Tree;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Looks up names in a crate.
pub struct Names<'a> {
    tree: &'a Tree,
    /// For each module, the module itself and those of which it imports everything. Computed once,
    /// since each lookup of a name needs them.
    globs: RefCell<BTreeMap<usize, Vec<usize>>>,
}

/// The thing that a name stands for.
#[derive(Clone, Copy)]
enum Resolved {
    /// A module.
    Module(usize),
    /// Something that this module defines.
    Item(usize),
}

/// The lookups that are in progress, since imports may form circles.
type Seen = BTreeSet<(usize, Vec<String>)>;

impl<'a> Names<'a> {
    /// Creates the lookup for a crate.
    pub fn new(tree: &'a Tree) -> Self {
        Self { tree, globs: RefCell::default() }
    }

    /// Returns the scope that a path in the scope `at` leads to, or nothing if it leads to another
    /// crate.
    pub fn resolve(&self, at: usize, path: &[String]) -> Option<usize> {
        self.follow(at, path, &mut Seen::new())
            .map(|(Resolved::Module(scope) | Resolved::Item(scope))| scope)
    }

    fn follow(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Resolved> {
        let lookup = (at, path.to_vec());
        if !seen.insert(lookup.clone()) {
            return None;
        }
        let found = self.walk(at, path, seen);
        seen.remove(&lookup);
        found
    }

    fn walk(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Resolved> {
        let (mut node, mut rest) = (at, path);
        while let Some((first, after)) = rest.split_first() {
            node = match first.as_str() {
                "crate" => 0,
                "self" => node,
                "super" => self.tree.scopes[node].parent?,
                _ => break,
            };
            rest = after;
        }
        let is_relative = rest.len() == path.len();
        for (number, name) in rest.iter().enumerate() {
            match self.member(node, name, seen) {
                Some(Resolved::Module(module)) => node = module,
                Some(found) => return Some(found),
                // A first name that is unknown is that of another crate.
                None if is_relative && number == 0 => return None,
                None => return Some(Resolved::Item(node)),
            }
        }
        Some(Resolved::Module(node))
    }

    /// Looks up a name in a module: first in the module itself and in those of which it imports
    /// everything, then among the names that a macro may have defined there.
    fn member(&self, module: usize, name: &str, seen: &mut Seen) -> Option<Resolved> {
        let modules = self.with_globs(module);
        let is_declared = |&&module: &&usize| self.tree.scopes[module].declared.contains(name);
        modules
            .iter()
            .find_map(|&of| self.direct_member(of, module, name, seen))
            .or_else(|| modules.iter().find(is_declared).map(|&module| Resolved::Item(module)))
    }

    /// Looks up a name in a module on behalf of the module `importer`, which is the same one or imports
    /// everything of it.
    fn direct_member(
        &self,
        module: usize,
        importer: usize,
        name: &str,
        seen: &mut Seen,
    ) -> Option<Resolved> {
        let scope = &self.tree.scopes[module];
        if let Some(&child) = scope.children.get(name) {
            return Some(Resolved::Module(child));
        }
        if scope.defined.contains(name) {
            return Some(Resolved::Item(module));
        }
        let sees_all = self.tree.is_within(importer, module);
        let import = scope.imports.get(name).filter(|import| import.is_public || sees_all)?;
        // An item of another crate counts as defined by the module that imports it.
        Some(self.follow(module, &import.path, seen).unwrap_or(Resolved::Item(module)))
    }

    /// Returns a module, and those of which it imports everything.
    fn with_globs(&self, module: usize) -> Vec<usize> {
        if let Some(known) = self.globs.borrow().get(&module) {
            return known.clone();
        }
        let mut modules = vec![module];
        // While the globs themselves are resolved, names are looked up in the module alone.
        self.globs.borrow_mut().insert(module, modules.clone());
        let mut at = 0;
        while let Some(&node) = modules.get(at) {
            for glob in &self.tree.scopes[node].globs {
                if let Some(Resolved::Module(of)) = self.follow(node, glob, &mut Seen::new())
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
