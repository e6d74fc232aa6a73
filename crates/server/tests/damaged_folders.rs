//! Folders with unusual damage, each kind of which the doctor reports.
#![cfg(unix)]

use crate::common::Server;
use crate::doctor::{Folder, assert_reports, doctor, run_doctor, state};
use crate::program::{PROGRAM, Program, command, output, stderr_text};
use parlour_server::data_names::{ALL, DATABASE, of_database};
use parlour_server::{Config, MetricsMode};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// Returns a command that is killed if it blocks.
fn with_timeout(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "60", PROGRAM]).args(args).arg("--data").arg(data);
    command.env_remove("PARLOUR_DATABASE");
    command
}

#[test]
fn a_fifo_instead_of_a_file_is_reported_and_blocks_no_command() {
    let settings = "tls = \"own\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"token\"\n";
    let own = ALL.iter().filter(|(_, kind)| kind.is_regular()).map(|(name, _)| (*name).to_owned());
    for name in own.chain(of_database(DATABASE)) {
        let folder = Folder::new();
        folder.write(settings);
        fifo(&folder.file(&name));
        let (found, code) = doctor(with_timeout(&folder.data, &["doctor"]));
        let finding = found
            .iter()
            .find(|finding| finding["check"] == "folder" && finding["state"] == "error");
        let finding = finding.unwrap_or_else(|| panic!("{name}: {found:#?}"));
        assert!(finding["found"].as_str().unwrap().starts_with(&format!("{name} is a FIFO")));
        let to_do = finding["toDo"].as_str().unwrap();
        let is_made_again = !["parlour.db", "parlour.toml", "tls.pem"].contains(&name.as_str());
        assert_eq!(to_do.contains("makes a new file"), is_made_again, "{name}: {to_do}");
        assert_eq!(code, 2, "{name}");
        for args in [&["serve"][..], &["status"], &["check-config"]] {
            let ended = with_timeout(&folder.data, args).output().unwrap();
            assert_ne!(ended.status.code(), None, "{name}: {args:?} waited");
            assert_ne!(ended.status.code(), Some(137), "{name}: {args:?} waited");
            assert!(args != ["serve"] || !ended.status.success(), "{name}");
        }
    }
}

