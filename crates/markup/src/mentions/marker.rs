//! Collects the mentions of a text while it is parsed.

use parlour_protocol::{UserId, limits};

/// Maximum number of `@` characters in a text for which a name is searched: ten times the maximum number of
/// mentions.
const MAX_CANDIDATES: usize = 10 * limits::MENTIONS;

/// Returns the length of the name with which a text starts, and its person: `None` for everybody.
pub(super) type Resolve<'a> = &'a mut dyn FnMut(&str) -> Option<(usize, Option<UserId>)>;

/// Resolves mentions, and collects the mentioned people.
pub(super) struct Marker<'a> {
    resolve: Resolve<'a>,
    /// The number of `@` characters for which a name may still be searched.
    left: usize,
    pub found: Vec<Option<UserId>>,
}

impl<'a> Marker<'a> {
    pub fn new(resolve: Resolve<'a>) -> Self {
        Self { resolve, left: MAX_CANDIDATES, found: Vec::new() }
    }

    /// Returns whether no more names are searched.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    pub fn resolve(&mut self, text: &str) -> Option<(usize, Option<UserId>)> {
        self.left = self.left.checked_sub(1)?;
        (self.resolve)(text)
    }
}
