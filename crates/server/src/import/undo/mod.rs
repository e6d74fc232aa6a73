//! Undoes an import: removes what it added, and nothing else; see docs/decisions/0044-an-import-can-be-undone.md.

mod conversation;
mod people;
mod report;

pub use report::UndoReport;

use self::conversation::remove_from;
use self::people::remove_person;
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::error::ApiError;
use crate::queries::import_runs::{self, ImportRun};
use parlour_protocol::{ConversationId, UserId};
use uuid::Uuid;

/// The number of conversations or people that one query reads.
const PAGE_SIZE: i64 = 500;

/// Undoes the import with this number. Each conversation and each person is one transaction; repeating it after an
/// interruption does the rest. An import that is running in the same process ends first.
///
/// # Errors
/// Fails if there is no such import, or if the database does.
pub async fn undo(app: &App, number: i64) -> Result<UndoReport, ApiError> {
    let _alone = app.runtime.importing.lock().await;
    let run = record_start(app, number).await?;
    let mut report = UndoReport::new(&run);
    let mut after = ConversationId(Uuid::nil());
    loop {
        let page = {
            let tx = app.db.read().await?;
            import_runs::conversations(&tx, number, after, PAGE_SIZE).await?
        };
        let Some(last) = page.last() else { break };
        after = *last;
        for id in page {
            let (run, now) = (run.clone(), app.now());
            let removed =
                app.write(move |tx| Box::pin(async move { remove_from(tx, &run, id, now).await }));
            report.add_conversation(removed.await?);
        }
    }
    let mut after = UserId(Uuid::nil());
    loop {
        let page = {
            let tx = app.db.read().await?;
            import_runs::people(&tx, number, after, PAGE_SIZE).await?
        };
        let Some(last) = page.last() else { break };
        after = *last;
        for id in page {
            let now = app.now();
            let removed = app
                .write(move |tx| Box::pin(async move { remove_person(tx, number, id, now).await }));
            report.add_person(removed.await?);
        }
    }
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move { Ok(import_runs::set_undone(tx, number, now).await?) })
    })
    .await?;
    Ok(report)
}

/// Records in the audit log that an import is being undone, and returns the import.
async fn record_start(app: &App, number: i64) -> Result<ImportRun, ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let run = import_runs::find(tx, number).await?;
            let run = run.ok_or_else(|| ApiError::not_found("import"))?;
            let event = Event::by_actor(&Actor::CommandLine, Action::ImportUndone);
            let details = format!("number={number} format={}", run.format);
            audit::record(tx, event.details(details), now).await?;
            Ok(run)
        })
    })
    .await
}
