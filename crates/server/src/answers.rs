//! What a client asks: to do an op; heads, changes, a conversation's beginning, its history. Each
//! answer is of one snapshot, and every one that is about a conversation goes through its
//! membership.

use crate::bus::Hint;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::{self, Sending};
use crate::queries::members::Place;
use crate::queries::{account, conversations, members, messages, sessions, streams, users};
use parlour_protocol::{
    Bootstrap, ConversationId, Digest, Digester, ErrorClass, ErrorCode, Heads, History, Millis, Op,
    OpDone, Page, Pull, PullStream, Pulled, PulledStream, Row, RowsDigester, StreamId, UserId,
    limits,
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
    let wm = tx.wm().await?;
    // A watermark from a future that was rolled back: everything may have moved.
    let since = if since > wm { 0 } else { since.max(0) };
    let (heads, newest) = streams::heads(tx, caller, since, wm).await?;
    Ok(Heads { epoch: tx.epoch().into(), wm, heads, newest })
}

/// How far back [`lost_access`] looks: longer than servers' clocks are apart, and than it takes
/// until the next look.
const LOOK_BACK_MS: i64 = 5 * 60 * 1000;

/// Whoever lately lost the right to hear something, for servers that may have missed it when another
/// one died before it could tell.
pub async fn lost_access(tx: &Tx, now: Millis) -> Result<Vec<Hint>, ApiError> {
    let since = Millis(now.0 - LOOK_BACK_MS);
    let left = members::left_since(tx, since).await?.into_iter();
    let joined = members::joined_since(tx, since).await?.into_iter();
    let revoked = sessions::revoked_since(tx, since).await?.into_iter();
    let left = left.map(|(user, id)| Hint::Left(user, StreamId::Conversation(id)));
    // Who joined again may see less than before.
    let joined =
        joined.map(|(user, id, first)| Hint::Joined(user, StreamId::Conversation(id), first));
    let revoked = revoked.map(|(user, id, wipe)| Hint::Revoked(user, id, wipe));
    Ok(left.chain(joined).chain(revoked).collect())
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
    let page = state_after(tx, caller, &cursor, WHOLE_ROWS).await?;
    if page.to == page.head {
        return Ok(page);
    }
    let message = "There is too much of this for one answer. Ask for it in pieces.";
    Err(ApiError::new(ErrorCode::TooLarge, message))
}

/// Most rows of a [`state`] that is answered as a whole.
const WHOLE_ROWS: i64 = 20_000;

/// What is newer than a cursor in a stream, but messages: at most `limit` rows, never part of a change.
/// All pieces with the same head are together the state at that head.
pub async fn state_after(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    limit: i64,
) -> Result<Page, ApiError> {
    let Cursor { stream, epoch, term, since } = cursor;
    check_epoch(tx, epoch)?;
    check_access(tx, caller, *stream, *term).await?;
    let head = streams::head(tx, *stream).await?;
    let (from, ask) = ((*since).max(0), limit + 1);
    let mut rows = match *stream {
        StreamId::Conversation(id) => itself_after(tx, id, from, ask).await?,
        stream => of_person(tx, stream, from, ask).await?,
    };
    rows.sort_by_key(Row::changed_seq);
    let to = cut(&mut rows, usize::try_from(limit).unwrap_or(usize::MAX), head);
    // Which sessions have ended is told once, and then forgotten: here and in mirrors.
    rows.retain(|row| !matches!(row, Row::Session(row) if row.revoked_at.is_some()));
    Ok(Page { epoch: tx.epoch().into(), stream: *stream, term: *term, from, to, head, rows })
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
        let piece = state_after(tx, caller, &cursor, limits::PAGE_ROWS).await?;
        digester.add(&piece.rows);
        if piece.to >= piece.head {
            let (count, sha256) = digester.finish();
            return Ok(Digest { epoch: piece.epoch, head: piece.head, count, sha256 });
        }
        // One change may be too large for a piece; then nobody can have it.
        if piece.to <= cursor.since {
            return Err(ApiError::retry());
        }
        cursor.since = piece.to;
    }
}

/// What changed in a stream after a cursor: at most `limit` rows, never part of a change.
pub async fn changes(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    limit: i64,
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
    let (rows, to) = page(tx, cursor.stream, (from, head), first, limit).await?;
    let (epoch, stream, term) = (tx.epoch().into(), cursor.stream, cursor.term);
    Ok(Page { epoch, stream, term, from, to, head, rows })
}

