//! The newest message of a conversation in one line.

use parlour_protocol::MessageFile;
use parlour_protocol::text::is_blank;

/// Longest preview in the list, in characters.
const PREVIEW_CHARS: usize = 120;

/// Returns one line of a message, without markup. A message of markup alone is returned as it is, and one of files alone
/// as their names, because an empty preview means that the message was deleted.
pub(crate) fn preview(body: &str, files: &[MessageFile]) -> String {
    if body.is_empty() {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        return names.join(", ").chars().take(PREVIEW_CHARS).collect();
    }
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(PREVIEW_CHARS).collect();
    let plain = parlour_markup::plain(&line);
    if is_blank(&plain) { line } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_caption_are_named() {
        let files = ["plan.pdf", "b*d*.png"].map(|name| MessageFile::example(name, b"x"));
        assert_eq!(preview("", &files), "plan.pdf, b*d*.png");
        assert_eq!(preview("both", &files), "both");
        assert_eq!(preview("", &[]), "");
    }

    #[test]
    fn a_message_of_markup_alone_is_not_previewed_as_deleted() {
        for body in [
            "---",
            "```",
            "> ",
            "- [ ]",
            "#",
            "***\n",
            "- [ ] \u{200b}",
            "&nbsp;",
            "[](https://a.example)",
        ] {
            assert!(!is_blank(&preview(body, &[])), "{body:?}");
        }
        assert_eq!(preview("**so**\n`it` is", &[]), "so it is");
    }
}
