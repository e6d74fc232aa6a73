//! Periods that both ends rely on, in milliseconds.

const DAY_MS: i64 = 24 * 3600 * 1000;

/// The interval of a server's heartbeats.
pub const HEARTBEAT_MS: i64 = 20_000;
/// The shortest time between two notifications of a client that its user is typing.
pub const TYPING_REPEATED_MS: i64 = 3_000;
/// How long a user counts as typing after each notification of a client.
pub const TYPING_SHOWN_MS: i64 = 2 * TYPING_REPEATED_MS;
/// How long a client retains the ops that it sent, to resend them if a restored server lacks them.
pub const SENT_OPS_RETENTION_MS: i64 = 30 * DAY_MS;
/// How long a server records the ops that it performed: three times as long as clients resend them.
pub const OPS_RETENTION_MS: i64 = 3 * SENT_OPS_RETENTION_MS;
/// The remaining time of a certificate below which somebody has to act, unless the server renews it itself.
pub const CERTIFICATE_WARNING_MS: i64 = 14 * DAY_MS;
