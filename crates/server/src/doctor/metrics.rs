//! Checks whether the token for the metrics exists.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use crate::metrics::{MetricsMode, fault};
use std::io::ErrorKind;
use std::path::Path;

/// Examines the token's file; returns nothing if the settings need none.
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    let (file, is_own) = match &server.metrics {
        MetricsMode::Off | MetricsMode::Local => return None,
        MetricsMode::TokenIn(file) => (file, false),
        MetricsMode::OwnToken(file) => (file, true),
    };
    let Some(why) = fault(file) else {
        return Some(Finding::ok(Check::Metrics, "the token for /metrics is there"));
    };
    if is_own && why.kind() == ErrorKind::NotFound {
        return Some(made_anew(file, server.was_started()));
    }
    let found = format!("the token for /metrics in {}: {why}", file.display());
    let to_do = "write one into it of 16 letters and digits at least (`openssl rand -hex 32`), which the server's user \
        can read; without it the server does not start";
    Some(Finding::error(Check::Metrics, found, to_do))
}

fn made_anew(file: &Path, was_started: bool) -> Finding {
    if !was_started {
        return Finding::ok(
            Check::Metrics,
            "the server makes the token for /metrics when it starts",
        );
    }
    let found = format!("{} is missing, the token for /metrics", file.display());
    let to_do = "put it back; else the next start makes another one, which whatever reads the metrics has to be told";
    Finding::warning(Check::Metrics, found, to_do)
}
