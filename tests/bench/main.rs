//! `cargo xtask bench`: each row is a ratio to a floor measured in the same run, on the same machine
//! and data. `bench LOGS [--json] [--copies N]`, where LOGS holds channel logs, which are read N times under other
//! names.

mod catchup;
mod mirror;
mod page;
mod search;
mod windows;

use caps::{CapSet, Capability};
use harness::PASSWORD;
use harness::window::{ServerProcess, program};
use parlour_headless::{Display, Headless, Keychain};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// One line of the table.
struct Measure {
    name: String,
    unit: &'static str,
    ours: Vec<f64>,
    floor: Vec<f64>,
}

/// Measures as an ordinary account would. WebKit gives threads real-time priority that wait for a lock by yielding,
/// and root's may have it: what holds the lock on the same processor does not run then (170 ms, in one of some ten
/// runs). Threads get what the one that makes them has: there is no other yet.
fn main() {
    // It fails for an ordinary account.
    let _ = caps::drop(None, CapSet::Bounding, Capability::CAP_SYS_NICE);
    run();
}

#[tokio::main]
async fn run() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (logs, json) =
        (args.first().expect("bench LOGS [--json]"), args.iter().any(|arg| arg == "--json"));
    let copies = args.iter().skip_while(|arg| *arg != "--copies").nth(1);
    let copies: usize = copies.map_or(1, |count| count.parse().expect("a number of copies"));
    let (server_data, home) =
        (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    add_user(server_data.path());
    let folder = TempDir::new().expect("a folder");
    let all = if copies > 1 { copied(logs, folder.path(), copies) } else { logs.clone() };
    import(server_data.path(), &all);
    let server = ServerProcess::start(server_data.path(), "127.0.0.1:0");
    let client_data = home.path().join("client");
    let mut measures = Vec::new();
    catchup::measure(Path::new(logs), &mut measures).await;
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
    let place = Headless::start(home.path(), display, Keychain::Unlocked);
    let place = place.expect("a place to run in");
    windows::measure(&place, &client_data, &mut measures);
    page::measure(&place, &client_data, &server.url, &mut measures).await;
    print(&measures, messages, json);
}

/// Makes the user who sees everything.
fn add_user(data: &Path) {
    server_does(data, &["user", "add", "marlow"], PASSWORD);
}

fn import(data: &Path, logs: &str) {
    eprintln!("importing {logs}");
    server_does(data, &["import", "irc", logs, "--member", "marlow"], "");
}

/// The same channels several times, under other names.
fn copied(logs: &str, folder: &Path, copies: usize) -> String {
    for entry in std::fs::read_dir(logs).expect("logs").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        for copy in 0..copies {
            let to = folder.join(if copy == 0 { name.clone() } else { format!("{name}-{copy}") });
            std::os::unix::fs::symlink(entry.path(), to).expect("a link");
        }
    }
    folder.to_string_lossy().into_owned()
}

fn server_does(data: &Path, args: &[&str], input: &str) {
    let mut command = Command::new(program("parlour-server"));
    command.args(args).arg("--data").arg(data).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the server's program starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success(), "{args:?}");
}

/// The middle one, the lowest and the highest.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}

fn print(measures: &[Measure], messages: i64, json: bool) {
    if json {
        let rows: Vec<_> = measures
            .iter()
            .map(|measure| {
                let ((ours, ..), (floor, ..)) = (spread(&measure.ours), spread(&measure.floor));
                serde_json::json!({ "name": measure.name, "unit": measure.unit, "ours": ours,
                    "floor": floor, "ratio": ours / floor })
            })
            .collect();
        println!("{}", serde_json::json!({ "messages": messages, "rows": rows }));
        return;
    }
    println!(
        "{messages} messages; medians (lowest to highest); the floor was measured in this run"
    );
    for measure in measures {
        let (ours, low, high) = spread(&measure.ours);
        let (floor, floor_low, floor_high) = spread(&measure.floor);
        let unit = measure.unit;
        println!(
            "{:<36} {:>6.2} ×   {ours:.2} {unit} ({low:.2} to {high:.2})   floor {floor:.2} {unit} \
             ({floor_low:.2} to {floor_high:.2})",
            measure.name,
            ours / floor
        );
    }
}
