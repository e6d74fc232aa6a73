//! What conversations, people and memberships are: words that are the same in SQL, JSON and TypeScript.

use serde::{Deserialize, Serialize};

words!(
    /// A conversation is between two people, or a group.
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
        /// Invites, resets, deactivates and erases people.
        Administrator = "administrator",
        /// Talks.
        Member = "member",
    }
);
words!(
    /// What a member may do in a group. Everybody in a pair is a member.
    MemberRole {
        /// Everything; there is at most one, who may hand it over.
        Owner = "owner",
        /// Renames, removes members, deletes others' messages.
        Administrator = "administrator",
        /// Talks, and adds people.
        Member = "member",
    }
);
words!(
    /// How much of a group's past its new members see.
    HistoryVisibility {
        /// All of it.
        Beginning = "beginning",
        /// What is said from when they join.
        Joining = "joining",
    }
);

words!(
    /// What whoever is removed from a group keeps of it on their devices.
    Removal {
        /// What was said until then, to be read and no more.
        Keep = "keep",
        /// Nothing.
        Purge = "purge",
    }
);
