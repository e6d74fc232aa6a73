//! The window: its start, and its memory and processor time at rest, compared with an empty one.

use crate::table::Measure;
use harness::window::program;
use parlour_headless::Headless;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Number of windows of each kind that are measured.
const WINDOWS: usize = 5;
/// Time after the first paint when a window counts as at rest.
const SETTLE_TIME: Duration = Duration::from_secs(4);
/// Time for which a window at rest is measured.
const MEASURED_TIME: Duration = Duration::from_secs(5);

/// Measures windows with the existing mirror, whose key is moved to the keychain.
pub fn measure(headless: &Headless, data: &Path, measures: &mut Vec<Measure>) {
    let mut moving = headless.command(program("parlour"));
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
    // Without a graphics card, our window does not draw as if there were one
    // (src-tauri/src/page.rs). An empty window as Tauri makes it does. Another empty window that
    // does not is the second floor.
    let floors = [("", vec![]), (", the floor without a card too", vec![("GDK_GL", "disable")])];
    let mut ours = measured.map(|_| vec![]);
    let mut empty = floors.each_ref().map(|_| measured.map(|_| vec![]));
    let add_values = |runs: &mut [Vec<f64>], values: [f64; 3]| {
        runs.iter_mut().zip(values).for_each(|(run, value)| run.push(value));
    };
    for run in 0..=WINDOWS {
        eprintln!("window {run} of {WINDOWS}");
        let values = window(headless.command(program("parlour")).env("PARLOUR_DATA", data));
        // The first window of each kind fills the system's caches.
        if run > 0 {
            add_values(&mut ours, values);
        }
        for ((_, variables), runs) in floors.iter().zip(&mut empty) {
            let values =
                window(headless.command(program("parlour-floor")).envs(variables.iter().copied()));
            if run > 0 {
                add_values(runs, values);
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

/// Opens a window. Returns the milliseconds to its first paint, and what it uses once it is at
/// rest: MiB of memory, and milliseconds of processor time per second.
fn window(command: &mut Command) -> [f64; 3] {
    let started = Instant::now();
    command.env("PARLOUR_TRACE", "1").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the window's program starts");
    let output = child.stdout.take().expect("piped");
    let (sender, painted) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // Reads to the end, since the program goes on printing milestones.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.starts_with("trace first-paint") {
                let _ = sender.send(());
            }
        }
    });
    if painted.recv_timeout(harness::TIMEOUT).is_err() {
        let _ = child.kill();
        panic!("{command:?} was not painted");
    }
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    std::thread::sleep(SETTLE_TIME);
    let (memory, before) = (pss(&child), processor_ms(&child));
    std::thread::sleep(MEASURED_TIME);
    let processor = (processor_ms(&child) - before) / MEASURED_TIME.as_secs_f64();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    [ms, memory, processor]
}

/// Returns a process and all of its descendants.
fn processes(child: &Child) -> Vec<u32> {
    let mut pids = vec![child.id()];
    let mut next = 0;
    while let Some(pid) = pids.get(next).copied() {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children =
                std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            pids.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        next += 1;
    }
    pids
}

/// Returns the processor time that a process and its descendants have used, in milliseconds.
fn processor_ms(child: &Child) -> f64 {
    let times = processes(child).into_iter().map(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which may contain anything, the 12th and 13th field are the process's
        // user and system time in hundredths of a second.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
    });
    times.sum()
}

/// Returns the memory of a process and its descendants in MiB. Shared memory is counted in
/// proportion (PSS).
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
