//! Why the program did not do what it was told, said to people or to programs.

use parlour_server::control::ControlError;
use serde_json::json;
use std::error::Error;
use std::process::ExitCode;

/// What can fail.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Why the program failed, and to whom it is told.
pub struct Failure {
    json: bool,
    why: Box<dyn Error>,
}

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(why: E) -> Self {
        Self { json: false, why: why.into() }
    }
}

impl Failure {
    /// To be told to a program if that asked for JSON.
    pub fn of<E: Into<Box<dyn Error>>>(json: bool) -> impl Fn(E) -> Self {
        move |why| Self { json, why: why.into() }
    }

    /// The same, told to a program if that asked for JSON.
    pub fn for_programs(self, json: bool) -> Self {
        Self { json, ..self }
    }

    /// Why, with what caused it.
    pub fn text(&self) -> String {
        chain(self.why.as_ref())
    }

    /// Tells it on standard error.
    pub fn tell(&self) -> ExitCode {
        let text = self.text();
        if self.json {
            let code = match self.why.downcast_ref() {
                Some(ControlError::Refused(why)) => Some(why.code),
                _ => None,
            };
            eprintln!("{}", json!({"error": {"code": code, "message": text}}));
        } else {
            eprintln!("parlour-server: {text}");
        }
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
