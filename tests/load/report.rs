//! The results, for people and for programs.

use crate::presence::Cost;
use crate::process::Process;
use std::time::Duration;

/// Durations, of which the report shows a few percentiles.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds durations.
    pub fn add(&mut self, added: &[Duration]) {
        self.0.extend(added);
    }

    /// Returns the 50th, 95th and 99th percentile, in milliseconds.
    fn percentiles(&self) -> [f64; 3] {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        [50, 95, 99].map(|percent| {
            let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
            sorted.get(index).map_or(0.0, |duration| duration.as_secs_f64() * 1000.0)
        })
    }
}

/// The results of a run.
#[derive(Default)]
pub struct Report {
    /// Number of messages that were sent and accepted.
    pub messages: u64,
    /// Length of the run in seconds.
    pub seconds: f64,
    /// Time from when a message was due until the server had it on disk.
    pub acks: Latencies,
    /// Time from when a message was due until a member had it.
    pub deliveries: Latencies,
    /// Number of deliveries that were duplicated, out of order or missing.
    pub errors: u64,
    /// Number of pages that had to be pulled.
    pub pulls: u64,
    /// The server's processor time during the run.
    pub cpu_seconds: Option<f64>,
    /// How long each backup took that was made meanwhile.
    pub backups: Vec<Duration>,
    /// Number of sockets that were opened at once, how long that took, and how long messages took
    /// meanwhile.
    pub storm: Option<(usize, Duration, Latencies)>,
    /// What presence cost the server.
    pub presence: Option<Cost>,
    idle: Option<(usize, f64)>,
}

impl Report {
    /// Opens idle sockets, which stay open, and notes how much memory each costs.
    pub async fn idle(
        &mut self,
        processes: &[Process],
        opening: impl Future<Output = Result<Vec<tokio::task::JoinHandle<()>>, String>>,
    ) -> Result<(), String> {
        let memory = || processes.iter().map(Process::memory_bytes).sum::<u64>();
        let before = memory();
        let count = opening.await?.len();
        let added = memory().saturating_sub(before);
        self.idle = Some((count, added as f64 / count as f64 / 1024.0));
        Ok(())
    }

    /// Prints the report, as JSON if `json` is set.
    pub fn print(&self, json: bool) {
        let deliveries = self.deliveries.0.len();
        let per_second = |count: usize| count as f64 / self.seconds.max(f64::EPSILON);
        let per_thousand =
            self.cpu_seconds.map(|cpu| cpu * 1000.0 / (self.messages as f64).max(1.0));
        let (acks, delivered) = (self.acks.percentiles(), self.deliveries.percentiles());
        if json {
            let delivered = serde_json::json!({
                "messages": self.messages,
                "seconds": self.seconds,
                "messagesPerSecond": per_second(self.messages as usize),
                "deliveriesPerSecond": per_second(deliveries),
                "ackMs": acks,
                "deliveryMs": delivered,
                "wrong": self.errors,
                "pulls": self.pulls,
                "cpuSecondsPerThousandMessages": per_thousand,
                "backupSeconds": self.backups.iter().map(Duration::as_secs_f64).collect::<Vec<_>>(),
                "stormSockets": self.storm.as_ref().map(|(count, ..)| count),
                "stormSeconds": self.storm.as_ref().map(|(_, elapsed, _)| elapsed.as_secs_f64()),
                "stormAckMs": self.storm.as_ref().map(|(.., acks)| acks.percentiles()),
                "presencePeople": self.presence.as_ref().map(|cost| cost.people),
                "presenceCoreShare": self.presence.as_ref().map(|cost| cost.watched),
                "presenceCoreShareUnwatched": self.presence.as_ref().map(|cost| cost.unwatched),
                "presenceTold": self.presence.as_ref().map(|cost| cost.delivered),
                "idleSockets": self.idle.map(|(count, _)| count),
                "kibPerIdleSocket": self.idle.map(|(_, kib)| kib),
            });
            println!("{delivered}");
            return;
        }
        if let Some((count, kib)) = self.idle {
            println!("{count} idle sockets, {kib:.1} KiB each");
        }
        if let Some(Cost { people, watched, unwatched, delivered }) = &self.presence {
            println!(
                "{people} people who change their presence: {:.2} % of a core, {delivered} states delivered; {:.2} % without",
                watched * 100.0,
                unwatched * 100.0
            );
        }
        if let Some((count, elapsed, acks)) = &self.storm {
            let [p50, p95, p99] = acks.percentiles();
            println!(
                "{count} sockets at once, served in {:.1} s; meanwhile messages were accepted",
                elapsed.as_secs_f64()
            );
            println!("{:>10} after {p50:.1} ms (p50), {p95:.1} ms (p95), {p99:.1} ms (p99)", "");
        }
        if self.messages == 0 {
            return;
        }
        println!("{} messages in {:.1} s", self.messages, self.seconds);
        println!("{:>10.0} messages/s", per_second(self.messages as usize));
        println!(
            "{:>10.0} deliveries/s, {} wrong, {} pulls",
            per_second(deliveries),
            self.errors,
            self.pulls
        );
        for (what, [p50, p95, p99]) in [("accepted", acks), ("delivered", delivered)] {
            println!("{what:>10} after {p50:.1} ms (p50), {p95:.1} ms (p95), {p99:.1} ms (p99)");
        }
        if !self.backups.is_empty() {
            let seconds: f64 = self.backups.iter().map(Duration::as_secs_f64).sum();
            let count = self.backups.len();
            println!("{count:>10} backups meanwhile, {:.1} s each", seconds / count as f64);
        }
        if let Some(seconds) = per_thousand {
            println!("{seconds:>10.2} s of the server's processors for 1,000 messages");
        }
    }
}
