//! Bugs that can be seeded: each takes one rule of the sync away, or occurred in a known system. A
//! check that does not catch them is worthless.
//!
//! They are in the simulation's own code (in how it handles an effect, an answer or a page), so
//! that the real code needs no switches.

use crate::about::About;

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// A rule of the sync that is taken away.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Bug {
            /// All bugs.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns a description of what the bug breaks.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)*
                }
            }

            /// Returns what the histories are about in which it shows.
            pub fn about(self) -> About {
                match self.description().starts_with("Notifications: ") {
                    true => About::Notifications,
                    false => About::Sync,
                }
            }
        }
    };
}

bugs! {
    /// Server 1: a request for the heads is not answered, so a lost push goes unnoticed.
    NoHeadsCheck,
    /// Server 3: a page that does not reach the head says that it does.
    PageClaimsTooMuch,
    /// Server 3: the rows are read before the head.
    RowsBeforeHead,
    /// Server 3: a page without visible rows does not move the cursor, which stays behind.
    EmptyPageLeftOut,
    /// Server 4: the watermark is newer than the heads next to it.
    WatermarkTooNew,
    /// Server 5: a retry is treated as a new op.
    RetryIsNew,
    /// Server 7: a client keeps what it must delete after its user was removed.
    PurgeIgnored,
    /// Server 8: a group may have the id of two users' conversation.
    GroupTakesPairsId,
    /// Server 6: a deleted message disappears without a change.
    HardDelete,
    /// Server 7: a user who was removed still receives pushes.
    PushedToTheRemoved,
    /// Server 7: pages contain messages from before the user joined.
    SeesBeforeJoining,
    /// Server 2: a change that was rolled back has been announced.
    AnnouncedBeforeCommit,
    /// Server 2: an op that is rolled back uses up a position.
    SeqUsedUp,
    /// Epoch: a restored backup keeps its epoch.
    EpochKept,
    /// Epoch: the proofs that clients have of a restore are ignored.
    RestoreUnnoticed,
    /// Term: a user who joins again continues at the old cursor.
    TermKept,
    /// Client 1: the cursor is written before the rows.
    CursorBeforeRows,
    /// Client 1: part of a page is written when the disk is full.
    HalfAPage,
    /// Client 2: a late page of history reverts an edit.
    OldRowsWin,
    /// Client 3: a frame that does not continue the cursor is applied.
    GapIgnored,
    /// Client 3: the cursor is taken from the newest row.
    CursorFromRows,
    /// Client 4: an acknowledgement moves the cursor.
    AckMovesCursor,
    /// Client 4: a page of history moves the cursor.
    HistoryMovesCursor,
    /// Client 6: a stream whose cursor the server rejects is not reset.
    NoReset,
    /// Client 8: nothing is pulled while an op waits to be sent.
    PullsWaitForOutbox,
    /// Client 8: nothing is sent while changes are missing.
    OutboxWaitsForPulls,
    /// Client 9: an op that is being sent when the process dies is taken for sent.
    InFlightIsSent,
    /// Client 9: all waiting ops of a conversation are sent at once.
    ParallelSends,
    /// Client 9: later messages overtake a refused one.
    OvertakesRefused,
    /// Client 9: an op that was tried may be changed.
    RewritesTried,
    /// Client 5: a retry has a new id.
    RetryWithNewId,
    /// Client 10: a proxy's error page is taken for a refusal.
    ProxyRefuses,
    /// Client 10: an op that failed once is not retried.
    NeverAgain,
    /// Client 11: an op is removed from the outbox before the mirror has its rows.
    OutboxLetsGoFirst,
    /// Client 13: after a restore, nothing is sent again.
    NothingOfferedAgain,
    /// Client 14: a message is sent without asking its author although people joined since it was
    /// written.
    NobodyAsked,
    /// Drafts: the later one wins, whichever version it is based on.
    DraftsOverwrite,
    /// Client 1: leaving a conversation goes unnoticed.
    LeavingMissed,
    /// Verify: differences from the server are not repaired.
    NothingMended,
    /// Verify: a message of this account that the server lost is deleted.
    ComparingDeletes,
    /// Verify: a stream that has changed meanwhile is set back to what the server said.
    MendsWhatMoved,
    /// Server 5: a retry gets the answer of the first time.
    AnswersAsBefore,
    /// Server 10: hints on the bus are trusted.
    HintBelieved,
    /// Server 3: answers are limited in rows but not in bytes, so that one is larger than what a
    /// client reads.
    BoundedInRows,
    /// Server 3: a change of more rows than fit into a page is never sent.
    LargeChangeLeftOut,
    /// Notifications: what is read on another device stays.
    ReadElsewhereStays,
    /// Notifications: what is caught up with after an absence alerts.
    CatchingUpAlerts,
    /// Notifications: what came last is told again when the connection is back.
    ToldAgainAfterReconnect,
    /// Notifications: an alert that is decided is not shown.
    AlertLost,
    /// Notifications: the conversation on the screen alerts, too.
    SeenAlerts,
}
