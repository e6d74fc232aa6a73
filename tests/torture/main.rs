//! A stress test of real processes: `torture [--seconds N] [--seed N]`. There is a real server on the
//! database that `PARLOUR_DATABASE` names (or a file), and real clients on real files. A proxy cuts, stalls
//! and delays connections and duplicates requests, either side is killed with SIGKILL at random moments,
//! and the clients' disks are full for a while. Then all faults are removed, and the clients' files are
//! checked.

mod check;
mod proxy;

use harness::window::{ServerProcess, library, program};
use harness::{PASSWORD, TIMEOUT};
use parlour_client::{Client, Session, SignInMode};
use parlour_protocol::Credentials;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The names of the devices' users. The first two devices belong to one user.
const DEVICES: [&str; 4] = ["wren", "wren", "oak", "elm"];

/// Random numbers from a seed.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'a, T>(&mut self, all: &'a mut [T]) -> &'a mut T {
        let index = self.below(all.len() as u64);
        &mut all[usize::try_from(index).expect("a few")]
    }
}

/// A client in a process of its own.
struct Actor {
    name: &'static str,
    data: PathBuf,
    /// While this file exists, the actor's disk is full.
    full: PathBuf,
    server: String,
    child: Child,
    reader: Option<JoinHandle<()>>,
    /// Everything that the actor printed, in all of its processes.
    printed: Arc<Mutex<Vec<String>>>,
}

impl Actor {
    fn start(name: &'static str, data: PathBuf, server: &str) -> Self {
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let full = data.with_extension("full");
        let (child, reader) = spawn(name, &data, &full, server, &printed);
        Self { name, data, full, server: server.into(), child, reader: Some(reader), printed }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // What it printed before its end counts, and comes before what it prints next.
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        let (child, reader) = spawn(self.name, &self.data, &self.full, &self.server, &self.printed);
        (self.child, self.reader) = (child, Some(reader));
    }

    /// Waits until the actor has sent its pending ops and ended.
    fn finish(mut self) -> (PathBuf, Vec<String>) {
        drop(self.child.stdin.take());
        let ended = self.child.wait().expect("it ends");
        let _ = self.reader.map(JoinHandle::join);
        assert!(ended.success(), "{}: {ended}", self.name);
        let mut printed = self.printed.lock().expect("nobody panicked").clone();
        assert_eq!(printed.pop().as_deref(), Some("done"), "{}", self.name);
        (self.data, printed)
    }
}

fn spawn(
    name: &str,
    data: &Path,
    full: &Path,
    server: &str,
    printed: &Arc<Mutex<Vec<String>>>,
) -> (Child, JoinHandle<()>) {
    let mut command = Command::new(program("actor"));
    command.arg(data).args([server, name]).env("LD_PRELOAD", library("parlour_faults"));
    command.env("PARLOUR_FAULTS", format!("full-while:{}", full.display()));
    command.env("PARLOUR_FAULTS_UNDER", data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the actor starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let printed = printed.clone();
    let reader = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            printed.lock().expect("nobody panicked").push(line);
        }
    });
    (child, reader)
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let index = args.iter().position(|arg| arg == name);
        index.map_or(default, |index| args[index + 1].parse().expect("a number"))
    };
    let (seconds, seed) = (number("--seconds", 20), number("--seed", 1));
    let home = TempDir::new().expect("a folder");
    let server = ServerProcess::start(&home.path().join("server"), "127.0.0.1:0");
    let direct = server.url.clone();
    let port = direct.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let (url, faults) = proxy::start(port).await;
    let folders: Vec<PathBuf> =
        (0..DEVICES.len()).map(|n| home.path().join(format!("device-{n}"))).collect();
    set_up(&folders, &url).await;
    let start = |(folder, name): (PathBuf, &'static str)| Actor::start(name, folder, &url);
    let mut actors: Vec<Actor> = folders.into_iter().zip(DEVICES).map(start).collect();
    let server = inject_faults(&mut actors, server, &faults, seconds, &mut Rng(seed)).await;
    let finished: Vec<(PathBuf, Vec<String>)> = actors.into_iter().map(Actor::finish).collect();
    let report = check::everything(&finished, &url).await;
    drop(server);
    println!("{report}, {} requests sent twice", faults.duplicates());
}

