//! An op to perform.

use parlour_protocol::{Millis, Op, UserId};

/// An op that a user submitted.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The user.
    pub caller: UserId,
    /// The op.
    pub op: Op,
    /// The epoch that the op is meant for, outside of which it is refused; `None` for any epoch.
    pub epoch: Option<String>,
    /// The time at which the op arrived.
    pub now: Millis,
}
