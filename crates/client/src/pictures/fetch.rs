//! Fetches the pictures in the queue, one after another.

use crate::context::Context;
use crate::effects::storage_failed;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode, PictureFormat, PictureId};
use parlour_sync::{Backoff, Jitter};
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::sleep;

/// Fetches the pictures in the queue whenever there is a connection, until the task is aborted. Failures cause growing pauses. A
/// picture that the server refuses, or whose bytes do not match its id, is skipped.
pub async fn run(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    loop {
        let id = context.pictures.next().await;
        match fetch(&context, id).await {
            Ok(()) => {
                backoff = Backoff::default();
                context.pictures.mark_stored(id);
            }
            Err(error) if error.code.class() == ErrorClass::Refused => {
                tracing::debug!(code = %error.code, "picture {id} cannot be fetched");
                context.pictures.mark_missing(id);
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
        return Err(ErrorBody::new(ErrorCode::Invalid, "the bytes do not match the id"));
    }
    PictureFormat::of(&bytes)?;
    let now = context.clock.now();
    let changes = block_in_place(|| context.store.mirror.put_picture(&bytes, now));
    context.notices.changed(changes.map_err(storage_failed)?);
    Ok(())
}
