//! Imports years of channel logs into users and group conversations.
//!
//! A folder holds `CHANNEL/YYYY/YYYY-MM-DD`. Each file is remembered by its digest, and each
//! message's id is made from its place, so a second run adds nothing and a day that grew adds what
//! is new. Files are read one at a time: memory does not grow with the history.

pub mod irc;
mod people;

use crate::app::App;
use crate::audit;
use crate::auth::{By, digest};
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::ops::{give, join};
use crate::queries::{conversations, members, messages, streams, users};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, MemberRole, MessageId, MessageRow, Millis,
    Seq, StreamId, UserId, limits, text,
};
use people::{Met, People};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Messages in one commit, more or less.
const BATCH: usize = 4000;
const MINUTE_MS: i64 = 60_000;

const IMPORTED: &str = "SELECT digest, messages FROM imports WHERE source = $1";
const SET_IMPORTED: &str = "INSERT INTO imports (source, digest, messages) VALUES ($1, $2, $3)
    ON CONFLICT (source) DO UPDATE SET digest = excluded.digest, messages = excluded.messages";
/// $1 first source, $2 past the last.
const IMPORTED_BEFORE: &str =
    "SELECT source FROM imports WHERE source >= $1 AND source < $2 ORDER BY source LIMIT 1";
/// The statements above, for the tests that prepare and explain them.
#[cfg(test)]
pub const STATEMENTS: &[(&str, &str)] =
    &[("IMPORTED", IMPORTED), ("IMPORTED_BEFORE", IMPORTED_BEFORE), ("SET_IMPORTED", SET_IMPORTED)];

/// What an import did.
#[derive(Debug, Default)]
pub struct Report {
    /// Messages that were not there before.
    pub added: u64,
    /// Messages that were.
    pub known: u64,
    /// Joins, leaves and renames, which are not messages.
    pub notices: u64,
    /// Files read.
    pub files: u64,
    /// Files that were imported before and have not changed.
    pub unchanged: u64,
    /// What was left out or altered: each reason with how often, and its first places.
    pub odd: BTreeMap<String, (u64, Vec<String>)>,
}

impl Report {
    fn note(&mut self, why: &str, place: String) {
        let (count, places) = self.odd.entry(why.into()).or_default();
        *count += 1;
        if places.len() < 5 {
            places.push(place);
        }
    }
}

/// Why an import stopped. What was committed before stays, and a second run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder could not be read.
    #[error("reading {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing like a log there.
    #[error("{0} holds no channel: expected CHANNEL/YYYY/YYYY-MM-DD below it")]
    Empty(PathBuf),
    /// The database refused.
    #[error("{}", .0.message)]
    Store(ApiError),
}

/// A day's file.
struct Source {
    channel: String,
    /// Midnight, UTC.
    day: Millis,
    path: PathBuf,
    /// Its place below the imported folder, by which it is remembered.
    name: String,
    bytes: u64,
}

/// How people who were here before are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// A nick is somebody else's, also where a person here has it as a name: anybody may have taken it.
    Apart,
    /// A nick that a person here has as a name is that person's.
    Theirs,
}

/// Imports the folder; the people in `also` become members of every conversation, the first of them its
/// owner where it has none.
///
/// `progress` hears the bytes done and the bytes in all.
///
/// # Errors
/// See [`ImportError`].
pub async fn import(
    app: &App,
    folder: &Path,
    (also, names): (&[String], Names),
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let sources = find(folder, &mut report)?;
    if sources.is_empty() {
        return Err(ImportError::Empty(folder.to_owned()));
    }
    let total = sources.iter().map(|source| source.bytes).sum();
    let people = People::new(names);
    note_begin(app, folder, total).await?;
    let (mut done, mut batch, mut size) = (0, Vec::new(), 0);
    for source in sources {
        let bytes = std::fs::read(&source.path)
            .map_err(|error| ImportError::Read { path: source.path.clone(), source: error })?;
        let day = irc::read(&bytes);
        for odd in &day.odd {
            report.note(odd.why, format!("{}:{}", source.name, odd.line));
        }
        report.files += 1;
        report.notices += day.notices;
        done += source.bytes;
        let another = batch
            .first()
            .is_some_and(|(first, ..): &(Source, _, _)| first.channel != source.channel);
        if another || size >= BATCH {
            store(app, std::mem::take(&mut batch), &people, &mut report).await?;
            size = 0;
        }
        size += day.messages.len();
        batch.push((source, digest(&bytes), day));
        progress(done, total);
    }
    store(app, batch, &people, &mut report).await?;
    add_members(app, folder, also).await?;
    Ok(report)
}

/// Notes that what follows was not said here, by people whom nobody registered.
async fn note_begin(app: &App, folder: &Path, bytes: u64) -> Result<(), ImportError> {
    let now = app.now();
    let details = format!("folder={folder:?} bytes={bytes}");
    let noted = app.write(move |tx| {
        Box::pin(async move {
            users::work_out_looks(tx).await?;
            let event = audit::Event::by(&By::Command, audit::Action::Imported).with(details);
            Ok(audit::note(tx, event, now).await?)
        })
    });
    noted.await.map_err(ImportError::Store)
}

