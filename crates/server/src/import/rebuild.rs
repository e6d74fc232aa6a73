//! Checks that a server may be made again from exports of its members.

use super::report::ImportError;
use crate::app::App;
use crate::db::{Tx, epochs, random_name};
use crate::error::ApiError;
use crate::queries::{imports, users};

/// The source under which it is recorded that a server was made again.
const SOURCE: &str = "rebuild";

/// Refuses a server with data, unless it was made like this: then the exports add what they have besides. Otherwise
/// begins a new epoch, so that every client begins again, as after a restore.
pub async fn begin_to_rebuild(app: &App, is_dry_run: bool) -> Result<(), ImportError> {
    if is_dry_run {
        check(&app.db.read().await?).await?;
        return Ok(());
    }
    let begun = app.write(|tx| {
        Box::pin(async move {
            if check(tx).await? {
                imports::set(tx, SOURCE, "", 0).await?;
                epochs::begin(tx, random_name()).await?;
            }
            Ok(())
        })
    });
    begun.await.map_err(ImportError::Store)
}

/// Returns whether the server is empty; refuses one with other data.
async fn check(tx: &Tx) -> Result<bool, ApiError> {
    if imports::find(tx, SOURCE).await?.is_some() {
        return Ok(false);
    }
    if users::any(tx).await? {
        return Err(ApiError::invalid(
            "This server has users. A server can only be made again in an empty database: use another data folder, or \
             \"import parlour\" to add the history to this one.",
        ));
    }
    Ok(true)
}
