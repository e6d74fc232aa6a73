//! The control socket in the data folder.
#![cfg(unix)]

use crate::common::{PASSWORD, credentials};
use crate::program::{PROGRAM, Program, command, objects, output, stderr_text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

fn status(data: &Path) -> Value {
    objects(&output(command(data, &["status", "--json"]), "")).remove(0)
}

#[test]
fn a_socket_is_private_and_deleted_at_the_end_and_replaced_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    assert_eq!(status(&data)["running"], false);
    assert!(!data.exists(), "the status creates nothing");
    let server = Program::serve(&data, &[]);
    let file = std::fs::symlink_metadata(socket(&data)).unwrap();
    assert!(file.file_type().is_socket());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(status(&data)["address"], json!(server.url));
    server.kill();
    assert!(socket(&data).exists());
    assert_eq!(status(&data)["running"], false);
    let added = output(command(&data, &["user", "add", "wren", "--admin"]), PASSWORD);
    assert!(added.status.success(), "{}", stderr_text(&added));
    let server = Program::serve(&data, &[]);
    assert_eq!(status(&data)["people"], 1);
    server.stop();
    assert!(!socket(&data).exists());
    assert_eq!(status(&data)["running"], false);
}

#[test]
fn a_second_server_on_a_folder_is_refused_and_the_first_continues() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::serve(dir.path(), &[]);
    let second = output(command(dir.path(), &["serve", "--listen", "127.0.0.1:0"]), "");
    assert!(
        !second.status.success() && stderr_text(&second).contains("in use"),
        "{}",
        stderr_text(&second)
    );
    assert_eq!(status(dir.path())["address"], json!(server.url));
    server.stop();
}

#[test]
fn a_folder_with_a_long_path_has_a_socket_too() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a".repeat(100)).join("b".repeat(100));
    let server = Program::serve(&data, &[]);
    if cfg!(target_os = "linux") {
        assert_eq!(status(&data)["running"], true);
        assert!(socket(&data).exists());
    } else {
        server.wait_until_logged("too long");
    }
    server.stop();
}

#[test]
fn commands_to_a_running_server_work_despite_a_typo_in_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Program::serve(&data, &[]);
    std::fs::write(data.join("parlour.toml"), "registation = \"open\"\n").unwrap();
    assert_eq!(status(&data)["running"], true);
    let file = dir.path().join("backup");
    for args in
        [&["backup", file.to_str().unwrap()][..], &["invite"], &["user", "list"], &["verify"]]
    {
        let result = output(command(&data, args), "");
        assert!(result.status.success(), "{args:?}: {}", stderr_text(&result));
        assert!(
            stderr_text(&result).contains("did you mean registration"),
            "{}",
            stderr_text(&result)
        );
    }
    assert!(file.exists());
    server.stop();
    let refused = output(command(&data, &["status"]), "");
    assert!(
        !refused.status.success() && stderr_text(&refused).contains("line 1"),
        "{}",
        stderr_text(&refused)
    );
}

/// Sends a line, and returns the reply.
fn exchange(data: &Path, line: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket(data)).unwrap();
    // A server that has read enough closes the connection, so this may fail.
    let _ = stream.write_all(line);
    let mut response = String::new();
    let _ = BufReader::new(stream).read_line(&mut response);
    response
}

#[test]
fn invalid_requests_are_refused_and_do_not_block_others() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::serve(dir.path(), &[]);
    for line in ["secret\n", "{}\n", "{\"dance\":{}}\n", "{\"erase\":{\"username\":7}}\n", "\n"] {
        let response = exchange(dir.path(), line.as_bytes());
        assert!(
            response.contains("\"invalid\"") && response.contains("version"),
            "{line}: {response}"
        );
    }
    assert_eq!(exchange(dir.path(), &vec![b'x'; 1024 * 1024]), "");
    // Clients that hang up in the middle or send nothing do not block others.
    let idle: Vec<_> = (0..8).map(|_| UnixStream::connect(socket(dir.path())).unwrap()).collect();
    drop(exchange_half(dir.path()));
    assert_eq!(status(dir.path())["running"], true);
    drop(idle);
    assert!(!server.logged().contains("secret"));
    server.stop();
}

fn exchange_half(data: &Path) -> UnixStream {
    let mut stream = UnixStream::connect(socket(data)).unwrap();
    stream.write_all(b"{\"listPeo").unwrap();
    stream
}

/// Runs a command as another user, which only root can do.
#[test]
fn a_command_of_another_user_is_refused_even_if_the_file_permissions_allow_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Program::serve(&data, &[]);
    if std::fs::metadata(dir.path()).unwrap().uid() != 0 {
        return eprintln!("SKIPPED: only root can become another user");
    }
    let program = dir.path().join("parlour-server");
    std::fs::copy(PROGRAM, &program).unwrap();
    let set_mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(dir.path(), 0o755);
    set_mode(&program, 0o755);
    let run_as_other_user = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).arg("--data").arg(&data).uid(65534).gid(65534);
        output(command, PASSWORD)
    };
    let is_refused = |words: &str| {
        let refused = run_as_other_user(&["user", "add", "mallory", "--admin"]);
        assert!(!refused.status.success(), "{refused:?}");
        assert!(stderr_text(&refused).contains(words), "{}", stderr_text(&refused));
    };
    is_refused("ermission denied");
    set_mode(&data, 0o777);
    is_refused("run this as that user, or as root");
    set_mode(&socket(&data), 0o777);
    is_refused("its own user and from root");
    server.wait_until_logged("another user's command was refused");
    let people = objects(&output(command(&data, &["user", "list", "--json"]), ""));
    assert!(people.is_empty());
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_starts_with_the_public_address_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let invite = |args: &[&str]| {
        let invite = [&["invite"], args].concat();
        let created = output(command(dir.path(), &invite), "");
        assert!(created.status.success(), "{}", stderr_text(&created));
        String::from_utf8(created.stdout).unwrap()
    };
    assert!(invite(&[]).starts_with("http://127.0.0.1:7700/join#"));
    let server = Program::serve(dir.path(), &["--registration", "open"]);
    assert!(invite(&[]).starts_with(&format!("{}/join#", server.url)));
    let url = format!("{}/v1/users", server.url);
    let register = reqwest::Client::new().post(url).json(&credentials("wren", PASSWORD));
    assert!(register.send().await.unwrap().status().is_success());
    server.stop();
    let server = Program::serve(dir.path(), &["--public-url", "https://chat.example.org/"]);
    assert!(invite(&[]).starts_with("https://chat.example.org/join#"));
    assert!(invite(&["--server", "https://other.org"]).starts_with("https://other.org/join#"));
    server.stop();
    std::fs::write(dir.path().join("parlour.toml"), "public_url = \"https://in.file\"\n").unwrap();
    assert!(invite(&[]).starts_with("https://in.file/join#"));
}
