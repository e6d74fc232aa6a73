//! The messages.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use parlour_protocol::{ConversationId, MessageFile, MessageId, MessageRow, Reaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Expands to the columns of a message as members see it; see `from_row`.
macro_rules! message {
    () => {
        "seq, id, sender_id, body, reply_to, mentions, mentions_all, files, reactions,
            sent_at, edited_at, deleted_at, pinned_at, changed_seq"
    };
}

parlour_sqlite::statements! {
    /// $1 id.
    FIND = concat!("SELECT conversation_id, ", message!(), "
        FROM messages WHERE id = $1");
    /// $1 body, $2 mentions, $3 files, $4 reactions, $5 edited_at, $6 deleted_at, $7 pinned_at,
    /// $8 changed_seq, $9 id.
    UPDATE = "UPDATE messages SET body = $1, mentions = $2, files = $3, reactions = $4, edited_at = $5,
            deleted_at = $6, pinned_at = $7, changed_seq = $8
        WHERE id = $9";
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = concat!("SELECT ", message!(), "
        FROM messages WHERE conversation_id = $1 AND changed_seq > $2
        ORDER BY changed_seq LIMIT $3");
    /// $1 conversation, $2 before, $3 first, $4 limit.
    BEFORE = concat!("SELECT ", message!(), "
        FROM messages WHERE conversation_id = $1 AND seq < $2 AND seq >= $3
        ORDER BY seq DESC LIMIT $4");
    /// $1 conversation, $2 first, $3 last.
    BETWEEN = concat!("SELECT ", message!(), "
        FROM messages WHERE conversation_id = $1 AND seq >= $2 AND seq <= $3
        ORDER BY seq");
}

/// Expands to the `BatchStatement` that inserts every row of `input` into a table, which has these columns
/// of these kinds.
macro_rules! insert_into {
    ($table:ident: $first:ident $first_kind:ident $(, $column:ident $kind:ident)* $(,)?) => {
        BatchStatement {
            columns: &[
                (stringify!($first), ColumnType::$first_kind)
                $(, (stringify!($column), ColumnType::$kind))*
            ],
            sql: concat!(
                "INSERT INTO ", stringify!($table),
                " (", stringify!($first) $(, ", ", stringify!($column))*, ")
                SELECT ", stringify!($first) $(, ", ", stringify!($column))*, " FROM input"
            ),
        }
    };
}

const INSERT: BatchStatement = insert_into! { messages:
    conversation_id Id, seq Int, id Id, sender_id Id, body Text, reply_to Id, mentions Text,
    mentions_all Int, files Text, sent_at Int, changed_seq Int, digest Text
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("INSERT", &INSERT)];

/// A message to store.
pub struct NewMessage {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The message, with its position.
    pub row: MessageRow,
    /// The digest of the op that sent it.
    pub digest: String,
}

/// A stored message.
pub struct StoredMessage {
    /// The message, as members see it.
    pub row: MessageRow,
    /// Its conversation.
    pub conversation_id: ConversationId,
}

/// Stores messages at their positions.
pub async fn insert(tx: &Tx, new: &[NewMessage]) -> Result<(), DbError> {
    let values = |NewMessage { conversation_id, row, digest }: &NewMessage| {
        vec![
            (*conversation_id).into(),
            row.seq.into(),
            row.id.into(),
            row.sender_id.into(),
            row.body.as_str().into(),
            row.reply_to.into(),
            json(&row.mentions).into(),
            i64::from(row.mentions_all).into(),
            json(&row.files).into(),
            row.sent_at.0.into(),
            row.changed_seq.into(),
            digest.as_str().into(),
        ]
    };
    tx.write_batch(&INSERT, new.iter().map(values).collect()).await
}

/// Returns the message with this id, if there is one.
pub async fn find(tx: &Tx, id: MessageId) -> Result<Option<StoredMessage>, DbError> {
    let Some(row) = tx.optional(FIND, &[id.into()]).await? else { return Ok(None) };
    Ok(Some(StoredMessage { conversation_id: row.get("conversation_id")?, row: from_row(row)? }))
}

/// Updates the columns of a message that can change.
pub async fn update(tx: &Tx, row: &MessageRow) -> Result<(), DbError> {
    let params = [
        row.body.as_str().into(),
        json(&row.mentions).into(),
        json(&row.files).into(),
        json(&row.reactions).into(),
        row.edited_at.map(|at| at.0).into(),
        row.deleted_at.map(|at| at.0).into(),
        row.pinned_at.map(|at| at.0).into(),
        row.changed_seq.into(),
        row.id.into(),
    ];
    tx.execute(UPDATE, &params).await.map(drop)
}

/// Returns the messages sent or changed after `since`, oldest change first, and whether there are more.
/// Returns at most `limit` messages, and stops once they hold `bytes` bytes, but returns at least one.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    since: i64,
    (limit, bytes): (i64, usize),
) -> Result<(Vec<MessageRow>, bool), DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    let (rows, is_cut) = tx.query_within(CHANGED, &params, bytes).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    Ok((rows.into_iter().map(from_row).collect::<Result<_, _>>()?, is_cut || is_full))
}

/// Returns the messages at positions from `first` to below `before`, newest first. Returns at most `limit`
/// messages, and stops once they hold `bytes` bytes, but returns at least one.
pub async fn before(
    tx: &Tx,
    conversation: ConversationId,
    before: i64,
    first: i64,
    (limit, bytes): (i64, usize),
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), before.into(), first.into(), limit.into()];
    let (rows, _) = tx.query_within(BEFORE, &params, bytes).await?;
    rows.into_iter().map(from_row).collect()
}

