//! Uploads to a server that is killed repeatedly: confirmed parts are stored, the file is unchanged, and
//! the message exists once.
#![cfg(unix)]

use crate::common::{PASSWORD, TIMEOUT, User, credentials, message};
use crate::program::Program;
use parlour_protocol::{Action, FileHash, MessageFile, Op, OpDone, OpId, SignedIn, Upload, limits};
use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the server is killed while the file is uploaded.
const KILLS: u64 = 12;

/// Sends a request. Returns `None` if there was no response, or a server error, after which the client
/// retries.
async fn send_request<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Option<T> {
    let response = request.send().await.ok()?;
    if !response.status().is_success() {
        assert!(response.status().is_server_error(), "{}", response.text().await.unwrap());
        return None;
    }
    response.json().await.ok()
}

/// Sends parts until the file is complete or the server no longer responds. Returns the last confirmed
/// state.
async fn upload(user: &User, file: &[u8]) -> Option<Upload> {
    let url = format!("{}/uploads/{}", user.url, FileHash::of(file));
    let new = serde_json::json!({"bytes": file.len(), "mediaType": "application/octet-stream"});
    let begin = user.http.put(&url).bearer_auth(&user.token).json(&new);
    let mut state: Upload = send_request(begin).await?;
    while !state.is_complete {
        let at = usize::try_from(state.received.0).unwrap();
        let end = file.len().min(at + limits::MIN_PART_BYTES);
        let part = user.http.post(format!("{url}?offset={at}")).bearer_auth(&user.token);
        match send_request(part.body(file[at..end].to_vec())).await {
            Some(next) => state = next,
            None => return Some(state),
        }
    }
    Some(state)
}

fn start(data: &Path) -> Program {
    Program::serve(data, &["--registration", "open"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_to_a_repeatedly_killed_server_completes() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = start(dir.path());
    let http = Client::new();
    let registered =
        http.post(format!("{}/v1/users", server.url)).json(&credentials("wren", PASSWORD));
    let SignedIn { user_id: id, token, .. } =
        registered.send().await.unwrap().json().await.unwrap();
    let user_of = |server: &Program| User {
        id,
        token: token.clone(),
        url: format!("{}/v1", server.url),
        http: http.clone(),
    };
    let file: Vec<u8> =
        (0..1_500_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let group = user_of(&server).group(&[]).await;
    let mut confirmed = 0;
    for n in 1..=KILLS {
        let user = user_of(&server);
        let bytes = file.clone();
        let uploading = tokio::spawn(async move { upload(&user, &bytes).await });
        // The delay differs each time, so that the kill hits different steps.
        tokio::time::sleep(Duration::from_millis(7 * n)).await;
        server.kill();
        let state = uploading.await.unwrap();
        confirmed = confirmed.max(state.map_or(0, |state| state.received.0));
        server = start(dir.path());
        let status_response = user_of(&server)
            .request(Method::GET, &format!("uploads/{}", FileHash::of(&file)))
            .await;
        if status_response.status().is_success() {
            let state: Upload = status_response.json().await.unwrap();
            assert!(state.received.0 >= confirmed, "{} of {confirmed}", state.received.0);
        } else {
            assert_eq!(confirmed, 0);
        }
    }
    let (user, began) = (user_of(&server), Instant::now());
    while !upload(&user, &file).await.is_some_and(|state| state.is_complete) {
        assert!(began.elapsed() < TIMEOUT, "the upload never completes");
    }
    let action = Action::send_files("", vec![MessageFile::example("x", &file)]);
    let op = Op { id: OpId::new(), conversation_id: group, action };
    let sending = op.clone();
    let sent = tokio::spawn(async move { user.send_op(&sending).await.status().is_success() });
    server.kill();
    // The server may have responded before it was killed.
    let _ = sent.await;
    let server = start(dir.path());
    let user = user_of(&server);
    let done: OpDone = user.send_op(&op).await.json().await.unwrap();
    let received = user.download(message(&done).id, 0).await.bytes().await.unwrap();
    assert!(received == file, "the file differs");
    let rows = user.bootstrap(group).await.rows;
    let messages = rows.iter().filter(|row| matches!(row, parlour_protocol::Row::Message(_)));
    assert_eq!(messages.count(), 1);
    server.stop();
}
