//! What each op does to the database, in one transaction, announced when it is committed.

use crate::auth::digest;
use crate::db::{Change, Tx};
use crate::error::ApiError;
use crate::queries::{conversations, members, messages, ops, streams, users};
use parlour_protocol::{
    Action, ConversationId, ConversationRow, ConversationType, ErrorCode, MessageId, MessageRow,
    Millis, Op, OpDone, OpId, Page, Row, Seq, StreamId, UserId, limits,
};

/// Does an op, or answers what it answered before if it was done already.
pub async fn apply(tx: &Tx, caller: UserId, op: &Op, now: Millis) -> Result<OpDone, ApiError> {
    let digest = digest(serde_json::to_string(op).expect("an op is plain data"));
    if let Some(done) = done_before(tx, caller, op, &digest).await? {
        return Ok(done);
    }
    let conversation = op.conversation_id;
    let done = match &op.action {
        // A send is remembered by its message, for ever.
        Action::Send { body } => {
            return send(tx, caller, conversation, op.id, body, &digest, now).await;
        }
        Action::Create { kind, title, members } => {
            create(tx, caller, conversation, *kind, title, members, now).await?
        }
        Action::Edit { message_id, body } => {
            check_body(body)?;
            revise(tx, caller, conversation, *message_id, Some(body), now).await?
        }
        Action::Delete { message_id } => {
            revise(tx, caller, conversation, *message_id, None, now).await?
        }
        Action::Read { seq } => read(tx, caller, conversation, *seq).await?,
        Action::AddMember { user_id } => add(tx, caller, conversation, *user_id, now).await?,
        Action::Leave => leave(tx, caller, conversation, now).await?,
    };
    // A read position may move as often as it likes: moving it again changes nothing.
    if !matches!(op.action, Action::Read { .. }) {
        let done = serde_json::to_string(&done).expect("an answer is plain data");
        ops::insert(tx, caller, op.id, &ops::Done { digest, done }, now).await?;
    }
    Ok(done)
}

/// The first result of an op that was done before; a refusal if its id was used for another.
async fn done_before(
    tx: &Tx,
    caller: UserId,
    op: &Op,
    digest: &str,
) -> Result<Option<OpDone>, ApiError> {
    if let Some(message) = messages::find(tx, MessageId(op.id.0)).await? {
        if message.row.sender_id != caller || message.digest != digest {
            return Err(conflict());
        }
        let stream = StreamId::Conversation(message.conversation_id);
        return Ok(Some(OpDone { stream, rows: vec![Row::Message(message.row)] }));
    }
    let Some(found) = ops::find(tx, caller, op.id).await? else { return Ok(None) };
    if found.digest != digest {
        return Err(conflict());
    }
    let done = serde_json::from_str(&found.done).map_err(|_| ApiError::retry())?;
    Ok(Some(done))
}

fn conflict() -> ApiError {
    ApiError::new(ErrorCode::OpConflict, "This id was used for something else before.")
}

async fn send(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    id: OpId,
    body: &str,
    digest: &str,
    now: Millis,
) -> Result<OpDone, ApiError> {
    members::require(tx, conversation, caller).await?;
    check_body(body)?;
    let changed_seq = streams::advance(tx, StreamId::Conversation(conversation)).await?;
    let seq = Seq(conversations::next_seq(tx, conversation).await?);
    let row = MessageRow {
        id: MessageId(id.0),
        seq,
        sender_id: caller,
        body: body.into(),
        sent_at: now,
        edited_at: None,
        deleted_at: None,
        changed_seq,
    };
    messages::insert(tx, conversation, &row, digest).await?;
    Ok(done(tx, StreamId::Conversation(conversation), changed_seq, vec![Row::Message(row)]))
}

async fn create(
    tx: &Tx,
    caller: UserId,
    id: ConversationId,
    kind: ConversationType,
    title: &str,
    others: &[UserId],
    now: Millis,
) -> Result<OpDone, ApiError> {
    check_create(caller, id, kind, title, others)?;
    let stream = StreamId::Conversation(id);
    if let Some(found) = conversations::find(tx, id).await? {
        // The other one of the pair was first, which is as good.
        if kind == ConversationType::P2p && found.row.kind == kind {
            let place = members::require(tx, id, caller).await?;
            let rows = vec![Row::Conversation(found.row), Row::Member(place.member)];
            return Ok(OpDone { stream, rows });
        }
        return Err(conflict());
    }
    for other in others {
        if !users::exists(tx, *other).await? {
            return Err(ApiError::gone("person"));
        }
    }
    let changed_seq = streams::advance(tx, stream).await?;
    let row = ConversationRow {
        id,
        kind,
        title: title.trim().into(),
        created_by: caller,
        created_at: now,
        changed_seq,
    };
    conversations::insert(tx, &row).await?;
    let mut rows = vec![Row::Conversation(row)];
    let everyone: std::collections::BTreeSet<UserId> =
        others.iter().copied().chain([caller]).collect();
    for user in everyone {
        rows.push(join(tx, id, user, now, changed_seq).await?);
    }
    Ok(done(tx, stream, changed_seq, rows))
}

fn check_create(
    caller: UserId,
    id: ConversationId,
    kind: ConversationType,
    title: &str,
    others: &[UserId],
) -> Result<(), ApiError> {
    match kind {
        ConversationType::P2p => {
            let [other] = others else {
                return Err(ApiError::invalid("A direct message is between exactly two people."));
            };
            if *other == caller {
                return Err(ApiError::invalid("A direct message needs another person."));
            }
            if id != ConversationId::p2p(caller, *other) {
                return Err(ApiError::invalid(
                    "This is not the id of these two people's conversation.",
                ));
            }
        }
        ConversationType::Group => {
            if !(1..=limits::TITLE_CHARS).contains(&title.trim().chars().count()) {
                return Err(ApiError::invalid("A group's title has 1 to 100 characters."));
            }
            if others.len() > limits::CREATE_MEMBERS {
                return Err(ApiError::invalid("A group starts with at most 500 members."));
            }
        }
    }
    Ok(())
}

