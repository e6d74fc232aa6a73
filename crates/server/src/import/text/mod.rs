//! Converts texts of other products to Markdown.

pub mod emoji;
pub mod html;
pub mod markdown;
pub mod slack;
pub mod starred;
