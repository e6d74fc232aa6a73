//! The error of a refused request: a code, a reason if there are several for that code, a message, and when to retry.
//! Internal details are logged once and never part of the message. `routes/error.rs` turns this into an HTTP
//! response.

use parlour_protocol::{ErrorBody, ErrorCode, Reason, Refusal};

/// The largest size of a message, in bytes.
const MESSAGE_BYTES: usize = 1000;

/// A refusal: a code and a reason for clients with texts of their own, and a message for all others.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The code, for programs.
    pub code: ErrorCode,
    /// The message, for programs without a text of their own for the code and the reason.
    pub message: String,
    reason: Option<Reason>,
    retry_after_ms: Option<i64>,
}

impl From<ApiError> for ErrorBody {
    /// Returns the body of the response. A message that quotes the request is truncated.
    fn from(error: ApiError) -> Self {
        let ApiError { code, mut message, reason, retry_after_ms } = error;
        if message.len() > MESSAGE_BYTES {
            message.truncate(message.floor_char_boundary(MESSAGE_BYTES));
            message.push('…');
        }
        Self { code, message, reason, retry_after_ms }
    }
}

/// Returns the value of the header `Retry-After` of a response with this body.
pub fn retry_after_seconds(body: &ErrorBody) -> Option<i64> {
    body.retry_after_ms.map(|ms| (ms + 999) / 1000)
}

impl From<ErrorBody> for ApiError {
    /// Converts a refusal by a check that client and server share.
    fn from(body: ErrorBody) -> Self {
        let ErrorBody { code, message, reason, retry_after_ms } = body;
        Self { code, message, reason, retry_after_ms }
    }
}

impl From<Refusal> for ApiError {
    /// Converts a refusal. Clients show their own text for it.
    fn from(refusal: Refusal) -> Self {
        ErrorBody::from(refusal).into()
    }
}

impl ApiError {
    /// Creates a refusal without a reason. The message is for programs and logs.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ErrorBody::new(code, message).into()
    }

    /// Replaces the message by a more detailed one.
    #[must_use]
    pub fn with_message(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The request is invalid.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// There is no such thing, or the caller may not know that it exists.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// The path exists, but does not support the method.
    pub fn method_not_allowed() -> Self {
        Self::new(ErrorCode::MethodNotAllowed, "This address does not take this method.")
    }

    /// The caller is not a member of the conversation.
    pub fn not_member() -> Self {
        Self::new(ErrorCode::NotMember, "You are not a member of this conversation.")
    }

    /// The caller may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The token is missing, unknown or expired.
    pub fn signed_out() -> Self {
        Self::new(ErrorCode::InvalidToken, "This session has ended. Sign in again.")
    }

    /// The session was revoked; with `wipe`, the device must also delete its local data.
    pub fn revoked(wipe: bool) -> Self {
        Self::new(revoked_code(wipe), "This device was signed out.")
    }

    /// The caller exceeded a rate limit, and may retry after `wait`.
    pub fn rate_limited(wait: std::time::Duration) -> Self {
        let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1);
        let message = "Too many requests. Wait a moment, then continue.";
        Self { retry_after_ms: Some(ms), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// A queue is full. The client may retry after a second.
    pub fn overloaded() -> Self {
        let message = "The server has too much to do. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Overloaded, message) }
    }

    /// The request was not received, or not handled, in time. The client may retry after a second.
    pub fn timed_out() -> Self {
        let message = "The request took too long. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }

    /// Something failed that is not the caller's fault. The log contains the cause.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "The server failed. Its log says why.")
    }

    /// Nothing was stored. The client may retry after a second.
    pub fn retry() -> Self {
        let message = "The server could not store this. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }
}

/// Returns the code for a device whose session was revoked: it locks its local data, or with `wipe` deletes
/// it.
pub fn revoked_code(wipe: bool) -> ErrorCode {
    if wipe { ErrorCode::Wipe } else { ErrorCode::Revoked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_error_message_is_truncated() {
        for (sent, cut) in [("x", 1000), ("ä", 1000), ("€", 999)] {
            let message = ErrorBody::from(ApiError::invalid(sent.repeat(100_000))).message;
            assert_eq!(message.len(), cut + '…'.len_utf8());
        }
        assert_eq!(ErrorBody::from(ApiError::invalid("x".repeat(1000))).message.len(), 1000);
    }
}
