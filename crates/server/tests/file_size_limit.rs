//! A server whose files may not become larger than a limit of the system (`ulimit -f`).
#![cfg(unix)]

use crate::common::{PASSWORD, User, credentials, error_body};
use crate::program::{PROGRAM, Program};
use parlour_protocol::{Action, FileHash, Heads, Op, OpId, Refusal, SignedIn, limits};
use reqwest::{Client, StatusCode};
use std::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_the_size_of_files_is_like_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let mut serve = Command::new("sh");
    // 1.5 MiB, or 3 MiB if the shell counts in KiB.
    serve.args(["-c", "ulimit -f 3000; exec \"$0\" \"$@\"", PROGRAM, "serve", "--data"]);
    serve.arg(dir.path()).args(["--listen", "127.0.0.1:0", "--registration", "open"]);
    serve.env_remove("PARLOUR_DATABASE");
    let server = Program::start(serve);
    let (http, url) = (Client::new(), format!("{}/v1", server.url));
    let registered = http.post(format!("{url}/users")).json(&credentials("wren", PASSWORD));
    let SignedIn { user_id: id, token, .. } =
        registered.send().await.unwrap().json().await.unwrap();
    let wren = User { id, token, url, http };
    let group = wren.group(&[]).await;
    let file = vec![7; limits::PART_BYTES];
    let hash = FileHash::of(&file);
    assert_eq!(wren.begin_upload(hash, file.len()).await.status(), StatusCode::OK);
    let refused = error_body(wren.add_part(hash, 0, file).await).await;
    assert_eq!(refused.problem(), Refusal::StorageFull.into());
    let text = "x".repeat(60_000);
    let mut refused = None;
    for _ in 0..400 {
        let op = Op { id: OpId::new(), conversation_id: group, action: Action::send(&*text) };
        let response = wren.send_op(&op).await;
        if response.status() != StatusCode::OK {
            refused = Some(response);
            break;
        }
    }
    let refused = error_body(refused.expect("the limit is reached")).await;
    assert_eq!(refused.code.status(), 503, "{refused:?}");
    wren.get::<Heads>("heads").await;
    server.stop();
}
