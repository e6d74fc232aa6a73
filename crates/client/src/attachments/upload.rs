//! Uploads the files of a message, before it is sent. The server knows how far each is: an upload goes on where it was,
//! after whatever ended it, on whichever device of the user has the file.

use crate::blocking::blocking;
use crate::context::files::Files;
use crate::effects::failed;
use crate::notice::Notice;
use crate::step::{Answer, Server, Taken};
use parlour_protocol::{
    Action, Count, ErrorBody, ErrorCode, FileHash, LocalReason, MessageFile, NewUpload, OpId,
    Reason, Refusal, Upload, limits,
};
use parlour_store::BlobReader;
use tokio::task::block_in_place;

/// How often an upload that does not get on is looked at again before the op waits.
const STALLS: u32 = 8;
/// The media type of thumbnails, of which the server looks at the bytes.
const THUMBNAIL: &str = "image/jpeg";

/// Uploads what the server lacks of the files of an op; an op without files is done at once.
///
/// # Errors
/// Fails if a file is not on this computer, if the server refuses one, or if nothing answers. What was uploaded stays
/// there.
pub(crate) async fn files_of(files: &Files, server: &impl Server, id: OpId) -> Answer<()> {
    let open = block_in_place(|| files.store.open_op(id)).map_err(failed)?;
    let Some(Action::Send { files: described, .. }) = open.map(|open| open.op.action) else {
        return Ok(());
    };
    for file in &described {
        if let Some(small) = file.thumbnail {
            upload(files, server, (small.hash, small.bytes.0), THUMBNAIL, false).await?;
        }
        let is_done =
            upload(files, server, (file.hash, file.bytes.0), &file.media_type, true).await;
        note_end(files, file, is_done.as_ref().err());
        is_done?;
    }
    Ok(())
}

/// Returns whether the server refused a message because it does not have one of its files.
pub(crate) fn is_missing(error: &ErrorBody) -> bool {
    matches!(error.reason, Some(Reason::Refused(Refusal::FileMissing)))
}

fn note_end(files: &Files, file: &MessageFile, error: Option<&ErrorBody>) {
    match error {
        Some(error) => files.shared.transfers.fail(file.hash, error.problem()),
        None => files.shared.transfers.end(file.hash),
    }
    files.notices.send(Notice::Files);
}

async fn upload(
    files: &Files,
    server: &impl Server,
    (hash, bytes): (FileHash, i64),
    media_type: &str,
    is_shown: bool,
) -> Answer<()> {
    let new = NewUpload { bytes: Count(bytes), media_type: media_type.to_owned() };
    let mut state = server.begin_upload(hash, &new).await?;
    let mut reader = None;
    let mut stalls = 0;
    while !state.is_complete {
        if is_shown {
            files.shared.transfers.note(hash, true, state.received.0, bytes);
            files.notices.send(Notice::Files);
        }
        let open = match reader.take() {
            Some(reader) => reader,
            None => open(files, hash, bytes)?,
        };
        let size = files.shared.transfers.part_bytes(limits::LEAST_PART_BYTES, limits::PART_BYTES);
        let at = state.received.0;
        let (read, part) = read(open, at, size).await?;
        reader = Some(read);
        let sent = part.len();
        let next = match server.add_part(hash, at, part).await {
            Ok(Taken::Part(next)) => next,
            Ok(Taken::TooLarge) if sent > limits::LEAST_PART_BYTES => {
                files.shared.transfers.shrink(sent);
                state
            }
            Ok(Taken::TooLarge) => return Err(too_small()),
            // Another device, or another server, knows better how far it is.
            Err(error) if error.code == ErrorCode::CursorAhead => {
                server.begin_upload(hash, &new).await?
            }
            Err(error) => {
                if is_too_slow(&error) {
                    files.shared.transfers.shrink(sent);
                }
                return Err(error);
            }
        };
        stalls = if next.received.0 > at || next.is_complete { 0 } else { stalls + 1 };
        if stalls > STALLS {
            return Err(ErrorBody::new(ErrorCode::Retry, "the upload does not get on"));
        }
        state = Upload { hash, bytes: Count(bytes), ..next };
    }
    Ok(())
}

fn open(files: &Files, hash: FileHash, bytes: i64) -> Answer<BlobReader> {
    let found = block_in_place(|| files.store.blob(hash)).map_err(failed)?;
    let same = found.filter(|reader| i64::try_from(reader.size()) == Ok(bytes));
    same.ok_or_else(|| LocalReason::FileLost.into())
}

/// Reads a part. What is damaged is as good as gone.
async fn read(mut reader: BlobReader, at: i64, most: usize) -> Answer<(BlobReader, Vec<u8>)> {
    let part = blocking(move || {
        let part = reader.read_at(at.unsigned_abs(), most);
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

/// Returns the error if something in between takes no part that the server would take.
fn too_small() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, "something between here and the server takes no files")
}
