//! Two programs on one data folder.
#![cfg(unix)]

use parlour_desktop::{Instance, Launch};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Claims a folder; returns what is handed over from now on.
fn first(folder: &Path) -> (tokio::task::JoinHandle<()>, UnboundedReceiver<Launch>) {
    let instance = Instance::claim(folder).unwrap().expect("nobody is there");
    let (sender, received) = unbounded_channel();
    let serving = tokio::spawn(instance.serve(move |launch| sender.send(launch).unwrap()));
    (serving, received)
}

fn launch(link: &str) -> Launch {
    Launch { link: Some(link.into()), activation: Some("token".into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_program_hands_over_its_link_and_the_third_is_first_again() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than a socket's path can be.
    let data = folder.path().join("d".repeat(150));
    let (serving, mut received) = first(&data);
    let mode = |name: &str| std::fs::metadata(data.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("window.sock") & 0o777, 0o600);
    assert_eq!(mode("instance.lock") & 0o777, 0o600);
    assert!(Instance::begin(&data, &launch("parlour://a/b#c")).await.unwrap().is_none());
    assert_eq!(received.recv().await, Some(launch("parlour://a/b#c")));
    // A megabyte arrives as a link that leads nowhere.
    assert!(Instance::begin(&data, &launch(&"x".repeat(1 << 20))).await.unwrap().is_none());
    assert_eq!(received.recv().await, Some(launch("")));
    serving.abort();
    let _ = serving.await;
    assert!(Instance::begin(&data, &Launch::default()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let (_serving, mut received) = first(folder.path());
    for said in [&b"{"[..], b"\n", b"[]\n", b"\xff\xfe\n", &[b'x'; 100_000]] {
        let mut stream = UnixStream::connect(folder.path().join("window.sock")).unwrap();
        // It may be closed before everything is said.
        let _ = stream.write_all(said);
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    assert!(Instance::begin(folder.path(), &launch("still there")).await.unwrap().is_none());
    assert_eq!(received.recv().await, Some(launch("still there")));
}

#[test]
fn a_token_is_taken_from_the_environment() {
    let variable = |name: &str| (name == "DESKTOP_STARTUP_ID").then(|| "x_TIME7".to_owned());
    assert_eq!(Launch::new(None, variable).activation.as_deref(), Some("x_TIME7"));
    assert_eq!(Launch::new(None, |_| Some(String::new())), Launch::default());
}
