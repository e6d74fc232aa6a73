//! What an export tells of messages apart from them.

use super::super::form::{Amended, Amendment, body};
use super::super::ids::fingerprint;
use super::state::{Counts, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{edits, imports, messages, streams};
use parlour_protocol::{StreamId, text};

/// Does what was not done before; what was undone here since stays so.
pub async fn amend(tx: &Tx, state: &mut State, some: Vec<Amendment>) -> Result<Counts, ApiError> {
    let mut counts = Counts::default();
    for one in some {
        let id = state.source.message(&one.conversation, &one.key);
        let mark = format!("amended {id} {}", fingerprint(&format!("{one:?}")));
        if imports::find(tx, &mark).await?.is_some() {
            continue;
        }
        let Some(found) = messages::find(tx, id).await? else {
            let place = format!("{} {}", one.conversation, one.key);
            counts
                .odd
                .push(("a change of a message that the export does not hold, left out", place));
            continue;
        };
        imports::set(tx, &mark, "", 0).await?;
        let mut row = found.row;
        match one.what {
            Amended::Pinned => row.pinned_at = row.pinned_at.or(Some(one.at)),
            Amended::Earlier(before) => {
                let mut named = before.clone();
                for key in body::people(&before).map(str::to_owned).collect::<Vec<_>>() {
                    let (_, name) = state.people.find_or_create(tx, &key, one.at).await?;
                    named = named.replace(&body::person(&key), &format!("@{name}"));
                }
                edits::insert(tx, id, &text::without_controls(&named), one.at).await?;
                row.edited_at = row.edited_at.max(Some(one.at));
            }
            Amended::Deleted => {
                edits::forget(tx, id).await?;
                row.body = String::new();
                row.deleted_at = row.deleted_at.or(Some(one.at));
            }
        }
        let stream = StreamId::Conversation(found.conversation_id);
        row.changed_seq = streams::advance(tx, stream).await?;
        messages::update(tx, &row).await?;
        streams::announce_head(tx, stream, row.changed_seq);
    }
    Ok(counts)
}
