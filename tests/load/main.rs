//! Puts load on a server and checks that every message is delivered to everyone exactly once and in order,
//! however fast messages are sent. `cargo xtask load` runs it.

mod backups;
mod mirror;
mod network;
mod person;
mod presence;
mod process;
mod report;

use backups::Backups;
use network::Network;
use person::Person;
use process::Process;
use report::{Latencies, Report};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "load --server URL [--pin KEY] [--pairs N] [--groups N] [--group-size N] [--rate PER_SECOND]
     [--seconds N] [--idle N] [--storm N] [--presence N] [--backup DATA] [--pid PID]... [--json]

  --pin  the key by which an https server is known, as `parlour-server certificate show --json` prints it
  --rate 0 sends as fast as possible: each sender sends again once the last message was accepted
  --idle also opens this many sockets that only receive
  --storm also opens this many sockets at once, while one pair sends messages
  --backup makes one backup after another meanwhile, of the server with this data folder
  --presence  also lets this many people watch each other while they come and go, each once a minute
  --pid  the server's process, whose time and memory are measured, with its children";

/// The command line options.
#[derive(Clone)]
struct Options {
    network: Network,
    pairs: usize,
    groups: usize,
    group_size: usize,
    rate: f64,
    seconds: u64,
    idle: usize,
    storm: usize,
    backup: Option<PathBuf>,
    presence: usize,
    pids: Vec<u32>,
    json: bool,
}

fn parse() -> Result<Options, String> {
    let (mut server, mut pin) = (String::new(), None);
    let mut options = Options {
        network: Network::new("", None)?,
        pairs: 0,
        groups: 0,
        group_size: 50,
        rate: 0.0,
        seconds: 10,
        idle: 0,
        storm: 0,
        backup: None,
        presence: 0,
        pids: Vec::new(),
        json: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--json" {
            options.json = true;
            continue;
        }
        let value = args.next().ok_or(USAGE)?;
        let number = || value.parse::<usize>().map_err(|_| format!("{arg} needs a number"));
        match arg.as_str() {
            "--server" => server = value,
            "--pin" => pin = Some(value.parse().map_err(|_| USAGE)?),
            "--pairs" => options.pairs = number()?,
            "--groups" => options.groups = number()?,
            "--group-size" => options.group_size = number()?,
            "--rate" => options.rate = number()? as f64,
            "--seconds" => options.seconds = number()? as u64,
            "--idle" => options.idle = number()?,
            "--storm" => options.storm = number()?,
            "--backup" => options.backup = Some(value.into()),
            "--presence" => options.presence = number()?,
            "--pid" => options.pids.push(value.parse().map_err(|_| USAGE)?),
            _ => return Err(USAGE.into()),
        }
    }
    options.network = Network::new(&server, pin)?;
    let others = options.idle + options.storm + options.presence;
    if server.is_empty() || options.pairs + options.groups + others == 0 {
        return Err(USAGE.into());
    }
    Ok(options)
}

#[tokio::main]
async fn main() -> Result<(), String> {
    let options = parse()?;
    let processes: Vec<Process> = options.pids.iter().map(|pid| Process(*pid)).collect();
    let mut report = Report::default();
    if options.idle > 0 {
        report.idle(&processes, person::idle(&options.network, options.idle)).await?;
    }
    if options.storm > 0 {
        storm(&options, &mut report).await?;
    }
    if options.presence > 0 {
        report.presence = Some(presence::measure(&options, &processes).await?);
    }
    let conversations = person::create_conversations(&options).await?;
    if !conversations.is_empty() {
        run(&options, conversations, &processes, &mut report).await?;
    }
    report.print(options.json);
    if report.errors > 0 { Err(format!("{} deliveries were wrong", report.errors)) } else { Ok(()) }
}

