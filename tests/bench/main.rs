//! `cargo xtask bench`: each row is a ratio to a floor measured in the same run, on the same machine
//! and data. `bench LOGS [--json] [--copies N]`, where LOGS holds channel logs, which are read N times under other
//! names.

mod catchup;
mod page;
mod search;

use caps::{CapSet, Capability};
use harness::PASSWORD;
use harness::window::{ServerProcess, program};
use parlour_client::{Client, Position, Session, Starting};
use parlour_headless::{Display, Headless, Keychain};
use parlour_protocol::{ConversationId, Credentials, Seq};
use parlour_store::Key;
use rusqlite::Connection;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Windows opened of each kind.
const WINDOWS: usize = 5;
/// A window is at rest so long after its first paint.
const SETTLE: Duration = Duration::from_secs(4);
/// For how long it is watched then.
const REST: Duration = Duration::from_secs(5);
/// Times that each statement runs.
const RUNS: usize = 200;
/// Rows in one transaction of the raw insertion, as in one page of history.
const ROWS: usize = 1000;

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
    let seconds = fill(&client, &server.url).await;
    let session = client.session().expect("an account");
    let mirror = session.mirror_file();
    let messages = session.status().expect("a status").history.here.0;
    measures.push(raw_insertion(&mirror, seconds));
    read_pages(&session, &mirror, &mut measures);
    search::measure(&session, &mirror, &mut measures);
    encryption(&mirror, home.path(), &mut measures);
    drop(session);
    drop(client);
    harness::wait_for_files(&client_data.join("accounts"));
    let display = Display::Virtual(1280, 800);
    let place = Headless::start(home.path(), display, Keychain::Unlocked);
    let place = place.expect("a place to run in");
    windows(&place, &client_data, &mut measures);
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

/// Mirrors everything over loopback; answers how many seconds it took.
async fn fill(client: &Client, url: &str) -> f64 {
    eprintln!("filling the mirror");
    let mut notices = client.notices();
    let password = PASSWORD.into();
    let typed = Credentials {
        username: "marlow".into(),
        password,
        device: "bench".into(),
        invitation: None,
    };
    let began = Instant::now();
    let signed_in = client.sign_in(url, &typed, Starting::SignIn, harness::keep()).await;
    let session = signed_in.expect("signed in");
    loop {
        let history = session.status().expect("a status").history;
        if history.total.0 > 0 && history.total == history.here {
            return began.elapsed().as_secs_f64();
        }
        // A slow listener is told that it missed some, which is as good.
        let _ = notices.recv().await;
    }
}

/// The same rows into the same schema, by SQLite alone.
fn raw_insertion(mirror: &MirrorFile, seconds: f64) -> Measure {
    eprintln!("inserting the same by SQLite alone");
    let floor = vec![insert_raw(mirror, "1").1];
    Measure { name: "mirror filled over loopback".into(), unit: "s", ours: vec![seconds], floor }
}

/// A mirror's file, and what opens it.
type MirrorFile = (PathBuf, Option<Key>);

fn open_mirror((path, key): &MirrorFile) -> Connection {
    let conn = parlour_store::open_unchecked(path, key.as_ref()).expect("the mirror");
    parlour_store::register_search(&conn).expect("functions");
    conn
}

/// Inserts those messages of a mirror into an empty file; answers how many, and the seconds.
fn insert_raw(mirror: &MirrorFile, which: &str) -> (usize, f64) {
    type Row = (i64, Vec<u8>, i64, String, i64, i64);
    let from = open_mirror(mirror);
    let folder = TempDir::new().expect("a folder");
    let mut to = Connection::open(folder.path().join("raw.db")).expect("a file");
    to.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    to.pragma_update(None, "synchronous", "NORMAL").expect("NORMAL");
    parlour_store::register_search(&to).expect("functions");
    to.execute_batch(include_str!("../../schema.sql")).expect("the schema");
    to.pragma_update(None, "foreign_keys", false).expect("off");
    let sql = format!(
        "SELECT key, id, sender, unpacked(body), sent_at, changed_seq FROM messages WHERE {which} ORDER BY key"
    );
    let mut read = from.prepare(&sql).expect("a statement");
    let rows = read.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    });
    let rows: Vec<Row> = rows.expect("rows").map(|row| row.expect("a row")).collect();
    let began = Instant::now();
    for chunk in rows.chunks(ROWS) {
        let tx = to.transaction().expect("a transaction");
        let sql = "INSERT INTO messages (key, id, sender, body, sent_at, changed_seq)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = tx.prepare_cached(sql).expect("a statement");
        for row in chunk {
            insert.execute((row.0, &row.1, row.2, &row.3, row.4, row.5)).expect("inserted");
        }
        drop(insert);
        tx.commit().expect("committed");
    }
    (rows.len(), began.elapsed().as_secs_f64())
}

