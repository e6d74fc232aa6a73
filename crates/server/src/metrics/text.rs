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
pub fn text(metrics: &Metrics, timings: &Timings, measurements: &Measurements) -> String {
    let mut registry = Registry::with_prefix("parlour");
    let registry = &mut registry;
    registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    register_work(registry, metrics, timings);
    let Measurements { sockets, delivered, waiting, is_ready, uptime, .. } = *measurements;
    gauge(registry, "ready", "1 if the server is able to work, otherwise 0", i64::from(is_ready));
    let up = ConstGauge::new(uptime);
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, up);
    gauge(registry, "sockets", "Open sockets", number(sockets as u64));
    let delivered = ConstCounter::new(delivered);
    registry.register("deliveries", "Frames with changes that were queued for sockets", delivered);
    gauge(registry, "writer_queue", "Jobs that wait for the writer", number(waiting as u64));
    register_known(registry, measurements);
    let mut text = String::new();
    encode(&mut text, registry).expect("writing to a String cannot fail");
    text
}

fn register_work(registry: &mut Registry, metrics: &Metrics, timings: &Timings) {
    let requests = "Requests, and the time until each response began";
    registry.register_with_unit(
        "request_duration",
        requests,
        Unit::Seconds,
        metrics.requests.clone(),
    );
    let accepted = "Messages that were accepted, including repetitions of ones accepted before";
    registry.register("messages_accepted", accepted, metrics.accepted.clone());
    let wait = "The time that requests waited for a connection to read with";
    registry.register_with_unit("database_wait", wait, Unit::Seconds, timings.wait.clone());
    let commit = "The time that commits took, with everything in them";
    registry.register_with_unit("database_commit", commit, Unit::Seconds, timings.commit.clone());
}

/// Registers the values that are known.
fn register_known(registry: &mut Registry, measurements: &Measurements) {
    let bytes = |bytes: Option<u64>| bytes.map(number);
    let known = [
        ("sessions", "Valid sessions", None, measurements.sessions),
        ("people", "Accounts that were not erased", None, measurements.people),
        (
            "database",
            "The size of the database",
            Some(Unit::Bytes),
            bytes(measurements.database_bytes),
        ),
        (
            "database_log",
            "The size of SQLite's write-ahead log",
            Some(Unit::Bytes),
            bytes(measurements.log_bytes),
        ),
        (
            "disk_free",
            "The free space on the disk",
            Some(Unit::Bytes),
            bytes(measurements.free_bytes),
        ),
        (
            "certificate_left",
            "Time until the certificate expires",
            Some(Unit::Seconds),
            measurements.certificate_seconds,
        ),
        (
            "last_backup_timestamp",
            "When the latest backup was made, since 1970",
            Some(Unit::Seconds),
            measurements.last_backup.map(|at| at.0 / 1000),
        ),
        (
            "failed_backup_timestamp",
            "When a backup failed, since 1970; left out once one was made",
            Some(Unit::Seconds),
            measurements.failed_backup.map(|at| at.0 / 1000),
        ),
    ];
    for (name, help, unit, value) in known {
        match (value, unit) {
            (Some(value), Some(unit)) => {
                registry.register_with_unit(name, help, unit, ConstGauge::new(value));
            }
            (Some(value), None) => gauge(registry, name, help, value),
            (None, _) => {}
        }
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    registry.register(name, help, ConstGauge::new(value));
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
