//! Merges copies of the same message, of which any may be the newest.

use super::super::text::markdown::{with_file_lines_of, without_files};
use super::earlier::unite;
use super::given::store_reactions;
use super::prepare::Prepared;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::files;
use crate::queries::{edits, history, messages, streams};
use parlour_protocol::{MessageRow, Millis, StreamId};

/// Merges a copy into the stored message: a deletion is final, the text of the last edit is kept, and earlier texts,
/// files, reactions and pins are united. Returns whether that changed the message.
pub async fn merge(tx: &Tx, mut copy: Prepared, now: Millis) -> Result<bool, ApiError> {
    let Some(found) = messages::find(tx, copy.row.id).await? else { return Ok(false) };
    if found.row.deleted_at.is_some() {
        return Ok(false);
    }
    let (stream, stored) = (StreamId::Conversation(found.conversation_id), found.row);
    let digest = std::mem::take(&mut copy.digest);
    let (mut merged, has_more_texts) = if copy.row.deleted_at.is_some() {
        edits::forget(tx, stored.id).await?;
        files::detach(tx, stored.id, now).await?;
        let (edited_at, deleted_at) = (stored.edited_at, copy.row.deleted_at);
        (MessageRow { edited_at, deleted_at, ..messages::emptied(stored.clone()) }, false)
    } else {
        if copy.row.files.len() > stored.files.len() {
            files::detach(tx, stored.id, now).await?;
            files::attach(tx, stored.id, &copy.uses).await?;
        }
        let merged = merged(&stored, &copy.row);
        let mut earlier = std::mem::take(&mut copy.earlier);
        let before = without_files(&stored.body);
        let is_replaced = before != without_files(&merged.body) && !stored.body.is_empty();
        if is_replaced && !earlier.iter().any(|(text, _)| *text == before) {
            earlier.push((before, merged.edited_at.unwrap_or(merged.sent_at)));
        }
        let has_more_texts = unite(tx, stored.id, earlier).await?;
        copy.conversation = found.conversation_id;
        copy.row = merged;
        store_reactions(tx, &mut copy).await?;
        (copy.row, has_more_texts)
    };
    if merged == stored && !has_more_texts {
        return Ok(false);
    }
    history::set_digest(tx, merged.id, &digest).await?;
    merged.changed_seq = streams::advance(tx, stream).await?;
    messages::update(tx, &merged).await?;
    streams::announce_head(tx, stream, merged.changed_seq);
    Ok(true)
}

/// Returns a message with what a copy, which is not deleted, has besides or newer.
fn merged(stored: &MessageRow, copy: &MessageRow) -> MessageRow {
    let is_newer = copy.edited_at > stored.edited_at;
    let has_more_files = copy.files.len() > stored.files.len();
    let newest = if is_newer { copy } else { stored };
    let body = match has_more_files && !is_newer {
        true => with_file_lines_of(&stored.body, &copy.body),
        false => newest.body.clone(),
    };
    MessageRow {
        body,
        mentions: newest.mentions.clone(),
        mentions_all: newest.mentions_all,
        edited_at: newest.edited_at,
        files: if has_more_files { copy.files.clone() } else { stored.files.clone() },
        pinned_at: stored.pinned_at.or(copy.pinned_at),
        ..stored.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{MessageFile, MessageId, UserId};
    use uuid::Uuid;

    fn row(body: &str, edited_at: Option<i64>) -> MessageRow {
        let (id, sender) = (MessageId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        MessageRow {
            edited_at: edited_at.map(Millis),
            ..MessageRow::new(id, sender, body, Millis(1))
        }
    }

    #[test]
    fn the_newest_text_is_kept_whichever_comes_first_and_the_rest_is_united() {
        let (old, new) = (row("old", None), row("new", Some(5)));
        assert_eq!(merged(&old, &new), new);
        assert_eq!(merged(&new, &old), new);
        let pinned = MessageRow { pinned_at: Some(Millis(9)), ..old.clone() };
        assert_eq!(merged(&new, &pinned).pinned_at, Some(Millis(9)));
        assert_eq!(merged(&pinned, &new).pinned_at, Some(Millis(9)));
        let without_file = row("new\n📎 a.txt", Some(5));
        let with_file = MessageRow { files: vec![MessageFile::example("a.txt", b"a")], ..old };
        let both = MessageRow { files: with_file.files.clone(), ..new };
        assert_eq!(merged(&without_file, &with_file), both);
        assert_eq!(merged(&both, &without_file).files, both.files);
    }
}