/// A conversation's beginning for a mirror: itself, its members and its newest messages.
pub async fn bootstrap(
    tx: &Tx,
    caller: UserId,
    id: ConversationId,
    newest: i64,
) -> Result<Bootstrap, ApiError> {
    let place = members::require(tx, id, caller).await?;
    let found = conversations::find(tx, id).await?.ok_or_else(ApiError::not_member)?;
    let stream = StreamId::Conversation(id);
    let head = streams::head(tx, stream).await?;
    let first = place.membership.visible_from;
    let last_seq = found.last_seq;
    let mut rows = itself(tx, found).await?;
    let newest = messages::before(tx, id, i64::MAX, first, newest).await?;
    rows.extend(newest.into_iter().map(Row::Message));
    let epoch = tx.epoch().into();
    let term = place.membership.term;
    Ok(Bootstrap { epoch, stream, term, head, last_seq, rows })
}

/// A conversation and its members, as far as they are newer: of these so many.
async fn itself_after(
    tx: &Tx,
    id: ConversationId,
    from: i64,
    ask: i64,
) -> Result<Vec<Row>, ApiError> {
    let found = conversations::find(tx, id).await?.ok_or_else(ApiError::not_member)?;
    let members = members::changed(tx, id, (from, ask), found.shows_reads()).await?;
    let itself = (found.row.changed_seq > from).then_some(Row::Conversation(found.row));
    Ok(itself.into_iter().chain(members.into_iter().map(Row::Member)).collect())
}

/// A conversation and its members.
async fn itself(tx: &Tx, found: conversations::Found) -> Result<Vec<Row>, ApiError> {
    let (id, with_reads) = (found.row.id, found.shows_reads());
    let members = members::changed(tx, id, (0, i64::MAX), with_reads).await?;
    Ok(std::iter::once(Row::Conversation(found.row))
        .chain(members.into_iter().map(Row::Member))
        .collect())
}

/// Rows and bytes of text that fill an answer to a pull. One stream more is still begun below both.
const FULL: (usize, usize) = (limits::PAGE_ROWS as usize, 4 * 1024 * 1024);

