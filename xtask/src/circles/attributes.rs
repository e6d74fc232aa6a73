//! The attributes of items, and what they mean.

use syn::punctuated::Punctuated;
use syn::{Attribute, Item, Meta, Token};

/// Returns the attributes of an item.
pub fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the path in a `#[path]` attribute.
pub fn path_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &meta.value else {
        return None;
    };
    meta.path.is_ident("path").then(|| path.value())
}

/// Returns whether an attribute limits its item to tests or fuzz targets, which are in no program
/// that users run.
pub fn is_test_only(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("cfg") {
        attribute.parse_args::<Meta>().is_ok_and(|condition| !can_apply(&condition))
    } else {
        attribute.path().segments.last().is_some_and(|name| name.ident == "test")
    }
}

/// Returns whether a condition can be true outside of tests.
fn can_apply(condition: &Meta) -> bool {
    let Meta::List(list) = condition else {
        return !condition.path().is_ident("test") && !condition.path().is_ident("fuzzing");
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let Ok(mut parts) = parts.map(Punctuated::into_iter) else { return true };
    if list.path.is_ident("all") {
        parts.all(|part| can_apply(&part))
    } else if list.path.is_ident("any") {
        parts.any(|part| can_apply(&part))
    } else {
        true
    }
}
