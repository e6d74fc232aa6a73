//! The digests with which a mirror is compared with its server.

use crate::{MessageFile, MessageId, MessageRow, Millis, Profile, Removal, Row};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;

/// The digest of a sequence of messages, added in the order of their positions: SHA-256 (FIPS 180-4) over
/// the fields of each message, in the order of [`Digester::add`].
///
/// Numbers are written as 8 bytes, big-endian; a time that is not set is 0, an id that is not set is zeros,
/// and true is 1. A text is preceded by its length in bytes, a list by the number of its entries. A kind of
/// reaction is its emoji and the number of people with it, which is negative if the user is one of them and
/// `users` is incomplete. The files, if there are any, are preceded by the word `files`; a file is its
/// hash, size, name, media type and kind, its width, height and duration (0 if it has none), its ThumbHash
/// (empty if it has none), and the hash and size of its thumbnail (zeros if it has none).
#[derive(Debug, Default)]
pub struct Digester {
    sha256: Sha256,
    count: i64,
}

impl Digester {
    /// Adds the next message.
    pub fn add(&mut self, row: &MessageRow) {
        let mut fields = Fields(std::mem::take(&mut self.sha256))
            .number(row.seq.0)
            .id(row.id.0)
            .id(row.sender_id.0)
            .number(row.sent_at.0)
            .time(row.edited_at)
            .time(row.deleted_at)
            .time(row.pinned_at)
            .text(&row.body)
            .reply_to(row.reply_to)
            .number(row.mentions_all.into())
            .length(row.mentions.len());
        for id in &row.mentions {
            fields = fields.id(id.0);
        }
        fields = fields.length(row.reactions.len());
        for reaction in &row.reactions {
            let count = reaction.count.0;
            let is_own = reaction.is_cut() && reaction.own == Some(true);
            fields = fields.text(&reaction.emoji).number(if is_own { -count } else { count });
        }
        if !row.files.is_empty() {
            fields = fields.text("files").length(row.files.len());
            fields = row.files.iter().fold(fields, Fields::file);
        }
        self.sha256 = fields.0;
        self.count += 1;
    }

    /// Returns the number of messages, and the digest in hexadecimal.
    pub fn finish(self) -> (i64, String) {
        (self.count, hex(&self.sha256.finalize()))
    }
}

/// Returns how many rows a stream has besides its messages, and their digest in hexadecimal:
/// SHA-256 over the digests of the rows (see [`row_digest`]), sorted in ascending order.
pub fn rows_digest<'a>(rows: impl IntoIterator<Item = &'a Row>) -> (i64, String) {
    let mut digester = RowsDigester::default();
    digester.add(rows);
    digester.finish()
}

/// The digest of [`rows_digest`] for rows that arrive in several pieces.
#[derive(Debug, Default)]
pub struct RowsDigester(Vec<[u8; 32]>);

impl RowsDigester {
    /// Adds the next rows.
    pub fn add<'a>(&mut self, rows: impl IntoIterator<Item = &'a Row>) {
        self.0.extend(rows.into_iter().filter_map(row_digest));
    }

    /// Returns the number of rows, and the digest in hexadecimal.
    pub fn finish(self) -> (i64, String) {
        let Self(mut digests) = self;
        digests.sort_unstable();
        (
            i64::try_from(digests.len()).unwrap_or(i64::MAX),
            hex(&Sha256::digest(digests.as_flattened())),
        )
    }
}

