//! Backups are restored in all common ways. The server detects it, or a client proves it.

use crate::common::{Database, PASSWORD, Server, TIMEOUT, User, credentials};
use parlour_protocol::{Heads, SignedIn};
use parlour_server::{Config, DatabaseAddress};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().expect(program);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// A folder with a database, and a backup next to it.
struct Installation {
    _all: tempfile::TempDir,
    data: PathBuf,
    backup: PathBuf,
}

impl Installation {
    fn new() -> Self {
        // On a disk, whose file system may reuse an inode; the default folder for temporary files may be in
        // memory.
        let all = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let (data, backup) = (all.path().join("data"), all.path().join("backup"));
        Self { _all: all, data, backup }
    }

    fn file(&self) -> PathBuf {
        self.data.join("parlour.db")
    }

    fn config(&self) -> Config {
        let database = Database::sqlite();
        Config { database: DatabaseAddress::in_folder(&self.data), ..database.config() }
    }

    async fn serve(&self) -> Server {
        Server::start(&self.config()).await
    }

    async fn epoch(&self) -> String {
        let server = self.serve().await;
        let epoch = server.sign_in("wren").await.get::<Heads>("heads").await.epoch;
        server.running.stop().await.unwrap();
        epoch
    }

    async fn send_message(&self) {
        let server = self.serve().await;
        let wren = server.sign_in("wren").await;
        let group = wren.group(&[]).await;
        wren.say(group, "after the backup").await;
        server.running.stop().await.unwrap();
    }

    /// Starts a server, and makes a backup while it runs or after it has ended. Returns the epoch.
    async fn start_and_back_up(&self, while_it_runs: bool) -> String {
        let server = self.serve().await;
        let epoch = server.register("wren").await.get::<Heads>("heads").await.epoch;
        if while_it_runs {
            self.back_up();
        }
        server.running.stop().await.unwrap();
        assert_eq!(self.epoch().await, epoch, "only a restart");
        if !while_it_runs {
            self.back_up();
        }
        epoch
    }

    fn back_up(&self) {
        run("cp", &["-a", text(&self.data), text(&self.backup)]);
    }

    /// Makes the witness file look unchanged, as a snapshot of the whole disk does. No program that copies
    /// files can do this.
    fn fake_witness(&self) {
        let path = self.file().with_extension("wm");
        let file = File::create(&path).unwrap();
        let identity = file.metadata().unwrap();
        let ns = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let created = identity.created().map_or(0, ns);
        let identity = format!("{}:{}:{created}", identity.dev(), identity.ino());
        fs::write(&path, format!("0 {} {identity} open\n", ns(SystemTime::now()))).unwrap();
    }
}

/// A function that restores the backup.
type Restore = fn(&Installation);

const RESTORES: &[(&str, Restore)] = &[
    ("rm and cp -a", |installation| {
        fs::remove_dir_all(&installation.data).unwrap();
        run("cp", &["-a", text(&installation.backup), text(&installation.data)]);
    }),
    ("cp over it", |installation| {
        remove_log(installation);
        run(
            "sh",
            &["-c", "cp -a \"$0\"/. \"$1\"/", text(&installation.backup), text(&installation.data)],
        );
    }),
    ("cat over the file", |installation| {
        restore_log(installation);
        let from = installation.backup.join("parlour.db");
        run("sh", &["-c", "cat \"$0\" > \"$1\"", text(&from), text(&installation.file())]);
    }),
    ("tar over it", |installation| {
        remove_log(installation);
        let script = "tar -C \"$0\" -cf - . | tar -C \"$1\" -xf -";
        run("sh", &["-c", script, text(&installation.backup), text(&installation.data)]);
    }),
    ("VACUUM INTO", |installation| {
        let copy = installation.data.join("copy.db");
        let conn = rusqlite::Connection::open(installation.backup.join("parlour.db")).unwrap();
        conn.execute("VACUUM INTO ?1", [text(&copy)]).unwrap();
        remove_log(installation);
        fs::rename(copy, installation.file()).unwrap();
    }),
    ("over the file, without its witness", |installation| {
        restore_log(installation);
        fs::copy(installation.backup.join("parlour.db"), installation.file()).unwrap();
        fs::remove_file(installation.file().with_extension("wm")).unwrap();
    }),
];

fn remove_log(installation: &Installation) {
    for name in ["parlour.db-wal", "parlour.db-shm"] {
        let _ = fs::remove_file(installation.data.join(name));
    }
}