/// Returns the names in a folder that the server's list of its files does not contain.
fn unknown_names(data: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| name.into_string().unwrap());
    let is_known = |name: &String| {
        ALL.iter().any(|(own_name, _)| own_name == name) || of_database(DATABASE).contains(name)
    };
    names.filter(|name| !is_known(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_everything_switched_on_creates_only_files_that_are_in_its_list() {
    let folder = Folder::new();
    let elsewhere = tempfile::tempdir().unwrap();
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"token\"\n");
    let server = folder.serve();
    let backup = elsewhere.path().join("backup");
    for args in [&["certificate", "new-key"][..], &["backup", backup.to_str().unwrap()]] {
        let done = output(command(&folder.data, args), "");
        assert!(done.status.success(), "{}", stderr_text(&done));
    }
    assert_eq!(unknown_names(&folder.data), BTreeSet::new());
    for name in ["control.sock", "backups.json", "tls.pem.lock", "metrics.token"] {
        assert!(folder.file(name).exists(), "{name}");
    }
    server.stop();
    // Without encryption, so that this test can upload a file.
    let config = Config::in_folder(&folder.data, ([127, 0, 0, 1], 0).into());
    let metrics = MetricsMode::OwnToken(folder.file("metrics.token"));
    let server = Server::start(&Config { metrics, bcrypt_cost: 4, ..config }).await;
    server.register_administrator("oak").await.upload(b"text").await;
    assert!(folder.file("files").is_dir());
    assert_eq!(unknown_names(&folder.data), BTreeSet::new());
    server.running.stop().await.unwrap();
}

#[test]
fn a_killed_restore_is_reported() {
    let folder = Folder::new();
    std::fs::rename(folder.file("parlour.db"), folder.file("parlour.db.restoring")).unwrap();
    std::fs::remove_file(folder.file("parlour.wm")).unwrap();
    assert_reports(&folder, "folder", "error");
    let (found, _) = run_doctor(&folder.data);
    assert!(found.iter().any(|finding| {
        finding["toDo"].as_str().is_some_and(|finding| finding.contains("restore"))
    }));
}

#[test]
fn no_command_begins_an_empty_database_in_place_of_one_that_is_gone() {
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("backup");
    let commands: [&[&str]; 8] = [
        &["serve", "--listen", "127.0.0.1:0"],
        &["status"],
        &["invite"],
        &["user", "list"],
        &["backup", backup.to_str().unwrap()],
        &["verify"],
        &["restored"],
        &["database", "clock"],
    ];
    for is_empty in [false, true] {
        let folder = Folder::new();
        let (database, witness) = (folder.file("parlour.db"), folder.file("parlour.wm"));
        std::fs::remove_file(&database).unwrap();
        if is_empty {
            std::fs::write(&database, "").unwrap();
        }
        let before = std::fs::read(&witness).unwrap();
        for args in commands {
            let ended = output(with_timeout(&folder.data, args), "");
            let error = stderr_text(&ended);
            assert_eq!(ended.status.code(), Some(1), "{args:?}: {error}");
            assert!(
                error.contains("a server had one here: parlour.wm exists"),
                "{args:?}: {error}"
            );
            assert!(!error.contains("/join#"), "{error}");
        }
        assert_eq!(std::fs::read(&witness).unwrap(), before);
        assert_eq!(database.exists(), is_empty);
        assert!(!backup.exists());
        assert_reports(&folder, "folder", "error");
        // The sentence names the files whose removal begins an empty database.
        std::fs::remove_file(&witness).unwrap();
        if is_empty {
            let error = stderr_text(&output(with_timeout(&folder.data, &["invite"]), ""));
            assert!(error.contains("remove parlour.db to begin"), "{error}");
            assert_reports(&folder, "folder", "error");
            std::fs::remove_file(&database).unwrap();
        }
        let invited = output(with_timeout(&folder.data, &["invite"]), "");
        assert!(invited.status.success(), "{}", stderr_text(&invited));
    }
}

#[test]
fn commands_that_need_a_server_create_nothing_where_there_is_none() {
    let elsewhere = tempfile::tempdir().unwrap();
    let [data, backup] = ["data", "backup"].map(|name| elsewhere.path().join(name));
    let commands: [&[&str]; 7] = [
        &["user", "list"],
        &["user", "role", "wren", "administrator"],
        &["group", "list"],
        &["backup", backup.to_str().unwrap()],
        &["verify"],
        &["restored"],
        &["database", "clock"],
    ];
    for args in commands {
        let ended = output(with_timeout(&data, args), "");
        let error = stderr_text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{args:?}: {error}");
        assert!(error.contains("there is no server in"), "{args:?}: {error}");
        assert!(!data.exists(), "{args:?}");
    }
    assert!(!data.exists() && !backup.exists());
}

#[test]
fn a_dry_run_of_an_import_creates_nothing() {
    let elsewhere = tempfile::tempdir().unwrap();
    let [data, log] = ["data", "2024-01-02.log"].map(|name| elsewhere.path().join(name));
    std::fs::write(&log, "[10:00] <wren> hello\n").unwrap();
    let args = ["import", "irc", log.to_str().unwrap(), "--channel", "#a", "--dry-run"];
    let ended = output(with_timeout(&data, &args), "");
    assert!(ended.status.success(), "{}", stderr_text(&ended));
    let printed = String::from_utf8(ended.stdout).unwrap();
    assert!(printed.contains("1 message") && printed.contains("nothing was stored"), "{printed}");
    assert!(!data.exists());
}

#[test]
fn dangling_links_and_folders_instead_of_files_are_reported() {
    let database = Folder::new();
    for name in ["parlour.db", "parlour.wm"] {
        std::fs::remove_file(database.file(name)).unwrap();
    }
    symlink("/nowhere/parlour.db", database.file("parlour.db")).unwrap();
    assert_reports(&database, "folder", "error");
    let settings = Folder::new();
    std::fs::remove_file(settings.file("parlour.toml")).unwrap();
    symlink("/nowhere/parlour.toml", settings.file("parlour.toml")).unwrap();
    assert_reports(&settings, "settings", "error");
    let folder = Folder::new();
    std::fs::remove_file(folder.file("parlour.db")).unwrap();
    std::fs::create_dir(folder.file("parlour.db")).unwrap();
    assert_reports(&folder, "folder", "error");
    let link = tempfile::tempdir().unwrap();
    symlink("/nowhere", link.path().join("data")).unwrap();
    let (found, code) = run_doctor(&link.path().join("data"));
    assert_eq!((state(&found, "folder"), code), (Some("error"), 2));
}

#[test]
fn a_missing_metrics_token_is_reported() {
    let own = Folder::new();
    own.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"token\"\n");
    assert_reports(&own, "metrics", "warning");
    own.serve().stop();
    assert_eq!(state(&run_doctor(&own.data).0, "metrics"), Some("ok"));
    std::fs::write(own.file("metrics.token"), "short").unwrap();
    assert_reports(&own, "metrics", "error");
    let elsewhere = Folder::new();
    elsewhere.write("tls = \"own\"\nmetrics = \"token\"\nmetrics_token_file = \"token\"\n");
    assert_reports(&elsewhere, "metrics", "error");
}

