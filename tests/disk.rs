//! Kills a program, or fails its disk, at each of its writes in turn, and then lets it continue.

use harness::script::{self, Device, Script};
use harness::window::{library, program};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// The faults at the Nth write (see `crates/faults`).
const FAULTS: [&str; 5] = ["kill", "torn", "error", "errors", "full"];
/// Distance between the writes that are tested. `PARLOUR_EVERY_WRITE` sets a larger one.
const STEP: u32 = 1;
/// More writes than any script makes.
const MAX_FAULTS: u32 = 20_000;

/// Runs a script with a fault at its Nth write, and continues on the same files afterwards. Returns whether
/// the script reached the Nth write.
fn run_with_fault(initial_server: &Path, name: &str, fault: &str, n: u32) -> bool {
    let home = TempDir::new_in(memory()).expect("a folder");
    let (folder, server) = (home.path().join("account"), home.path().join("server"));
    std::fs::copy(initial_server, &server).expect("the initial server");
    let reached_file = home.path().join("met");
    let mut command = Command::new(program("scripted"));
    command.arg(&folder).arg(&server).arg(name);
    command.env("LD_PRELOAD", library("parlour_faults"));
    command.env("PARLOUR_FAULTS", format!("{fault}:{n}"));
    command.env("PARLOUR_FAULTS_UNDER", &folder).env("PARLOUR_FAULTS_MET", &reached_file);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let reported: Vec<String> = lines.map(|line| line.expect("a line")).collect();
    let ended = child.wait().expect("it ends");
    let is_reached = reached_file.exists();
    let is_killed = is_reached && (fault == "kill" || fault == "torn");
    assert!(ended.success() || is_killed, "{name}, {fault}:{n}: {ended}");
    let continued = Device::open(&folder, &server)
        .map_err(|error| error.to_string())
        .and_then(|mut device| device.check(&reported));
    if let Err(error) = continued {
        panic!("{name}, {fault}:{n}: {}", error.chars().take(500).collect::<String>());
    }
    is_reached
}

/// Returns a folder in memory, where syncing costs nothing. This is enough, since no test cuts the
/// power.
fn memory() -> std::path::PathBuf {
    let memory = std::path::PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

#[test]
fn nothing_accepted_is_lost_whichever_write_fails_or_is_interrupted() {
    let step = std::env::var("PARLOUR_EVERY_WRITE").ok().and_then(|n| n.parse().ok());
    let step = step.unwrap_or(STEP);
    let mut runs = Vec::new();
    for (_, name) in Script::ALL {
        runs.extend(FAULTS.map(|fault| (name, fault)));
    }
    let home = TempDir::new_in(memory()).expect("a folder");
    let initial_server = home.path().join("server");
    script::create_server(&initial_server);
    let (next, points) = (AtomicU32::new(0), AtomicU32::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((index, (name, fault))) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    runs.get(index as usize).map(|run| (index, *run))
                } {
                    // Different runs start at different writes.
                    let mut n = 1 + index % step;
                    while n < MAX_FAULTS && run_with_fault(&initial_server, name, fault, n) {
                        points.fetch_add(1, Ordering::Relaxed);
                        n += step;
                    }
                    assert!(n < MAX_FAULTS, "{name} never stops writing");
                }
            });
        }
    });
    let points = points.into_inner();
    println!("{points} writes were tested, every {step} of each script");
    assert!(points > 100, "only {points} writes were tested");
}
