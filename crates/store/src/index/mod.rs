//! What the search index holds: how text is compared, and the terms of a message.

pub(crate) mod fold;
pub(crate) mod terms;
