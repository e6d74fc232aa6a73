//! The sync engine: it makes decisions and does no I/O.
//!
//! [`Engine::handle`] takes one [`Input`] and the time and returns the [`Effect`]s that the driver
//! must perform, in order. There is no socket, clock, thread, database or `async` in this crate, so
//! any sequence of network events is a unit test.
//!
//! # Invariants
//!
//! * A cursor moves only by [`Effect::ApplyPage`] and [`Effect::ApplyBootstrap`], with the rows that
//!   it covers. If the driver cannot perform one, it builds a new engine from the stored state.
//! * At most one op of a lane (a conversation's visible actions, or the user's own such as the read
//!   position) is being sent, in the order in which the user did them. A refused visible action
//!   stops its lane.
//! * An op is sent with the same id until the server's own envelope confirms or refuses it.
//! * Pulls never wait for the outbox, nor the outbox for pulls.

mod backoff;
mod engine;
mod lanes;
mod link;
mod now;
mod port;
mod streams;
mod verify;

pub use backoff::{Backoff, Jitter};
pub use engine::Engine;
pub use lanes::{Lane, LaneKind, QueuedOp};
pub use now::Now;
pub use port::{ConnectionStatus, Effect, Input, Start, StartStream};
pub use streams::{Fetch, FetchKind, KnownHead, Limits};
pub use verify::Section;