/// Edits (with a body) or deletes one's own message. Deleting twice, or editing what is deleted,
/// changes nothing.
async fn revise(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    id: MessageId,
    body: Option<&str>,
    now: Millis,
) -> Result<OpDone, ApiError> {
    members::require(tx, conversation, caller).await?;
    let found = messages::find(tx, id).await?;
    let Some(mut message) = found.filter(|found| found.conversation_id == conversation) else {
        return Err(ApiError::gone("message"));
    };
    if message.row.sender_id != caller {
        return Err(ApiError::forbidden("Only its sender can change a message."));
    }
    let stream = StreamId::Conversation(conversation);
    if message.row.deleted_at.is_some() {
        return match body {
            Some(_) => Err(ApiError::new(ErrorCode::Gone, "This message was deleted.")),
            None => Ok(OpDone { stream, rows: vec![Row::Message(message.row)] }),
        };
    }
    let changed_seq = streams::advance(tx, stream).await?;
    match body {
        Some(body) => {
            messages::edit(tx, id, body, now, changed_seq).await?;
            message.row.body = body.into();
            message.row.edited_at = Some(now);
        }
        None => {
            messages::delete(tx, id, now, changed_seq).await?;
            message.row.body = String::new();
            message.row.deleted_at = Some(now);
        }
    }
    message.row.changed_seq = changed_seq;
    Ok(done(tx, stream, changed_seq, vec![Row::Message(message.row)]))
}

async fn read(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    seq: Seq,
) -> Result<OpDone, ApiError> {
    let place = members::require(tx, conversation, caller).await?;
    let last = conversations::find(tx, conversation).await?.map_or(0, |found| found.last_seq);
    let stream = StreamId::Account(caller);
    let seq = Seq(seq.0.min(last));
    if seq <= place.membership.last_read_seq {
        return Ok(OpDone { stream, rows: vec![Row::Membership(place.membership)] });
    }
    let account_seq = streams::advance(tx, stream).await?;
    let place = members::read(tx, conversation, caller, seq, account_seq).await?;
    Ok(done(tx, stream, account_seq, vec![Row::Membership(place.membership)]))
}

async fn add(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
) -> Result<OpDone, ApiError> {
    members::require(tx, conversation, caller).await?;
    require_group(tx, conversation).await?;
    if !users::exists(tx, user).await? {
        return Err(ApiError::gone("person"));
    }
    let stream = StreamId::Conversation(conversation);
    if let Some(place) = members::find(tx, conversation, user).await?
        && place.member.left_at.is_none()
    {
        return Ok(OpDone { stream, rows: vec![Row::Member(place.member)] });
    }
    let changed_seq = streams::advance(tx, stream).await?;
    let row = join(tx, conversation, user, now, changed_seq).await?;
    Ok(done(tx, stream, changed_seq, vec![row]))
}

/// Lets a person in and tells their account. The caller tells the conversation.
pub async fn join(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
    changed_seq: i64,
) -> Result<Row, ApiError> {
    let account = StreamId::Account(user);
    let account_seq = streams::advance(tx, account).await?;
    let place = members::join(tx, conversation, user, now, changed_seq, account_seq).await?;
    tx.announce(Change::Joined(user, StreamId::Conversation(conversation)));
    done(tx, account, account_seq, vec![Row::Membership(place.membership)]);
    Ok(Row::Member(place.member))
}

async fn leave(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    now: Millis,
) -> Result<OpDone, ApiError> {
    members::require(tx, conversation, caller).await?;
    require_group(tx, conversation).await?;
    let (stream, account) = (StreamId::Conversation(conversation), StreamId::Account(caller));
    let changed_seq = streams::advance(tx, stream).await?;
    let account_seq = streams::advance(tx, account).await?;
    let place = members::leave(tx, conversation, caller, now, changed_seq, account_seq).await?;
    tx.announce(Change::Left(caller, stream));
    done(tx, stream, changed_seq, vec![Row::Member(place.member)]);
    Ok(done(tx, account, account_seq, vec![Row::Membership(place.membership)]))
}

async fn require_group(tx: &Tx, conversation: ConversationId) -> Result<(), ApiError> {
    let found = conversations::find(tx, conversation).await?;
    match found.map(|found| found.row.kind) {
        Some(ConversationType::Group) => Ok(()),
        Some(ConversationType::P2p) => {
            Err(ApiError::invalid("A direct message always has the same two people."))
        }
        None => Err(ApiError::not_member()),
    }
}

fn check_body(body: &str) -> Result<(), ApiError> {
    if body.trim().is_empty() {
        return Err(ApiError::invalid("A message needs some text."));
    }
    if body.len() > limits::BODY_BYTES {
        let message = format!("A message has at most {} bytes.", limits::BODY_BYTES);
        return Err(ApiError::new(ErrorCode::TooLarge, message));
    }
    Ok(())
}

/// Announces one change of a stream and makes the answer of it.
fn done(tx: &Tx, stream: StreamId, to: i64, rows: Vec<Row>) -> OpDone {
    tx.announce(Change::Rows(Page {
        epoch: tx.epoch().into(),
        stream,
        term: 0,
        from: to - 1,
        to,
        head: to,
        rows: rows.clone(),
    }));
    OpDone { stream, rows }
}