/// What several streams lack: as many of them, from the first on, as fill an answer.
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
    let (mut answers, mut filled) = (Vec::new(), (0, 0));
    for one in &asked.streams {
        let answer = pull_one(tx, caller, &asked.epoch, one, (limit, newest)).await;
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
        let bytes = |row: &Row| if let Row::Message(row) = row { row.body.len() } else { 0 };
        filled = (filled.0 + rows.len(), filled.1 + rows.iter().map(bytes).sum::<usize>());
        answers.push(answer);
        if filled.0 >= FULL.0 || filled.1 >= FULL.1 {
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
    (limit, newest): (i64, i64),
) -> Result<PulledStream, ApiError> {
    match (one.since, one.stream) {
        (None, StreamId::Conversation(id)) => {
            Ok(PulledStream::Bootstrap(bootstrap(tx, caller, id, newest).await?))
        }
        (since, stream) => {
            let (epoch, since) = (epoch.to_owned(), since.unwrap_or(0));
            let cursor = Cursor { stream, epoch, term: one.term, since };
            Ok(PulledStream::Page(changes(tx, caller, &cursor, limit).await?))
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
    /// At most so many.
    pub limit: i64,
}

/// Older messages, newest first.
pub async fn history(tx: &Tx, caller: UserId, asked: &Stretch) -> Result<History, ApiError> {
    check_epoch(tx, &asked.epoch)?;
    let place = check_term(tx, caller, asked.conversation, asked.term).await?;
    let first = place.membership.visible_from;
    let rows = messages::before(tx, asked.conversation, asked.before, first, asked.limit).await?;
    Ok(History {
        epoch: tx.epoch().into(),
        stream: StreamId::Conversation(asked.conversation),
        term: asked.term,
        before: asked.before,
        rows: rows.into_iter().map(Row::Message).collect(),
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
    let first = place.membership.visible_from.max(low);
    let head = streams::head(tx, StreamId::Conversation(asked.conversation)).await?;
    let rows = messages::before(tx, asked.conversation, asked.before, first, asked.limit).await?;
    let mut digester = Digester::default();
    rows.iter().rev().for_each(|row| digester.add(row));
    let (count, sha256) = digester.finish();
    Ok(Digest { epoch: tx.epoch().into(), head, count, sha256 })
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

/// The rows of (from, to], and `to`: the head, or less if there are more than fit. Messages below
/// `first` are not the caller's to see.
async fn page(
    tx: &Tx,
    stream: StreamId,
    (from, head): (i64, i64),
    first: i64,
    limit: i64,
) -> Result<(Vec<Row>, i64), ApiError> {
    // One more than fits tells whether anything is cut.
    let ask = limit + 1;
    let mut rows = match stream {
        StreamId::Conversation(id) => of_conversation(tx, id, from, ask).await?,
        stream => of_person(tx, stream, from, ask).await?,
    };
    rows.sort_by_key(Row::changed_seq);
    let to = cut(&mut rows, usize::try_from(limit).unwrap_or(usize::MAX), head);
    rows.retain(|row| !matches!(row, Row::Message(message) if message.seq.0 < first));
    Ok((rows, to))
}

/// Rows of the directory or of an account changed since, so many of each kind.
async fn of_person(tx: &Tx, stream: StreamId, from: i64, ask: i64) -> Result<Vec<Row>, ApiError> {
    let StreamId::Account(user) = stream else {
        return Ok(users::changed(tx, from, ask).await?.into_iter().map(Row::User).collect());
    };
    let memberships = members::changed_of_account(tx, user, from, ask).await?;
    let sessions = sessions::changed(tx, user, from, ask).await?;
    let drafts = account::drafts_changed(tx, user, from, ask).await?;
    let saved = account::saved_changed(tx, user, from, ask).await?;
    let settings = account::settings_changed(tx, user, from, ask).await?;
    let mut rows: Vec<Row> = memberships.into_iter().map(Row::Membership).collect();
    rows.extend(sessions.into_iter().map(Row::Session));
    rows.extend(drafts.into_iter().map(Row::Draft));
    rows.extend(saved.into_iter().map(Row::Saved));
    rows.extend(settings.into_iter().map(Row::Setting));
    Ok(rows)
}

async fn of_conversation(
    tx: &Tx,
    id: ConversationId,
    from: i64,
    ask: i64,
) -> Result<Vec<Row>, ApiError> {
    let messages = messages::changed(tx, id, from, ask).await?;
    let found = conversations::find(tx, id).await?;
    let with_reads = found.as_ref().is_some_and(conversations::Found::shows_reads);
    let members = members::changed(tx, id, (from, ask), with_reads).await?;
    let itself = found.filter(|found| found.row.changed_seq > from);
    let mut rows: Vec<Row> = itself.into_iter().map(|found| Row::Conversation(found.row)).collect();
    rows.extend(members.into_iter().map(Row::Member));
    rows.extend(messages.into_iter().map(Row::Message));
    Ok(rows)
}

/// Keeps what fits, never part of a change, and answers how far that reaches.
fn cut(rows: &mut Vec<Row>, limit: usize, head: i64) -> i64 {
    let Some(first_left_out) = rows.get(limit).map(Row::changed_seq) else { return head };
    rows.truncate(limit);
    let whole = rows.partition_point(|row| row.changed_seq() < first_left_out);
    rows.truncate(whole);
    first_left_out - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{UserRole, UserRow};
    use uuid::Uuid;

    fn rows(changes: &[i64]) -> Vec<Row> {
        let row = |seq| UserRow::new(UserId(Uuid::nil()), "", UserRole::Member, seq);
        changes.iter().map(|seq| Row::User(row(*seq))).collect()
    }

    #[test]
    fn a_page_never_ends_in_the_middle_of_a_change() {
        let mut page = rows(&[1, 2, 3, 3, 3, 4]);
        assert_eq!(cut(&mut page, 4, 9), 2);
        assert_eq!(page, rows(&[1, 2]));
        let mut page = rows(&[1, 2]);
        assert_eq!(cut(&mut page, 4, 9), 9);
    }

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
        while cursor.since < 2500 {
            let piece = state_after(&tx, wren, &cursor, limits::PAGE_ROWS).await.unwrap();
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
