use crate::parse::{Parsed, parse_without_precheck};
use crate::{Block, Inline, parse, plain};
use serde_json::{Value, json};

fn tree(body: &str) -> Value {
    serde_json::to_value(parse(body)).expect("a tree")
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

#[test]
fn ordinary_text_stays_as_it_was_typed() {
    for body in [
        "say 1 * 2 * 3",
        "#hashtag",
        "a_snake_case_name",
        "<b>bold</b> & <script>alert(1)</script>",
        "[x]: https://example.org",
        "    four spaces",
        "line one\nline two",
        "a :) b",
        "title\n-----\n",
    ] {
        let Some(blocks) = parse(body) else { continue };
        let shown = serde_json::to_string(&blocks).expect("text").replace("\\n", "\n");
        assert!(matches!(blocks[..], [Block::Paragraph { .. }, ..]), "{body}: {shown}");
        for word in body.split_whitespace().filter(|word| !word.starts_with("--")) {
            assert!(shown.contains(word), "{word} of {body} is lost: {shown}");
        }
    }
}

#[test]
fn emphasis_code_and_strikethrough() {
    assert_eq!(
        tree("a **b** *c* ~~d~~ `e`"),
        json!([{ "type": "paragraph", "children": [
            text("a "),
            { "type": "strong", "children": [text("b")] },
            text(" "),
            { "type": "emphasis", "children": [text("c")] },
            text(" "),
            { "type": "delete", "children": [text("d")] },
            text(" "),
            { "type": "code", "text": "e" },
        ] }])
    );
    assert_eq!(
        tree("```raku\nsay 1;\n```"),
        json!([{ "type": "code", "text": "say 1;", "language": "raku" }])
    );
}

#[test]
fn headings_quotes_lists_tasks_tables_and_rules() {
    let all = tree("# title\n\n> said\n\n- one\n\n---\n\n| a | b |\n| - | -: |\n| 1 | 2 |");
    let types: Vec<_> =
        all.as_array().expect("blocks").iter().map(|block| &block["type"]).collect();
    assert_eq!(types, ["heading", "quote", "list", "rule", "table"]);
    assert_eq!(all[4]["rows"][0][0]["align"], Value::Null);
    assert_eq!(all[4]["rows"][0][1]["align"], "right");
    assert_eq!(all[4]["rows"][1][1]["children"], json!([text("2")]));
    assert_eq!(tree("3. three\n4. four")[0]["start"], 3);
    assert_eq!(tree("- one")[0]["start"], Value::Null);
    let tasks = tree("- [x] done\n- [ ] open");
    assert_eq!(tasks[0]["items"][0]["checked"], true);
    assert_eq!(tasks[0]["items"][1]["checked"], false);
}

#[test]
fn only_links_that_cannot_run_anything_are_links_and_nothing_is_fetched() {
    assert_eq!(tree("see https://raku.org/x")[0]["children"][1]["url"], "https://raku.org/x");
    assert_eq!(
        tree("![a cat](https://a.org/cat.png)")[0]["children"],
        json!([{ "type": "link", "url": "https://a.org/cat.png", "children": [text("a cat")] }])
    );
    for url in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "JaVaScRiPt:x"] {
        let shown = tree(&format!("[click]({url}) <{url}>")).to_string();
        assert!(!shown.contains("\"link\"") && shown.contains(url), "{shown}");
    }
}

#[test]
fn a_forwarded_message_is_a_quote_with_its_code() {
    let forwarded = tree("**a\\*b\\*** in \\#x, then:\n> one\n> ```\n> code\n> ```");
    assert!(forwarded[0].to_string().contains("a*b*"), "{forwarded}");
    assert_eq!(forwarded[1]["type"], "quote");
    assert_eq!(forwarded[1]["children"][0]["type"], "paragraph");
    assert_eq!(forwarded[1]["children"][1]["text"], "code");
}

#[test]
fn excessively_nested_markup_is_shown_as_it_was_written() {
    for body in [
        ">".repeat(20_000),
        "- ".repeat(5_000) + "a",
        "*a _b ".repeat(8_000) + &"b_ a* ".repeat(8_000),
        "- a\n".repeat(9_000),
        "**a** ".repeat(9_000),
    ] {
        assert_eq!(parse(&body), None);
    }
    // These are long but not nested.
    let long = format!("{}**b**", "a line of words\n".repeat(900));
    assert!(matches!(parse(&long).as_deref(), Some([Block::Paragraph { .. }])));
    let code = format!("```\n{}```", "*a_ | b\n".repeat(900));
    assert!(matches!(parse(&code).as_deref(), Some([Block::Code { .. }])));
}

#[test]
fn a_line_of_dashes_is_not_nested() {
    let text = format!("{}\n`a`", "-".repeat(80));
    assert!(matches!(parse(&text).as_deref(), Some([Block::Rule, Block::Paragraph { .. }])));
}

#[test]
fn a_message_that_would_show_nothing_is_shown_as_it_was_written() {
    for body in [
        "&#8203;",
        "&nbsp;",
        "&zwnj;",
        "&#x2800;",
        "&#x202e;",
        "[](https://a.example)",
        "[]()",
        "[&nbsp;](https://a.example)",
        "**\u{200b}**",
        "~~\u{2060}~~",
        "*\u{ad}*",
        "`\u{2800}`",
        "#",
        "## ",
        ">",
        "> >",
        "-",
        "1.",
        "- [ ] &nbsp;",
        "```\n```",
        "```raku\n\n```",
        "| |\n|-|",
        "> - &#8203;",
    ] {
        assert_eq!(parse(body), None, "{body:?}");
    }
    assert!(matches!(parse("---").as_deref(), Some([Block::Rule])));
    assert!(parse("&nbsp;a").is_some());
}

