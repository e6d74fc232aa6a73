//! Mentions in texts of people who have another name in Mattermost.

/// Returns a text with the new names of these people: pairs of their username here and there. Mattermost ignores the
/// case of names.
pub fn renamed(text: &str, names: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in names.iter().filter(|(from, to)| !from.eq_ignore_ascii_case(to)) {
        text = replaced(&text, from, to);
    }
    text
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let after = rest.strip_prefix(from).filter(|_| !from.is_empty());
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if let Some(after) = after.filter(|after| !after.starts_with(is_part)) {
            out.push_str(to);
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let names = [("zoë", "zo_"), ("Wren", "wren")];
        assert_eq!(
            renamed("@zoë, @zoës and zoë@zoë. @Wren", &names),
            "@zo_, @zoës and zoë@zo_. @Wren"
        );
        assert_eq!(renamed("", &names), "");
    }
}
