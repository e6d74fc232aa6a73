//! The modules, definitions, imports and paths in a file, outside of tests.

use super::attributes::{self, is_test_only, path_of};
use super::tree::{Import, Mention, Tree};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

/// Adds the contents of `items` to a scope. Returns the modules that have a file of their own.
pub fn collect(tree: &mut Tree, scope: usize, items: &[Item]) -> Vec<Declared> {
    let mut reader = Reader {
        tree,
        scope,
        inline_modules: Vec::new(),
        depth: 0,
        declared: Vec::new(),
        is_public: false,
    };
    for item in items {
        reader.visit_item(item);
    }
    reader.declared
}

/// A module that has a file of its own.
pub struct Declared {
    /// The scope that declares it.
    pub parent: usize,
    /// The module's name.
    pub name: String,
    /// The inline modules around the declaration, which correspond to folders.
    pub inline_modules: Vec<String>,
    /// The path in its `#[path]` attribute.
    pub path: Option<String>,
}

struct Reader<'a> {
    tree: &'a mut Tree,
    scope: usize,
    inline_modules: Vec<String>,
    /// Number of items around the current one. Names within a function do not belong to its module.
    depth: usize,
    declared: Vec<Declared>,
    /// Whether the current import is re-exported.
    is_public: bool,
}

impl Reader<'_> {
    fn mention(&mut self, path: Vec<String>, line: usize) {
        self.tree.scopes[self.scope].mentions.push(Mention { path, line });
    }

    fn define(&mut self, name: &Ident) {
        if self.depth == 0 {
            self.tree.scopes[self.scope].defined.insert(name.to_string());
        }
    }

    fn module(&mut self, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        let Some((_, items)) = &item.content else {
            let (parent, inline_modules) = (self.scope, self.inline_modules.clone());
            let path = item.attrs.iter().find_map(path_of);
            return self.declared.push(Declared { parent, name, inline_modules, path });
        };
        let path = self.tree.scopes[self.scope].path.clone();
        let inner = self.tree.add(self.scope, &name, path, false);
        let outer = std::mem::replace(&mut self.scope, inner);
        self.inline_modules.push(name);
        for item in items {
            self.visit_item(item);
        }
        self.inline_modules.pop();
        self.scope = outer;
    }

    fn import(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&with(&path.ident), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Name(name) if name.ident == "self" => {
                let called = before.last().cloned().unwrap_or_default();
                self.bind(called, before.to_vec(), &name.ident);
            }
            UseTree::Name(name) => {
                self.bind(name.ident.to_string(), with(&name.ident), &name.ident);
            }
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.bind(rename.rename.to_string(), before.to_vec(), &rename.ident);
            }
            UseTree::Rename(rename) => {
                self.bind(rename.rename.to_string(), with(&rename.ident), &rename.ident);
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                if self.depth == 0 {
                    self.tree.scopes[self.scope].globs.push(before.to_vec());
                }
                self.mention(before.to_vec(), line);
            }
        }
    }

    fn bind(&mut self, name: String, path: Vec<String>, at: &Ident) {
        if self.depth == 0 {
            let import = Import { path: path.clone(), is_public: self.is_public };
            self.tree.scopes[self.scope].imports.insert(name, import);
        }
        self.mention(path, at.span().start().line);
    }

    /// Records the paths in the input of a macro, which is not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<Ident> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                }
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.finish_path(&mut path);
                    }
                    colons = 0;
                    path.push(ident);
                }
                token => {
                    self.finish_path(&mut path);
                    colons = 0;
                    if let TokenTree::Group(group) = token {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.finish_path(&mut path);
    }

    fn finish_path(&mut self, path: &mut Vec<Ident>) {
        if path.len() > 1 {
            let line = path[0].span().start().line;
            self.mention(path.iter().map(Ident::to_string).collect(), line);
        }
        path.clear();
    }

    fn declare_names(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.tree.scopes[self.scope].declared.insert(ident.to_string());
                }
                TokenTree::Group(group) => self.declare_names(group.stream()),
                _ => {}
            }
        }
    }

    fn macro_item(&mut self, item: &syn::ItemMacro) {
        match &item.ident {
            Some(name) => {
                self.define(name);
                if item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) {
                    let path = self.tree.path_of(self.scope);
                    let path = [vec!["crate".into()], path, vec![name.to_string()]].concat();
                    let import = Import { path, is_public: true };
                    self.tree.scopes[0].imports.entry(name.to_string()).or_insert(import);
                }
            }
            None if self.depth == 0 => self.declare_names(item.mac.tokens.clone()),
            None => {}
        }
        visit::visit_item_macro(self, item);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if attributes::attributes_of(item).iter().any(is_test_only) {
            return;
        }
        match item {
            Item::Mod(item) => return self.module(item),
            Item::Use(item) => {
                self.is_public = !matches!(item.vis, Visibility::Inherited);
                return self.import(&[], &item.tree);
            }
            Item::Macro(item) => return self.macro_item(item),
            Item::Const(item) => self.define(&item.ident),
            Item::Enum(item) => self.define(&item.ident),
            Item::Fn(item) => self.define(&item.sig.ident),
            Item::Static(item) => self.define(&item.ident),
            Item::Struct(item) => self.define(&item.ident),
            Item::Trait(item) => self.define(&item.ident),
            Item::TraitAlias(item) => self.define(&item.ident),
            Item::Type(item) => self.define(&item.ident),
            Item::Union(item) => self.define(&item.ident),
            _ => {}
        }
        self.depth += 1;
        visit::visit_item(self, item);
        self.depth -= 1;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !item.attrs.iter().any(is_test_only) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // A visibility such as `pub(in …)` does not need the module that it names.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string());
        let names: Vec<String> = names.collect();
        if names.len() > 1 && path.leading_colon.is_none() {
            self.mention(names, path.segments[0].ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }
}
