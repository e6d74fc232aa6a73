//! Texts of which a careless reader reads parts again and again.

use std::time::{Duration, Instant};

/// Runs a function on texts that repeat, nest and mix what has a meaning in messages.
///
/// # Panics
/// Panics if one that is four times as long takes clearly more than four times as long.
pub fn assert_linear(read: impl Fn(&str)) {
    let took = |text: &str| {
        let began = Instant::now();
        read(text);
        began.elapsed().max(Duration::from_millis(2))
    };
    for (short, long) in repeated(4 * 1024).iter().zip(&repeated(16 * 1024)) {
        let (mut first, mut second) = (took(short), took(long));
        // The machine's other work takes time, too; a cost that grows faster than the length shows
        // in every repetition.
        for _ in 0..20 {
            if second < 8 * first {
                break;
            }
            (first, second) = (first.max(took(short)), second.min(took(long)));
        }
        let begin: String = long.chars().take(24).collect();
        assert!(second < 8 * first, "{begin:?}: {first:?}, {second:?}");
    }
}

/// Returns texts of about this length in which characters with a meaning are repeated, nested and
/// mixed.
fn repeated(bytes: usize) -> Vec<String> {
    let signs = [
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
    for (at, one) in signs.iter().enumerate() {
        all.push(one.repeat(bytes / one.len()));
        for begin in ["http://a/", "www.a", "[", "> "] {
            all.push(format!("{begin}{}", one.repeat((bytes - begin.len()) / one.len())));
        }
        for other in signs.iter().cycle().skip(at + 1).step_by(5).take(4) {
            let (pair, half) = (format!("{one}{other}"), bytes / 2);
            all.push(pair.repeat(bytes / pair.len()));
            all.push(one.repeat(half / one.len()) + &other.repeat(half / other.len()));
        }
    }
    all
}
