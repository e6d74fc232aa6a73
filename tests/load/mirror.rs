//! One user's copy of one conversation: every message once, in order.

use parlour_protocol::{Page, Row};
use std::time::{Duration, Instant};

/// Returns a message's body, which contains the time at which it was sent, in microseconds since the start
/// of the run.
pub fn body(started: Instant, time: Instant, text: &str) -> String {
    format!("{} {text}", time.saturating_duration_since(started).as_micros())
}

/// The received part of a conversation.
#[derive(Default)]
pub struct Mirror {
    /// The stream's position up to which everything is applied.
    pub cursor: i64,
    /// The newest message's position.
    pub seq: i64,
    /// Time that each message took to arrive.
    pub latencies: Vec<Duration>,
    /// Number of messages that arrived twice, out of order, or not at all.
    pub errors: u64,
}

impl Mirror {
    /// Applies a page. Returns whether the page continues what was applied before.
    pub fn apply(&mut self, page: &Page, started: Instant) -> bool {
        if page.to <= self.cursor {
            return true;
        }
        if page.from > self.cursor {
            return false;
        }
        for row in &page.rows {
            let Row::Message(message) = row else { continue };
            if message.changed_seq <= self.cursor {
                continue;
            }
            if message.seq.0 != self.seq + 1 {
                self.errors += 1;
            }
            self.seq = message.seq.0;
            let micros = message.body.split(' ').next().and_then(|first| first.parse().ok());
            if let Some(micros) = micros {
                let sent = started + Duration::from_micros(micros);
                self.latencies.push(Instant::now().saturating_duration_since(sent));
            }
        }
        self.cursor = page.to;
        true
    }
}
