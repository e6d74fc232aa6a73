//! What a client asks: to do an op; heads, changes, a conversation's beginning, its history. Each
//! answer is of one snapshot, and every one that is about a conversation goes through its
//! membership.

mod pages;

pub use pages::Most;

use crate::db::{Tx, instance};
use crate::error::ApiError;
use crate::ops::{self, Sending};
use crate::queries::members::Place;
use crate::queries::{conversations, members, messages, reactions, sessions, streams};
use pages::Kinds;
use parlour_protocol::{
    Bootstrap, ConversationId, Digest, Digester, ErrorClass, ErrorCode, Heads, History, Millis, Op,
    OpDone, Page, Pull, PullStream, Pulled, PulledStream, Row, RowsDigester, StreamId, UserId,
    limits, row_bytes, rows_fit,
};

/// Does an op, once; only in this epoch, if there is one: what was said before a restore must not
/// overtake what is offered again after it.
pub async fn op(
    tx: &Tx,
    caller: UserId,
    op: &Op,
    epoch: Option<&str>,
    now: Millis,
) -> Result<OpDone, ApiError> {
    if let Some(epoch) = epoch {
        check_epoch(tx, epoch)?;
    }
    ops::apply(tx, caller, op, now).await
}

/// Sends messages that came in together; each as [`op`] does.
pub async fn sends(
    tx: &Tx,
    sending: Vec<(Sending, Option<String>)>,
) -> Result<Vec<Result<OpDone, ApiError>>, ApiError> {
    let epochs = sending.iter().map(|(_, epoch)| epoch.as_deref());
    let allowed: Vec<_> =
        epochs.map(|epoch| epoch.map_or(Ok(()), |epoch| check_epoch(tx, epoch))).collect();
    let sending = sending.into_iter().zip(&allowed).filter(|(_, allowed)| allowed.is_ok());
    let sending: Vec<Sending> = sending.map(|((sending, _), _)| sending).collect();
    let mut sent = ops::send_all(tx, &sending).await?.into_iter();
    let answer = |allowed: Result<(), ApiError>| {
        allowed.and_then(|()| sent.next().unwrap_or_else(|| Err(ApiError::retry())))
    };
    Ok(allowed.into_iter().map(answer).collect())
}

/// The user's streams that moved since a watermark; all of them since 0.
pub async fn heads(tx: &Tx, caller: UserId, since: i64) -> Result<Heads, ApiError> {
    let (wm, proof) = instance::stands(tx).await?;
    // A watermark from a future that was rolled back: everything may have moved.
    let since = if since > wm { 0 } else { since.max(0) };
    let (heads, newest) = streams::heads(tx, caller, since, wm).await?;
    Ok(Heads { epoch: tx.epoch(), wm, heads, newest, proof })
}

/// Begins a new epoch if a proof shows that the database was put back; looks again, because somebody may
/// have been first.
pub async fn begin_epoch_if(tx: &Tx, proof: &str, epoch: String) -> Result<(), ApiError> {
    if instance::is_rolled_back(tx, proof).await? {
        instance::begin_epoch(tx, epoch).await?;
    }
    Ok(())
}

/// How far back [`lost_access`] looks: longer than servers' clocks are apart, and than it takes
/// until the next look.
const LOOK_BACK_MS: i64 = 5 * 60 * 1000;

/// Who lately lost the right to hear something, for servers that may have missed it when another one died
/// before it could tell.
pub async fn lost_access(tx: &Tx, now: Millis) -> Result<Vec<UserId>, ApiError> {
    let since = Millis(now.0 - LOOK_BACK_MS);
    let mut people = members::left_since(tx, since).await?;
    // Who joined again may see less than before.
    people.extend(members::joined_since(tx, since).await?);
    people.extend(sessions::revoked_since(tx, since).await?);
    Ok(people)
}

/// Where a mirror stands in a stream.
pub struct Cursor {
    /// Which.
    pub stream: StreamId,
    /// In which state of the server it counts.
    pub epoch: String,
    /// One's join of the conversation that it counts for; 0 for other streams.
    pub term: i64,
    /// Up to which change the mirror has everything.
    pub since: i64,
}

