//! The contents of the search index: how text is compared, and the terms of a message.

pub(crate) mod fold;
pub(crate) mod terms;
