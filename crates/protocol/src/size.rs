//! Upper bounds of the size of rows as JSON, computed without serializing them; they are seldom
//! much too large.

use crate::{FileKind, MessageFile, Profile, Row};

/// Maximum size of an id in a list, in bytes.
const ID: usize = 40;

/// Returns how many of the rows, starting with the first, fit into `max_bytes` as JSON.
pub fn rows_fit(rows: &[Row], max_bytes: usize) -> usize {
    let mut used = 0;
    let fits = |row: &&Row| {
        used += row_bytes(row);
        used <= max_bytes
    };
    rows.iter().take_while(fits).count()
}

/// Returns the maximum size of a row as JSON, in bytes, including the separator to the next row.
pub fn row_bytes(row: &Row) -> usize {
    match row {
        Row::Message(row) => {
            let reactions = row.reactions.iter();
            let reactions =
                reactions.map(|reaction| 80 + text(&reaction.emoji) + ID * reaction.users.len());
            let files = row.files.iter().map(file).sum::<usize>();
            480 + text(&row.body) + ID * row.mentions.len() + files + reactions.sum::<usize>()
        }
        Row::Conversation(row) => 400 + text(&row.title) + text(&row.topic),
        Row::Member(_) => 256,
        Row::Membership(_) => 400,
        Row::Session(row) => 256 + text(&row.device),
        Row::Draft(row) => 256 + text(&row.body),
        Row::Saved(_) => 256,
        Row::Setting(row) => 128 + text(&row.name) + text(&row.value),
        Row::User(row) => {
            let Profile { display_name, about, time_zone, status } = &row.profile;
            let texts = text(display_name) + text(about) + text(time_zone);
            500 + text(&row.username) + texts + text(&status.emoji) + text(&status.text)
        }
        Row::Unknown => 32,
    }
}

/// Returns the maximum size of a file's description as JSON, in bytes.
fn file(MessageFile { name, media_type, kind, .. }: &MessageFile) -> usize {
    let hash = match kind {
        FileKind::Picture { thumbhash, .. } | FileKind::Film { thumbhash, .. } => {
            thumbhash.as_deref()
        }
        FileKind::Sound { .. } | FileKind::File => None,
    };
    480 + text(name) + text(media_type) + hash.map_or(0, text)
}

