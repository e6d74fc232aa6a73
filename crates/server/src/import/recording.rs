//! Records that an import begins and ends.

use super::ids::IdOrigin;
use super::options::Options;
use super::report::ImportError;
use super::write::Origin;
use crate::app::App;
use crate::audit;
use crate::caller::Actor;
use crate::clock::Clock;
use crate::queries::{import_runs, users};

/// Maximum number of characters of an export's name that are stored.
const MAX_NAME_CHARS: usize = 120;

/// Records that an import begins, also in the audit log, and gives it a number.
pub async fn record_start(app: &App, options: &Options, size: u64) -> Result<Origin, ImportError> {
    // What people do from now on has a later time, also on a server that runs beside this process.
    let (now, started_at) = (app.now(), Clock::system());
    let word = match options.ids {
        IdOrigin::Derived => "",
        IdOrigin::Exported => " rebuild",
    };
    let format = options.format.as_str();
    let details = format!("format={format}{word} path={:?} bytes={size}", options.path);
    let name = options.path.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    let recorded = app.write(move |tx| {
        Box::pin(async move {
            users::compute_looks(tx).await?;
            let follows_undo = !import_runs::undone(tx).await?.is_empty();
            let number = import_runs::begin(tx, format, &name, started_at).await?;
            let event = audit::Event::by_actor(&Actor::CommandLine, audit::Action::Imported)
                .details(format!("{details} number={number}"));
            audit::record(tx, event, now).await?;
            Ok(Origin::new(number, follows_undo))
        })
    });
    recorded.await.map_err(ImportError::Store)
}

/// Records that an import has ended.
pub async fn record_end(app: &App, number: i64) -> Result<(), ImportError> {
    let now = app.now();
    let recorded = app
        .write(move |tx| Box::pin(async move { Ok(import_runs::finish(tx, number, now).await?) }));
    recorded.await.map_err(ImportError::Store)
}
