//! `cargo xtask bench`: each row is a ratio to a floor measured in the same run, on the same
//! machine and data. `bench LOGS [--json] [--copies N]`, where LOGS is a folder with channel logs.
//! They are imported N times under different names; without `--copies` once, and then in a second
//! measurement four times.

mod catchup;
mod mirror;
mod page;
mod search;
mod server;
mod table;
mod windows;

use caps::{CapSet, Capability};
use harness::PASSWORD;
use harness::window::{ServerProcess, program};
use parlour_headless::{Display, Headless, Keychain};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use table::{Measure, Table};
use tempfile::TempDir;

/// Numbers of imports of the logs: 1.3 and 5.2 million messages, with those of the Raku
/// channels.
const SIZES: [usize; 2] = [1, 4];

/// Measures with the rights of an ordinary account. WebKit gives real-time priority to threads that
/// wait for a lock by yielding, and those of root may have it. The thread that holds the lock then
/// does not run if it is on the same processor (170 ms, in about one of ten runs). Threads inherit
/// the rights of the thread that creates them, and no other thread exists yet.
fn main() {
    // This fails for an ordinary account.
    let _ = caps::drop(None, CapSet::Bounding, Capability::CAP_SYS_NICE);
    run();
}

#[tokio::main]
async fn run() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let logs = Path::new(args.first().expect("bench LOGS [--json] [--copies N]"));
    let json = args.iter().any(|arg| arg == "--json");
    let copies = args.iter().skip_while(|arg| *arg != "--copies").nth(1);
    let sizes = copies.map_or(SIZES.to_vec(), |count| vec![count.parse().expect("a number")]);
    let mut table = Table::default();
    // This creates its own conversations, from messages in the logs.
    let (messages, measures) = catchup::measure(logs).await;
    table.add(messages, measures);
    for copies in sizes {
        let (messages, measures) = measure(logs, copies).await;
        table.add(messages, measures);
    }
    table.print(json);
}

/// Measures everything else with the logs imported `copies` times. Returns the number of messages
/// with the results.
async fn measure(logs: &Path, copies: usize) -> (i64, Vec<Measure>) {
    let (server_data, home, folder) = (temp_dir(), temp_dir(), temp_dir());
    add_user(server_data.path());
    copy(logs, folder.path(), copies);
    import(server_data.path(), folder.path());
    let mut measures = Vec::new();
    server::first_start(&mut measures).await;
    server::idle(&mut measures);
    server::backups(server_data.path(), &mut measures);
    let server = ServerProcess::start(server_data.path(), "127.0.0.1:0");
    let client_data = home.path().join("client");
    let client = harness::open(&client_data).await;
    let seconds = mirror::fill(&client, &server.url).await;
    let session = client.session().expect("an account");
    let mirror = session.mirror_file();
    let messages = session.status().expect("a status").history.here.0;
    measures.push(mirror::raw_insertion(&mirror, seconds));
    mirror::read_pages(&session, &mirror, &mut measures);
    search::measure(&session, &mirror, &mut measures);
    mirror::encryption(&mirror, home.path(), &mut measures);
    drop(session);
    drop(client);
    harness::wait_for_files(&client_data.join("accounts"));
    let display = Display::Virtual(1280, 800);
    let headless = Headless::start(home.path(), display, Keychain::Unlocked);
    let headless = headless.expect("a headless desktop");
    windows::measure(&headless, &client_data, &mut measures);
    page::measure(&headless, &client_data, &server.url, &mut measures).await;
    (messages, measures)
}

fn temp_dir() -> TempDir {
    TempDir::new().expect("a folder")
}

/// Creates the user who sees everything, also as an administrator.
fn add_user(data: &Path) {
    server_does(data, &["user", "add", "marlow", "--admin"], PASSWORD);
}

fn import(data: &Path, logs: &Path) {
    eprintln!("importing {}", logs.display());
    server_does(data, &["import", "irc", &logs.to_string_lossy(), "--member", "marlow"], "");
}

/// Copies the channels several times under different names. The import does not follow symbolic links.
fn copy(logs: &Path, folder: &Path, copies: usize) {
    for channel in std::fs::read_dir(logs).expect("logs").flatten() {
        let name = channel.file_name().to_string_lossy().into_owned();
        for copy in 0..copies {
            let to = folder.join(if copy == 0 { name.clone() } else { format!("{name}-{copy}") });
            let copied = Command::new("cp").arg("-r").arg(channel.path()).arg(to).status();
            assert!(copied.expect("cp").success());
        }
    }
}

fn server_does(data: &Path, args: &[&str], input: &str) {
    let mut command = Command::new(program("parlour-server"));
    command.args(args).arg("--data").arg(data).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the server's program starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success(), "{args:?}");
}