/// Returns the maximum size of a text as JSON: control characters take up to six bytes, quotes and
/// backslashes two.
fn text(text: &str) -> usize {
    let extra_bytes = |byte: &u8| {
        5 * usize::from(*byte < 0x20) + usize::from(*byte == b'"') + usize::from(*byte == b'\\')
    };
    text.len() + text.as_bytes().iter().map(extra_bytes).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;
    use uuid::Uuid;

    const MIN: i64 = i64::MIN;
    const MIN_TIME: Millis = Millis(MIN);

    fn id() -> Uuid {
        Uuid::from_u128(u128::MAX)
    }

    fn largest_message() -> MessageRow {
        let users = vec![UserId(id()); 20];
        let (emoji, count) = ("\u{1}".repeat(64), Count(MIN));
        let reaction = Reaction { emoji, count, users, own: Some(false) };
        let body = "\u{1}".repeat(limits::BODY_BYTES);
        let thumbhash = Some("x".repeat(44));
        let (width, height, duration_ms) = (u32::MAX, u32::MAX, u32::MAX);
        let file = MessageFile {
            bytes: Count(MIN),
            name: "\"".repeat(limits::FILE_NAME_BYTES),
            media_type: "x".repeat(limits::MEDIA_TYPE_BYTES),
            kind: FileKind::Film { width, height, duration_ms, thumbhash },
            thumbnail: Some(Thumbnail { hash: FileHash::of(b""), bytes: Count(MIN) }),
            ..MessageFile::example("x", b"")
        };
        MessageRow {
            seq: Seq(MIN),
            reply_to: Some(MessageId(id())),
            mentions: vec![UserId(id()); limits::MENTIONS],
            mentions_all: true,
            reactions: vec![reaction; limits::REACTIONS],
            files: vec![file; limits::FILES],
            edited_at: Some(MIN_TIME),
            deleted_at: Some(MIN_TIME),
            pinned_at: Some(MIN_TIME),
            changed_seq: MIN,
            ..MessageRow::new(MessageId(id()), UserId(id()), body, MIN_TIME)
        }
    }

    /// Returns rows of each kind, with every field set.
    fn every_kind() -> Vec<Row> {
        let (user_id, conversation_id) = (UserId(id()), ConversationId(id()));
        let special = "\u{1}\"\\\n ä漢".to_owned();
        let small = MessageRow { body: special.clone(), reactions: vec![], ..largest_message() };
        let group = ConversationType::Group;
        let conversation = ConversationRow {
            topic: special.clone(),
            history: HistoryVisibility::Beginning,
            archived_at: Some(MIN_TIME),
            changed_seq: MIN,
            ..ConversationRow::new(conversation_id, group, special.clone(), user_id, MIN_TIME)
        };
        let member = MemberRow {
            user_id,
            role: MemberRole::Administrator,
            joined_at: MIN_TIME,
            last_read_seq: Some(Seq(MIN)),
            left_at: Some(MIN_TIME),
            changed_seq: MIN,
        };
        let membership = MembershipRow {
            term: MIN,
            left_at: Some(MIN_TIME),
            visible_from: MIN,
            last_read_seq: Seq(MIN),
            muted_until: Some(MIN_TIME),
            pinned_at: Some(MIN_TIME),
            hidden_at: Some(MIN_TIME),
            marked_unread: true,
            changed_seq: MIN,
            ..MembershipRow::new(conversation_id, MIN_TIME)
        };
        let session = SessionRow {
            id: SessionId(id()),
            device: special.clone(),
            created_at: MIN_TIME,
            expires_at: MIN_TIME,
            revoked_at: Some(MIN_TIME),
            changed_seq: MIN,
        };
        let draft = DraftRow {
            conversation_id,
            body: special.clone(),
            reply_to: Some(MessageId(id())),
            updated_at: MIN_TIME,
            changed_seq: MIN,
        };
        let saved = SavedRow {
            message_id: MessageId(id()),
            conversation_id,
            saved_at: Some(MIN_TIME),
            changed_seq: MIN,
        };
        let setting =
            SettingRow { name: special.clone(), value: special.clone(), changed_seq: MIN };
        let status =
            PersonStatus { emoji: special.clone(), text: special.clone(), until: Some(MIN_TIME) };
        let profile = Profile {
            display_name: special.clone(),
            about: special.clone(),
            time_zone: special.clone(),
            status,
        };
        let user = UserRow {
            profile,
            picture: Some(PictureId::of(b"")),
            deactivated_at: Some(MIN_TIME),
            erased_at: Some(MIN_TIME),
            ..UserRow::new(user_id, special, UserRole::Administrator, MIN)
        };
        vec![
            Row::Message(largest_message()),
            Row::Message(small),
            Row::Conversation(conversation),
            Row::Member(member),
            Row::Membership(membership),
            Row::Session(session),
            Row::Draft(draft),
            Row::Saved(saved),
            Row::Setting(setting),
            Row::User(user),
            Row::Unknown,
        ]
    }

    #[test]
    fn no_row_is_larger_than_its_upper_bound_or_the_largest_row() {
        for row in every_kind() {
            let json = serde_json::to_string(&row).unwrap().len() + 1;
            assert!(json <= row_bytes(&row), "{json} of {row:?}");
            assert!(row_bytes(&row) <= limits::ROW_BYTES);
        }
    }

    #[test]
    fn as_many_rows_fit_as_the_limit_allows() {
        let rows = vec![Row::Message(largest_message()); 5];
        let message_bytes = row_bytes(&rows[0]);
        assert_eq!(rows_fit(&rows, 3 * message_bytes), 3);
        assert_eq!(rows_fit(&rows, 3 * message_bytes - 1), 2);
        assert_eq!(rows_fit(&rows, message_bytes - 1), 0);
        assert_eq!(rows_fit(&rows, usize::MAX), 5);
    }
}
