//! Periods that both ends rely on, in milliseconds.

const DAY_MS: i64 = 24 * 3600 * 1000;

/// The interval of a server's heartbeats.
pub const HEARTBEAT_MS: i64 = 20_000;
/// The shortest time after which a client repeats that its user is typing.
pub const TYPING_REPEATED_MS: i64 = 3_000;
/// How long a user counts as typing after each time that a client said so.
pub const TYPING_SHOWN_MS: i64 = 2 * TYPING_REPEATED_MS;
/// How long a client keeps the ops that it sent, to send them again if a restored server lacks them.
pub const SENT_OPS_KEPT_MS: i64 = 30 * DAY_MS;
/// How long a server recognizes an op that is repeated: three times as long as clients send ops again.
pub const OPS_RECOGNIZED_MS: i64 = 3 * SENT_OPS_KEPT_MS;
/// A certificate that is not renewed by the server itself needs somebody's attention from this time before it expires.
pub const CERTIFICATE_EXPIRES_SOON_MS: i64 = 14 * DAY_MS;
