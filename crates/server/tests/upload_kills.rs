//! Uploads to a server that is killed again and again: what it confirmed is there, the file is the one that was sent,
//! and the message is there once.
#![cfg(unix)]

use crate::common::{PASSWORD, TIMEOUT, User, message, typed};
use crate::program::Program;
use parlour_protocol::{Action, FileHash, MessageFile, Op, OpDone, OpId, SignedIn, Upload, limits};
use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the server is killed while the file is uploaded.
const KILLS: u64 = 12;

/// Sends a request; `None` if there was no answer, or one that asks to try again.
async fn ask<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Option<T> {
    let response = request.send().await.ok()?;
    if !response.status().is_success() {
        assert!(response.status().is_server_error(), "{}", response.text().await.unwrap());
        return None;
    }
    response.json().await.ok()
}

/// Sends parts until the file is complete or the server does not answer any more. Returns what it confirmed.
async fn upload(user: &User, file: &[u8]) -> Option<Upload> {
    let url = format!("{}/uploads/{}", user.url, FileHash::of(file));
    let new = serde_json::json!({"bytes": file.len(), "mediaType": "application/octet-stream"});
    let begin = user.http.put(&url).bearer_auth(&user.token).json(&new);
    let mut state: Upload = ask(begin).await?;
    while !state.is_complete {
        let at = usize::try_from(state.received.0).unwrap();
        let end = file.len().min(at + limits::LEAST_PART_BYTES);
        let part = user.http.post(format!("{url}?offset={at}")).bearer_auth(&user.token);
        match ask(part.body(file[at..end].to_vec())).await {
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
async fn an_upload_to_a_server_that_is_killed_comes_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = start(dir.path());
    let http = Client::new();
    let registered = http.post(format!("{}/v1/users", server.url)).json(&typed("wren", PASSWORD));
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
    let room = user_of(&server).group(&[]).await;
    let mut confirmed = 0;
    for n in 1..=KILLS {
        let user = user_of(&server);
        let bytes = file.clone();
        let uploading = tokio::spawn(async move { upload(&user, &bytes).await });
        // At another moment each time, which the machine's own pace decides.
        tokio::time::sleep(Duration::from_millis(7 * n)).await;
        server.kill();
        let state = uploading.await.unwrap();
        confirmed = confirmed.max(state.map_or(0, |state| state.received.0));
        server = start(dir.path());
        let known = user_of(&server)
            .request(Method::GET, &format!("uploads/{}", FileHash::of(&file)))
            .await;
        if known.status().is_success() {
            let known: Upload = known.json().await.unwrap();
            assert!(known.received.0 >= confirmed, "{} of {confirmed}", known.received.0);
        } else {
            assert_eq!(confirmed, 0);
        }
    }
    let (user, began) = (user_of(&server), Instant::now());
    while !upload(&user, &file).await.is_some_and(|state| state.is_complete) {
        assert!(began.elapsed() < TIMEOUT, "it never ends");
    }
    let action = Action::send_files("", vec![MessageFile::example("x", &file)]);
    let op = Op { id: OpId::new(), conversation_id: room, action };
    let sending = op.clone();
    let sent = tokio::spawn(async move { user.send_op(&sending).await.status().is_success() });
    server.kill();
    // It may have been answered before, or not at all.
    let _ = sent.await;
    let server = start(dir.path());
    let user = user_of(&server);
    let done: OpDone = user.send_op(&op).await.json().await.unwrap();
    let received = user.download(message(&done).id, 0).await.bytes().await.unwrap();
    assert!(received == file, "the file is another one");
    let rows = user.bootstrap(room).await.rows;
    let messages = rows.iter().filter(|row| matches!(row, parlour_protocol::Row::Message(_)));
    assert_eq!(messages.count(), 1);
    server.stop();
}
