//! The window: its start, its memory and what it does at rest, against an empty one.

use crate::table::Measure;
use harness::window::program;
use parlour_headless::Headless;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Windows opened of each kind.
const WINDOWS: usize = 5;
/// A window is at rest so long after its first paint.
const SETTLE: Duration = Duration::from_secs(4);
/// For how long it is watched then.
const REST: Duration = Duration::from_secs(5);

/// Measures it, with the mirror that is there; its key goes to the keychain.
pub fn measure(place: &Headless, data: &Path, measures: &mut Vec<Measure>) {
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