/// Restores the write-ahead log, which is part of a backup that was made while the server ran.
fn restore_log(installation: &Installation) {
    remove_log(installation);
    let log = installation.backup.join("parlour.db-wal");
    if log.exists() {
        fs::copy(log, installation.data.join("parlour.db-wal")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_restored_in_any_way_is_detected() {
    for (name, restore) in RESTORES {
        for while_it_runs in [false, true] {
            let installation = Installation::new();
            let before = installation.start_and_back_up(while_it_runs).await;
            installation.send_message().await;
            restore(&installation);
            let after = installation.epoch().await;
            assert_ne!(before, after, "{name}, made while the server ran: {while_it_runs}");
            assert_eq!(
                installation.epoch().await,
                after,
                "the epoch changes once, and not at each start"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_detected_even_if_the_file_system_reuses_inodes() {
    for _ in 0..10 {
        let installation = Installation::new();
        let before = installation.start_and_back_up(false).await;
        fs::remove_dir_all(&installation.data).unwrap();
        run("cp", &["-a", text(&installation.backup), text(&installation.data)]);
        assert_ne!(
            installation.epoch().await,
            before,
            "nothing was sent since, but it is another file"
        );
    }
}

/// The program, which can be killed, and its address.
struct Process(Child, String);

impl Process {
    fn start(data: &Path) -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_parlour-server"));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--registration", "open", "--data"]);
        serve.arg(data).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = serve.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self(child, address)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    async fn post_credentials(&self, path: &str) -> User {
        let http = reqwest::Client::new();
        let address = format!("{}/v1/{path}", self.1);
        let response =
            http.post(address).json(&credentials("wren", PASSWORD)).send().await.unwrap();
        let SignedIn { user_id, token, .. } = response.json().await.unwrap();
        User { id: user_id, token, url: format!("{}/v1", self.1), http }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_its_epoch_and_still_detects_a_restore() {
    let installation = Installation::new();
    let server = Process::start(&installation.data);
    let wren = server.post_credentials("users").await;
    let before = wren.get::<Heads>("heads").await.epoch;
    installation.back_up();
    server.kill();
    for _ in 0..3 {
        let server = Process::start(&installation.data);
        let wren = server.post_credentials("sessions").await;
        assert_eq!(wren.get::<Heads>("heads").await.epoch, before);
        wren.group(&[]).await;
        server.kill();
    }
    let of_backup = before;
    for (name, restore) in RESTORES {
        let server = Process::start(&installation.data);
        let wren = server.post_credentials("sessions").await;
        let before = wren.get::<Heads>("heads").await.epoch;
        wren.group(&[]).await;
        server.kill();
        restore(&installation);
        let server = Process::start(&installation.data);
        let wren = server.post_credentials("sessions").await;
        let after = wren.get::<Heads>("heads").await.epoch;
        assert!(after != before && after != of_backup, "{name}");
        server.kill();
    }
}

/// Requests heads with a proof, as a client does.
async fn get_heads(wren: &User, proof: &str) -> Heads {
    wren.get(&format!("heads?wm=0&proof={proof}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_proves_a_restore_that_the_server_cannot_detect() {
    let installation = Installation::new();
    let before = installation.start_and_back_up(false).await;
    let server = installation.serve().await;
    let wren = server.sign_in("wren").await;
    let group = wren.group(&[]).await;
    wren.say(group, "after the backup").await;
    let seen: Heads = wren.get("heads").await;
    server.running.stop().await.unwrap();
    fs::copy(installation.backup.join("parlour.db"), installation.file()).unwrap();
    installation.fake_witness();

    let server = installation.serve().await;
    let wren = server.sign_in("wren").await;
    let heads: Heads = wren.get("heads").await;
    assert_eq!(heads.epoch, before, "a snapshot of the whole disk shows nothing");
    // The database gets further than the proof, but with other changes.
    for _ in 0..5 {
        wren.group(&[]).await;
    }
    let heads: Heads = wren.get("heads").await;
    assert!(heads.wm > seen.wm);
    // No forged proof has any effect.
    let (wm, rest) = seen.proof.split_once('.').unwrap();
    let (run, mac) = rest.split_once('.').unwrap();
    let ahead = heads.wm + 1_000;
    let forged = [
        format!("{ahead}.{run}.{mac}"),
        format!("{wm}.{run}.{}", mac.chars().rev().collect::<String>()),
        format!("{wm}.0.{mac}"),
        format!("{wm}.{run}"),
        format!("{wm}.{run}."),
        format!("{}.{run}.{mac}", i64::MAX),
        "...".into(),
        "x".repeat(2000),
    ];
    for proof in forged {
        assert_eq!(get_heads(&wren, &proof).await.epoch, before, "{proof}");
    }
    assert_eq!(
        get_heads(&wren, &heads.proof).await.epoch,
        before,
        "the database is as far as the proof says"
    );

    let after = get_heads(&wren, &seen.proof).await;
    assert_ne!(after.epoch, before, "{wm} of a run that was undone");
    assert_eq!(wren.get::<Heads>("heads").await.epoch, after.epoch);
    assert_eq!(
        get_heads(&wren, &seen.proof).await.epoch,
        after.epoch,
        "the proof has no effect any more"
    );
    server.running.stop().await.unwrap();
    assert_eq!(installation.epoch().await, after.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_on_one_postgres_agree_on_the_epoch_after_a_proof() {
    let Some(database) = Database::postgres().await else { return };
    let (one, two) = (database.serve().await, database.serve().await);
    let wren = one.register("wren").await;
    let at_two = two.sign_in("wren").await;
    let group = wren.group(&[]).await;
    wren.say(group, "after the backup").await;
    let seen: Heads = wren.get("heads").await;
    // As far as the watermark shows, the database is in an earlier state.
    database.execute("UPDATE instance SET wm = wm - 1; UPDATE streams SET wm = wm - 1").await;
    let after = get_heads(&wren, &seen.proof).await;
    assert_ne!(after.epoch, seen.epoch);
    // If the other server misses the hint, it finds the new epoch itself, within 20 seconds.
    let began = Instant::now();
    while at_two.get::<Heads>("heads").await.epoch != after.epoch {
        assert!(began.elapsed() < TIMEOUT, "the other server does not find the new epoch");
    }
    assert_eq!(get_heads(&at_two, &seen.proof).await.epoch, after.epoch);
}
