//! The newest message of a conversation in one line.

/// Longest preview in the list, in characters.
const PREVIEW_CHARS: usize = 120;

/// Returns one line of a message, without markup. A message of markup alone is returned as it is,
/// because an empty preview means that the message was deleted.
pub(crate) fn preview(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(PREVIEW_CHARS).collect();
    let plain = parlour_markup::plain(&line);
    if plain.is_empty() { line } else { plain }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_message_of_markup_alone_is_not_previewed_as_deleted() {
        for body in ["---", "```", "> ", "- [ ]", "#", "***\n"] {
            assert!(!super::preview(body).is_empty(), "{body:?}");
        }
        assert_eq!(super::preview("**so**\n`it` is"), "so it is");
    }
}
