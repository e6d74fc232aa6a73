//! The failure of a command, printed as text or as JSON.

use parlour_server::control::ControlError;
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

/// The result of a command.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// The error of a command, and whether to print it as JSON.
pub struct Failure {
    json: bool,
    error: Box<dyn Error>,
}

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { json: false, error: error.into() }
    }
}

impl Failure {
    /// Returns a function that turns an error into a failure, printed as JSON if `json` is true.
    pub fn with_format<E: Into<Box<dyn Error>>>(json: bool) -> impl Fn(E) -> Self {
        move |error| Self { json, error: error.into() }
    }

    /// Sets whether the failure is printed as JSON.
    pub fn with_json(self, json: bool) -> Self {
        Self { json, ..self }
    }

    /// Returns whether the failure is printed as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Returns the error's message followed by those of its causes.
    pub fn text(&self) -> String {
        chain(self.error.as_ref())
    }

    /// Prints the failure to standard error, and returns the exit code for it. Errors are ignored, because the reader may
    /// have closed the pipe.
    pub fn print(&self) -> ExitCode {
        let text = self.text();
        let printed = if self.json {
            let code = match self.error.downcast_ref() {
                Some(ControlError::Refused(refusal)) => Some(refusal.code),
                _ => None,
            };
            json!({"error": {"code": code, "message": text}}).to_string()
        } else {
            format!("parlour-server: {text}")
        };
        let _ = writeln!(std::io::stderr(), "{printed}");
        ExitCode::FAILURE
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