/// Registers all users, and creates a group and the pairs.
async fn set_up(folders: &[PathBuf], url: &str) {
    let mut clients = Vec::new();
    for (index, folder) in folders.iter().enumerate() {
        let client = harness::open(folder).await;
        sign_in(&client, url, DEVICES[index], SignInMode::Register).await;
        clients.push(client);
    }
    let wren = clients[0].session().expect("signed in");
    let mut others = Vec::new();
    for name in ["oak", "elm"] {
        wait_until(&clients[0], |session| !session.people(name).expect("people").is_empty()).await;
        others.push(wren.people(name).expect("people")[0].id);
    }
    wren.create_group("everybody", others.clone()).expect("a group");
    for other in others {
        wren.create_p2p(other).expect("a pair");
    }
    for client in &clients {
        wait_until(client, |session| session.conversations(9).expect("a list").len() >= 2).await;
    }
    wait_until(&clients[0], |session| session.outbox().expect("an outbox").is_empty()).await;
    drop((wren, clients));
    for folder in folders {
        harness::wait_for_files(&folder.join("accounts"));
    }
}

/// Signs in. Registers first if `mode` says so and the user does not exist yet.
pub async fn sign_in(client: &Client, url: &str, name: &str, mode: SignInMode) {
    let (password, device) = (PASSWORD.into(), "torture".into());
    let credentials = Credentials { username: name.into(), password, device, invitation: None };
    if client.sign_in(url, &credentials, mode, harness::key_storage()).await.is_err() {
        client
            .sign_in(url, &credentials, SignInMode::SignIn, harness::key_storage())
            .await
            .expect("signed in");
    }
}

/// Waits until `is_true` returns true, checking again whenever something changes.
pub async fn wait_until(client: &Client, is_true: impl Fn(&Session) -> bool) {
    let mut notices = client.notices();
    while !is_true(&client.session().expect("an account")) {
        let _ = tokio::time::timeout(TIMEOUT, notices.recv()).await.expect("it happens in time");
    }
}

/// Injects faults for `seconds`, then removes them. Returns the server that runs at the end.
async fn inject_faults(
    actors: &mut [Actor],
    mut server: ServerProcess,
    faults: &proxy::Faults,
    seconds: u64,
    rng: &mut Rng,
) -> ServerProcess {
    let end = Instant::now() + Duration::from_secs(seconds);
    let (listen, data) =
        (server.url.replace("http://", ""), actors[0].data.with_file_name("server"));
    let mut counts = [0; 6];
    while Instant::now() < end {
        let kind = rng.below(6);
        counts[usize::try_from(kind).expect("few")] += 1;
        match kind {
            0 => rng.pick(actors).kill(),
            1 => {
                server.kill();
                server = ServerProcess::start(&data, &listen);
            }
            2 => faults.cut(),
            // One delay in three is long enough to stall.
            3 => {
                let max = if rng.below(3) == 0 { 5_000 } else { 400 };
                faults.delay.store(rng.below(max), Ordering::Relaxed);
            }
            4 => faults.duplicate_percent.store(rng.below(100), Ordering::Relaxed),
            _ => {
                let full = rng.pick(actors).full.clone();
                std::fs::write(&full, "").expect("a file");
                tokio::time::sleep(Duration::from_millis(rng.below(2000))).await;
                std::fs::remove_file(&full).expect("it is there");
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.below(700))).await;
    }
    faults.delay.store(0, Ordering::Relaxed);
    faults.duplicate_percent.store(0, Ordering::Relaxed);
    let [clients, servers, cuts, delays, duplicates, full] = counts;
    eprintln!(
        "{clients} clients and {servers} servers killed, {cuts} times all cut, {delays} times \
         delayed, {duplicates} times doubling, {full} disks full"
    );
    server
}
