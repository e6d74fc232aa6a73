//! Whether the database is still the one that was opened, in the epoch that is known.

use crate::app::App;
use crate::db::{OriginCheck, epochs};
use crate::error::ApiError;

/// Waits until another database is in the place of the one that was opened. One that does not answer is not
/// another one, nor is a standby of it that was promoted.
pub async fn until_replaced(app: &App) {
    let mut comparing = tokio::time::interval(app.run.heartbeat);
    loop {
        match app.db.check_origin().await {
            Ok(OriginCheck::Replaced) => return,
            Ok(OriginCheck::Promoted) => match app.db.follow().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(error = error.message, "the promoted standby takes nothing yet");
                }
            },
            Ok(OriginCheck::Same) | Err(_) => {}
        }
        if let Err(error) = adopt_epoch(app).await {
            tracing::warn!(error = error.message, "the epoch is not known; again soon");
        }
        tokio::select! {
            _ = comparing.tick() => {}
            () = app.hub.epoch_began() => {}
        }
    }
}

/// Another server on the database may have begun a new epoch.
async fn adopt_epoch(app: &App) -> Result<(), ApiError> {
    if epochs::epoch(&app.db.read().await?).await? == *app.db.epoch() {
        return Ok(());
    }
    app.write(|tx| {
        Box::pin(async move {
            let epoch = epochs::epoch(tx).await?;
            epochs::adopt(tx, &epoch);
            Ok(())
        })
    })
    .await
}
