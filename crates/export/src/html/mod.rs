//! Pages to read in a browser, without a server, a network or scripts.

mod body;
mod conversation;
mod escape;
mod frame;
mod index;
mod message;
mod pages;

pub(crate) use conversation::HtmlConversation;
pub(crate) use index::{Entry, Index};
