//! Who is meant by a message: the members that it names.

use crate::error::Result;
use crate::index::fold::Folded;
use crate::mirror::conversations;
use crate::mirror::users::name;
use crate::store::Store;
use parlour_protocol::text::is_written_without_spaces;
use parlour_protocol::{Action, ConversationId, UserId, limits};
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};

parlour_sqlite::statements! {
    /// $1 conversation.
    MAY_MEAN_ALL = "SELECT conversations.type = 'p2p' OR EXISTS (
            SELECT 1 FROM mirror CROSS JOIN users ON users.id = mirror.user_id
                CROSS JOIN members ON members.user = users.number
            WHERE mirror.only_row = 1 AND members.conversation = conversations.number
                AND members.role IN ('owner', 'administrator'))
        FROM conversations WHERE conversations.number = $1";
}

// A row a member, when a message names somebody: an index knows the letter case of ASCII alone.
const MEMBERS: &str = "SELECT users.id, users.username FROM members
        CROSS JOIN users ON users.number = members.user
    WHERE members.conversation = $1 AND members.left_at IS NULL";

/// The name that means everybody.
const ALL_WORD: &str = "all";
/// Most signs of a text that are looked behind for a name: ten times as many as can be meant.
const LOOKED_BEHIND: usize = 10 * limits::MENTIONS;

/// People by their names: as they are in small letters, and folded as a search folds them, where that is one
/// person's.
#[derive(Default)]
struct Known {
    by_name: HashMap<String, UserId>,
    by_folded: HashMap<String, Option<UserId>>,
}

impl Known {
    fn add(&mut self, name: &str, id: UserId) {
        self.by_name.insert(name.to_lowercase(), id);
        let only = self.by_folded.entry(Folded::new(name).text).or_insert(Some(id));
        *only = only.filter(|known| *known == id);
    }

    fn find(&self, name: &str) -> Option<UserId> {
        let exact = self.by_name.get(&name.to_lowercase()).copied();
        exact.or_else(|| self.by_folded.get(&Folded::new(name).text).copied().flatten())
    }
}

impl Store {
    /// The members that a text names by `@name`, however it is written, at most 100, and whether it means
    /// everybody by `@all` where its author may. Not in code nor in what is quoted. A name ends where no
    /// member's name goes on; it does not begin inside a word, as that of an e-mail address would. Words of
    /// scripts without spaces may touch it on both sides.
    pub fn mentioned(&self, id: ConversationId, text: &str) -> Result<(Vec<UserId>, bool)> {
        if !text.contains('@') {
            return Ok((Vec::new(), false));
        }
        let text = parlour_markup::spoken(text);
        // Whoever is added here is as good as there.
        let open = self.outbox.open_ops_in(id)?;
        let begins = open.iter().any(|open| matches!(open.op.action, Action::Create { .. }));
        let added = open.into_iter().flat_map(|open| match open.op.action {
            Action::Create { members, .. } => members,
            Action::AddMember { user_id } => vec![user_id],
            _ => Vec::new(),
        });
        self.mirror.read(|conn| {
            let number = conversations::find(conn, id)?;
            let mut known = Known::default();
            for id in added {
                if let Ok(name) = name(conn, id) {
                    known.add(&name, id);
                }
            }
            if let Some(number) = number {
                add_members(conn, number, &mut known)?;
            }
            let (mut ids, mut all) = (BTreeSet::new(), false);
            for name in names(&text).take(LOOKED_BEHIND) {
                match is_all(name) {
                    true => all = true,
                    false => ids.extend(longest(&known, name)),
                }
            }
            let may_mean_all = match number {
                Some(number) => {
                    conn.prepare_cached(MAY_MEAN_ALL)?.query_row([number], |row| row.get(0))?
                }
                None => begins,
            };
            Ok((ids.into_iter().take(limits::MENTIONS).collect(), all && may_mean_all))
        })
    }
}

/// What stands behind each `@` that begins a word, as long as a name can be, to the end of its line.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 1..];
        let end =
            rest.char_indices().nth(limits::USERNAME_CHARS).map_or(rest.len(), |(end, _)| end);
        let line = rest[..end].lines().next().unwrap_or_default();
        (!before.is_some_and(is_in_word)).then_some(line)
    })
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() && !is_written_without_spaces(c)
}

/// Whether this is the word for everybody, and not the beginning of another one, as in `all-hands`.
fn is_all(text: &str) -> bool {
    let end = text.find(|c: char| !(is_in_word(c) || "_-".contains(c))).unwrap_or(text.len());
    text[..end].trim_end_matches('-').eq_ignore_ascii_case(ALL_WORD)
}

/// Adds who is in a conversation.
fn add_members(conn: &Connection, conversation: i64, to: &mut Known) -> Result<()> {
    let mut statement = conn.prepare_cached(MEMBERS)?;
    let mut rows = statement.query([conversation])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref("username")?.as_str().unwrap_or_default();
        to.add(name, UserId(row.get("id")?));
    }
    Ok(())
}

/// Who of these has the longest name that this begins with.
fn longest(known: &Known, text: &str) -> Option<UserId> {
    let ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
    let ends: Vec<usize> = ends.filter(|end| *end > 0 && ends_word(text, *end)).collect();
    ends.into_iter().rev().find_map(|end| known.find(&text[..end]))
}

/// Whether a name may end there: no letter of a word goes on behind it.
fn ends_word(text: &str, end: usize) -> bool {
    let is_dense = |c: Option<char>| c.is_some_and(is_written_without_spaces);
    let (before, next) = (text[..end].chars().next_back(), text[end..].chars().next());
    is_dense(before) || !next.is_some_and(|next| is_in_word(next) || next == '_')
}
