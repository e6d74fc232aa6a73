//! Kinds of conversations, roles and similar choices: words that are the same in SQL, JSON and
//! TypeScript.

use serde::{Deserialize, Serialize};

words!(
    /// The kind of a conversation: between two people, or a group.
    ConversationType {
        /// Exactly two people; shown as "direct message".
        P2p = "p2p",
        /// Any number of people, with a title.
        Group = "group",
    }
);
words!(
    /// What a person may do on the whole server.
    UserRole {
        /// Invites people, resets passwords, deactivates and erases accounts.
        Administrator = "administrator",
        /// Uses conversations.
        Member = "member",
    }
);
words!(
    /// What a member may do in a group. In a conversation of two people, both are members.
    MemberRole {
        /// May do everything. There is at most one owner, who can transfer this role.
        Owner = "owner",
        /// Renames the group, removes members, deletes messages of others.
        Administrator = "administrator",
        /// Writes messages, and adds people.
        Member = "member",
    }
);
words!(
    /// How much of a group's past its new members see.
    HistoryVisibility {
        /// All of it.
        Beginning = "beginning",
        /// Messages sent after they joined.
        Joining = "joining",
    }
);

words!(
    /// What people who are removed from a group keep of it on their devices.
    Removal {
        /// The messages sent until then, read-only.
        Keep = "keep",
        /// Nothing.
        Purge = "purge",
    }
);
