use super::*;
use crate::{Count, ErrorBody, ErrorCode, Refusal, limits};

fn file() -> MessageFile {
    MessageFile::example("plan.pdf", b"plan")
}

fn refusal(file: MessageFile) -> ErrorBody {
    check_files(&[file]).unwrap_err()
}

#[test]
fn a_cleaned_name_may_be_sent() {
    let long = format!("{}.pdf", "ä".repeat(300));
    for (raw, clean) in [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\wren\\plan.pdf", "plan.pdf"),
        ("plan\u{202e}fdp.exe", "planfdp.exe"),
        ("a\r\nb\0c\t.txt", "a  b c .txt"),
        ("  .profile ", ".profile"),
        ("re\u{301}sume\u{301}.txt", "r\u{e9}sum\u{e9}.txt"),
        ("in\u{200b}vis\u{2060}ible", "invisible"),
        ("CON", "CON"),
        ("日本語.txt", "日本語.txt"),
        ("👩\u{200d}🚀.png", "👩\u{200d}🚀.png"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("a/", "a"),
        ("/ / ", "file"),
        ("\u{200b}", "file"),
        (&long, &format!("{}.pdf", "ä".repeat(125))),
    ] {
        assert_eq!(clean_file_name(raw), clean, "{raw:?}");
        assert_eq!(clean_file_name(clean), clean, "{clean:?}");
        assert!(clean.len() <= limits::FILE_NAME_BYTES);
        if raw != clean {
            let refused = refusal(MessageFile { name: raw.into(), ..file() });
            assert_eq!(refused, Refusal::FileName.into(), "{raw:?}");
        }
    }
}

#[test]
fn a_name_can_be_saved_on_any_system() {
    for (sent, saved) in [
        ("plan.pdf", "plan.pdf"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Com1 .tar.gz", "_Com1 .tar.gz"),
        ("lpt³", "_lpt³"),
        ("com10", "com10"),
        ("what? a \"b\" <c>:|*", "what_ a _b_ _c____"),
        ("dots...", "dots"),
        ("…", "…"),
        ("..", "file"),
    ] {
        assert_eq!(saved_file_name(sent), saved, "{sent:?}");
        assert_eq!(saved_file_name(saved), saved, "{saved:?}");
    }
}

#[test]
fn an_invalid_description_of_a_file_is_refused() {
    let thumbnail = Thumbnail { hash: FileHash::of(b"t"), bytes: Count(40_001) };
    let picture = |width, height, hash: Option<&str>| FileKind::Picture {
        width,
        height,
        thumbhash: hash.map(str::to_owned),
    };
    check_files(&[file()]).unwrap();
    let hash = "1QcSHQRnh493V4dIh4eXh1h4kJUI";
    check_files(&[MessageFile { kind: picture(1, 100_000, Some(hash)), ..file() }]).unwrap();
    for bad in [
        MessageFile { bytes: Count(-1), ..file() },
        MessageFile { media_type: "text".into(), ..file() },
        MessageFile { media_type: "text/html; charset=utf-8".into(), ..file() },
        MessageFile { media_type: "Text/HTML".into(), ..file() },
        MessageFile { media_type: "/".into(), ..file() },
        MessageFile { media_type: format!("text/{}", "x".repeat(123)), ..file() },
        MessageFile { kind: picture(0, 1, None), ..file() },
        MessageFile { kind: picture(1, 100_001, None), ..file() },
        MessageFile { kind: picture(1, 1, Some("<b>")), ..file() },
        MessageFile { kind: picture(1, 1, Some("")), ..file() },
        MessageFile { thumbnail: Some(thumbnail), ..file() },
    ] {
        assert_eq!(refusal(bad.clone()).code, ErrorCode::Invalid, "{bad:?}");
    }
    assert_eq!(refusal(MessageFile { bytes: Count(0), ..file() }), Refusal::FileEmpty.into());
    let huge = MessageFile { bytes: Count(limits::FILE_BYTES + 1), ..file() };
    assert_eq!(refusal(huge), Refusal::FileTooLarge { max_mib: 4096 }.into());
    let many = vec![file(); limits::FILES];
    check_files(&many).unwrap();
    let more = check_files(&[many, vec![file()]].concat());
    assert_eq!(more, Err(Refusal::FilesTooMany.into()));
    let other = MessageFile { bytes: Count(9), ..file() };
    assert!(check_files(&[file(), other]).is_err(), "the same bytes have one size");
}

#[test]
fn a_kind_of_a_newer_version_is_a_file() {
    let kind: FileKind = serde_json::from_str(r#"{"type":"hologram","depth":3}"#).unwrap();
    assert_eq!(kind, FileKind::File);
    for kind in [FileKind::File, FileKind::Sound { duration_ms: 7 }] {
        assert_eq!(serde_json::to_value(&kind).unwrap()["type"], kind.word());
    }
}

#[test]
fn the_limits_of_a_server_give_the_reason_of_a_refusal() {
    let limits = FileLimits {
        file_bytes: Count(2 << 20),
        media_types: vec!["image/*".into(), "application/pdf".into()],
        quota_bytes: Some(Count(3 << 20)),
        used_bytes: Count(2 << 20),
        part_bytes: Count(4 << 20),
        min_part_bytes: Count(64 << 10),
    };
    assert_eq!(limits.check(1 << 20, "image/png"), Ok(()));
    assert_eq!(limits.check(1, "application/pdf"), Ok(()));
    assert_eq!(limits.check(1, "application/pdfx"), Err(Refusal::FileType));
    assert_eq!(limits.check(1, "images/png"), Err(Refusal::FileType));
    assert_eq!(limits.check((1 << 20) + 1, "image/png"), Err(Refusal::FileQuota { max_mib: 3 }));
    assert_eq!(limits.check(i64::MAX, "image/png"), Err(Refusal::FileTooLarge { max_mib: 2 }));
    let off = FileLimits { file_bytes: Count(0), ..limits };
    assert_eq!(off.check(1, "image/png"), Err(Refusal::FilesOff));
}

#[test]
fn a_hash_is_64_digits() {
    let hash = FileHash::of(b"abc");
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hash.to_string(), hex);
    assert_eq!(serde_json::to_value(hash).unwrap(), hex);
    assert_eq!(hex.parse(), Ok(hash));
    for bad in ["", "ba78", &hex.to_uppercase(), &format!("{hex}00")] {
        assert_eq!(bad.parse::<FileHash>(), Err(InvalidFileHash), "{bad}");
    }
}