/// Everything in a stream but messages, as one page up to its head. Of a stream that has too many rows
/// for that, a piece is to be asked for after the other: see [`state_after`].
pub async fn state(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    (epoch, term): (&str, i64),
) -> Result<Page, ApiError> {
    let cursor = Cursor { stream, epoch: epoch.into(), term, since: 0 };
    let page = state_after(tx, caller, &cursor, Most::STATE).await?;
    if page.to == page.head {
        return Ok(page);
    }
    let message = "There is too much of this for one answer. Ask for it in pieces.";
    Err(ApiError::new(ErrorCode::TooLarge, message))
}

/// What is newer than a cursor in a stream, but messages: what an answer holds, never part of a change,
/// and one change at least. All pieces with the same head are together the state at that head.
pub async fn state_after(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    most: Most,
) -> Result<Page, ApiError> {
    let Cursor { stream, epoch, term, since } = cursor;
    check_epoch(tx, epoch)?;
    check_access(tx, caller, *stream, *term).await?;
    let head = streams::head(tx, *stream).await?;
    let from = (*since).clamp(0, head);
    let (mut rows, to) =
        pages::read(tx, caller, (*stream, Kinds::State), (from, head), most).await?;
    // Which sessions have ended is told once, and then forgotten: here and in mirrors.
    rows.retain(|row| !matches!(row, Row::Session(row) if row.revoked_at.is_some()));
    Ok(Page { epoch: tx.epoch(), stream: *stream, term: *term, from, to, head, rows })
}

/// The digest of [`state`], however much that is.
pub async fn state_digest(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    (epoch, term): (&str, i64),
) -> Result<Digest, ApiError> {
    let mut digester = RowsDigester::default();
    let mut cursor = Cursor { stream, epoch: epoch.into(), term, since: 0 };
    loop {
        let piece = state_after(tx, caller, &cursor, Most::asked(limits::PAGE_ROWS, None)).await?;
        digester.add(&piece.rows);
        if piece.to >= piece.head {
            let (count, sha256) = digester.finish();
            return Ok(Digest { epoch: piece.epoch, head: piece.head, count, sha256 });
        }
        cursor.since = piece.to;
    }
}

/// What changed in a stream after a cursor: what an answer holds, never part of a change, and one
/// change at least.
pub async fn changes(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    most: Most,
) -> Result<Page, ApiError> {
    check_epoch(tx, &cursor.epoch)?;
    let first = check_access(tx, caller, cursor.stream, cursor.term).await?;
    let head = streams::head(tx, cursor.stream).await?;
    if cursor.since > head {
        return Err(ApiError::new(ErrorCode::CursorAhead, "This cursor is ahead of the stream."));
    }
    let from = cursor.since.max(0);
    if let StreamId::Account(user) = cursor.stream
        && from > 0
        && from < streams::floor(tx, user).await?
    {
        return Err(ApiError::new(ErrorCode::CursorOld, "This cursor is too old; start again."));
    }
    let kinds = (cursor.stream, Kinds::All);
    let (mut rows, to) = pages::read(tx, caller, kinds, (from, head), most).await?;
    // What was said before one joined is not the caller's to see.
    rows.retain(|row| !matches!(row, Row::Message(message) if message.seq.0 < first));
    let (epoch, stream, term) = (tx.epoch(), cursor.stream, cursor.term);
    Ok(Page { epoch, stream, term, from, to, head, rows })
}

/// A conversation's beginning for a mirror: itself, as many of its members as fit, and its newest
/// messages, one at least.
pub async fn bootstrap(
    tx: &Tx,
    caller: UserId,
    id: ConversationId,
    newest: Most,
) -> Result<Bootstrap, ApiError> {
    let place = members::require(tx, id, caller).await?;
    let found = conversations::find(tx, id).await?.ok_or_else(ApiError::not_member)?;
    let stream = StreamId::Conversation(id);
    let head = streams::head(tx, stream).await?;
    let first = place.membership.visible_from;
    let last_seq = found.last_seq;
    // The messages are what one looks at, and must leave room for the others.
    let for_members = Most { bytes: newest.bytes / 2, ..Most::STATE };
    let kinds = (stream, Kinds::State);
    let (mut members, to) = pages::read(tx, caller, kinds, (0, head), for_members).await?;
    members.retain(|row| matches!(row, Row::Member(_)));
    let members_to = (to < head).then_some(to);
    let mut rows = vec![Row::Conversation(found.row)];
    rows.extend(members);
    let taken = rows.iter().map(row_bytes).sum();
    let left = Most { bytes: newest.bytes.saturating_sub(taken), ..newest };
    rows.extend(older(tx, (id, caller), (i64::MAX, first), left).await?);
    let epoch = tx.epoch();
    let term = place.membership.term;
    Ok(Bootstrap { epoch, stream, term, head, last_seq, rows, members_to })
}

