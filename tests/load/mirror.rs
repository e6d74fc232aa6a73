//! What one person has of one conversation: every message once, in order.

use parlour_protocol::{Page, Row};
use std::time::{Duration, Instant};

/// How a message's body tells when it was sent: microseconds since the run's beginning.
pub fn body(began: Instant, at: Instant, text: &str) -> String {
    format!("{} {text}", at.saturating_duration_since(began).as_micros())
}

/// A conversation as it arrives.
#[derive(Default)]
pub struct Mirror {
    /// Everything up to here is applied.
    pub cursor: i64,
    /// The newest message's position.
    pub seq: i64,
    /// How long each message was under way.
    pub latencies: Vec<Duration>,
    /// Deliveries that came twice, out of order, or not at all.
    pub wrong: u64,
}

impl Mirror {
    /// Takes a page; answers whether it continues what is here.
    pub fn apply(&mut self, page: &Page, began: Instant) -> bool {
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
                self.wrong += 1;
            }
            self.seq = message.seq.0;
            let micros = message.body.split(' ').next().and_then(|first| first.parse().ok());
            if let Some(micros) = micros {
                let sent = began + Duration::from_micros(micros);
                self.latencies.push(Instant::now().saturating_duration_since(sent));
            }
        }
        self.cursor = page.to;
        true
    }
}
