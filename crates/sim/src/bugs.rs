//! Bugs that can be seeded: each disables one rule of the sync, or occurred in a known system. They test
//! the checks, which must catch each of them.
//!
//! They are in the simulation's own code (in how it handles an effect, a response or a page), so
//! that the real code needs no switches.

use crate::scenario::Scenario;

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// A rule of the sync that is disabled.
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

            /// Returns the scenario in which the bug can be caught.
            pub fn scenario(self) -> Scenario {
                match self.description().starts_with("Notifications: ") {
                    true => Scenario::Notifications,
                    false => Scenario::Sync,
                }
            }
        }
    };
}

bugs! {
    /// Server 1: a request for the heads is not answered, so a lost push goes unnoticed.
    NoHeadsCheck,
    /// Server 3: a page that does not reach the head claims that it does.
    PageOverstatesEnd,
    /// Server 3: the rows are read before the head.
    RowsBeforeHead,
    /// Server 3: a page without visible rows does not move the cursor, which stays behind.
    EmptyPageKeepsCursor,
    /// Server 4: the watermark is newer than the heads next to it.
    WatermarkTooNew,
    /// Server 5: a retry is treated as a new op.
    RetryIsNew,
    /// Server 7: a client keeps what it must delete after its user was removed.
    PurgeIgnored,
    /// Server 8: a group can be created with the id of two users' conversation.
    GroupWithPairId,
    /// Server 6: a deleted message disappears without a change.
    HardDelete,
    /// Server 7: a user who was removed still receives pushes.
    PushAfterRemoval,
    /// Server 7: pages contain messages from before the user joined.
    HistoryBeforeJoining,
    /// Server 2: a change that was rolled back has been announced.
    AnnouncedBeforeCommit,
    /// Server 2: an op that is rolled back uses up a position.
    SeqGapAfterRollback,
    /// Epoch: a restored backup keeps its epoch.
    EpochNotChanged,
    /// Epoch: the clients' proofs of a restore are ignored.
    RestoreUnnoticed,
    /// Term: a user who joins again continues at the old cursor.
    TermNotChanged,
    /// Client 1: the cursor is written before the rows.
    CursorBeforeRows,
    /// Client 1: part of a page is written when the disk is full.
    PartialPage,
    /// Client 2: a late page of history reverts an edit.
    OldRowsOverwrite,
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
    /// Client 9: an op that is being sent when the process crashes is treated as sent.
    InFlightAssumedSent,
    /// Client 9: all waiting ops of a conversation are sent at once.
    ParallelSends,
    /// Client 9: later messages overtake a refused one.
    OvertakesRefused,
    /// Client 9: a tried op can be changed.
    RewritesTried,
    /// Client 5: a retry has a new id.
    RetryWithNewId,
    /// Client 10: a proxy's error page is treated as a refusal.
    ProxyErrorRefuses,
    /// Client 10: an op that failed once is not retried.
    NoRetry,
    /// Client 11: an op is removed from the outbox before the mirror has its rows.
    ConfirmBeforeApply,
    /// Client 13: after a restore, nothing is sent again.
    NoResendAfterRestore,
    /// Client 14: a message is sent without its author's confirmation although people joined since it was
    /// written.
    NoConfirmation,
    /// Drafts: the later one wins, whichever version it is based on.
    DraftsOverwrite,
    /// Client 1: leaving a conversation goes unnoticed.
    LeavingMissed,
    /// Verify: differences from the server are not repaired.
    NoRepair,
    /// Verify: a message of this account that the server lost is deleted.
    RepairDeletesUnsent,
    /// Verify: a stream that has changed meanwhile is reset to the state that the server sent before.
    RepairsOutdatedState,
    /// Server 5: a retry gets the response of the first attempt.
    RetryGetsFirstResponse,
    /// Server 10: hints on the bus are trusted.
    HintTrusted,
    /// Server 3: responses are limited in rows but not in bytes, so that one is larger than a client reads.
    NoByteLimit,
    /// Server 3: a change of more rows than fit into a page is never sent.
    LargeChangeSkipped,
    /// Notifications: a message that is read on another device is still shown.
    ReadElsewhereStillShown,
    /// Notifications: messages of the backlog alert one by one.
    CatchingUpAlerts,
    /// Notifications: the latest messages notify again after a reconnect.
    RepeatedAfterReconnect,
    /// Notifications: an alert is not shown.
    AlertLost,
    /// Notifications: the visible conversation alerts, too.
    VisibleConversationAlerts,
}
