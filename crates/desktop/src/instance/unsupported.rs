//! A system on which nothing is handed over yet: a second start fails.

use super::launch::Launch;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Listens to nobody.
#[derive(Debug)]
pub struct Listener;

impl Listener {
    pub fn open(_: &Path) -> Result<Self> {
        Ok(Self)
    }

    pub async fn serve(&self, _: impl Fn(Launch)) {
        std::future::pending().await
    }
}

/// Fails: there is no way to the first program.
pub async fn hand_over(_: &Path, _: &Launch) -> Result<()> {
    Err(Error::from(ErrorKind::Unsupported))
}
