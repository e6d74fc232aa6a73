//! The digest by which a mirror is compared with its server.

use crate::MessageRow;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Takes messages in the order of their positions. SHA-256 (FIPS 180-4) over, for each: seq, id,
/// sender, sent_at, edited_at, deleted_at and pinned_at (0 if never), the body's length in bytes, the
/// body, the id of what it answers (zeros if nothing), 1 if everybody is meant or else 0, how many are
/// meant, their ids, how many kinds of reactions it has, and of each the length of its emoji in bytes,
/// the emoji, and how many reacted so; numbers as 8 bytes, the highest first.
#[derive(Debug, Default)]
pub struct Digester {
    sha256: Sha256,
    count: i64,
}

impl Digester {
    /// Takes the next message.
    pub fn add(&mut self, row: &MessageRow) {
        let time = |at: Option<crate::Millis>| at.map_or(0, |at| at.0).to_be_bytes();
        self.sha256.update(row.seq.0.to_be_bytes());
        self.sha256.update(row.id.0.as_bytes());
        self.sha256.update(row.sender_id.0.as_bytes());
        self.sha256.update(row.sent_at.0.to_be_bytes());
        self.sha256.update(time(row.edited_at));
        self.sha256.update(time(row.deleted_at));
        self.sha256.update(time(row.pinned_at));
        self.text(&row.body);
        self.sha256.update(row.reply_to.map_or([0; 16], |id| id.0.into_bytes()));
        self.sha256.update(i64::from(row.mentions_all).to_be_bytes());
        self.sha256.update((row.mentions.len() as u64).to_be_bytes());
        for id in &row.mentions {
            self.sha256.update(id.0.as_bytes());
        }
        self.sha256.update((row.reactions.len() as u64).to_be_bytes());
        for reaction in &row.reactions {
            self.text(&reaction.emoji);
            self.sha256.update(reaction.count.0.to_be_bytes());
        }
        self.count += 1;
    }

    fn text(&mut self, text: &str) {
        self.sha256.update((text.len() as u64).to_be_bytes());
        self.sha256.update(text.as_bytes());
    }

    /// How many there were, and the digest in hexadecimal.
    pub fn finish(self) -> (i64, String) {
        let bytes = self.sha256.finalize();
        let hex = bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        (self.count, hex)
    }
}
