//! Two processes on one data folder.
#![cfg(unix)]

use parlour_desktop::{Instance, Launch};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Claims a folder; returns the task that serves it, and the launch parameters that are handed over.
fn claim(folder: &Path) -> (tokio::task::JoinHandle<()>, UnboundedReceiver<Launch>) {
    let instance = Instance::claim(folder).unwrap().expect("the folder is free");
    let (sender, received) = unbounded_channel();
    let serving = tokio::spawn(instance.serve(move |launch| sender.send(launch).unwrap()));
    (serving, received)
}

fn launch(link: &str) -> Launch {
    Launch { link: Some(link.into()), activation: Some("token".into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_hands_over_its_link_until_the_first_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than the maximum length of a socket path.
    let data = folder.path().join("d".repeat(150));
    let (serving, mut received) = claim(&data);
    let mode = |name: &str| std::fs::metadata(data.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("window.sock") & 0o777, 0o600);
    assert_eq!(mode("instance.lock") & 0o777, 0o600);
    assert!(
        Instance::claim_or_hand_over(&data, &launch("parlour://a/b#c")).await.unwrap().is_none()
    );
    assert_eq!(received.recv().await, Some(launch("parlour://a/b#c")));
    // A link that is too long arrives as an empty one.
    assert!(
        Instance::claim_or_hand_over(&data, &launch(&"x".repeat(1 << 20))).await.unwrap().is_none()
    );
    assert_eq!(received.recv().await, Some(launch("")));
    serving.abort();
    let _ = serving.await;
    assert!(Instance::claim_or_hand_over(&data, &Launch::default()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_input_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let (_serving, mut received) = claim(folder.path());
    for input in [&b"{"[..], b"\n", b"[]\n", b"\xff\xfe\n", &[b'x'; 100_000]] {
        let mut stream = UnixStream::connect(folder.path().join("window.sock")).unwrap();
        // The socket may be closed before everything is written.
        let _ = stream.write_all(input);
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    assert!(
        Instance::claim_or_hand_over(folder.path(), &launch("still there"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(received.recv().await, Some(launch("still there")));
}

#[test]
fn the_activation_token_is_read_from_the_environment() {
    let variable = |name: &str| (name == "DESKTOP_STARTUP_ID").then(|| "x_TIME7".to_owned());
    assert_eq!(Launch::new(None, variable).activation.as_deref(), Some("x_TIME7"));
    assert_eq!(Launch::new(None, |_| Some(String::new())), Launch::default());
}
