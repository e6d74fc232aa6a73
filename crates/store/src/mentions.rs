//! The members whom a message mentions.

use crate::error::Result;
use crate::mirror::conversations;
use crate::mirror::users::find;
use crate::store::Store;
use parlour_markup::Names;
use parlour_protocol::reserved::has_mention_sign;
use parlour_protocol::{Action, ConversationId, UserId};
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 conversation.
    MAY_MENTION_ALL = "SELECT conversations.type = 'p2p' OR EXISTS (
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

impl Store {
    /// Returns the members whom a text mentions, at most 100, and whether it mentions everybody by `@all` and its
    /// author may do so. A member is mentioned by `@` and a username or display name in any spelling that folds to
    /// it; see [`parlour_markup::mentioned`].
    pub fn mentioned(&self, id: ConversationId, text: &str) -> Result<(Vec<UserId>, bool)> {
        if !has_mention_sign(text) {
            return Ok((Vec::new(), false));
        }
        // People whom a waiting op adds count as members.
        let pending = self.outbox.pending_ops_in(id)?;
        let is_new =
            pending.iter().any(|pending| matches!(pending.op.action, Action::Create { .. }));
        let added = pending.into_iter().flat_map(|pending| match pending.op.action {
            Action::Create { members, .. } => members,
            Action::AddMember { user_id } => vec![user_id],
            _ => Vec::new(),
        });
        self.mirror.read(|conn| {
            let number = conversations::find(conn, id)?;
            let mut members = Names::new(true);
            for id in added {
                if let Some(row) = find(conn, id)? {
                    members.add(&row.username, &row.profile.display_name, id);
                }
            }
            if let Some(number) = number {
                add_members(conn, number, &mut members)?;
            }
            let found = parlour_markup::mentioned(text, &members);
            let may_mention_all = match number {
                Some(number) => {
                    conn.prepare_cached(MAY_MENTION_ALL)?.query_row([number], |row| row.get(0))?
                }
                None => is_new,
            };
            Ok((found.people.into_iter().collect(), found.all && may_mention_all))
        })
    }
}

/// Adds the members of a conversation to `names`.
fn add_members(conn: &Connection, conversation: i64, names: &mut Names) -> Result<()> {
    let mut statement = conn.prepare_cached(MEMBERS)?;
    let mut rows = statement.query([conversation])?;
    while let Some(row) = rows.next()? {
        let name = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str().unwrap_or(""));
        names.add(name("username")?, name("display_name")?, UserId(row.get("id")?));
    }
    Ok(())
}
