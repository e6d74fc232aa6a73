//! The messages.

#[macro_use]
mod columns;

use self::columns::{INSERT, from_row, inserted, updated};
pub use self::columns::{NewMessage, emptied};
#[cfg(test)]
use crate::db::BatchStatement;
use crate::db::{DbError, Tx};
use parlour_protocol::{ConversationId, MessageId, MessageRow};

parlour_sqlite::statements! {
    /// $1 id.
    FIND = concat!("SELECT conversation_id, ", message!(list), "
        FROM messages WHERE id = $1");
    /// The columns that can change, in their order; then the id.
    UPDATE = message!(update);
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = concat!("SELECT ", message!(list), "
        FROM messages WHERE conversation_id = $1 AND changed_seq > $2
        ORDER BY changed_seq LIMIT $3");
    /// $1 conversation, $2 before, $3 first, $4 limit.
    BEFORE = concat!("SELECT ", message!(list), "
        FROM messages WHERE conversation_id = $1 AND seq < $2 AND seq >= $3
        ORDER BY seq DESC LIMIT $4");
    /// $1 conversation, $2 first, $3 last.
    BETWEEN = concat!("SELECT ", message!(list), "
        FROM messages WHERE conversation_id = $1 AND seq >= $2 AND seq <= $3
        ORDER BY seq");
}

#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("INSERT", &INSERT)];

/// A stored message.
pub struct StoredMessage {
    /// The message, as members see it.
    pub row: MessageRow,
    /// Its conversation.
    pub conversation_id: ConversationId,
}

/// Stores messages at their positions.
pub async fn insert(tx: &Tx, new: &[NewMessage]) -> Result<(), DbError> {
    tx.write_batch(&INSERT, new.iter().map(inserted).collect()).await
}

/// Returns the message with this id, if there is one.
pub async fn find(tx: &Tx, id: MessageId) -> Result<Option<StoredMessage>, DbError> {
    let Some(row) = tx.optional(FIND, &[id.into()]).await? else { return Ok(None) };
    Ok(Some(StoredMessage { conversation_id: row.get("conversation_id")?, row: from_row(row)? }))
}

/// Updates the columns of a message that can change.
pub async fn update(tx: &Tx, row: &MessageRow) -> Result<(), DbError> {
    tx.execute(UPDATE, &updated(row)).await.map(drop)
}

/// Returns the messages sent or changed after `since`, oldest change first, and whether there are more.
/// Returns at most `limit` messages, and stops once they hold `max_bytes` bytes, but returns at least one.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    since: i64,
    (limit, max_bytes): (i64, usize),
) -> Result<(Vec<MessageRow>, bool), DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    let (rows, is_cut) = tx.query_within(CHANGED, &params, max_bytes).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    Ok((rows.into_iter().map(from_row).collect::<Result<_, _>>()?, is_cut || is_full))
}

/// Returns the messages at positions from `first` to below `before`, newest first. Returns at most `limit`
/// messages, and stops once they hold `max_bytes` bytes, but returns at least one.
pub async fn before(
    tx: &Tx,
    conversation: ConversationId,
    before: i64,
    first: i64,
    (limit, max_bytes): (i64, usize),
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), before.into(), first.into(), limit.into()];
    let (rows, _) = tx.query_within(BEFORE, &params, max_bytes).await?;
    rows.into_iter().map(from_row).collect()
}

/// Returns the messages at positions from `first` to `last`, oldest first, and whether there are more. Stops
/// once they hold `max_bytes` bytes, but returns at least one.
pub async fn between(
    tx: &Tx,
    conversation: ConversationId,
    (first, last): (i64, i64),
    max_bytes: usize,
) -> Result<(Vec<MessageRow>, bool), DbError> {
    let params = [conversation.into(), first.into(), last.into()];
    let (rows, is_cut) = tx.query_within(BETWEEN, &params, max_bytes).await?;
    Ok((rows.into_iter().map(from_row).collect::<Result<_, _>>()?, is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::in_memory;
    use parlour_protocol::{Count, MessageFile, Millis, Reaction, Seq, UserId};
    use uuid::Uuid;

    /// A new field must be added here; the test then fails until the field is written and read everywhere.
    fn full_row(user: UserId) -> MessageRow {
        let (emoji, count, users) = ("👍".into(), Count(1), vec![user]);
        MessageRow {
            id: MessageId(Uuid::from_u128(3)),
            seq: Seq(1),
            sender_id: user,
            body: "said better".into(),
            reply_to: Some(MessageId(Uuid::from_u128(4))),
            mentions: vec![user],
            mentions_all: true,
            files: vec![MessageFile::example("plan.pdf", b"plan")],
            reactions: vec![Reaction { emoji, count, users, own: None }],
            sent_at: Millis(5),
            edited_at: Some(Millis(6)),
            deleted_at: Some(Millis(7)),
            pinned_at: Some(Millis(8)),
            changed_seq: 2,
        }
    }

    #[tokio::test]
    async fn every_field_of_a_message_is_stored_and_read() {
        let tx = in_memory("e", None).unwrap();
        let (conversation, user) = (ConversationId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let row = full_row(user);
        let sent = MessageRow {
            body: "said".into(),
            mentions: vec![UserId(Uuid::from_u128(9))],
            files: vec![MessageFile::example("plan.txt", b"plan")],
            reactions: Vec::new(),
            edited_at: None,
            deleted_at: None,
            pinned_at: None,
            changed_seq: 1,
            ..row.clone()
        };
        let new = NewMessage {
            conversation_id: conversation,
            row: sent.clone(),
            digest: "d".into(),
            import_run: 0,
        };
        insert(&tx, &[new]).await.unwrap();
        assert_eq!(find(&tx, row.id).await.unwrap().unwrap().row, sent);
        update(&tx, &row).await.unwrap();
        let found = find(&tx, row.id).await.unwrap().unwrap();
        assert_eq!((found.conversation_id, found.row), (conversation, row.clone()));
        let limits = (9, usize::MAX);
        assert_eq!(
            changed(&tx, conversation, 1, limits).await.unwrap().0,
            std::slice::from_ref(&row)
        );
        assert_eq!(
            before(&tx, conversation, 2, 1, limits).await.unwrap(),
            std::slice::from_ref(&row)
        );
        assert_eq!(between(&tx, conversation, (1, 1), usize::MAX).await.unwrap().0, [row]);
    }
}
