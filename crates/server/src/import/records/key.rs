//! Identifiers of objects of an export.

/// The product's own identifier of an object of the export.
pub type Key = String;