fn read_pages(session: &Arc<Session>, mirror: &MirrorFile, measures: &mut Vec<Measure>) {
    eprintln!("reading");
    let conn = open_mirror(mirror);
    conn.pragma_update(None, "mmap_size", 256 * 1024 * 1024).expect("mapped");
    let rooms = session.conversations(1000).expect("a list");
    let number = |id: ConversationId| -> i64 {
        let sql = "SELECT number FROM conversations WHERE id = ?1";
        conn.query_row(sql, [id.0.as_bytes()], |row| row.get(0)).expect("a number")
    };
    let places: Vec<(ConversationId, i64, i64)> = (0..RUNS)
        .map(|run| {
            let room = &rooms[run % rooms.len()];
            // Another stretch of the history each time.
            let seq = 50 + (run as i64 * 7919) % (room.last_seq.0 - 50).max(1);
            (room.id, number(room.id), seq)
        })
        .collect();
    let sql = "SELECT messages.key, messages.id, users.id, users.username, messages.body,
            messages.sent_at, messages.edited_at, messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key >= ?1 AND messages.key < ?2 ORDER BY messages.key DESC LIMIT 50";
    measures.push(Measure {
        name: "page of 50 messages".into(),
        unit: "ms",
        ours: time(&places, |(id, _, seq)| {
            let page = session.timeline(*id, Position::Before(Seq(*seq)), 50).expect("a page");
            assert!(!page.items.is_empty());
        }),
        floor: time(&places, |(_, number, seq)| {
            assert!(rows(&conn, sql, (number << 32, (number << 32) + seq)) > 0);
        }),
    });
}

/// What encryption costs: the same file plain, opened anew each time, so that nothing is in a cache of
/// SQLite's.
fn encryption(mirror: &MirrorFile, home: &Path, measures: &mut Vec<Measure>) {
    eprintln!("the same file plain");
    let plain = (home.join("plain.db"), None);
    std::fs::write(&plain.0, []).expect("a file");
    let conn = open_mirror(mirror);
    conn.execute("ATTACH ?1 AS plain KEY ''", [plain.0.to_string_lossy()]).expect("attached");
    conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).expect("exported");
    conn.execute_batch("DETACH plain").expect("detached");
    let sql = "SELECT key, id, body, sent_at FROM messages WHERE key >= ?1 ORDER BY key LIMIT 50";
    let first: i64 =
        conn.query_row("SELECT min(key) FROM messages", [], |row| row.get(0)).expect("a message");
    // A word, in the autumn of 2018.
    let word =
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?1 ORDER BY rowid DESC LIMIT 50";
    let runs: Vec<i64> = (0..RUNS as i64 / 2).map(|run| first + run * 97).collect();
    let page =
        |file: &MirrorFile| time(&runs, |key| assert!(rows(&open_mirror(file), sql, [key]) > 0));
    let find = |file: &MirrorFile| {
        time(&runs, |_| assert!(rows(&open_mirror(file), word, ["0jxthe"]) > 0))
    };
    for (name, ours, floor) in [
        ("opened, and a page read: encrypted against plain", page(mirror), page(&plain)),
        ("opened, and a word found: encrypted against plain", find(mirror), find(&plain)),
    ] {
        measures.push(Measure { name: name.into(), unit: "ms", ours, floor });
    }
}

