//! `sim`: simulates many runs, or one, or one with a bug.

use parlour_sim::{Bug, Report, Scenario, run};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const USAGE: &str =
    "sim [--seeds N] [--from SEED] [--seed SEED] [--bug NAME] [--bugs] [--notifications]

  --seeds  number of runs (default 5000)
  --seed   replays one run
           with PARLOUR_SIM_TRACE=1, prints each of its events
  --bug    disables one rule of the sync
  --bugs   each bug in turn, until a run catches it or none of --seeds does
  --notifications  the notifications scenario, with three devices for each person";

struct Options {
    from: u64,
    seeds: u64,
    bug: Option<Bug>,
    every_bug: bool,
    scenario: Scenario,
}

fn parse() -> Result<Options, String> {
    let mut options =
        Options { from: 0, seeds: 5000, bug: None, every_bug: false, scenario: Scenario::Sync };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--bugs" {
            options.every_bug = true;
            continue;
        }
        if arg == "--notifications" {
            options.scenario = Scenario::Notifications;
            continue;
        }
        let value = args.next().ok_or(USAGE)?;
        let number = || value.parse::<u64>().map_err(|_| format!("{arg} needs a number"));
        match arg.as_str() {
            "--seeds" => options.seeds = number()?,
            "--from" => options.from = number()?,
            "--seed" => (options.from, options.seeds) = (number()?, 1),
            "--bug" => {
                let bug = Bug::ALL.iter().find(|bug| format!("{bug:?}") == value);
                options.bug = Some(*bug.ok_or_else(|| format!("there is no bug {value}"))?);
            }
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

fn main() -> Result<ExitCode, String> {
    let options = parse()?;
    if options.every_bug {
        return Ok(every_bug(&options));
    }
    let totals = play(&options, options.bug, false);
    println!(
        "{} seeds, {} operations, {} actions of people, {:.0} operations/s, {} failures",
        totals.seeds,
        totals.operations,
        totals.actions,
        totals.operations as f64 / totals.seconds,
        totals.failures.len(),
    );
    for (fault, count) in &totals.faults {
        println!("{count:>10} × {fault}");
    }
    Ok(if totals.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Simulates runs with each bug in turn. Fails if a bug is not caught.
fn every_bug(options: &Options) -> ExitCode {
    let mut missed = 0;
    for bug in Bug::ALL {
        let totals = play(options, Some(*bug), true);
        match totals.failures.first_key_value() {
            Some((seed, failure)) => {
                let short: String = failure.chars().take(70).collect();
                println!("{bug:?}: caught by seed {seed}, {} tried: {short}", totals.seeds);
            }
            None => {
                missed += 1;
                println!("{bug:?}: NOT CAUGHT by {} seeds. {}", totals.seeds, bug.description());
            }
        }
    }
    println!("{} of {} bugs caught", Bug::ALL.len() - missed, Bug::ALL.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Totals {
    seeds: u64,
    operations: u64,
    actions: u64,
    seconds: f64,
    faults: BTreeMap<&'static str, u64>,
    failures: BTreeMap<u64, String>,
}

/// Simulates the runs on all cores, until one fails if `until_caught` is set.
fn play(options: &Options, bug: Option<Bug>, until_caught: bool) -> Totals {
    let started_at = Instant::now();
    let (next, end) = (AtomicU64::new(options.from), options.from + options.seeds);
    let scenario = bug.map_or(options.scenario, Bug::scenario);
    let totals = Mutex::new(Totals::default());
    let worker = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return;
        }
        let Report { operations, actions, faults, failure } = run(seed, bug, scenario);
        let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.seeds += 1;
        totals.operations += operations;
        totals.actions += actions;
        faults
            .into_iter()
            .for_each(|(name, count)| *totals.faults.entry(name).or_default() += count);
        if let Some(failure) = failure {
            if !until_caught {
                let mut more = bug.map(|bug| format!(" --bug {bug:?}")).unwrap_or_default();
                if scenario == Scenario::Notifications {
                    more.push_str(" --notifications");
                }
                println!("seed {seed}: {failure}\n    cargo xtask sim --seed {seed}{more}");
            }
            totals.failures.insert(seed, failure);
            if until_caught {
                next.store(end, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    totals.seconds = started_at.elapsed().as_secs_f64();
    totals
}
