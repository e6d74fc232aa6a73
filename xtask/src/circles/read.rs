//! Reads a crate's files, starting at its root.

use super::imports::{self, Declared};
use super::tree::Tree;
use crate::run::Result;
use std::path::{Path, PathBuf};

/// A function that returns the text of a file, or nothing if it does not exist.
pub type Read<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// Reads the crate with this root file.
pub fn read_crate(root: &Path, read: Read) -> Result<Tree> {
    let mut tree = Tree::new(root.to_owned());
    let folder = root.parent().unwrap_or(Path::new("")).to_owned();
    let mut queue = vec![(0, folder)];
    while let Some((scope, folder)) = queue.pop() {
        let path = tree.scopes[scope].path.clone();
        let text = read(&path).ok_or_else(|| format!("{} cannot be read", path.display()))?;
        let parsed = syn::parse_file(&text);
        let parsed = parsed.map_err(|error| format!("{}: {error}", path.display()))?;
        for declared in imports::collect(&mut tree, scope, &parsed.items) {
            queue.push(declare(&mut tree, declared, &folder, read)?);
        }
    }
    Ok(tree)
}

/// Finds the file of a module, and the folder with the module's own modules.
fn declare(
    tree: &mut Tree,
    declared: Declared,
    folder: &Path,
    read: Read,
) -> Result<(usize, PathBuf)> {
    let Declared { parent, name, inline_modules, path } = declared;
    let folder = inline_modules.iter().fold(folder.to_owned(), |folder, name| folder.join(name));
    let declaring_folder = tree.scopes[parent].path.parent().unwrap_or(Path::new("")).to_owned();
    let (file, own_folder) = match path {
        // The file is relative to the file that declares it, and its own modules are next to it.
        Some(path) => {
            let file = declaring_folder.join(path);
            let own_folder = file.parent().unwrap_or(Path::new("")).to_owned();
            (file, own_folder)
        }
        None => {
            let own_folder = folder.join(&name);
            let mut files =
                [folder.join(format!("{name}.rs")), own_folder.join("mod.rs")].into_iter();
            let file = files.find(|file| read(file).is_some());
            (file.ok_or_else(|| format!("no file of {}", own_folder.display()))?, own_folder)
        }
    };
    Ok((tree.add(parent, &name, file, true), own_folder))
}
