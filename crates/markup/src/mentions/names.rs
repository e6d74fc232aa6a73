//! The names with which people are mentioned.

use super::line::ends_word;
use parlour_protocol::UserId;
use parlour_protocol::fold::{Folded, lower_case};
use parlour_protocol::text::mentioned_word;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Included, Unbounded};

/// The name that mentions everybody.
const ALL_WORD: &str = "all";

/// People by their names: by the username in lower case; by the folded username and the folded display name
/// (see `Folded`), where only one person has that folded name.
#[derive(Debug, Default)]
pub struct Names {
    by_name: HashMap<String, UserId>,
    by_folded: BTreeMap<String, Option<UserId>>,
    by_display_name: BTreeMap<String, Option<UserId>>,
    all: bool,
}

impl Names {
    /// Creates an empty set of names, with the word for everybody if `all`.
    pub fn new(all: bool) -> Self {
        Self { all, ..Self::default() }
    }

    /// Adds a person. The display name may be empty.
    pub fn add(&mut self, username: &str, display_name: &str, id: UserId) {
        self.by_name.insert(lower_case(username), id);
        let add_unique = |names: &mut BTreeMap<String, Option<UserId>>, name: &str| {
            let unique = names.entry(Folded::new(name).text).or_insert(Some(id));
            *unique = unique.filter(|other| *other == id);
        };
        add_unique(&mut self.by_folded, username);
        if !display_name.is_empty() {
            add_unique(&mut self.by_display_name, display_name);
        }
    }

    /// Returns the length of the name with which `text` starts, and its person; the inner `None` means
    /// everybody. The longest username wins, or the word for everybody; if there is none, the longest
    /// display name. So nobody can capture the mentions of `wren` by choosing the display name
    /// `wren please`, nor those of everybody by `all hands`.
    pub(super) fn resolve(&self, text: &str) -> Option<(usize, Option<UserId>)> {
        let folded = Folded::new(text);
        let by_username = prefixes(&self.by_folded, &folded.text).find_map(|(name, who)| {
            let end = end_in_original(text, &folded, name.len())?;
            Some((end, self.by_name.get(&lower_case(&text[..end])).copied().or(*who)))
        });
        let all = everybody_length(text);
        match (by_username, all) {
            (Some((end, who)), all) if all.is_none_or(|all| end > all) => {
                who.map(|id| (end, Some(id)))
            }
            (_, Some(all)) => self.all.then_some((all, None)),
            (_, None) => prefixes(&self.by_display_name, &folded.text).find_map(|(name, who)| {
                Some((end_in_original(text, &folded, name.len())?, Some((*who)?)))
            }),
        }
    }
}

/// Returns the names with which a folded text starts, the longest first. Takes time in proportion to the
/// text's length, however many names there are.
fn prefixes<'n, V>(
    names: &'n BTreeMap<String, V>,
    text: &str,
) -> impl Iterator<Item = (&'n str, &'n V)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            // A name with which the rest starts is not after this one, so both share their first characters.
            let (name, who) = names.range::<str, _>((Unbounded, Included(rest))).next_back()?;
            if rest.starts_with(name.as_str()) {
                let last = name.chars().next_back()?;
                rest = &rest[..name.len() - last.len_utf8()];
                return Some((name.as_str(), who));
            }
            let shared = rest.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
            rest = &rest[..rest.floor_char_boundary(shared)];
        }
    })
}

/// Returns the position in a text up to which it folds to the first `length` bytes of `folded`, and where a name may
/// end; the last such position.
fn end_in_original(text: &str, folded: &Folded, length: usize) -> Option<usize> {
    let first = *folded.origins.get(length.checked_sub(1)?)?;
    let last = *folded.origins.get(length)?;
    // Only accents and invisible characters are in between.
    let mut ends = (first + 1..=last).rev().filter(|end| text.is_char_boundary(*end));
    ends.find(|end| ends_word(text, *end))
}

/// Returns the length of the word for everybody with which `text` starts; `None` if it starts with a longer word such
/// as `all-hands`.
pub(super) fn everybody_length(text: &str) -> Option<usize> {
    let word = mentioned_word(text).trim_end_matches('-');
    word.eq_ignore_ascii_case(ALL_WORD).then_some(word.len())
}