#[test]
fn disabled_features_are_shown_as_they_were_typed() {
    let paragraph = |shown: &str| json!([{ "type": "paragraph", "children": [text(shown)] }]);
    assert_eq!(tree("title\n---")[0], paragraph("title")[0]);
    assert_eq!(tree("title\n---")[1]["type"], "rule");
    assert_eq!(tree("> title\n> ===")[0]["children"], paragraph("title\n==="));
    assert_eq!(tree("one\n\n    if x:\n        y()\n")[1], paragraph("    if x:\n        y()")[0]);
    assert_eq!(
        tree("- one\n\n      **b**")[0]["items"][0]["children"][1]["children"][1]["type"],
        "strong"
    );
    assert_eq!(tree("[x]: /a\n[x]: /b\n\n[x]")[0], paragraph("[x]: /a\n[x]: /b")[0]);
    assert_eq!(tree("`a` ~b~ ~~c~~")[0]["children"][1], text(" ~b~ "));
    assert_eq!(
        tree("`a` <b>c</b> <!-- d --> <?e?>")[0]["children"][1],
        text(" <b>c</b> <!-- d --> <?e?>")
    );
    assert_eq!(tree("<div>\n**b**\n</div>")[0]["children"][1]["type"], "strong");
    assert_eq!(
        tree("`<b>[x]: https://example.org`")[0]["children"][0]["text"],
        "<b>[x]: https://example.org"
    );
    // The placeholders (Unicode noncharacters) that stand for a link in what the parser gets.
    assert_eq!(tree("**\u{fdd1}0\u{fdd2}** https://example.org"), Value::Null);
}

#[test]
fn characters_in_a_link_are_not_markup_and_links_work_inside_markup() {
    let link = |url: &str| json!({ "type": "link", "url": url, "children": [text(url)] });
    let url = "https://example.org/_a_*b*~~c~~";
    let children = |body: &str| tree(body)[0]["children"].clone();
    assert_eq!(children(&format!("see {url}x")), json!([text("see "), link(&format!("{url}x"))]));
    assert_eq!(
        children("**https://example.org**")[0]["children"],
        json!([link("https://example.org")])
    );
    assert_eq!(
        children("[https://bank.example](https://evil.example/_a_)"),
        json!([{ "type": "link", "url": "https://evil.example/_a_", "children": [text("https://bank.example")] }])
    );
    assert_eq!(children("<https://example.org/*a*>")[0]["url"], "https://example.org/*a*");
    assert_eq!(children("to a_b@example.org_.")[1]["url"], Value::Null);
    assert_eq!(children("to a_b@example.org!")[1]["url"], "mailto:a_b@example.org");
    assert_eq!(
        children("看https://example.com/a。然后"),
        json!([text("看"), link("https://example.com/a"), text("。然后")])
    );
    assert_eq!(
        children("**https://example.com/a**然后"),
        json!([{ "type": "strong", "children": [link("https://example.com/a")] }, text("然后")])
    );
    assert_eq!(
        tree("| https://example.org/a|b |\n|-|-|")[0]["rows"][0][1]["children"],
        json!([text("b")])
    );
}

#[test]
fn a_text_four_times_as_long_takes_about_four_times_as_long() {
    parlour_samples::assert_linear(|body| {
        std::hint::black_box((parse(body), plain(body)));
    });
}

/// Returns the words as they are displayed: adjacent texts are joined, and white space at the ends
/// of lines does not show.
fn displayed(blocks: &[Block]) -> String {
    let tree = serde_json::to_string(blocks).expect("text");
    let tree = tree.replace(r#""},{"type":"text","text":""#, "").replace("\\n", " ");
    tree.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn text_without_markup_is_displayed_the_same_if_it_is_parsed() {
    let mut pieces: Vec<String> =
        "`~*_[]\\|&<>@:.-+#!()/; \n1aé,".chars().map(String::from).collect();
    pieces.extend(["www", "b@c", "](", "&amp;", " \n", "ab"].map(String::from));
    let mut seed: usize = 7;
    let mut random = |below: usize| {
        seed = seed * 48_271 % 2_147_483_647;
        seed % below
    };
    for _ in 0..20_000 {
        let count = 1 + random(9);
        let body: String = (0..count).map(|_| pieces[random(pieces.len())].as_str()).collect();
        let body = body.trim();
        let words = |text: &str| vec![Inline::Text { text: text.to_owned() }];
        let as_written = || vec![Block::Paragraph { children: words(body) }];
        let ours = parse(body).unwrap_or_else(as_written);
        let parsed = match parse_without_precheck(body) {
            Parsed::Marked(blocks) => blocks,
            Parsed::Plain | Parsed::AsWritten => as_written(),
        };
        assert_eq!(displayed(&ours), displayed(&parsed), "{body:?}");
    }
}

#[test]
fn a_preview_contains_no_markup() {
    for (line, expected) in [
        ("nothing special", "nothing special"),
        ("**bold** and `code` and ~~gone~~", "bold and code and gone"),
        (
            "see [the plan](https://example.org) at https://example.org",
            "see the plan at https://example.org",
        ),
        ("> quoted", "quoted"),
        ("## Plan - [x] read - [ ] write", "Plan read write"),
        ("```js const x = 1; ``` is it", "const x = 1; is it"),
        ("```one```", "one"),
        ("snake_case_names and 2 * 3 * 4", "snake_case_names and 2 * 3 * 4"),
        ("cut in the **midd", "cut in the **midd"),
        ("<b>not markup</b>", "<b>not markup</b>"),
        ("# #5 and a #", "#5 and a #"),
        ("", ""),
    ] {
        assert_eq!(plain(line), expected);
    }
}
