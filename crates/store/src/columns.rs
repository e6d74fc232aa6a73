//! The columns of each table: one list, from which every statement that writes or reads whole rows
//! is built. `tests/columns.rs` compares each list with the schema.

/// Defines a macro for a table's columns, the key first, each with its parameter. The macro
/// expands, for use in `concat!`, to:
///
/// * `list`: `key, column`;
/// * `qualified`: the same with the table's name before each, `table.key, table.column`;
/// * `values`: the parameters, `$1, $2`;
/// * `set`: each with its parameter, `key = $1, column = $2`;
/// * `excluded`: for an upsert, without the key, `column = excluded.column`.
macro_rules! columns {
    ($name:ident of $table:ident: $key:ident $key_at:literal $(, $more:ident $more_at:literal)*;
        $first:ident $first_at:literal $(, $column:ident $at:literal)* $(,)?) => {
        macro_rules! $name {
            (list) => {
                concat!(stringify!($key), $(", ", stringify!($more),)* ", ", stringify!($first)
                    $(, ", ", stringify!($column))*)
            };
            (qualified) => {
                concat!(stringify!($table), ".", stringify!($key),
                    $(", ", stringify!($table), ".", stringify!($more),)*
                    ", ", stringify!($table), ".", stringify!($first)
                    $(, ", ", stringify!($table), ".", stringify!($column))*)
            };
            (values) => {
                concat!($key_at, $(", ", $more_at,)* ", ", $first_at $(, ", ", $at)*)
            };
            (set) => {
                concat!(stringify!($key), " = ", $key_at, $(", ", stringify!($more), " = ", $more_at,)*
                    ", ", stringify!($first), " = ", $first_at
                    $(, ", ", stringify!($column), " = ", $at)*)
            };
            (excluded) => {
                concat!(stringify!($first), " = excluded.", stringify!($first)
                    $(, ", ", stringify!($column), " = excluded.", stringify!($column))*)
            };
        }
    };
}

// The mirror. SQLite assigns `number`.
columns! { users of users: id "$1";
    username "$2", role "$3", deactivated_at "$4", erased_at "$5", changed_seq "$6", folded "$7",
    display_name "$8", about "$9", time_zone "$10", display_folded "$11", looks "$12",
    username_looks "$13", picture "$14", status_emoji "$15", status_text "$16", status_until "$17"
}
columns! { sessions of sessions: id "$1";
    device "$2", created_at "$3", expires_at "$4", revoked_at "$5", changed_seq "$6"
}
columns! { drafts of drafts: conversation_id "$1"; body "$2", reply_to "$3", changed_seq "$4" }
columns! { saved of saved: message_id "$1"; conversation_id "$2", saved_at "$3", changed_seq "$4" }
columns! { synced_settings of settings: name "$1"; value "$2", changed_seq "$3" }
columns! { members of members: conversation "$1", user "$2";
    role "$3", joined_at "$4", last_read_seq "$5", left_at "$6", changed_seq "$7"
}
columns! { messages of messages: key "$1";
    id "$2", sender "$3", body "$4", sent_at "$5", edited_at "$6", deleted_at "$7", pinned_at "$8",
    reply_to "$9", mentions "$10", mentions_all "$11", reactions "$12", changed_seq "$13", files "$14"
}
columns! { streams of streams: stream "$1"; term "$2", cursor "$3", head "$4" }
// A conversation's row has three parts: the server's row, this user's membership, and how much of
// it is present, which is written piece by piece.
columns! { conversation_row of conversations: type "$1";
    title "$2", topic "$3", history "$4", archived_at "$5", created_at "$6", removal "$7", changed_seq "$8"
}
columns! { membership_row of conversations: left_at "$1";
    last_read_seq "$2", visible_from "$3", muted_until "$4", pinned_at "$5", hidden_at "$6",
    marked_unread "$7", purged "$8", membership_changed_seq "$9"
}

// The outbox.
columns! { account of account: only_row "$1";
    server "$2", user_id "$3", username "$4", session_id "$5", epoch "$6", revoked "$7"
}
columns! { ops of ops: position "$1";
    id "$2", conversation_id "$3", action "$4", created_at "$5", state "$6", tried "$7", code "$8",
    reason "$9", members_until "$10"
}
columns! { local_drafts of drafts: conversation_id "$1"; body "$2", reply_to "$3", based_on "$4", updated_at "$5" }
columns! { settings of settings: name "$1"; value "$2" }
columns! { own_files of files: hash "$1"; bytes "$2", secret "$3" }
columns! { staged of staged: id "$1";
    conversation_id "$2", place "$3", file "$4", picture "$5", as_file "$6"
}

/// Expands to the state of a person, for statements that join `users`; see
/// `mirror::users::PersonState`.
macro_rules! person_state {
    () => {
        "CASE WHEN users.erased_at IS NOT NULL THEN 'erased'
            WHEN users.deactivated_at IS NOT NULL THEN 'deactivated' ELSE 'active' END"
    };
}

/// Expands to a person's shown name, for statements that join `users`: the display name, followed by the
/// username if another person's shown name or username looks the same; the username if there is no display name.
macro_rules! shown_name {
    () => {
        "CASE WHEN users.display_name = '' THEN users.username
            WHEN EXISTS (SELECT 1 FROM users AS other
                WHERE other.looks = users.looks AND other.number <> users.number)
                OR EXISTS (SELECT 1 FROM users AS other
                WHERE other.username_looks = users.looks AND other.number <> users.number)
            THEN users.display_name || ' (@' || users.username || ')'
            ELSE users.display_name END"
    };
}

/// Expands to the columns of a message whose files are listed; see `shared_files`.
macro_rules! listed_message {
    () => {
        concat!(
            "messages.key, messages.id, messages.sent_at, messages.files,
            conversations.id AS conversation_id, users.id AS sender_id, ",
            shown_name!(),
            " AS sender_name"
        )
    };
}

/// Expands to the columns of a message that is shown in a timeline; see `timeline::rows::from_row`.
macro_rules! shown_message {
    () => {
        concat!(
            messages!(qualified),
            ", users.id AS sender_id, ",
            shown_name!(),
            " AS sender_name, saved.saved_at"
        )
    };
}
