//! An op on its way to being done.

use parlour_protocol::{Millis, Op, UserId};

/// An op that somebody wants done.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who.
    pub caller: UserId,
    /// What.
    pub op: Op,
    /// The epoch that it was meant in: it is refused in another one. Any, if there is none.
    pub epoch: Option<String>,
    /// When it came in.
    pub now: Millis,
}