/// Messages below a position and not below `first`, newest first, as somebody is told them: as many as fit, but
/// one at least.
async fn older(
    tx: &Tx,
    (id, caller): (ConversationId, UserId),
    (before, first): (i64, i64),
    most: Most,
) -> Result<Vec<Row>, ApiError> {
    let mut rows = messages::before(tx, id, before, first, (most.rows, most.bytes)).await?;
    reactions::tell_own(tx, caller, rows.iter_mut().collect()).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(Row::Message).collect();
    rows.truncate(rows_fit(&rows, most.bytes).max(1));
    Ok(rows)
}

/// What several streams lack: as many of them, from the first on, as fit an answer; the first always.
pub async fn pull(
    tx: &Tx,
    caller: UserId,
    asked: &Pull,
    limit: i64,
    newest: i64,
) -> Result<Pulled, ApiError> {
    if asked.streams.len() > limits::PULL_STREAMS {
        return Err(ApiError::invalid("A pull names at most 100 streams."));
    }
    let mut left = Most { rows: limits::PAGE_ROWS, bytes: Most::asked(0, asked.bytes).bytes };
    let mut answers = Vec::new();
    for one in &asked.streams {
        let most = (Most { rows: limit, ..left }, Most { rows: newest, ..left });
        let answer = pull_one(tx, caller, &asked.epoch, one, most).await;
        let answer = match answer {
            // What is wrong with the server is wrong with all of them.
            Err(error) if error.code.class() == ErrorClass::Retry => return Err(error),
            answer => answer.unwrap_or_else(|error| PulledStream::Error(error.into())),
        };
        let rows: &[Row] = match &answer {
            PulledStream::Page(page) => &page.rows,
            PulledStream::Bootstrap(bootstrap) => &bootstrap.rows,
            PulledStream::Error(_) => &[],
        };
        let (many, bytes) = (rows.len(), rows.iter().map(row_bytes).sum::<usize>());
        // What does not fit is asked for again, and comes first then.
        if bytes > left.bytes && !answers.is_empty() {
            break;
        }
        left.rows -= i64::try_from(many).unwrap_or(i64::MAX);
        left.bytes = left.bytes.saturating_sub(bytes);
        answers.push(answer);
        if left.rows <= 0 || left.bytes == 0 {
            break;
        }
    }
    Ok(Pulled { answers })
}

async fn pull_one(
    tx: &Tx,
    caller: UserId,
    epoch: &str,
    one: &PullStream,
    (most, newest): (Most, Most),
) -> Result<PulledStream, ApiError> {
    match (one.since, one.stream) {
        (None, StreamId::Conversation(id)) => {
            Ok(PulledStream::Bootstrap(bootstrap(tx, caller, id, newest).await?))
        }
        (since, stream) => {
            let (epoch, since) = (epoch.to_owned(), since.unwrap_or(0));
            let cursor = Cursor { stream, epoch, term: one.term, since };
            Ok(PulledStream::Page(changes(tx, caller, &cursor, most).await?))
        }
    }
}

/// A stretch of a conversation.
pub struct Stretch {
    /// Which.
    pub conversation: ConversationId,
    /// In which state of the server the mirror counts.
    pub epoch: String,
    /// One's join of the conversation.
    pub term: i64,
    /// Messages below this position.
    pub before: i64,
    /// At most so many of them.
    pub most: Most,
}

