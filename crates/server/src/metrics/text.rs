//! The metrics as Prometheus reads them.

use super::counted::Metrics;
use super::measured::Measured;
use crate::db::Timings;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted and measured.
pub fn text(metrics: &Metrics, timings: &Timings, measured: &Measured) -> String {
    let mut registry = Registry::with_prefix("parlour");
    let all = &mut registry;
    all.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    register_work(all, metrics, timings);
    let Measured { sockets, delivered, waiting, is_ready, uptime, .. } = *measured;
    gauge(all, "ready", "1 if the server can do its work, else 0", i64::from(is_ready));
    let up = ConstGauge::new(uptime);
    all.register_with_unit("uptime", "Time since the start", Unit::Seconds, up);
    gauge(all, "sockets", "Open sockets", number(sockets as u64));
    let delivered = ConstCounter::new(delivered);
    all.register("deliveries", "Frames of changes that were handed to sockets", delivered);
    gauge(all, "writer_queue", "Jobs that wait for the writer", number(waiting as u64));
    register_known(all, measured);
    let mut text = String::new();
    encode(&mut text, &registry).expect("a text takes everything");
    text
}

fn register_work(all: &mut Registry, metrics: &Metrics, timings: &Timings) {
    let requests = "Requests and how long each took until its answer began";
    all.register_with_unit("request_duration", requests, Unit::Seconds, metrics.requests.clone());
    let accepted = "Messages that were accepted, also those that had been accepted before";
    all.register("messages_accepted", accepted, metrics.accepted.clone());
    let wait = "How long a request waited for a connection to read with";
    all.register_with_unit("database_wait", wait, Unit::Seconds, timings.wait.clone());
    let commit = "How long commits took, with all that was done in each";
    all.register_with_unit("database_commit", commit, Unit::Seconds, timings.commit.clone());
}

/// What is not known is left out.
fn register_known(all: &mut Registry, measured: &Measured) {
    let bytes = |bytes: Option<u64>| bytes.map(number);
    let known = [
        ("sessions", "Devices that are signed in", None, measured.sessions),
        ("people", "People who were not erased", None, measured.people),
        ("database", "The database", Some(Unit::Bytes), bytes(measured.database_bytes)),
        ("database_log", "SQLite's log", Some(Unit::Bytes), bytes(measured.log_bytes)),
        ("disk_free", "What may be written", Some(Unit::Bytes), bytes(measured.free_bytes)),
        (
            "certificate_left",
            "Time until the certificate ends",
            Some(Unit::Seconds),
            measured.certificate_seconds,
        ),
        (
            "last_backup_timestamp",
            "When the last backup was made, since 1970",
            Some(Unit::Seconds),
            measured.last_backup.map(|at| at.0 / 1000),
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
