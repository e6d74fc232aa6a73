//! The contents of the search index: how text is compared, and the terms of a message.

mod insert;
pub(crate) mod terms;

pub(crate) use insert::insert;
