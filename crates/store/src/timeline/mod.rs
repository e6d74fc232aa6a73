//! A conversation's messages as they are shown.

mod bounds;
mod find;
pub(crate) mod item;
mod marked;
mod overlay;
pub(crate) mod page;
mod read;
mod rows;

/// Every statement of the timeline.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [find::ALL, marked::ALL, bounds::ALL, rows::ALL, read::ALL].concat()
}
