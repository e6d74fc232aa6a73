//! Collects the mentions of a text while it is read.

use parlour_protocol::{UserId, limits};

/// Maximum number of `@` characters in a text after which a name is looked for: ten times the maximum number of
/// mentions.
const MAX_CANDIDATES: usize = 10 * limits::MENTIONS;

/// Returns the length of the name with which a text starts, and who has it: `None` for everybody.
pub(super) type Resolve<'a> = &'a mut dyn FnMut(&str) -> Option<(usize, Option<UserId>)>;

/// Marks mentions, and notes who is mentioned.
pub(super) struct Marker<'a> {
    resolve: Resolve<'a>,
    /// The number of places at which a name may still be looked for.
    left: usize,
    pub found: Vec<Option<UserId>>,
}

impl<'a> Marker<'a> {
    pub fn new(resolve: Resolve<'a>) -> Self {
        Self { resolve, left: MAX_CANDIDATES, found: Vec::new() }
    }

    /// Returns whether no more names are looked for.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    pub fn resolve(&mut self, text: &str) -> Option<(usize, Option<UserId>)> {
        self.left = self.left.checked_sub(1)?;
        (self.resolve)(text)
    }
}
