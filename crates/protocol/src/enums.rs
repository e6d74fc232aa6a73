//! Kinds of conversations, roles and similar choices: words that are the same in SQL, JSON and
//! TypeScript.

use serde::{Deserialize, Serialize};

string_enum!(
    /// The kind of a conversation: between two people, or a group.
    ConversationType {
        /// Exactly two people; shown as "direct message".
        P2p = "p2p",
        /// Any number of people, with a title.
        Group = "group",
    }
);
string_enum!(
    /// The role of a person on the whole server.
    UserRole {
        /// Invites people, resets passwords, deactivates and erases accounts.
        Administrator = "administrator",
        /// Uses conversations.
        Member = "member",
    }
);
string_enum!(
    /// The people who may register on a server.
    Registration {
        /// Everybody who can reach it.
        Open = "open",
        /// People with an invitation.
        Invitation = "invitation",
        /// Nobody: its administrators create the accounts.
        Closed = "closed",
    }
);
string_enum!(
    /// The role of a member in a group. In a conversation of two people, both are members.
    MemberRole {
        /// May do everything. There is at most one owner, who can transfer this role.
        Owner = "owner",
        /// Renames the group, removes members, deletes messages of others.
        Administrator = "administrator",
        /// Writes messages, and adds people.
        Member = "member",
    }
);
string_enum!(
    /// The part of a group's history that new members see.
    HistoryVisibility {
        /// All of it.
        Beginning = "beginning",
        /// Messages sent after they joined.
        Joining = "joining",
    }
);

string_enum!(
    /// The data that people who are removed from a group keep on their devices.
    Removal {
        /// The messages sent until then, read-only.
        Keep = "keep",
        /// Nothing.
        Purge = "purge",
    }
);
