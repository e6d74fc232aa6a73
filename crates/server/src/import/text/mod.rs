//! Texts of other products as Markdown.

pub mod emoji;
pub mod html;
pub mod markdown;
pub mod slack;
pub mod starred;
