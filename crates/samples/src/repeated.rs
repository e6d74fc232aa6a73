//! Texts for which a naive parser takes quadratic time.

use std::time::{Duration, Instant};

/// Runs a parser on texts that repeat, nest and mix the characters of markup.
///
/// # Panics
/// Panics if one that is four times as long takes clearly more than four times as long.
pub fn assert_linear(parse: impl Fn(&str)) {
    let duration = |text: &str| {
        let began = Instant::now();
        parse(text);
        began.elapsed().max(Duration::from_millis(2))
    };
    for (short, long) in repeated(4 * 1024).iter().zip(&repeated(16 * 1024)) {
        let (mut first, mut second) = (duration(short), duration(long));
        // Other programs take time, too, so the measurement is repeated; quadratic time shows in every
        // repetition.
        for _ in 0..20 {
            if second < 8 * first {
                break;
            }
            (first, second) = (first.max(duration(short)), second.min(duration(long)));
        }
        let prefix: String = long.chars().take(24).collect();
        assert!(second < 8 * first, "{prefix:?}: {first:?}, {second:?}");
    }
}

/// Returns texts of about this length in which the characters of markup are repeated, nested and mixed.
fn repeated(bytes: usize) -> Vec<String> {
    let pieces = [
        "*",
        "_",
        "~",
        "~~",
        "`",
        "[",
        "]",
        "](",
        "![",
        "<",
        "|",
        "- ",
        "#",
        ":",
        "!",
        "?",
        ".",
        "'",
        "&amp;",
        "\\",
        "\n",
        "\t",
        "    ",
        "1.",
        "- [ ] ",
        "> ",
        "\n|-|\n",
        "http://a/",
        "www.a.",
        "a@b.c",
        "@",
        "[a](",
        "<a:",
        "<!--",
        "```\n",
        "é",
        "。",
        "---\n",
        ")",
        "*a _b ",
        "**a",
        "a\n",
        "http://",
        "あ!",
        "é:@。",
        "/@<!--",
        "x.y/@",
        "@é-(- ",
        "@é-http://mailto:",
    ];
    let mut all = Vec::new();
    for (at, one) in pieces.iter().enumerate() {
        all.push(one.repeat(bytes / one.len()));
        for prefix in ["http://a/", "www.a", "[", "> "] {
            all.push(format!("{prefix}{}", one.repeat((bytes - prefix.len()) / one.len())));
        }
        for other in pieces.iter().cycle().skip(at + 1).step_by(5).take(4) {
            let (pair, half) = (format!("{one}{other}"), bytes / 2);
            all.push(pair.repeat(bytes / pair.len()));
            all.push(one.repeat(half / one.len()) + &other.repeat(half / other.len()));
        }
    }
    all
}