/// Older messages, newest first.
pub async fn history(tx: &Tx, caller: UserId, asked: &Stretch) -> Result<History, ApiError> {
    check_epoch(tx, &asked.epoch)?;
    let place = check_term(tx, caller, asked.conversation, asked.term).await?;
    let first = place.membership.visible_from;
    let place = (asked.conversation, caller);
    let rows = older(tx, place, (asked.before, first), asked.most).await?;
    Ok(History {
        epoch: tx.epoch(),
        stream: StreamId::Conversation(asked.conversation),
        term: asked.term,
        before: asked.before,
        rows,
    })
}

/// The digest of a stretch, from `low` to `before - 1`: what a mirror of it must be.
pub async fn digest(
    tx: &Tx,
    caller: UserId,
    asked: &Stretch,
    low: i64,
) -> Result<Digest, ApiError> {
    check_epoch(tx, &asked.epoch)?;
    let place = check_term(tx, caller, asked.conversation, asked.term).await?;
    let mut first = place.membership.visible_from.max(low);
    let head = streams::head(tx, StreamId::Conversation(asked.conversation)).await?;
    let mut digester = Digester::default();
    let last = asked.before.saturating_sub(1);
    loop {
        let (mut rows, is_cut) =
            messages::between(tx, asked.conversation, (first, last), asked.most.bytes).await?;
        reactions::tell_own(tx, caller, rows.iter_mut().collect()).await?;
        rows.iter().for_each(|row| digester.add(row));
        first = rows.last().map_or(first, |row| row.seq.0 + 1);
        if !is_cut {
            break;
        }
    }
    let (count, sha256) = digester.finish();
    Ok(Digest { epoch: tx.epoch(), head, count, sha256 })
}

/// Refuses a cursor from before a restore.
fn check_epoch(tx: &Tx, epoch: &str) -> Result<(), ApiError> {
    if epoch == tx.epoch() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Epoch, "The server was restored; start again from its heads."))
}

/// Refuses a stream that is not the caller's to read, and a term that is over; answers the first
/// message that they may see.
async fn check_access(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    term: i64,
) -> Result<i64, ApiError> {
    match stream {
        StreamId::Directory => Ok(0),
        StreamId::Account(owner) if owner == caller => Ok(0),
        StreamId::Account(_) => Err(ApiError::gone("stream")),
        StreamId::Conversation(id) => {
            Ok(check_term(tx, caller, id, term).await?.membership.visible_from)
        }
    }
}

/// Refuses who is not in the conversation, and a term that is over.
async fn check_term(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    term: i64,
) -> Result<Place, ApiError> {
    let place = members::require(tx, conversation, caller).await?;
    if place.membership.term == term {
        return Ok(place);
    }
    Err(ApiError::new(ErrorCode::Term, "You joined this conversation anew; start it again."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::users;
    use parlour_protocol::UserRole;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_large_state_comes_in_pieces_that_are_together_what_its_digest_is_of() {
        let tx = crate::db::in_memory("e", None).unwrap();
        let (wren, directory) = (UserId(Uuid::from_u128(1)), StreamId::Directory);
        for n in 1..=2500 {
            let (id, name) = (UserId(Uuid::from_u128(n)), format!("user-{n}"));
            users::insert(&tx, id, &name, "!", UserRole::Member, Millis(0)).await.unwrap();
        }
        let mut cursor = Cursor { stream: directory, epoch: "e".into(), term: 0, since: 0 };
        let (mut rows, mut pieces) = (Vec::new(), 0);
        let most = Most::asked(limits::PAGE_ROWS, None);
        while cursor.since < 2500 {
            let piece = state_after(&tx, wren, &cursor, most).await.unwrap();
            assert_eq!((piece.from, piece.head), (cursor.since, 2500));
            cursor.since = piece.to;
            rows.extend(piece.rows);
            pieces += 1;
        }
        assert_eq!((rows.len(), pieces), (2500, 3));
        let digest = state_digest(&tx, wren, directory, ("e", 0)).await.unwrap();
        assert_eq!((digest.count, digest.sha256), parlour_protocol::rows_digest(&rows));
        assert_eq!(state(&tx, wren, directory, ("e", 0)).await.unwrap().rows, rows);
    }
}
