//! Encodes the metrics in the text format of Prometheus.

use super::counters::Metrics;
use super::measurements::Measurements;
use crate::db::Timings;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns all metrics as text.
pub fn text(metrics: &Metrics, timings: &Timings, measured: &Measurements) -> String {
    let mut registry = Registry::with_prefix("parlour");
    let all = &mut registry;
    all.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    register_work(all, metrics, timings);
    let Measurements { sockets, delivered, waiting, is_ready, uptime, .. } = *measured;
    gauge(all, "ready", "1 if the server is able to work, otherwise 0", i64::from(is_ready));
    let up = ConstGauge::new(uptime);
    all.register_with_unit("uptime", "Time since the start", Unit::Seconds, up);
    gauge(all, "sockets", "Open sockets", number(sockets as u64));
    let delivered = ConstCounter::new(delivered);
    all.register("deliveries", "Frames with changes that were queued for sockets", delivered);
    gauge(all, "writer_queue", "Jobs that wait for the writer", number(waiting as u64));
    register_known(all, measured);
    let mut text = String::new();
    encode(&mut text, &registry).expect("a text takes everything");
    text
}

fn register_work(all: &mut Registry, metrics: &Metrics, timings: &Timings) {
    let requests = "Requests, and the time until each response began";
    all.register_with_unit("request_duration", requests, Unit::Seconds, metrics.requests.clone());
    let accepted = "Messages that were accepted, including repetitions of ones accepted before";
    all.register("messages_accepted", accepted, metrics.accepted.clone());
    let wait = "The time that requests waited for a connection to read with";
    all.register_with_unit("database_wait", wait, Unit::Seconds, timings.wait.clone());
    let commit = "The time that commits took, with everything in them";
    all.register_with_unit("database_commit", commit, Unit::Seconds, timings.commit.clone());
}

/// Registers the values that are known.
fn register_known(all: &mut Registry, measured: &Measurements) {
    let bytes = |bytes: Option<u64>| bytes.map(number);
    let known = [
        ("sessions", "Valid sessions", None, measured.sessions),
        ("people", "Accounts that were not erased", None, measured.people),
        ("database", "The size of the database", Some(Unit::Bytes), bytes(measured.database_bytes)),
        (
            "database_log",
            "The size of SQLite's write-ahead log",
            Some(Unit::Bytes),
            bytes(measured.log_bytes),
        ),
        ("disk_free", "The free space on the disk", Some(Unit::Bytes), bytes(measured.free_bytes)),
        (
            "certificate_left",
            "Time until the certificate expires",
            Some(Unit::Seconds),
            measured.certificate_seconds,
        ),
        (
            "last_backup_timestamp",
            "When the latest backup was made, since 1970",
            Some(Unit::Seconds),
            measured.last_backup.map(|at| at.0 / 1000),
        ),
        (
            "failed_backup_timestamp",
            "When a backup failed, since 1970; left out once one was made",
            Some(Unit::Seconds),
            measured.failed_backup.map(|at| at.0 / 1000),
        ),
    ];
    for (name, help, unit, value) in known {
        match (value, unit) {
            (Some(value), Some(unit)) => {
                all.register_with_unit(name, help, unit, ConstGauge::new(value));
            }
            (Some(value), None) => gauge(all, name, help, value),
            (None, _) => {}
        }
    }
}

fn gauge(all: &mut Registry, name: &str, help: &str, value: i64) {
    all.register(name, help, ConstGauge::new(value));
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
