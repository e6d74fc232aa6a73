//! Runs an import, file by file.

use super::ids::conversation_of;
use super::irc;
use super::people::{Names, People};
use super::report::{ImportError, Report};
use super::sources::{self, Source};
use super::store::{enter, store};
use crate::app::App;
use crate::audit;
use crate::caller::By;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::make_owner;
use crate::queries::{conversations, members, users};
use crate::tokens::digest;
use parlour_protocol::{ConversationId, MemberRole, UserId};
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;

/// The approximate number of messages in one commit.
const BATCH: usize = 4000;

/// Imports the logs in a folder. The users in `also` become members of every conversation, and the first of
/// them its owner if it has none.
///
/// `progress` is called with the number of bytes imported so far, and the total.
///
/// # Errors
/// Fails for the reasons that [`ImportError`] lists.
pub async fn import(
    app: &App,
    folder: &Path,
    (also, names): (&[String], Names),
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, ImportError> {
    let (sources, mut report) = find(folder.to_owned()).await?;
    if sources.is_empty() {
        return Err(ImportError::Empty(folder.to_owned()));
    }
    let total = sources.iter().map(|source| source.bytes).sum();
    let people = People::new(names);
    note_begin(app, folder, total).await?;
    let (mut done, mut batch, mut size) = (0, Vec::new(), 0);
    for source in sources {
        let (digest, day) = read(source.path.clone()).await?;
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
        batch.push((source, digest, day));
        progress(done, total);
    }
    store(app, batch, &people, &mut report).await?;
    add_members(app, folder, also).await?;
    Ok(report)
}

/// Returns the files in the folder, and a report of those that are not logs.
async fn find(folder: PathBuf) -> Result<(Vec<Source>, Report), ImportError> {
    let found = spawn_blocking(move || {
        let mut report = Report::default();
        sources::find(&folder, &mut report).map(|sources| (sources, report))
    });
    found.await.expect("looking into a folder does not panic")
}

/// Returns a file's digest and its parsed content.
async fn read(path: PathBuf) -> Result<(String, irc::Day), ImportError> {
    let read = spawn_blocking(move || match std::fs::read(&path) {
        Ok(bytes) => Ok((digest(&bytes), irc::read(&bytes))),
        Err(source) => Err(ImportError::Read { path, source }),
    });
    read.await.expect("reading a file does not panic")
}

/// Notes in the audit that an import begins, because its messages were not sent on this server and its
/// users did not register. Also brings the look-alike keys of usernames up to date.
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

async fn add_members(app: &App, folder: &Path, also: &[String]) -> Result<(), ImportError> {
    let channels = sources::list(folder)?;
    let names: Vec<String> = channels
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into()))
        .collect();
    let (also, now) = (also.to_vec(), app.now());
    let added = app.write(move |tx| {
        Box::pin(async move {
            for (index, username) in also.iter().enumerate() {
                // Somebody has to be able to manage the group, and imported users cannot sign in.
                let role = if index == 0 { MemberRole::Owner } else { MemberRole::Member };
                let user = users::by_username(tx, username).await?;
                let user =
                    user.ok_or_else(|| ApiError::not_found(&format!("person as {username}")))?;
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

/// Makes a member the owner of a group that has none.
async fn own(tx: &Tx, id: ConversationId, user: UserId) -> Result<(), ApiError> {
    if members::has_owner(tx, id).await? {
        return Ok(());
    }
    make_owner(tx, id, user).await
}
