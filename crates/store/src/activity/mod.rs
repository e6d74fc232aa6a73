//! Activity: the messages that concern the user. `fill.rs` writes the mirror's table `activity` together
//! with the messages, `page.rs` reads it, `keywords.rs` finds older messages that contain keywords which
//! were added later. The rows are candidates: the client decides whether they concern the user, according
//! to the current settings, when it reads them (`client/src/notify/activity/`).

pub(crate) mod fill;
mod keywords;
pub(crate) mod kind;
pub(crate) mod page;

/// Every statement of Activity.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [fill::ALL, keywords::ALL, page::ALL].concat()
}
