//! Fetches the wanted pictures, one after another.

use crate::context::Context;
use crate::effects::failed;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode, PictureFormat, PictureId};
use parlour_sync::{Backoff, Jitter};
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::sleep;

/// Fetches wanted pictures whenever there is a connection, until the task is aborted. Failures cause growing pauses. A
/// picture that the server refuses, or sends with wrong bytes, is skipped.
pub async fn run(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    loop {
        let id = context.pictures.next().await;
        match fetch(&context, id).await {
            Ok(()) => {
                backoff = Backoff::default();
                context.pictures.arrived(id);
            }
            Err(error) if error.code.class() == ErrorClass::Refused => {
                tracing::debug!(code = %error.code, "picture {id} is not to be had");
                context.pictures.is_missing(id);
            }
            Err(error) => {
                context.pictures.put_back(id);
                backoff.record_failure(0, error.retry_after_ms, &mut jitter);
                let wait = backoff.due_at(0).and_then(|ms| u64::try_from(ms).ok());
                sleep(Duration::from_millis(wait.unwrap_or(0))).await;
            }
        }
    }
}

async fn fetch(context: &Context, id: PictureId) -> Result<(), ErrorBody> {
    let bytes = context.http.picture(id).await?;
    if PictureId::of(&bytes) != id {
        return Err(ErrorBody::new(ErrorCode::Invalid, "other bytes than it is named by"));
    }
    PictureFormat::of(&bytes)?;
    let now = context.clock.now();
    let kept = block_in_place(|| context.store.mirror.keep_picture(&bytes, now));
    context.notices.changed(kept.map_err(failed)?);
    Ok(())
}
