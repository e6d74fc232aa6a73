//! The folder of an export: when it appears, and when nothing of it is left.

use super::{GROUP, World, context, everything, message};
use crate::{Error, ExportFormat, Progress, export, free_folder};
use jiff::tz::TimeZone;
use parlour_protocol::{LocalReason, Millis};
use std::ops::ControlFlow;

/// Returns the names in the folder of exports, without the account.
fn names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "account").collect()
}

#[test]
fn an_account_without_conversations_has_an_index() {
    let world = World::new();
    let exported = world.export(&everything(ExportFormat::Both)).unwrap();
    assert_eq!((exported.conversations, exported.messages), (0, 0));
    assert_eq!(world.paths(), ["index.html"]);
    assert_eq!(names(&world), ["export"]);
}

#[test]
fn a_conversation_without_messages_has_a_page_that_says_so() {
    let world = World::new();
    world.group(GROUP, "workshop", vec![]);
    world.export(&everything(ExportFormat::Both)).unwrap();
    assert!(world.read("conversations/workshop/index.html").contains("No messages"));
    assert!(world.read("conversations/workshop/messages.jsonl").ends_with("\"messages\":0}\n"));
}

#[test]
fn an_existing_folder_is_never_changed() {
    let world = World::new();
    std::fs::create_dir(world.target()).unwrap();
    let error = world.export(&everything(ExportFormat::Both)).unwrap_err();
    assert!(matches!(error, Error::Exists(_)));
    assert_eq!(error.reason(), Some(LocalReason::ExportExists));
    assert_eq!(names(&world), ["export"]);
    assert!(world.paths().is_empty());
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    let world = World::new();
    world.group(GROUP, "workshop", (1..=500).map(|seq| message(seq, "a")).collect());
    let request = everything(ExportFormat::Both);
    let (mut calls, mut seen) = (0, Progress::default());
    for allowed in 0..4 {
        calls = 0;
        let mut report = |progress: Progress| {
            calls += 1;
            seen = progress;
            if calls > allowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let result = export(&world.store, &request, &context(), &world.target(), &mut report);
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Cancelled), "{error}");
        assert_eq!(error.reason(), Some(LocalReason::ExportCancelled));
        assert!(names(&world).is_empty(), "{:?}", names(&world));
    }
    assert_eq!((calls, seen), (4, Progress { done: 500, total: 500 }));
    world.export(&request).unwrap();
    assert_eq!(names(&world), ["export"]);
}

#[test]
fn a_full_disk_has_its_own_reason() {
    let failed = |kind: std::io::ErrorKind| Error::Write { path: "x".into(), source: kind.into() };
    let full = failed(std::io::ErrorKind::StorageFull).reason();
    assert_eq!(full, Some(LocalReason::ExportDiskFull));
    let denied = failed(std::io::ErrorKind::PermissionDenied).reason();
    assert!(matches!(denied, Some(LocalReason::ExportFails { .. })));
}

#[test]
fn a_folder_that_cannot_be_written_leaves_nothing() {
    let world = World::new();
    let (request, target) = (everything(ExportFormat::Both), world.target().join("a/b"));
    let mut report = |_: Progress| ControlFlow::Continue(());
    let result = export(&world.store, &request, &context(), &target, &mut report);
    assert!(matches!(result, Err(Error::Write { .. })));
    assert!(names(&world).is_empty());
}

#[test]
fn a_free_name_has_the_day_and_a_number_if_needed() {
    let world = World::new();
    let parent = world.folder.path();
    let now = Millis(super::NOON);
    let free = || free_folder(parent, "../Parlour: all", now, &TimeZone::UTC).unwrap();
    assert_eq!(free(), parent.join("_Parlour_ all 2024-05-17"));
    std::fs::create_dir(free()).unwrap();
    assert_eq!(free(), parent.join("_Parlour_ all 2024-05-17 (2)"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_an_export() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.group(GROUP, "workshop", vec![message(1, "a")]);
    world.export(&everything(ExportFormat::Both)).unwrap();
    let mode = |path: &str| {
        std::fs::metadata(world.target().join(path)).unwrap().permissions().mode() & 0o777
    };
    for folder in ["", "conversations", "conversations/workshop"] {
        assert_eq!(mode(folder), 0o700, "{folder}");
    }
    for path in world.paths() {
        assert_eq!(mode(&path), 0o600, "{path}");
    }
}
