//! Names and texts that try to become markup, paths or programs.

use super::{GROUP, OTHER, World, everything, message};
use crate::ExportFormat;
use parlour_protocol::{FileKind, MessageFile, MessageRow};

#[test]
fn hostile_titles_and_files_stay_in_the_folder() {
    let world = World::new();
    let names = ["../../x.txt", "CON.txt", "con.txt", "a\u{202e}gpj.exe", "evil.html"];
    let files: Vec<_> =
        names.iter().map(|name| MessageFile::example(name, name.as_bytes())).collect();
    let row = MessageRow { files: files.clone(), ..message(1, "") };
    world.group(GROUP, "../..", vec![row]);
    world.group(OTHER, "NUL", vec![]);
    for (file, name) in files.iter().zip(names) {
        world.receive(file, name.as_bytes());
    }
    world.export(&everything(ExportFormat::Html)).unwrap();
    let paths = world.paths();
    assert!(paths.iter().all(|path| !path.contains("..") && !path.contains('\u{202e}')));
    for path in ["files/_CON.txt", "files/_con (2).txt", "files/agpj.exe", "files/x.txt"] {
        assert!(paths.iter().any(|found| found.ends_with(path)), "{path} in {paths:?}");
    }
    assert!(paths.contains(&"conversations/_NUL/index.html".to_owned()), "{paths:?}");
    // What a browser would run is not linked.
    let page = paths.iter().find(|path| path.ends_with("/index.html") && !path.contains("NUL"));
    let page = world.read(page.unwrap());
    assert!(page.contains("files/x.txt") && page.contains("May be a program"));
    assert!(!page.contains("evil.html\"") && !page.contains(".exe\""), "{page}");
}

#[test]
fn hostile_texts_are_text() {
    let world = World::new();
    let picture = MessageFile {
        kind: FileKind::Picture { width: 2, height: 1, thumbhash: None },
        ..MessageFile::example("a\" onerror=\"alert(1).png", b"png")
    };
    world.receive(&picture, b"png");
    let script = "<script>alert(1)</script>";
    let row = MessageRow { files: vec![picture], ..message(2, "[x](javascript:alert(1)) `<b>`") };
    world.group(GROUP, script, vec![message(1, script), row]);
    world.export(&everything(ExportFormat::Html)).unwrap();
    for path in world.paths().iter().filter(|path| path.ends_with(".html")) {
        let html = world.read(path);
        for hostile in ["<script", "<b>", "javascript:alert(1)\"", "\" onerror"] {
            assert!(!html.contains(hostile), "{hostile} in {html}");
        }
    }
}

#[test]
fn a_page_admits_nothing_but_its_style_and_files_next_to_it() {
    let world = World::new();
    world.group(GROUP, "workshop", vec![message(1, "a")]);
    world.export(&everything(ExportFormat::Html)).unwrap();
    let html = world.read("conversations/workshop/index.html");
    let policy = html.split("content=\"default-src 'none'; ").nth(1).unwrap();
    let policy = policy.split('"').next().unwrap();
    assert!(policy.starts_with("style-src 'sha256-"), "{policy}");
    for loose in ["unsafe", "http", "*", "script-src"] {
        assert!(!policy.contains(loose), "{loose} in {policy}");
    }
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"));
    assert!(!html.contains("http-equiv=\"refresh\"") && !html.contains("style=\""));
}
