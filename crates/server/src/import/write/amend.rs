//! Applies changes of messages that an export records apart from them.

use super::super::ids::fingerprint;
use super::super::records::{Amendment, MessageChange, body};
use super::state::{Counts, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::files;
use crate::queries::{edits, history, imports, messages, streams};
use parlour_protocol::{Millis, StreamId, text};

/// Applies the changes that no earlier import applied. A change that users have reversed since is not applied again.
pub async fn amend(
    tx: &Tx,
    state: &mut State,
    amendments: Vec<Amendment>,
    now: Millis,
) -> Result<Counts, ApiError> {
    let mut counts = Counts::default();
    for amendment in amendments {
        let id = state.source.message(&amendment.conversation, &amendment.key);
        let applied_key = format!("amended {id} {}", fingerprint(&format!("{amendment:?}")));
        // If the message was removed since by undoing an import, and added again, the change is applied again.
        if let Some((_, applied_by)) = imports::find(tx, &applied_key).await?
            && applied_by >= history::import_run(tx, id).await?
        {
            continue;
        }
        let Some(found) = messages::find(tx, id).await? else {
            let location = format!("{} {}", amendment.conversation, amendment.key);
            counts.odd.push((
                "a change of a message that the export does not contain, left out",
                location,
            ));
            continue;
        };
        imports::set(tx, &applied_key, "", state.origin.run).await?;
        let mut row = found.row;
        match amendment.what {
            MessageChange::Pinned => row.pinned_at = row.pinned_at.or(Some(amendment.at)),
            MessageChange::Earlier(before) => {
                let mut with_names = before.clone();
                for key in body::people(&before).map(str::to_owned).collect::<Vec<_>>() {
                    let (_, name) = state.people.find_or_create(tx, &key, amendment.at).await?;
                    with_names = with_names.replace(&body::person(&key), &format!("@{name}"));
                }
                edits::insert(tx, id, &text::without_controls(&with_names), amendment.at).await?;
                row.edited_at = row.edited_at.max(Some(amendment.at));
            }
            MessageChange::Deleted => {
                edits::forget(tx, id).await?;
                files::detach(tx, id, now).await?;
                row.body = String::new();
                row.files = Vec::new();
                row.deleted_at = row.deleted_at.or(Some(amendment.at));
            }
        }
        let stream = StreamId::Conversation(found.conversation_id);
        row.changed_seq = streams::advance(tx, stream).await?;
        messages::update(tx, &row).await?;
        streams::announce_head(tx, stream, row.changed_seq);
    }
    Ok(counts)
}
