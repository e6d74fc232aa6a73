//! What a store promises, on real files.
