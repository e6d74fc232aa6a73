//! Systems on which handing over is not supported yet: a second process fails to start.

use super::launch::Launch;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Accepts no connections.
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

/// Always fails.
pub async fn hand_over(_: &Path, _: &Launch) -> Result<()> {
    Err(Error::from(ErrorKind::Unsupported))
}
