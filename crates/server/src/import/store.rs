//! Stores days of logs as messages of a conversation.

use super::ids::{conversation_of, made_id};
use super::irc;
use super::people::{ImportedUsers, People};
use super::report::{ImportError, Report};
use super::sources::Source;
use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::join;
use crate::queries::{conversations, imports, members, messages, streams};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, MemberRole, MessageId, MessageRow, Millis,
    Seq, StreamId, UserId, limits, text,
};

const MINUTE_MS: i64 = 60_000;

/// Days of one channel: the file of each, its digest and its content.
pub type Batch = Vec<(Source, String, irc::Day)>;

/// Stores days of one channel in one commit, and adds to the report.
pub async fn store(
    app: &App,
    batch: Batch,
    people: &People,
    report: &mut Report,
) -> Result<(), ImportError> {
    let people = people.clone();
    let stored = app.write(move |tx| {
        Box::pin(async move {
            let mut report = Report::default();
            let mut people = people.0.lock().await;
            for (source, digest, day) in &batch {
                store_day(tx, source, digest, day, &mut people, &mut report).await?;
            }
            Ok(report)
        })
    });
    let stored = stored.await.map_err(ImportError::Store)?;
    report.added += stored.added;
    report.known += stored.known;
    report.unchanged += stored.unchanged;
    for (why, (count, places)) in stored.odd {
        let noted = report.odd.entry(why).or_default();
        noted.0 += count;
        noted.1.extend(places);
        noted.1.truncate(5);
    }
    Ok(())
}

async fn store_day(
    tx: &Tx,
    source: &Source,
    digest: &str,
    day: &irc::Day,
    people: &mut ImportedUsers,
    report: &mut Report,
) -> Result<(), ApiError> {
    let imported = imports::find(tx, &source.name).await?;
    let count = day.messages.len();
    let mut first_new = 0;
    if let Some((known, messages)) = imported {
        first_new = usize::try_from(messages).unwrap_or(0).min(count);
        if known == digest {
            report.unchanged += 1;
            report.known += count as u64;
            return Ok(());
        }
    }
    report.known += first_new as u64;
    let new = &day.messages[first_new..];
    let conversation = conversation_of(&source.channel);
    check_own(tx, &source.channel, conversation).await?;
    let stream = StreamId::Conversation(conversation);
    let mut senders = Vec::with_capacity(new.len());
    for said in new {
        let sender = people.meet(tx, &said.nick, source, report).await?;
        let at = Millis(source.day.0 + said.minute * MINUTE_MS);
        enter(tx, conversation, &source.channel, (sender, MemberRole::Member), at).await?;
        senders.push((sender, at));
    }
    if !new.is_empty() {
        let many = i64::try_from(new.len()).expect("a day's messages");
        let head = streams::advance_by(tx, stream, many).await?;
        let seq = conversations::next_seqs(tx, conversation, many).await?;
        let message =
            |(index, (said, (sender_id, sent_at))): (i64, (&irc::Said, &(UserId, Millis)))| {
                let name = format!("{}/{}", source.name, first_new as i64 + index);
                let id = MessageId(made_id("message", &name, Some(*sent_at)));
                let body = text::without_controls(&said.body);
                let row = MessageRow {
                    seq: Seq(seq - many + index),
                    changed_seq: head - many + index,
                    ..MessageRow::new(id, *sender_id, body, *sent_at)
                };
                messages::New { conversation_id: conversation, row, digest: "imported".into() }
            };
        let new: Vec<_> = (1..).zip(new.iter().zip(&senders)).map(message).collect();
        messages::insert(tx, &new).await?;
        streams::announce_head(tx, stream, head);
    }
    report.added += new.len() as u64;
    let count = i64::try_from(count).expect("a day's messages");
    Ok(imports::set(tx, &source.name, digest, count).await?)
}

/// Makes a user a member of a conversation, and creates the conversation if it does not exist yet.
pub async fn enter(
    tx: &Tx,
    id: ConversationId,
    title: &str,
    (user, role): (UserId, MemberRole),
    now: Millis,
) -> Result<(), ApiError> {
    if members::find(tx, id, user).await?.is_some() {
        return Ok(());
    }
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    if conversations::find(tx, id).await?.is_none() {
        let title: String = text::plain_line(title).chars().take(limits::TITLE_CHARS).collect();
        let title = if text::is_blank(&title) { id.to_string() } else { title };
        let kind = ConversationType::Group;
        let row =
            ConversationRow { changed_seq, ..ConversationRow::new(id, kind, title, user, now) };
        conversations::insert(tx, &row).await?;
    }
    join(tx, id, user, role, now, changed_seq).await.map(drop)
}

/// Refuses to import into a group that was not created by an import, because its owner would then control the
/// imported history.
async fn check_own(tx: &Tx, channel: &str, id: ConversationId) -> Result<(), ApiError> {
    let after = char::from_u32(u32::from(std::path::MAIN_SEPARATOR) + 1).unwrap_or(char::MAX);
    let (first, past) =
        (format!("{channel}{}", std::path::MAIN_SEPARATOR), format!("{channel}{after}"));
    if imports::has_between(tx, &first, &past).await?
        || conversations::find(tx, id).await?.is_none()
    {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "{channel} cannot be imported: its conversation exists, but was not created by an import. Nothing was imported."
    )))
}
