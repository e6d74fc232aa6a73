//! Uploads the files of a message, before it is sent. The server knows how much of each it has: an interrupted upload is
//! continued, by any device of the user that has the file.

use crate::blocking::blocking;
use crate::context::local::LocalContext;
use crate::effects::storage_failed;
use crate::notice::Notice;
use crate::step::{PartResult, Server, ServerResult};
use parlour_protocol::{
    Action, Count, ErrorBody, ErrorCode, FileHash, LocalReason, MessageFile, NewUpload, OpId,
    Reason, Refusal, Upload, limits,
};
use parlour_store::BlobReader;
use tokio::task::block_in_place;

/// Number of attempts without progress before the upload is given up and the op waits.
const MAX_STALLS: u32 = 8;
/// The declared media type of thumbnails; the server checks their bytes.
const THUMBNAIL: &str = "image/jpeg";

/// Uploads the parts of an op's files that the server does not have; does nothing for an op without files.
///
/// # Errors
/// Fails if a file is not on this computer, if the server refuses one, or if the server does not respond. Uploaded
/// parts stay on the server.
pub(crate) async fn upload_files(
    local: &LocalContext,
    server: &impl Server,
    id: OpId,
) -> ServerResult<()> {
    let pending = block_in_place(|| local.store.pending_op(id)).map_err(storage_failed)?;
    let Some(Action::Send { files: described, .. }) = pending.map(|pending| pending.op.action)
    else {
        return Ok(());
    };
    for file in &described {
        if let Some(small) = file.thumbnail {
            upload(local, server, (small.hash, small.bytes.0), THUMBNAIL, false).await?;
        }
        let is_done =
            upload(local, server, (file.hash, file.bytes.0), &file.media_type, true).await;
        record_end(local, file, is_done.as_ref().err());
        is_done?;
    }
    Ok(())
}

/// Returns whether the server refused a message because it does not have one of its files.
pub(crate) fn is_missing(error: &ErrorBody) -> bool {
    matches!(error.reason, Some(Reason::Refused(Refusal::FileMissing)))
}

fn record_end(local: &LocalContext, file: &MessageFile, error: Option<&ErrorBody>) {
    match error {
        Some(error) => local.shared.transfers.fail(file.hash, error.problem()),
        None => local.shared.transfers.end(file.hash),
    }
    local.notices.send(Notice::Files);
}

async fn upload(
    local: &LocalContext,
    server: &impl Server,
    (hash, bytes): (FileHash, i64),
    media_type: &str,
    is_shown: bool,
) -> ServerResult<()> {
    let new = NewUpload { bytes: Count(bytes), media_type: media_type.to_owned() };
    let mut state = server.begin_upload(hash, &new).await?;
    let mut reader = None;
    let mut stalls = 0;
    while !state.is_complete {
        if is_shown {
            local.shared.transfers.set_progress(hash, true, state.received.0, bytes);
            local.notices.send(Notice::Files);
        }
        let open = match reader.take() {
            Some(reader) => reader,
            None => open(local, hash, bytes)?,
        };
        let size = local.shared.transfers.part_bytes(limits::MIN_PART_BYTES, limits::PART_BYTES);
        let offset = state.received.0;
        let (read, part) = read(open, offset, size).await?;
        reader = Some(read);
        let sent = part.len();
        let next = match server.add_part(hash, offset, part).await {
            Ok(PartResult::Accepted(next)) => next,
            Ok(PartResult::TooLarge) if sent > limits::MIN_PART_BYTES => {
                local.shared.transfers.shrink(sent);
                state
            }
            Ok(PartResult::TooLarge) => return Err(proxy_refuses()),
            // Another device uploaded more of it, or another server process handled it.
            Err(error) if error.code == ErrorCode::CursorAhead => {
                server.begin_upload(hash, &new).await?
            }
            Err(error) => {
                if is_too_slow(&error) {
                    local.shared.transfers.shrink(sent);
                }
                return Err(error);
            }
        };
        stalls = if next.received.0 > offset || next.is_complete { 0 } else { stalls + 1 };
        if stalls > MAX_STALLS {
            return Err(ErrorBody::new(ErrorCode::Retry, "the upload makes no progress"));
        }
        state = Upload { hash, bytes: Count(bytes), ..next };
    }
    Ok(())
}

fn open(local: &LocalContext, hash: FileHash, size: i64) -> ServerResult<BlobReader> {
    let found = block_in_place(|| local.store.blob(hash)).map_err(storage_failed)?;
    let matching = found.filter(|reader| i64::try_from(reader.size()) == Ok(size));
    matching.ok_or_else(|| LocalReason::FileLost.into())
}

/// Reads a part. A damaged file counts as lost.
async fn read(
    mut reader: BlobReader,
    offset: i64,
    max: usize,
) -> ServerResult<(BlobReader, Vec<u8>)> {
    let part = blocking(move || {
        let part = reader.read_at(offset.unsigned_abs(), max);
        part.map(|part| (reader, part))
    });
    let (reader, part) = part.await.map_err(|_| ErrorBody::from(LocalReason::FileLost))?;
    if part.is_empty() {
        return Err(ErrorBody::new(ErrorCode::Retry, "the server has more than the whole file"));
    }
    Ok((reader, part))
}

fn is_too_slow(error: &ErrorBody) -> bool {
    matches!(error.reason, Some(Reason::Local(LocalReason::NoAnswerInTime { .. })))
}

/// Returns the error if a proxy refuses even the smallest part.
fn proxy_refuses() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, "a proxy before the server refuses even small uploads")
}
