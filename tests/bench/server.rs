//! The server: its backups and restores, its memory when idle, and the time until two people have joined.

use crate::table::Measure;
use harness::Person;
use harness::window::{ServerProcess, program};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Number of measured backups and restores, and of their floors.
const TIMES: usize = 3;
/// The limits for an idle server and for the first start: the floors of these two rows.
const IDLE_MIB: f64 = 25.0;
const FIRST_SECONDS: f64 = 30.0;
/// The time after which a server that nobody uses is idle.
const IDLE_AFTER: Duration = Duration::from_secs(5);

/// Measures backups of the server in this folder, which does not run, and restores of them.
pub fn backups(data: &Path, measures: &mut Vec<Measure>) {
    let (home, database) = (crate::temp_dir(), data.join("parlour.db"));
    let position = |name: &str| home.path().join(name);
    let (file, copied) = (position("ours"), position("floor"));
    let (mut backup, mut restore) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..TIMES {
        let to = position("restored");
        backup.0.push(seconds(|| run(&["backup", text(&file)], data)));
        backup.1.push(seconds(|| online_backup(&database, &copied)));
        remove(&copied);
        restore.0.push(seconds(|| run(&["restore", text(&file)], &to)));
        restore.1.push(seconds(|| copy(&database, &copied)));
        std::fs::remove_dir_all(&to).expect("it was restored there");
        remove(&copied);
        remove(&file);
    }
    for (name, (ours, floor)) in [
        ("a backup, against SQLite's own online backup", backup),
        ("a restore, against a copy of the file", restore),
    ] {
        measures.push(Measure { name: name.into(), unit: "s", ours, floor });
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let started = Instant::now();
    let _ = work();
    started.elapsed().as_secs_f64()
}

/// Runs a command of the server on a folder, and returns what it prints.
fn run(args: &[&str], data: &Path) -> String {
    let mut command = Command::new(program("parlour-server"));
    command.args(args).arg("--data").arg(data).stderr(Stdio::inherit());
    let ended = command.output().expect("the server's program starts");
    assert!(ended.status.success(), "{args:?}");
    String::from_utf8(ended.stdout).expect("it prints text")
}

/// Copies a database as SQLite's interface for that does, all at once and onto the disk.
fn online_backup(from: &Path, to: &Path) {
    let from = Connection::open(from).expect("the server's file");
    let mut copied = Connection::open(to).expect("a new file");
    let backup = Backup::new(&from, &mut copied).expect("two databases");
    backup.run_to_completion(i32::MAX, Duration::ZERO, None).expect("a copy");
    drop(backup);
    drop(copied);
    File::open(to).and_then(|file| file.sync_all()).expect("it is on the disk");
}

/// Copies a file onto the disk.
fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("a copy");
    File::open(to).and_then(|file| file.sync_all()).expect("it is on the disk");
}

fn remove(file: &Path) {
    std::fs::remove_file(file).expect("it exists");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Measures the memory of a server that nobody uses.
pub fn idle(measures: &mut Vec<Measure>) {
    let data = crate::temp_dir();
    let server = ServerProcess::start(data.path(), "127.0.0.1:0");
    std::thread::sleep(IDLE_AFTER);
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", server.pid()));
    let rollup = rollup.expect("Linux counts memory");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("it is counted");
    let kib: f64 = line.trim_end_matches("kB").trim().parse().expect("a number");
    let name = "an idle server, of at most 25 MiB".into();
    measures.push(Measure { name, unit: "MiB", ours: vec![kib / 1024.0], floor: vec![IDLE_MIB] });
}

/// Measures the time from nothing until somebody who was invited has joined, without what people type.
pub async fn first_start(measures: &mut Vec<Measure>) {
    let home = crate::temp_dir();
    let data = home.path().join("server");
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = listener.expect("a free port").to_string();
    let started = Instant::now();
    let init = ["init", "--yes", "--name", "Workshop", "--tls", "own", "--listen", &address];
    run(&[&init[..], &["--public-url", &format!("https://{address}")]].concat(), &data);
    let mut serve = Command::new(program("parlour-server"));
    serve.arg("serve").arg("--data").arg(&data).stdout(Stdio::piped());
    let mut server = serve.spawn().expect("the server starts");
    let output = BufReader::new(server.stdout.take().expect("it was piped"));
    let link =
        |line: &str| line.split_whitespace().find(|word| word.contains("/join#")).map(String::from);
    let printed = output.lines().map_while(Result::ok).find_map(|line| link(&line));
    let _wren = Person::register_at(&printed.expect("the first link"), "wren").await;
    let invited = link(&run(&["invite"], &data)).expect("a link");
    let _oak = Person::register_at(&invited, "oak").await;
    let ours = vec![started.elapsed().as_secs_f64()];
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    let name = "from nothing to a second person, of at most 30 s".into();
    measures.push(Measure { name, unit: "s", ours, floor: vec![FIRST_SECONDS] });
}