/// Returns the digest of one row; `None` for a message or a row of an unknown kind. It is SHA-256
/// over the row's kind and the fields that a mirror stores, with numbers, times, ids and texts
/// written as [`Digester`] does:
///
/// * `conversation`: id, type, title, topic, history, archived_at, created_at, and the word `purge`
///   if the group is deleted from the devices of people who are removed;
/// * `member`: user_id, role, joined_at, left_at. The read position is left out, because it is only
///   sent in small conversations;
/// * `membership`: conversation_id, left_at, visible_from, last_read_seq, muted_until, pinned_at,
///   hidden_at, 1 if marked_unread or else 0, and 1 if it is purged;
/// * `session`: id, device, created_at, revoked_at. The time of expiry is left out, because it
///   moves with every use and is not sent then;
/// * `draft`: conversation_id, body, reply_to; `saved`: message_id, conversation_id, saved_at;
///   `setting`: name, value;
/// * `user`: id, username, role, deactivated_at, erased_at; and of a profile that is not empty:
///   display_name, about, time_zone (left out if all are empty, whatever the status); of a status that is
///   not empty: the word `status`, emoji, text, until; and of a picture: the word `picture` and its id.
pub fn row_digest(row: &Row) -> Option<[u8; 32]> {
    let begin = |kind: &str| Fields(Sha256::new()).text(kind);
    let fields = match row {
        Row::Conversation(row) => {
            let fields = begin("conversation")
                .id(row.id.0)
                .text(row.kind.as_str())
                .text(&row.title)
                .text(&row.topic)
                .text(row.history.as_str())
                .time(row.archived_at)
                .number(row.created_at.0);
            match row.removal {
                Removal::Keep => fields,
                Removal::Purge => fields.text(row.removal.as_str()),
            }
        }
        Row::Member(row) => begin("member")
            .id(row.user_id.0)
            .text(row.role.as_str())
            .number(row.joined_at.0)
            .time(row.left_at),
        Row::Membership(row) => {
            let fields = begin("membership")
                .id(row.conversation_id.0)
                .time(row.left_at)
                .number(row.visible_from)
                .number(row.last_read_seq.0)
                .time(row.muted_until)
                .time(row.pinned_at)
                .time(row.hidden_at)
                .number(row.marked_unread.into());
            if row.purged { fields.number(1) } else { fields }
        }
        Row::Session(row) => begin("session")
            .id(row.id.0)
            .text(&row.device)
            .number(row.created_at.0)
            .time(row.revoked_at),
        Row::Draft(row) => {
            begin("draft").id(row.conversation_id.0).text(&row.body).reply_to(row.reply_to)
        }
        Row::Saved(row) => {
            begin("saved").id(row.message_id.0).id(row.conversation_id.0).time(row.saved_at)
        }
        Row::Setting(row) => begin("setting").text(&row.name).text(&row.value),
        Row::User(row) => {
            let fields = begin("user")
                .id(row.id.0)
                .text(&row.username)
                .text(row.role.as_str())
                .time(row.deactivated_at)
                .time(row.erased_at);
            let Profile { display_name, about, time_zone, status } = &row.profile;
            let texts = [display_name, about, time_zone];
            let fields = match texts.iter().all(|text| text.is_empty()) {
                true => fields,
                false => fields.text(display_name).text(about).text(time_zone),
            };
            let fields = match status.is_empty() {
                true => fields,
                false => {
                    let fields = fields.text("status").text(&status.emoji).text(&status.text);
                    fields.time(status.until)
                }
            };
            match row.picture {
                None => fields,
                Some(picture) => fields.text("picture").text(&picture.to_string()),
            }
        }
        Row::Message(_) | Row::Unknown => return None,
    };
    Some(fields.0.finalize().into())
}

/// Writes the fields of a row into its digest.
struct Fields(Sha256);

impl Fields {
    fn number(self, number: i64) -> Self {
        Self(self.0.chain_update(number.to_be_bytes()))
    }

    fn length(self, length: usize) -> Self {
        self.number(i64::try_from(length).unwrap_or(i64::MAX))
    }

    fn time(self, at: Option<Millis>) -> Self {
        self.number(at.map_or(0, |at| at.0))
    }

    fn id(self, id: Uuid) -> Self {
        Self(self.0.chain_update(id.as_bytes()))
    }

    fn reply_to(self, id: Option<MessageId>) -> Self {
        self.id(id.map_or(Uuid::nil(), |id| id.0))
    }

