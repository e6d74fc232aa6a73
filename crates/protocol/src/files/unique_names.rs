//! The names of exported files and folders, which are valid on every system.

use super::saved_file_name;
use crate::fold::lower_case;
use std::collections::{HashMap, HashSet};

/// Longest extension that is preserved when a name is shortened, in bytes.
const EXTENSION_BYTES: usize = 16;

/// Names that were given in one folder, so that each is given once, also on systems that ignore case.
#[derive(Default)]
pub struct UniqueNames {
    taken: HashSet<String>,
    /// The number that the next file with the same name gets.
    next: HashMap<String, u32>,
}

impl UniqueNames {
    /// Returns a name like `name` that nothing else in the folder has; at most `max` bytes, and a few for a number.
    pub fn give(&mut self, name: &str, max: usize) -> String {
        let name = shortened(name, max);
        let next = self.next.entry(lower_case(&name)).or_insert(1);
        loop {
            let candidate = match *next {
                1 => name.clone(),
                number => numbered(&name, number),
            };
            *next = next.saturating_add(1);
            if self.taken.insert(lower_case(&candidate)) {
                return candidate;
            }
        }
    }
}

/// Returns a name that any system accepts, with at most about `max` bytes. It keeps its extension.
fn shortened(name: &str, max: usize) -> String {
    let name = saved_file_name(name);
    if name.len() <= max {
        return name;
    }
    let (stem, extension) = split(&name);
    let stem = &stem[..stem.floor_char_boundary(max.saturating_sub(extension.len()))];
    saved_file_name(&format!("{stem}{extension}"))
}

/// Returns a title as the name of a folder: valid on every system, not hidden, and at most about `max` bytes.
pub fn folder_name(title: &str, max: usize) -> String {
    let title = title.replace(['/', '\\'], "_");
    shortened(title.trim_start_matches(['.', ' ']), max)
}

fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = split(name);
    format!("{stem} ({number}){extension}")
}

/// Splits a name before its extension, which is empty if there is none or a long one.
fn split(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= EXTENSION_BYTES);
    name.split_at(at.unwrap_or(name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_valid_on_every_system() {
        let mut names = UniqueNames::default();
        let mut give = |name: &str| names.give(name, 40);
        assert_eq!(give("../../etc/passwd"), "passwd");
        assert_eq!(give("C:\\Windows\\CON.txt"), "_CON.txt");
        assert_eq!(give("a<b>|c?.txt... "), "a_b__c_.txt");
        assert_eq!(give("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(give(".."), "file");
        assert_eq!(give(""), "file (2)");
        let long = give(&format!("{}.pdf", "ü".repeat(200)));
        assert!(long.len() <= 40 && long.ends_with("ü.pdf"), "{long}");
    }

    #[test]
    fn a_title_with_separators_is_one_visible_folder() {
        let names = ["../..", "a/b\\c", ". .x", "", "..."].map(|title| folder_name(title, 40));
        assert_eq!(names, ["_", "a_b_c", "x", "file", "file"]);
    }

    #[test]
    fn each_name_is_given_once_on_systems_that_ignore_case() {
        let mut names = UniqueNames::default();
        let given = ["a.txt", "A.TXT", "a (2).txt", "a.txt"].map(|name| names.give(name, 40));
        assert_eq!(given, ["a.txt", "A (2).TXT", "a (2) (2).txt", "a (3).txt"]);
        // The two small sigmas have one capital letter.
        let given = ["λόγος", "ΛΌΓΟΣ", "λόγοσ"].map(|name| names.give(name, 40));
        assert_eq!(given, ["λόγος", "ΛΌΓΟΣ (2)", "λόγοσ (3)"]);
    }
}
