//! Watches whether the database is still the one that was opened, and in the known epoch.

use crate::app::App;
use crate::db::{IdentityCheck, epochs};
use crate::error::ApiError;

/// Returns once another database has replaced the one that was opened. A database that does not respond does not
/// count as replaced, and neither does its standby that was promoted.
pub async fn wait_until_replaced(app: &App) {
    let mut interval = tokio::time::interval(app.runtime.heartbeat);
    loop {
        match app.db.check_identity().await {
            Ok(IdentityCheck::Replaced) => return,
            Ok(IdentityCheck::Promoted) => match app.db.continue_on_standby().await {
                Ok(true) => {}
                // The writer is still connected to the former primary: both accept writes.
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(
                        error = error.message,
                        "the promoted standby accepts no writes yet"
                    );
                }
            },
            Ok(IdentityCheck::Same) | Err(_) => {}
        }
        if let Err(error) = switch_epoch(app).await {
            tracing::warn!(error = error.message, "cannot read the epoch; retrying soon");
        }
        tokio::select! {
            _ = interval.tick() => {}
            () = app.hub.wait_for_new_epoch() => {}
        }
    }
}

/// Switches to a new epoch if another server on the database has begun one.
async fn switch_epoch(app: &App) -> Result<(), ApiError> {
    if epochs::epoch(&app.db.read().await?).await? == *app.db.epoch() {
        return Ok(());
    }
    app.write(|tx| {
        Box::pin(async move {
            let epoch = epochs::epoch(tx).await?;
            epochs::switch_to(tx, &epoch);
            Ok(())
        })
    })
    .await
}