    fn file(self, file: &MessageFile) -> Self {
        let MessageFile { hash, bytes, name, media_type, kind, thumbnail } = file;
        let (dimensions, thumbhash) = kind.dimensions();
        let fields = Self(self.0.chain_update(hash.as_bytes()));
        let fields = fields.number(bytes.0).text(name).text(media_type).text(kind.word());
        let fields = dimensions.into_iter().fold(fields, |fields, side| fields.number(side.into()));
        let Self(sha256) = fields.text(thumbhash);
        let thumbnail_hash = thumbnail.map_or([0; 32], |thumbnail| *thumbnail.hash.as_bytes());
        Self(sha256.chain_update(thumbnail_hash))
            .number(thumbnail.map_or(0, |thumbnail| thumbnail.bytes.0))
    }

    fn text(self, text: &str) -> Self {
        let Self(sha256) = self.length(text.len());
        Self(sha256.chain_update(text.as_bytes()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Count, Reaction, Seq, UserId};
    use serde_json::{Value, json};

    fn digest(count: i64, users: usize, own: Option<bool>) -> String {
        let users = vec![UserId(Uuid::nil()); users];
        let reactions = vec![Reaction { emoji: "👍".into(), count: Count(count), users, own }];
        let row = MessageRow::new(MessageId(Uuid::nil()), UserId(Uuid::nil()), "cake", Millis(0));
        let mut digester = Digester::default();
        digester.add(&MessageRow { reactions, ..row });
        digester.finish().1
    }

    fn digest_of(row: Value) -> String {
        let mut digester = Digester::default();
        digester.add(&serde_json::from_value(row).expect("a row"));
        digester.finish().1
    }

    /// A new field must be added here; the test then fails until the digest contains it.
    #[test]
    fn every_field_of_a_message_changes_the_digest() {
        let (id, user) = (MessageId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let reaction =
            Reaction { emoji: "👍".into(), count: Count(1), users: vec![user], own: None };
        let full = serde_json::to_value(MessageRow {
            id,
            seq: Seq(3),
            sender_id: user,
            body: "cake".into(),
            reply_to: Some(MessageId(Uuid::from_u128(4))),
            mentions: vec![user],
            mentions_all: true,
            files: vec![MessageFile::example("plan.pdf", b"plan")],
            reactions: vec![reaction],
            sent_at: Millis(5),
            edited_at: Some(Millis(6)),
            deleted_at: Some(Millis(7)),
            pinned_at: Some(Millis(8)),
            changed_seq: 9,
        })
        .unwrap();
        let same = digest_of(full.clone());
        for name in full.as_object().unwrap().keys() {
            let mut other = full.clone();
            other[name] = match &full[name] {
                Value::Number(_) => json!(0),
                Value::Bool(_) => json!(false),
                Value::Array(_) => json!([]),
                Value::String(_) if name == "body" => json!(""),
                _ => json!(Uuid::nil()),
            };
            // The number of the change is not part of the content.
            assert_eq!(digest_of(other) == same, name == "changedSeq", "{name}");
        }
    }

    /// A new field must not change the digest of a message without it: an app that does not know the field yet would
    /// otherwise find every message different.
    #[test]
    fn the_digest_of_a_message_with_nothing_but_text_never_changes() {
        let row = MessageRow::new(MessageId(Uuid::nil()), UserId(Uuid::nil()), "cake", Millis(0));
        let mut digester = Digester::default();
        digester.add(&row);
        let expected = "ff20b58bc53f75842616b3e2fc706fb70653c607a73e9a03e404d847c9dd12ae";
        assert_eq!(digester.finish().1, expected);
    }

    #[test]
    fn an_own_reaction_counts_if_not_everybody_is_named() {
        assert_ne!(digest(21, 20, Some(true)), digest(21, 20, Some(false)));
        assert_eq!(digest(21, 20, None), digest(21, 20, Some(false)));
        assert_eq!(
            digest(20, 20, Some(true)),
            digest(20, 20, None),
            "the listed users already contain it"
        );
        // No number that a server sends causes an overflow.
        for count in [i64::MIN, -1, 0, i64::MAX] {
            digest(count, 0, Some(true));
        }
    }
}
