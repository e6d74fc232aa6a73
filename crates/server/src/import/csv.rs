//! Reads and writes CSV (RFC 4180), as spreadsheets do.

/// Returns a line with these values.
pub fn line(values: &[&str]) -> String {
    let one = |value: &&str| {
        if value.contains(['"', ',', ';', '\n', '\r'])
            || value.starts_with(' ')
            || value.ends_with(' ')
        {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            (*value).to_owned()
        }
    };
    values.iter().map(one).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Returns the rows of a table. If its first line contains semicolons and no comma, semicolons separate the values.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let (mut rows, mut row, mut value) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => value.push('"'),
            '"' if is_quoted => is_quoted = false,
            '"' if value.is_empty() => is_quoted = true,
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut value));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !is_quoted && chars.peek() == Some(&'\n') => {}
            c if c == separator && !is_quoted => row.push(std::mem::take(&mut value)),
            c => value.push(c),
        }
    }
    if !value.is_empty() || !row.is_empty() {
        row.push(value);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|value| !value.is_empty()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let values = ["a", "b, c", "say \"x\"", "two\nlines", ""];
        let text = line(&values) + &line(&["x"]);
        assert_eq!(rows(&text), [values.map(str::to_owned).to_vec(), vec!["x".to_owned()]]);
        assert_eq!(rows("a;b\n1;2\n"), [["a", "b"], ["1", "2"]]);
    }
}
