//! Servers that mean no good.

use harness::{PASSWORD, PATIENCE};
use parlour_client::{Client, Keep, Starting};
use parlour_protocol::{Credentials, ErrorCode};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_said_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let pouring = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        let noise = vec![b' '; 1024 * 1024];
        let mut poured = 0;
        while socket.write_all(&noise).await.is_ok() {
            poured += noise.len();
        }
        poured
    });
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let typed = Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let signing_in = client.sign_in(&server, &typed, Starting::SignIn, Keep::ThisRun);
    let refused = tokio::time::timeout(PATIENCE, signing_in).await.expect("an end");
    let Err(refused) = refused else { panic!("it signed in") };
    assert_eq!(refused.code(), ErrorCode::NotAServer);
    let poured = pouring.await.unwrap();
    assert!(poured < 100 * 1024 * 1024, "{poured} bytes were taken");
}