/// Lets everybody send for as long as requested, and waits until all messages have arrived.
async fn run(
    options: &Options,
    conversations: Vec<Vec<Arc<Person>>>,
    processes: &[Process],
    report: &mut Report,
) -> Result<(), String> {
    let backups = options.backup.as_deref().map(Backups::start);
    let before: f64 = processes.iter().map(Process::cpu_seconds).sum();
    let started = Instant::now();
    let end = started + Duration::from_secs(options.seconds);
    // With a rate, the times of sending are fixed beforehand, so that a slow response makes later
    // messages late instead of fewer.
    let count: usize = conversations.iter().map(|members| sender_count(members)).sum();
    let pause = (options.rate > 0.0).then(|| Duration::from_secs_f64(count as f64 / options.rate));
    let sent = Arc::new(AtomicU64::new(0));
    let mut senders = Vec::new();
    let mut nth = 0;
    for members in &conversations {
        for person in members.iter().take(sender_count(members)) {
            let (person, sent) = (person.clone(), sent.clone());
            let first = started + pause.map_or(Duration::ZERO, |pause| pause * nth / count as u32);
            nth += 1;
            senders.push(tokio::spawn(async move {
                let mut at = first;
                while at < end {
                    let mut sent_at = at;
                    if pause.is_some() && Instant::now() < at {
                        tokio::time::sleep_until(at.into()).await;
                        // The delay of a late timer is not the server's.
                        sent_at = Instant::now();
                    }
                    person.send(sent_at).await?;
                    sent.fetch_add(1, Ordering::Relaxed);
                    at = pause.map_or_else(Instant::now, |pause| at + pause);
                }
                Ok::<(), String>(())
            }));
        }
    }
    for sender in senders {
        sender.await.map_err(|error| error.to_string())??;
    }
    let elapsed = started.elapsed();
    report.backups = backups.map(Backups::finish).transpose()?.unwrap_or_default();
    let sent = sent.load(Ordering::Relaxed);
    for members in &conversations {
        for person in members {
            person.wait_until_complete().await?;
        }
    }
    let cpu: f64 = processes.iter().map(Process::cpu_seconds).sum::<f64>() - before;
    report.messages = sent;
    report.seconds = elapsed.as_secs_f64();
    report.cpu_seconds = (!processes.is_empty()).then_some(cpu);
    let (mut acks, mut deliveries) = (Latencies::default(), Latencies::default());
    for person in conversations.iter().flatten() {
        acks.add(&person.acks());
        let received = person.received();
        report.errors += received.errors;
        report.pulls += received.pulls;
        deliveries.add(&received.latencies);
    }
    (report.acks, report.deliveries) = (acks, deliveries);
    Ok(())
}

/// Opens many sockets at once, and lets two users send messages until all sockets are served.
async fn storm(options: &Options, report: &mut Report) -> Result<(), String> {
    let pair = Options { pairs: 1, groups: 0, ..options.clone() };
    let pair = person::create_conversations(&pair).await?.remove(0);
    let tokens = person::tokens(&options.network, options.storm).await?;
    let started = Instant::now();
    let stopped = Arc::new(AtomicBool::new(false));
    let (sender, stop_flag) = (pair[0].clone(), stopped.clone());
    let senders = tokio::spawn(async move {
        while !stop_flag.load(Ordering::Relaxed) {
            sender.send(Instant::now()).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<(), String>(())
    });
    let sockets = person::open_all(&options.network, tokens).await;
    let elapsed = started.elapsed();
    stopped.store(true, Ordering::Relaxed);
    senders.await.map_err(|error| error.to_string())??;
    pair[1].wait_until_complete().await?;
    let mut acks = Latencies::default();
    acks.add(&pair[0].acks());
    report.storm = Some((sockets?.len(), elapsed, acks));
    Ok(())
}

/// Returns the number of members who send: both of a pair, five of a conversation.
fn sender_count(members: &[Arc<Person>]) -> usize {
    members.len().min(if members.len() == 2 { 2 } else { 5 })
}
