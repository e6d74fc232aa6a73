//! Bugs to seed: each takes one rule of the sync away, or is one that a known system had. A check
//! that does not catch them is none.
//!
//! They sit in the simulation's own hands (what it does with an effect, an answer, a page), so that
//! the real code has no switches.

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// One rule taken away.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Bug {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What it breaks.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)*
                }
            }
        }
    };
}

bugs! {
    /// Server 1: a change that another node made is not pushed, and heads are never asked for.
    NoHeadsCheck,
    /// Server 3: a page that was cut claims to reach the head.
    PageClaimsTooMuch,
    /// Server 3: the rows are read before the head.
    RowsBeforeHead,
    /// Server 3: an interval without visible rows is not answered, so the cursor stays behind.
    EmptyPageLeftOut,
    /// Server 4: the watermark is newer than the heads beside it.
    WatermarkTooNew,
    /// Server 5: a retry is taken for something new.
    RetryIsNew,
    /// Server 7: who is told to delete what they have keeps it.
    PurgeIgnored,
    /// Server 8: a group may take the id of a pair's conversation.
    GroupTakesPairsId,
    /// Server 6: a deleted message vanishes without a change.
    HardDelete,
    /// Server 7: who was removed is still pushed what is said.
    PushedToTheRemoved,
    /// Server 7: pages hold what was said before one joined.
    SeesBeforeJoining,
    /// Server 2: what was rolled back has been announced.
    AnnouncedBeforeCommit,
    /// Server 2: what is rolled back uses positions up.
    SeqUsedUp,
    /// Epoch: a restored backup keeps its epoch.
    EpochKept,
    /// Epoch: what clients prove of a restored backup is passed over.
    RestoreUnnoticed,
    /// Term: who joins again continues the old cursor.
    TermKept,
    /// Client 1: the cursor is written before the rows.
    CursorBeforeRows,
    /// Client 1: half of a page is written when the disk is full.
    HalfAPage,
    /// Client 2: a late page of history undoes an edit.
    OldRowsWin,
    /// Client 3: a frame that does not continue the cursor is applied.
    GapIgnored,
    /// Client 3: the cursor is taken from the newest row.
    CursorFromRows,
    /// Client 4: an acknowledgement moves the cursor.
    AckMovesCursor,
    /// Client 4: a page of history moves the cursor.
    HistoryMovesCursor,
    /// Client 6: a stream that the server does not know like this is left as it is.
    NoReset,
    /// Client 8: nothing is pulled while something waits to be sent.
    PullsWaitForOutbox,
    /// Client 8: nothing is sent while something is to be pulled.
    OutboxWaitsForPulls,
    /// Client 9: what is on its way when the process dies is taken for sent.
    InFlightIsSent,
    /// Client 9: all that waits in a conversation is sent at once.
    ParallelSends,
    /// Client 9: later messages overtake a refused one.
    OvertakesRefused,
    /// Client 9: what was tried may be rewritten.
    RewritesTried,
    /// Client 5: a retry has a new id.
    RetryWithNewId,
    /// Client 10: a proxy's page is taken for a refusal.
    ProxyRefuses,
    /// Client 10: what failed once is not tried again.
    NeverAgain,
    /// Client 11: the outbox lets go before the mirror has it.
    OutboxLetsGoFirst,
    /// Client 13: after a restore nothing is offered again.
    NothingOfferedAgain,
    /// Client 14: a message goes out without asking although people joined since it was written.
    NobodyAsked,
    /// Drafts: the later one wins, whatever it is based on.
    DraftsOverwrite,
    /// Client 1: that one left a conversation is passed over.
    LeavingMissed,
    /// Verify: what differs from the server stays as it is.
    NothingMended,
    /// Verify: what this account said and the server lost is deleted.
    ComparingDeletes,
    /// Verify: what has moved on meanwhile is put back to what the server said.
    MendsWhatMoved,
    /// Server 5: a retry is answered with what was there at the first time.
    AnswersAsBefore,
    /// Server 10: what is said on the bus is believed.
    HintBelieved,
    /// Server 3: answers are bounded in rows and not in bytes, so that one is larger than a client reads.
    BoundedInRows,
    /// Server 3: a change of more rows than a page holds is never told.
    LargeChangeLeftOut,
}
