//! What a request is refused with: a code, a reason where the code leaves it open, a sentence, and when to try
//! again. Internal detail goes to the log once, never into the sentence. How it looks over HTTP is
//! `routes/error.rs`.

use parlour_protocol::{ErrorBody, ErrorCode, Reason, Refusal};

/// A refusal: a code and a reason for programs, which have words of their own, and a sentence for others.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For whoever has no words of their own for the code and the reason.
    pub message: String,
    reason: Option<Reason>,
    retry_after_ms: Option<i64>,
}

impl From<ApiError> for ErrorBody {
    /// The envelope of a refusal, as it goes over the wire.
    fn from(error: ApiError) -> Self {
        let ApiError { code, message, reason, retry_after_ms } = error;
        Self { code, message, reason, retry_after_ms }
    }
}

impl From<ErrorBody> for ApiError {
    /// What an op, or a text, is refused with on both ends.
    fn from(body: ErrorBody) -> Self {
        let ErrorBody { code, message, reason, retry_after_ms } = body;
        Self { code, message, reason, retry_after_ms }
    }
}

impl From<Refusal> for ApiError {
    /// What somebody is shown, in the words of whatever they use.
    fn from(refusal: Refusal) -> Self {
        ErrorBody::from(refusal).into()
    }
}

impl ApiError {
    /// A refusal that its code says enough of; the sentence is for programs and logs.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ErrorBody::new(code, message).into()
    }

    /// The same with another sentence, which says more than the reason may.
    #[must_use]
    pub fn saying(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The request does not make sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::Gone, format!("There is no such {what}."))
    }

    /// The address exists, but not for this method.
    pub fn method_not_allowed() -> Self {
        Self::new(ErrorCode::Method, "This address does not take this method.")
    }

    /// Not a member of the conversation.
    pub fn not_member() -> Self {
        Self::new(ErrorCode::NotMember, "You are not a member of this conversation.")
    }

    /// Not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The token is missing, unknown or expired.
    pub fn signed_out() -> Self {
        Self::new(ErrorCode::Token, "This session has ended. Sign in again.")
    }

    /// Somebody ended the session, and wants its device to delete what it holds, or not.
    pub fn revoked(wipe: bool) -> Self {
        Self::new(revoked_code(wipe), "This device was signed out.")
    }

    /// Over a rate limit; allowed again after `wait`.
    pub fn rate_limited(wait: std::time::Duration) -> Self {
        let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1);
        let message = "Too many requests. Wait a moment, then go on.";
        Self { retry_after_ms: Some(ms), ..Self::new(ErrorCode::Rate, message) }
    }

    /// A queue is full; to be tried again after a second.
    pub fn overloaded() -> Self {
        let message = "The server has too much to do. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Overloaded, message) }
    }

    /// The request did not arrive, or was not answered, in time; to be tried again after a second.
    pub fn timed_out() -> Self {
        let message = "The request took too long. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }

    /// Something failed that is not the caller's fault and that the log tells of.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "The server failed. Its log says why.")
    }

    /// Nothing was stored; to be tried again after a second.
    pub fn retry() -> Self {
        let message = "The server could not store this. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }
}

/// The code for a device whose session was revoked: it locks what it holds, or with `wipe` deletes it.
pub fn revoked_code(wipe: bool) -> ErrorCode {
    if wipe { ErrorCode::Wipe } else { ErrorCode::Revoked }
}
