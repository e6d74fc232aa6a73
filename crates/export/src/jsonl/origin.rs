//! What an export is of.

use parlour_protocol::export_lines::HeaderLine;
use parlour_protocol::{Millis, UserId};

/// What an export is of, which is the same in all of its files.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The server's address.
    pub server: String,
    /// The user who exported it.
    pub user: UserId,
    /// When.
    pub at: Millis,
    /// The word for what was selected.
    pub selection: &'static str,
    /// The period, in which the messages were sent.
    pub from: Option<Millis>,
    /// See `from`.
    pub until: Option<Millis>,
}

impl Origin {
    /// Returns the first line of a file.
    pub fn header(&self) -> HeaderLine<'_> {
        let Self { server, user, at, selection, from, until } = self;
        let mut header = HeaderLine::new(server, *at, selection);
        header.exported_by = Some(*user);
        (header.from, header.until) = (*from, *until);
        header
    }
}