#[test]
fn a_backup_folder_that_cannot_be_written_is_reported() {
    let folder = Folder::new();
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\nbackup_dir = \"elsewhere\"\n");
    let elsewhere = folder.file("elsewhere");
    assert_reports(&folder, "backup", "warning");
    let (found, _) = run_doctor(&folder.data);
    let missing =
        |finding: &serde_json::Value| finding["found"].as_str().unwrap().contains("does not exist");
    assert!(
        found.iter().any(|finding| finding["check"] == "backup" && missing(finding)),
        "{found:#?}"
    );
    symlink("/nowhere", &elsewhere).unwrap();
    assert_reports(&folder, "backup", "error");
    std::fs::remove_file(&elsewhere).unwrap();
    std::fs::write(&elsewhere, "a file").unwrap();
    assert_reports(&folder, "backup", "error");
    std::fs::remove_file(&elsewhere).unwrap();
    std::fs::create_dir(&elsewhere).unwrap();
    let (found, _) = run_doctor(&folder.data);
    assert!(found.iter().all(|finding| finding["state"] != "error"), "{found:#?}");
    // The server's user may not write there; root may write everywhere.
    let read_only = Permissions::from_mode(0o555);
    std::fs::set_permissions(&elsewhere, read_only).unwrap();
    if rustix::process::geteuid().is_root() {
        for path in [&folder.data, &folder.file("parlour.db"), &folder.file("parlour.toml")] {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
        }
    }
    assert_reports(&folder, "backup", "error");
    std::fs::set_permissions(&elsewhere, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn open_permissions_behind_links_are_reported_and_the_server_restricts_them() {
    let folder = Folder::new();
    let [link, disk] = ["link", "disk"].map(|name| folder.data.with_file_name(name));
    std::fs::create_dir(&disk).unwrap();
    std::fs::rename(folder.file("parlour.db"), disk.join("parlour.db")).unwrap();
    symlink(disk.join("parlour.db"), folder.file("parlour.db")).unwrap();
    symlink(&folder.data, &link).unwrap();
    std::fs::set_permissions(&folder.data, Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(disk.join("parlour.db"), Permissions::from_mode(0o644)).unwrap();
    let (found, _) = run_doctor(&link);
    assert_eq!(state(&found, "permissions"), Some("warning"), "{found:#?}");
    let warning = found.iter().find(|finding| finding["check"] == "permissions").unwrap();
    for name in ["parlour.db", "link"] {
        assert!(warning["found"].as_str().unwrap().contains(name), "{warning}");
    }
    Program::start(command(&link, &["serve"])).stop();
    let (found, _) = run_doctor(&link);
    assert_eq!(state(&found, "permissions"), Some("ok"), "{found:#?}");
    if rustix::process::geteuid().is_root() {
        // Settings may belong to an administrator, if the server can read them.
        let settings = disk.join("settings");
        std::fs::rename(folder.file("parlour.toml"), &settings).unwrap();
        symlink(&settings, folder.file("parlour.toml")).unwrap();
        std::fs::set_permissions(&settings, Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::chown(&settings, Some(65534), None).unwrap();
        let (found, _) = run_doctor(&link);
        assert_eq!(state(&found, "permissions"), Some("ok"), "{found:#?}");
    }
}

#[test]
fn files_that_the_server_user_cannot_access_are_reported() {
    let folder = Folder::new();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    mode(&folder.file("parlour.db"), 0o400);
    assert_reports(&folder, "permissions", "error");
    mode(&folder.file("parlour.db"), 0o600);
    mode(&folder.file("parlour.toml"), 0o400);
    let (found, _) = run_doctor(&folder.data);
    assert_eq!(state(&found, "permissions"), Some("ok"), "settings are only read: {found:#?}");
    mode(&folder.data, 0o500);
    assert_reports(&folder, "folder", "error");
    mode(&folder.data, 0o700);
}

#[test]
fn only_the_server_renews_a_damaged_acme_certificate() {
    let folder = Folder::new();
    folder.write("tls = \"acme\"\nacme_domains = \"chat.example.org\"\n");
    std::fs::write(folder.file("acme.pem"), "no certificate").unwrap();
    std::fs::set_permissions(folder.file("acme.pem"), Permissions::from_mode(0o600)).unwrap();
    assert_reports(&folder, "certificate", "warning");
    let (found, _) = run_doctor(&folder.data);
    let certificate = found.iter().find(|finding| finding["check"] == "certificate").unwrap();
    let to_do = certificate["toDo"].as_str().unwrap();
    assert!(to_do.contains("automatically") && !to_do.contains("tls.pem"), "{to_do}");
}
