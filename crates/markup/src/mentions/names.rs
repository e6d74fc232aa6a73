//! The names by which people are mentioned.

use super::line::{ends_word, is_in_word};
use parlour_protocol::UserId;
use parlour_protocol::fold::Folded;
use std::collections::HashMap;

/// The name that mentions everybody.
const ALL_WORD: &str = "all";

/// People by their names: by the username in lower case; by the folded username and the folded display name
/// (see `Folded`), where only one person has that folded name.
#[derive(Debug, Default)]
pub struct Names {
    by_name: HashMap<String, UserId>,
    by_folded: HashMap<String, Option<UserId>>,
    by_display_name: HashMap<String, Option<UserId>>,
    all: bool,
}

impl Names {
    /// Returns nobody's names, and that of everybody if `all`.
    pub fn new(all: bool) -> Self {
        Self { all, ..Self::default() }
    }

    /// Adds a person. The display name may be empty.
    pub fn add(&mut self, username: &str, display_name: &str, id: UserId) {
        self.by_name.insert(username.to_lowercase(), id);
        let note = |names: &mut HashMap<String, Option<UserId>>, name: &str| {
            let only = names.entry(Folded::new(name).text).or_insert(Some(id));
            *only = only.filter(|other| *other == id);
        };
        note(&mut self.by_folded, username);
        if !display_name.is_empty() {
            note(&mut self.by_display_name, display_name);
        }
    }

    /// Returns the length of the name with which `text` starts, and who has it; `None` inside for everybody. The
    /// longest username counts, or the word for everybody; if there is none, the longest display name. So nobody takes
    /// the mentions of `wren` by choosing the display name `wren please`, nor those of everybody by `all hands`.
    pub(super) fn resolve(&self, text: &str) -> Option<(usize, Option<UserId>)> {
        let ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
        let ends: Vec<usize> = ends.filter(|end| *end > 0 && ends_word(text, *end)).collect();
        let longest_first = || ends.iter().rev().copied();
        let by_username = longest_first().find_map(|end| Some((end, self.username(&text[..end])?)));
        let all = all_length(text);
        match (by_username, all) {
            (Some((end, who)), all) if all.is_none_or(|all| end > all) => {
                who.map(|id| (end, Some(id)))
            }
            (_, Some(all)) => self.all.then_some((all, None)),
            (_, None) => {
                longest_first().find_map(|end| Some((end, Some(self.display_name(&text[..end])?))))
            }
        }
    }

    /// Returns the person with this username; `None` inside if several people may be meant.
    fn username(&self, name: &str) -> Option<Option<UserId>> {
        let exact = self.by_name.get(&name.to_lowercase()).copied().map(Some);
        exact.or_else(|| self.by_folded.get(&Folded::new(name).text).copied())
    }

    /// Returns the only person with this display name; `None` if nobody or several people have it.
    fn display_name(&self, name: &str) -> Option<UserId> {
        self.by_display_name.get(&Folded::new(name).text).copied().flatten()
    }
}

/// Returns the length of the word for everybody with which `text` starts; `None` if it starts with a longer word such
/// as `all-hands`.
pub(super) fn all_length(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !(is_in_word(c) || "_-".contains(c))).unwrap_or(text.len());
    let word = text[..end].trim_end_matches('-');
    word.eq_ignore_ascii_case(ALL_WORD).then_some(word.len())
}
