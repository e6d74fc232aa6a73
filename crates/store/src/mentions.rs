//! The members whom a message mentions.

use crate::error::Result;
use crate::index::fold::Folded;
use crate::mirror::conversations;
use crate::mirror::users::find;
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

// Reads one row per member when a message contains a mention: an index only knows the letter case
// of ASCII.
const MEMBERS: &str = "SELECT users.id, users.username, users.display_name FROM members
        CROSS JOIN users ON users.number = members.user
    WHERE members.conversation = $1 AND members.left_at IS NULL";

/// The name that mentions everybody.
const ALL_WORD: &str = "all";
/// Maximum number of `@` characters in a text after which names are looked for: ten times the maximum number
/// of mentions.
const LOOKED_BEHIND: usize = 10 * limits::MENTIONS;

/// People by their names: by the username in lower case; by the folded username and the folded display name
/// (see `Folded`), where only one person has that folded name.
#[derive(Default)]
struct MemberNames {
    by_name: HashMap<String, UserId>,
    by_folded: HashMap<String, Option<UserId>>,
    by_display_name: HashMap<String, Option<UserId>>,
}

impl MemberNames {
    fn add(&mut self, username: &str, display_name: &str, id: UserId) {
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

impl Store {
    /// Returns the members whom a text mentions, at most 100, and whether it mentions everybody by `@all` and its
    /// author may do so. A member is mentioned by `@` and a username or display name in any spelling that folds to
    /// it. Mentions in code and in quotes do not count. The longest matching username counts; display names count
    /// only where no username matches. A name does not start inside a word, as in an e-mail address. Next to
    /// words of scripts without spaces, no space is needed on either side of a name.
    pub fn mentioned(&self, id: ConversationId, text: &str) -> Result<(Vec<UserId>, bool)> {
        if !text.contains('@') {
            return Ok((Vec::new(), false));
        }
        let text = parlour_markup::spoken(text);
        // People whom a waiting op adds count as members.
        let open = self.outbox.open_ops_in(id)?;
        let begins = open.iter().any(|open| matches!(open.op.action, Action::Create { .. }));
        let added = open.into_iter().flat_map(|open| match open.op.action {
            Action::Create { members, .. } => members,
            Action::AddMember { user_id } => vec![user_id],
            _ => Vec::new(),
        });
        self.mirror.read(|conn| {
            let number = conversations::find(conn, id)?;
            let mut members = MemberNames::default();
            for id in added {
                if let Some(row) = find(conn, id)? {
                    members.add(&row.username, &row.profile.display_name, id);
                }
            }
            if let Some(number) = number {
                add_members(conn, number, &mut members)?;
            }
            let (mut ids, mut all) = (BTreeSet::new(), false);
            for name in names(&text).take(LOOKED_BEHIND) {
                match is_all(name) {
                    true => all = true,
                    false => ids.extend(longest(&members, name)),
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

/// Returns the text after each `@` that starts a word: to the end of its line, but at most as long
/// as a name can be.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 1..];
        let end =
            rest.char_indices().nth(limits::DISPLAY_NAME_CHARS).map_or(rest.len(), |(end, _)| end);
        let line = rest[..end].lines().next().unwrap_or_default();
        (!before.is_some_and(is_in_word)).then_some(line)
    })
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() && !is_written_without_spaces(c)
}

/// Returns whether `text` starts with the word for everybody, and not with a longer word such as
/// `all-hands`.
fn is_all(text: &str) -> bool {
    let end = text.find(|c: char| !(is_in_word(c) || "_-".contains(c))).unwrap_or(text.len());
    text[..end].trim_end_matches('-').eq_ignore_ascii_case(ALL_WORD)
}

/// Adds the members of a conversation to `to`.
fn add_members(conn: &Connection, conversation: i64, to: &mut MemberNames) -> Result<()> {
    let mut statement = conn.prepare_cached(MEMBERS)?;
    let mut rows = statement.query([conversation])?;
    while let Some(row) = rows.next()? {
        let name = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str().unwrap_or(""));
        to.add(name("username")?, name("display_name")?, UserId(row.get("id")?));
    }
    Ok(())
}

/// Returns the person with the longest username with which `text` starts; if there is none, the person with the
/// longest display name. So nobody takes the mentions of `wren` by choosing the display name `wren please`.
fn longest(members: &MemberNames, text: &str) -> Option<UserId> {
    let ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
    let ends = ends.filter(|end| *end > 0 && ends_word(text, *end));
    let names: Vec<&str> = ends.map(|end| &text[..end]).collect();
    let longest_first = || names.iter().rev();
    let by_username = longest_first().find_map(|name| members.username(name));
    by_username.unwrap_or_else(|| longest_first().find_map(|name| members.display_name(name)))
}

/// Returns whether a name may end at `end`: no letter of the same word follows.
fn ends_word(text: &str, end: usize) -> bool {
    let is_dense = |c: Option<char>| c.is_some_and(is_written_without_spaces);
    let (before, next) = (text[..end].chars().next_back(), text[end..].chars().next());
    is_dense(before) || !next.is_some_and(|next| is_in_word(next) || next == '_')
}