/// Every day's file, channel by channel, oldest first. Other files are noted.
fn find(folder: &Path, report: &mut Report) -> Result<Vec<Source>, ImportError> {
    let mut sources = Vec::new();
    for channel in list(folder)? {
        for year in list(&channel)? {
            for path in list(&year)? {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                match source(&channel, &path, name.clone()) {
                    Some(source) => sources.push(source),
                    None => report.note("not named like a day (YYYY-MM-DD), left out", name),
                }
            }
        }
    }
    Ok(sources)
}

fn source(channel: &Path, path: &Path, name: String) -> Option<Source> {
    let date: jiff::civil::Date = path.file_name()?.to_str()?.parse().ok()?;
    let day = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_millisecond();
    let channel = channel.file_name()?.to_string_lossy().into_owned();
    let bytes = path.metadata().ok()?.len();
    Some(Source { channel, day: Millis(day), path: path.to_owned(), name, bytes })
}

/// What is in a folder, by name; nothing if it is not a folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| ImportError::Read { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, ImportError>>()?;
    paths.sort();
    Ok(paths)
}

type Batch = Vec<(Source, String, irc::Day)>;

/// Stores days of one channel in one commit.
async fn store(
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
    people: &mut Met,
    report: &mut Report,
) -> Result<(), ApiError> {
    let imported = tx.optional(IMPORTED, &[source.name.as_str().into()]).await?;
    let count = day.messages.len();
    let mut first_new = 0;
    if let Some(row) = imported {
        first_new = usize::try_from(row.get::<i64>("messages")?).unwrap_or(0).min(count);
        if row.get::<String>("digest")? == digest {
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
                let place = format!("{}/{}", source.name, first_new as i64 + index);
                let id = MessageId(made_id("message", &place, Some(*sent_at)));
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
    }
    report.added += new.len() as u64;
    let count = i64::try_from(count).expect("a day's messages");
    tx.execute(SET_IMPORTED, &[source.name.as_str().into(), digest.into(), count.into()]).await?;
    Ok(())
}

/// Makes the person a member, and the conversation if this is its first message.
async fn enter(
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

async fn add_members(app: &App, folder: &Path, also: &[String]) -> Result<(), ImportError> {
    let channels = list(folder)?;
    let names: Vec<String> = channels
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into()))
        .collect();
    let (also, now) = (also.to_vec(), app.now());
    let added = app.write(move |tx| {
        Box::pin(async move {
            for (place, username) in also.iter().enumerate() {
                // Somebody has to look after the group, and nobody who was imported can sign in.
                let role = if place == 0 { MemberRole::Owner } else { MemberRole::Member };
                let user = users::by_username(tx, username).await?;
                let user = user.ok_or_else(|| ApiError::gone(&format!("person as {username}")))?;
                for channel in &names {
                    let id = conversation_of(channel);
                    if conversations::find(tx, id).await?.is_some() {
                        enter(tx, id, channel, (user.row.id, role), now).await?;
                        if role == MemberRole::Owner {
                            own(tx, id, user.row.id).await?;
                        }
                    }
                }
            }
            Ok(())
        })
    });
    added.await.map_err(ImportError::Store)
}

/// Lets a member look after a group that nobody owns.
async fn own(tx: &Tx, id: ConversationId, user: UserId) -> Result<(), ApiError> {
    if members::has_owner(tx, id).await? {
        return Ok(());
    }
    give(tx, id, user).await
}

/// Refuses to fill a group that no import began: whoever did would look after what is imported.
async fn check_own(tx: &Tx, channel: &str, id: ConversationId) -> Result<(), ApiError> {
    let after = char::from_u32(u32::from(std::path::MAIN_SEPARATOR) + 1).unwrap_or(char::MAX);
    let (first, past) =
        (format!("{channel}{}", std::path::MAIN_SEPARATOR), format!("{channel}{after}"));
    let is_known = tx.optional(IMPORTED_BEFORE, &[first.into(), past.into()]).await?.is_some();
    if is_known || conversations::find(tx, id).await?.is_none() {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "There is a conversation in the place of {channel} that no import began. Nothing was imported."
    )))
}

fn conversation_of(channel: &str) -> ConversationId {
    ConversationId(made_id("conversation", channel, None))
}

/// An id made from a name (UUIDv8 of RFC 9562), so that the same thing always gets the same; with
/// a time, its first 48 bits are that, as in a UUIDv7, so that ids sort and index as they were said.
fn made_id(kind: &str, name: &str, at: Option<Millis>) -> Uuid {
    let hash = Sha256::new().chain_update("parlour irc ").chain_update(kind).chain_update(" ");
    let digest: [u8; 32] = hash.chain_update(name).finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    if let Some(at) = at {
        bytes[..6].copy_from_slice(&at.0.to_be_bytes()[2..]);
    }
    Uuid::new_v8(bytes)
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