/// Returns the messages at positions from `first` to `last`, oldest first, and whether there are more. Stops
/// once they hold `bytes` bytes, but returns at least one.
pub async fn between(
    tx: &Tx,
    conversation: ConversationId,
    (first, last): (i64, i64),
    bytes: usize,
) -> Result<(Vec<MessageRow>, bool), DbError> {
    let params = [conversation.into(), first.into(), last.into()];
    let (rows, is_cut) = tx.query_within(BETWEEN, &params, bytes).await?;
    Ok((rows.into_iter().map(from_row).collect::<Result<_, _>>()?, is_cut))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a list is plain data")
}

fn from_json<T: DeserializeOwned>(row: &Row, name: &'static str) -> Result<Vec<T>, DbError> {
    let text = row.text(name)?;
    // Nearly every message has an empty list, and this runs for every message of every page.
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| DbError::Column(name))
}

fn from_row(mut row: Row) -> Result<MessageRow, DbError> {
    Ok(MessageRow {
        id: row.get("id")?,
        seq: row.get("seq")?,
        sender_id: row.get("sender_id")?,
        body: row.take("body")?,
        reply_to: row.get("reply_to")?,
        mentions: from_json(&row, "mentions")?,
        mentions_all: row.get::<i64>("mentions_all")? != 0,
        files: from_json::<MessageFile>(&row, "files")?,
        reactions: from_json::<Reaction>(&row, "reactions")?,
        sent_at: row.get("sent_at")?,
        edited_at: row.get("edited_at")?,
        deleted_at: row.get("deleted_at")?,
        pinned_at: row.get("pinned_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::in_memory;
    use parlour_protocol::{Count, Millis, Seq, UserId};
    use uuid::Uuid;

    /// A new field must be added here; the test then fails until the field is written and read everywhere.
    fn full(user: UserId) -> MessageRow {
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
        let (room, user) = (ConversationId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let row = full(user);
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
        let new = NewMessage { conversation_id: room, row: sent.clone(), digest: "d".into() };
        insert(&tx, &[new]).await.unwrap();
        assert_eq!(find(&tx, row.id).await.unwrap().unwrap().row, sent);
        update(&tx, &row).await.unwrap();
        let found = find(&tx, row.id).await.unwrap().unwrap();
        assert_eq!((found.conversation_id, found.row), (room, row.clone()));
        let most = (9, usize::MAX);
        assert_eq!(changed(&tx, room, 1, most).await.unwrap().0, std::slice::from_ref(&row));
        assert_eq!(before(&tx, room, 2, 1, most).await.unwrap(), std::slice::from_ref(&row));
        assert_eq!(between(&tx, room, (1, 1), usize::MAX).await.unwrap().0, [row]);
    }
}
