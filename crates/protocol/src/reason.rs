//! Failures as client and server exchange them, and as the user interface receives them: a code and a reason,
//! never a sentence to display.

use crate::{ErrorCode, LocalReason, Refusal};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The exact failure, where the code is not specific enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(untagged)]
pub enum Reason {
    /// A refused request.
    Refused(Refusal),
    /// A failure on the client.
    Local(LocalReason),
}

impl Reason {
    /// Returns the code that the reason makes more specific.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Local(reason) => reason.code(),
        }
    }
}

impl fmt::Display for Reason {
    /// Writes the reason in English, for terminals and logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Local(reason) => reason.fmt(f),
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<LocalReason> for Reason {
    fn from(reason: LocalReason) -> Self {
        Self::Local(reason)
    }
}

/// A failure as the user interface receives it: keys, for which it has the sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
pub struct Problem {
    /// The kind of the failure.
    pub code: ErrorCode,
    /// The exact failure, where the code is not specific enough.
    pub reason: Option<Reason>,
}

impl<R: Into<Reason>> From<R> for Problem {
    fn from(reason: R) -> Self {
        let reason = reason.into();
        Self { code: reason.code(), reason: Some(reason) }
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self { code, reason: None }
    }
}

/// The body of every error response. A response without it comes from a proxy, and is never final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The kind of the failure, for programs.
    pub code: ErrorCode,
    /// One sentence, for programs without a text of their own for the code and the reason.
    pub message: String,
    /// The exact failure, for programs, where the code is not specific enough and the user has to know more.
    /// From a response only a [`Refusal`] is accepted, and only one that this version knows.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_refusal")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Refusal>))]
    pub reason: Option<Reason>,
    /// The time to wait before the next attempt, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<i64>,
}

impl ErrorBody {
    /// Creates an error whose code is specific enough.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, retry_after_ms: None }
    }

    /// Returns the failure for the user interface. A reason that does not belong to the code is left out.
    pub fn problem(&self) -> Problem {
        let reason = self.reason.clone().filter(|reason| reason.code() == self.code);
        Problem { code: self.code, reason }
    }
}

impl<R: Into<Reason>> From<R> for ErrorBody {
    fn from(reason: R) -> Self {
        let reason = reason.into();
        let body = Self::new(reason.code(), reason.to_string());
        Self { reason: Some(reason), ..body }
    }
}

fn known_refusal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Reason>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Received {
        Known(Refusal),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Received::deserialize(deserializer)? {
        Received::Known(refusal) => Some(refusal.into()),
        Received::Other(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_refusals_are_accepted_from_a_response() {
        let read = |json: &str| serde_json::from_str::<ErrorBody>(json).unwrap().problem();
        let known = r#"{"code":"forbidden","message":"?","reason":{"key":"ownerOnly"}}"#;
        assert_eq!(read(known), Problem::from(Refusal::OwnerOnly));
        for other in [
            r#"{"key":"fullMoon"}"#,
            r#"{"key":"joined","names":["You won. Call 555-0100."],"others":0}"#,
            r#"{"key":"titleLength"}"#,
            r#""ownerOnly""#,
            "null",
            "7",
        ] {
            let json = format!(r#"{{"code":"forbidden","message":"?","reason":{other}}}"#);
            assert_eq!(read(&json), Problem::from(ErrorCode::Forbidden), "{other}");
        }
    }

    #[test]
    fn a_reason_survives_serialization() {
        let short = Refusal::PasswordTooShort { min: 8 };
        let body = ErrorBody::from(short);
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["reason"], serde_json::json!({ "key": "passwordTooShort", "min": 8 }));
        assert_eq!(serde_json::from_value::<ErrorBody>(json).unwrap(), body);
        let joined = Reason::from(LocalReason::Joined { names: vec!["oak".into()], others: 0 });
        let json = serde_json::to_string(&joined).unwrap();
        assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), joined);
    }
}
