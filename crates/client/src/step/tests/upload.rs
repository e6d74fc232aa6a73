//! Tests of uploading the files of a message before it is sent: interrupted uploads are continued, parts become smaller
//! until they are accepted, and files that the server has lost are uploaded again.

use super::*;
use crate::step::send;
use parlour_protocol::{Action, Count, LocalReason, MessageFile, OpId, Reason, Refusal};
use parlour_store::Secret;
use std::collections::HashMap;
use tempfile::TempDir;

/// A server that stores uploaded files.
#[derive(Default)]
struct Uploads {
    state: Mutex<State>,
    /// The largest part that gets through.
    max_part: usize,
}

#[derive(Default)]
struct State {
    received: HashMap<FileHash, Vec<u8>>,
    sizes: HashMap<FileHash, i64>,
    /// The sizes of the received parts.
    parts: Vec<usize>,
    /// Number of parts after which the server does not respond any more.
    breaks_after: Option<usize>,
    /// Whether all files are lost before the next op.
    loses_files: bool,
    sent: usize,
}

impl Uploads {
    fn accepting(max_part: usize) -> Self {
        Self { state: Mutex::default(), max_part }
    }

    fn upload(&self, hash: FileHash) -> Upload {
        let state = self.state.lock().unwrap();
        let bytes = Count(state.sizes[&hash]);
        let received = state.received.get(&hash).map_or(0, Vec::len);
        let received = Count(i64::try_from(received).unwrap());
        Upload { hash, bytes, received, is_complete: received == bytes }
    }
}

impl Server for Uploads {
    async fn send(&self, op: &Op, epoch: &str) -> ServerResult<OpDone> {
        let mut state = self.state.lock().unwrap();
        if std::mem::take(&mut state.loses_files) {
            state.received.clear();
            return Err(Refusal::FileMissing.into());
        }
        state.sent += 1;
        let stream = StreamId::Conversation(op.conversation_id);
        Ok(OpDone { epoch: epoch.into(), ..OpDone::new(stream, vec![]) })
    }

    async fn heads(&self, _: i64, _: &str) -> ServerResult<Heads> {
        Err(no_response())
    }

    async fn pull(&self, _: &[Fetch], _: &str, _: usize) -> ServerResult<Pulled> {
        Err(no_response())
    }

    async fn history(&self, _: &Fetch, _: &str, _: usize) -> ServerResult<History> {
        Err(no_response())
    }

    async fn state(&self, _: &StreamCursor, _: &str, _: i64) -> ServerResult<Page> {
        Err(no_response())
    }

    async fn digest(&self, _: &StoredSection, _: &str) -> ServerResult<Digest> {
        Err(no_response())
    }

    async fn begin_upload(&self, hash: FileHash, new: &NewUpload) -> ServerResult<Upload> {
        self.state.lock().unwrap().sizes.insert(hash, new.bytes.0);
        Ok(self.upload(hash))
    }

    async fn add_part(
        &self,
        hash: FileHash,
        offset: i64,
        part: Vec<u8>,
    ) -> ServerResult<PartResult> {
        if part.len() > self.max_part {
            return Ok(PartResult::TooLarge);
        }
        {
            let mut state = self.state.lock().unwrap();
            if state.breaks_after == Some(state.parts.len()) {
                return Err(no_response());
            }
            state.parts.push(part.len());
            let received = state.received.entry(hash).or_default();
            assert_eq!(i64::try_from(received.len()).unwrap(), offset, "no byte is uploaded twice");
            received.extend(part);
        }
        Ok(PartResult::Accepted(self.upload(hash)))
    }
}

const MESSAGE: OpId = OpId(Uuid::from_u128(40));

/// Returns a session with a message that waits with a file of these bytes.
fn session_with_file(folder: &TempDir, bytes: &[u8]) -> Session {
    let (server, username) = ("http://x".into(), "me".into());
    let account = Account { server, user_id: ME, username, session_id: SessionId(Uuid::nil()) };
    let key = parlour_store::Key::fill(|key| key.fill(7));
    let store = Store::open(folder.path(), &key, Some(&account)).unwrap().unwrap();
    store.begin_epoch("e").unwrap();
    let secret = Secret::random();
    let mut writer = store.write_blob(&secret).unwrap();
    writer.write(bytes).unwrap();
    writer.finish().unwrap();
    let file = MessageFile::example("model.bin", bytes);
    let blob = store.new_blob(secret, file.hash, file.bytes.0);
    store.stage(GROUP, &file, None, &[blob]).unwrap();
    let action = Action::send_files("", vec![file]);
    let op = Op { id: MESSAGE, conversation_id: GROUP, action };
    store.enqueue_message(&op, Millis(1), None).unwrap();
    Session::offline(Arc::new(store), Notices::default(), Arc::new(SystemClock)).unwrap().0
}

fn bytes() -> Vec<u8> {
    (0..3_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_become_smaller_until_they_are_accepted_and_no_byte_is_uploaded_twice() {
    let folder = TempDir::new().unwrap();
    let session = session_with_file(&folder, &bytes());
    let server = Uploads::accepting(600_000);
    server.state.lock().unwrap().breaks_after = Some(2);
    let local = session.context.local();
    assert_eq!(send::op(&local, &server, MESSAGE, "e").await, Err(no_response()));
    assert!(
        session.context.store.pending_op(MESSAGE).unwrap().is_some_and(|pending| !pending.tried)
    );
    server.state.lock().unwrap().breaks_after = None;
    send::op(&local, &server, MESSAGE, "e").await.unwrap();
    let state = server.state.lock().unwrap();
    assert_eq!((state.received[&FileHash::of(&bytes())] == bytes(), state.sent), (true, 1));
    assert!(state.parts.iter().all(|part| *part <= 600_000), "{:?}", state.parts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_server_has_lost_is_uploaded_again_before_the_message_is_sent() {
    let folder = TempDir::new().unwrap();
    let session = session_with_file(&folder, &bytes());
    let server = Uploads::accepting(4 << 20);
    server.state.lock().unwrap().loses_files = true;
    send::op(&session.context.local(), &server, MESSAGE, "e").await.unwrap();
    let state = server.state.lock().unwrap();
    assert_eq!((state.received[&FileHash::of(&bytes())] == bytes(), state.sent), (true, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_file_is_missing_is_not_sent() {
    let folder = TempDir::new().unwrap();
    let session = session_with_file(&folder, &bytes());
    std::fs::remove_dir_all(folder.path().join("files")).unwrap();
    let server = Uploads::accepting(4 << 20);
    let refused = send::op(&session.context.local(), &server, MESSAGE, "e").await.unwrap_err();
    assert_eq!(refused.reason, Some(Reason::Local(LocalReason::FileLost)));
    assert_eq!(server.state.lock().unwrap().sent, 0);
}