fn rows(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> usize {
    let mut statement = conn.prepare_cached(sql).expect("a statement");
    let columns = statement.column_count();
    let mut rows = statement.query(params).expect("rows");
    let mut count = 0;
    while let Some(row) = rows.next().expect("a row") {
        for column in 0..columns {
            let value: rusqlite::types::Value = row.get(column).expect("a value");
            std::hint::black_box(value);
        }
        count += 1;
    }
    count
}

/// Milliseconds of each run.
fn time<T>(runs: &[T], mut work: impl FnMut(&T)) -> Vec<f64> {
    let timed = runs.iter().map(|run| {
        let began = Instant::now();
        work(run);
        began.elapsed().as_secs_f64() * 1000.0
    });
    timed.collect()
}

fn windows(place: &Headless, data: &Path, measures: &mut Vec<Measure>) {
    let mut moving = place.command(program("parlour"));
    moving.arg("to-keychain").env("PARLOUR_DATA", data).stdin(Stdio::piped());
    let mut moving = moving.spawn().expect("it starts");
    let mut typing = moving.stdin.take().expect("piped");
    writeln!(typing, "{}", harness::PASSPHRASE).expect("it reads");
    drop(typing);
    assert!(moving.wait().expect("it ends").success(), "the keychain takes the key");
    let measured = [
        ("start to first painted messages", "ms"),
        ("memory of all processes at rest (PSS)", "MiB"),
        ("processor time of all processes at rest", "ms/s"),
    ];
    // Where there is no graphics card, ours does not draw over one (src-tauri/src/page.rs). An empty window does,
    // as Tauri makes it; another one that does not is the second floor.
    let floors = [("", vec![]), (", the floor without a card too", vec![("GDK_GL", "disable")])];
    let mut ours = measured.map(|_| vec![]);
    let mut empty = floors.each_ref().map(|_| measured.map(|_| vec![]));
    let note = |runs: &mut [Vec<f64>], values: [f64; 3]| {
        runs.iter_mut().zip(values).for_each(|(run, value)| run.push(value));
    };
    for run in 0..=WINDOWS {
        eprintln!("window {run} of {WINDOWS}");
        let took = window(place.command(program("parlour")).env("PARLOUR_DATA", data));
        // The first of each fills the system's caches.
        if run > 0 {
            note(&mut ours, took);
        }
        for ((_, variables), runs) in floors.iter().zip(&mut empty) {
            let took =
                window(place.command(program("parlour-floor")).envs(variables.iter().copied()));
            if run > 0 {
                note(runs, took);
            }
        }
    }
    for ((kind, _), runs) in floors.iter().zip(empty) {
        for (((name, unit), ours), floor) in measured.into_iter().zip(&ours).zip(runs) {
            let (name, ours) = (format!("{name}{kind}"), ours.clone());
            measures.push(Measure { name, unit, ours, floor });
        }
    }
}

/// Opens a window; answers the milliseconds to its first paint, and what it takes once it is at rest: MiB of
/// memory, and milliseconds of processor time a second.
fn window(command: &mut Command) -> [f64; 3] {
    let began = Instant::now();
    command.env("PARLOUR_TRACE", "1").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the window's program starts");
    let output = child.stdout.take().expect("piped");
    let (told, painted) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // To the end: the program goes on saying where it is.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.starts_with("trace first-paint") {
                let _ = told.send(());
            }
        }
    });
    if painted.recv_timeout(harness::PATIENCE).is_err() {
        let _ = child.kill();
        panic!("{command:?} was not painted");
    }
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    std::thread::sleep(SETTLE);
    let (memory, before) = (pss(&child), processor_ms(&child));
    std::thread::sleep(REST);
    let processor = (processor_ms(&child) - before) / REST.as_secs_f64();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    [ms, memory, processor]
}

/// A process and all that it started.
fn processes(child: &Child) -> Vec<u32> {
    let mut pids = vec![child.id()];
    let mut at = 0;
    while let Some(pid) = pids.get(at).copied() {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children =
                std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            pids.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        at += 1;
    }
    pids
}

/// Processor time that a process and all that it started have taken, in milliseconds.
fn processor_ms(child: &Child) -> f64 {
    let taken = processes(child).into_iter().map(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything: the 12th and 13th are of the process, in hundredths.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
    });
    taken.sum()
}

/// Memory of a process and all that it started, in MiB: what is shared counts in parts.
fn pss(child: &Child) -> f64 {
    let mut kib = 0.0;
    for pid in processes(child) {
        let rollup =
            std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        kib += line
            .and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok())
            .unwrap_or(0.0);
    }
    kib / 1024.0
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
