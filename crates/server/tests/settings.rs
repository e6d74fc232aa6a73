//! The settings of a server, from flags, the environment and parlour.toml.
#![cfg(unix)]

use crate::common::TIMEOUT;
use crate::program::{Program, command, objects, output, stderr_text};
use parlour_protocol::{Registration, ServerInfo};
use std::path::Path;
use std::time::Instant;

fn write(data: &Path, text: &str) {
    std::fs::write(data.join("parlour.toml"), text).unwrap();
}

async fn registration(server: &Program) -> Registration {
    let info = reqwest::get(format!("{}/v1/server", server.url)).await.unwrap();
    info.json::<ServerInfo>().await.unwrap().registration
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_overrides_the_environment_which_overrides_the_file() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "registration = \"closed\"\nlisten = \"127.0.0.1:0\"\n");
    let serve = |flag: &[&str], variable: Option<&str>| {
        let mut serve = command(dir.path(), &["serve"]);
        serve.args(flag);
        if let Some(value) = variable {
            serve.env("PARLOUR_REGISTRATION", value);
        }
        Program::start(serve)
    };
    for (flag, variable, expected) in [
        (&[][..], None, Registration::Closed),
        (&[], Some("open"), Registration::Open),
        (&["--registration", "invitation"], Some("open"), Registration::Invitation),
    ] {
        let server = serve(flag, variable);
        assert_eq!(registration(&server).await, expected, "{flag:?} {variable:?}");
        server.stop();
    }
}

#[test]
fn an_unknown_key_is_reported_with_the_nearest_one_and_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "# Ours\nregistation = \"open\"\n");
    for subcommand in
        [&["serve"][..], &["check-config"], &["user", "list"], &["invite"], &["status"]]
    {
        let refused = output(command(dir.path(), subcommand), "");
        let error = stderr_text(&refused);
        assert!(!refused.status.success(), "{subcommand:?}");
        assert!(error.contains("line 2") && error.contains("did you mean registration"), "{error}");
        assert!(error.contains("parlour.toml"), "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn settings_are_checked_without_serving() {
    let dir = tempfile::tempdir().unwrap();
    let check = |text: &str, args: &[&str]| {
        write(dir.path(), text);
        output(command(dir.path(), &[&["check-config"], args].concat()), "")
    };
    let secret = "database = \"postgres://u:secret@localhost/n\"\nsession_idle_days = 7\n";
    let good = objects(&check(secret, &["--json", "--mib-per-day", "3"])).remove(0);
    assert_eq!(good["settings"]["session_idle_days"], 7);
    assert_eq!(good["settings"]["mib_per_day"], 3);
    assert_eq!(good["settings"]["registration"], "invitation");
    assert!(!good.to_string().contains("secret"));
    for (text, expected) in [
        ("listen = \"nowhere\"", "line 1"),
        ("registration = \"opne\"", "invitation"),
        ("registration = open", "line 1"),
        ("public_url = \"chat\"", "public_url"),
        ("bus = \"redis://x\"", "bus"),
        ("database = \"postgres://u:secret@db.example/n\"", "sslmode=require"),
        ("metrics = \"token\"\nmetrics_token_file = \"/nowhere/token\"", "/nowhere/token"),
        (
            "tls = \"files\"\ncertificate = \"/nowhere/a\"\ncertificate_key = \"/nowhere/b\"",
            "/nowhere/a",
        ),
        ("bus = \"nats://127.0.0.1:1\"", "a bus needs PostgreSQL"),
        ("tls = \"maybe\"", "acme"),
    ] {
        let refused = check(text, &[]);
        assert!(!refused.status.success(), "{text}");
        let error = stderr_text(&refused);
        assert!(error.contains(expected) && !error.contains("secret"), "{text}: {error}");
    }
    let plain = "tls = \"off\"\npublic_url = \"http://chat.example.org\"";
    let warned = check(plain, &[]);
    assert!(warned.status.success());
    let printed = String::from_utf8(warned.stdout).unwrap();
    assert!(printed.contains("warning: public_url"), "{printed}");
    let warned = objects(&check(plain, &["--json"])).remove(0);
    assert_eq!(warned["warnings"].as_array().unwrap().len(), 1);
    let silent = check("", &[]);
    assert!(
        silent.status.success() && !String::from_utf8_lossy(&silent.stdout).contains("warning")
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_signal_applies_changed_settings_and_reports_those_that_need_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "registration = \"open\"\nlisten = \"127.0.0.1:0\"\n");
    let server = Program::start(command(dir.path(), &["serve"]));
    assert_eq!(registration(&server).await, Registration::Open);
    write(
        dir.path(),
        "registration = \"closed\"\nlisten = \"127.0.0.1:1\"\npublic_url = \"https://new.org\"\n",
    );
    server.signal("HUP");
    let began = Instant::now();
    while registration(&server).await != Registration::Closed {
        assert!(began.elapsed() < TIMEOUT, "{}", server.logged());
    }
    server.wait_until_logged("settings=\"listen\"");
    server.wait_until_logged("changed=\"public_url, registration\"");
    let is_recorded = || {
        let audit = objects(&output(command(dir.path(), &["audit", "--json"]), ""));
        let entry = audit.iter().find(|entry| entry["action"] == "settings_reloaded");
        entry.is_some_and(|entry| entry["details"] == "changed=public_url,registration")
    };
    while !is_recorded() {
        assert!(began.elapsed() < TIMEOUT, "the audit log does not contain it");
    }
    let invitation = output(command(dir.path(), &["invite"]), "");
    assert!(String::from_utf8_lossy(&invitation.stdout).starts_with("https://new.org/join#"));
    write(dir.path(), "registration = \"open\"\nreqests_per_second = 3\n");
    server.signal("HUP");
    server.wait_until_logged("did you mean requests_per_second");
    assert_eq!(registration(&server).await, Registration::Closed);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_reloaded_stay_in_effect() {
    let dir = tempfile::tempdir().unwrap();
    let (file, moved_file) = (dir.path().join("parlour.toml"), dir.path().join("aside"));
    write(dir.path(), "registration = \"closed\"\nlisten = \"127.0.0.1:0\"\nname = \"Wren\"\n");
    let server = Program::start(command(dir.path(), &["serve"]));
    std::fs::rename(&file, &moved_file).unwrap();
    server.signal("HUP");
    server.wait_until_logged("does not exist any more");
    std::os::unix::fs::symlink(dir.path().join("nowhere"), &file).unwrap();
    server.signal("HUP");
    server.wait_until_logged("cannot read or write");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    server.signal("HUP");
    server.wait_until_logged("a folder");
    assert_eq!(registration(&server).await, Registration::Closed);
    let status = objects(&output(command(dir.path(), &["status", "--json"]), "")).remove(0);
    assert_eq!((&status["name"], &status["registration"]), (&"Wren".into(), &"closed".into()));
    assert_eq!(server.logged().matches("the previous ones stay in effect").count(), 3);
    std::fs::remove_dir(&file).unwrap();
    std::fs::write(&file, "registration = \"open\"\nlisten = \"127.0.0.1:0\"\n").unwrap();
    server.signal("HUP");
    server.wait_until_logged("changed=\"name, registration\"");
    assert_eq!(registration(&server).await, Registration::Open);
    server.stop();
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |check: std::process::Command, range: &str| {
        let checked = output(check, "");
        assert!(
            !checked.status.success() && stderr_text(&checked).contains(range),
            "{}",
            stderr_text(&checked)
        );
    };
    let check = || command(dir.path(), &["check-config"]);
    for (key, value, range) in [
        ("max_connections", "0", "from 1 to 1000000"),
        ("session_idle_days", "0", "from 1 to 36500"),
        ("backup_every_hours", "9999999", "from 0 to 8760"),
        ("trust_proxy", "17", "from 0 to 16"),
        ("mib_per_day", "-1", "from 0 to 1000000000"),
    ] {
        let mut by_flag = check();
        by_flag.arg(format!("--{}={value}", key.replace('_', "-")));
        refused(by_flag, range);
        let mut by_environment = check();
        by_environment.env(format!("PARLOUR_{}", key.to_uppercase()), value);
        refused(by_environment, range);
        write(dir.path(), &format!("{key} = {value}\n"));
        refused(check(), range);
        std::fs::remove_file(dir.path().join("parlour.toml")).unwrap();
    }
    assert!(output(check(), "").status.success());
}

/// Root runs commands in a folder of another user, whose server has to read the created files.
#[test]
fn files_that_root_creates_belong_to_the_owner_of_the_folder() {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        return eprintln!("SKIPPED: only root can make files for others");
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::os::unix::fs::chown(&data, Some(65534), Some(65534)).unwrap();
    let foreign = || {
        let all = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap());
        let foreign = all.filter(|entry| entry.metadata().unwrap().uid() != 65534);
        foreign.map(|entry| entry.file_name()).collect::<Vec<_>>()
    };
    let init = ["init", "--yes", "--listen", "127.0.0.1:0", "--public-url", "https://127.0.0.1:1"];
    for args in [
        &init[..],
        &["invite"],
        &["user", "list"],
        &["backup", dir.path().join("backup").to_str().unwrap()],
    ] {
        let done = output(command(&data, args), "");
        assert!(done.status.success(), "{args:?}: {}", stderr_text(&done));
        assert!(foreign().is_empty(), "{args:?}: {:?}", foreign());
    }
    let server = Program::serve(&data, &["--metrics", "token"]);
    let mut remaining = foreign();
    remaining.retain(|name| name != "control.sock");
    assert!(remaining.is_empty(), "{remaining:?}");
    server.kill();
    let doctor = output(command(&data, &["doctor", "--json"]), "");
    let found = String::from_utf8(doctor.stdout).unwrap();
    assert!(found.contains("{\"check\":\"permissions\",\"state\":\"ok\""), "{found}");
}

#[test]
fn init_writes_every_setting_to_the_file_and_the_server_starts() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("my chat");
    let init_args = [
        "init",
        "--yes",
        "--name",
        "The Wren",
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "https://chat.example.org",
        "--tls",
        "off",
    ];
    let mut init = command(&data, &init_args);
    init.env("PARLOUR_BUS", "nats://u:secret@localhost");
    let initialized = output(init, "");
    assert!(initialized.status.success(), "{}", stderr_text(&initialized));
    let printed = String::from_utf8(initialized.stdout).unwrap();
    let commands: Vec<&str> =
        printed.lines().filter(|line| line.trim_start().starts_with("parlour-server ")).collect();
    assert_eq!(commands.len(), 3, "{printed}");
    assert!(
        commands.iter().all(
            |line| line.ends_with("--data '{}'".replace("{}", data.to_str().unwrap()).as_str())
        ),
        "{printed}"
    );
    let text = std::fs::read_to_string(data.join("parlour.toml")).unwrap();
    assert!(
        text.contains("\nname = \"The Wren\"\n") && text.contains("\n# registration = "),
        "{text}"
    );
    assert!(!text.contains("secret"), "values of the environment are not written to the file");
    let server = Program::start(command(&data, &["serve"]));
    let status = objects(&output(command(&data, &["status", "--json"]), "")).remove(0);
    assert_eq!(status["name"], "The Wren");
    assert_eq!(status["publicUrl"], "https://chat.example.org");
    server.stop();
    let repeated = output(command(&data, &init_args), "");
    assert!(
        !repeated.status.success() && stderr_text(&repeated).contains("already exists"),
        "{}",
        stderr_text(&repeated)
    );
    assert_eq!(std::fs::read_to_string(data.join("parlour.toml")).unwrap(), text);
    let without_yes = output(command(dir.path(), &["init"]), "");
    assert!(
        !without_yes.status.success() && stderr_text(&without_yes).contains("--yes"),
        "{}",
        stderr_text(&without_yes)
    );
}

#[test]
fn by_default_a_new_server_has_its_own_certificate_and_links_contain_its_pin() {
    let dir = tempfile::tempdir().unwrap();
    let url = "https://10.77.0.1:7700";
    let init = ["init", "--yes", "--listen", "127.0.0.1:0", "--public-url", url];
    assert!(output(command(dir.path(), &init), "").status.success());
    let certificate_pin = |subcommand: &str| {
        let printed = output(command(dir.path(), &["certificate", subcommand, "--json"]), "");
        objects(&printed).remove(0)["pin"].as_str().unwrap().to_owned()
    };
    let invitation_pin = || {
        let link = output(command(dir.path(), &["invite"]), "");
        let link = String::from_utf8(link.stdout).unwrap();
        let (server, fragment) = link.trim().split_once("/join#").unwrap();
        assert_eq!(server, url);
        let (secret, pin) = parlour_protocol::read_fragment(fragment).unwrap();
        assert!(secret.is_some());
        pin.unwrap().to_string()
    };
    // This also works before the first start.
    let first = invitation_pin();
    let server = Program::start(command(dir.path(), &["serve"]));
    assert!(server.url.starts_with("https://"), "{}", server.url);
    assert_eq!((certificate_pin("show"), invitation_pin()), (first.clone(), first.clone()));
    let second = certificate_pin("new-key");
    assert_ne!(first, second);
    let audit = objects(&output(command(dir.path(), &["audit", "--json"]), ""));
    assert_eq!(audit.last().unwrap()["action"], "key_renewed");
    assert_eq!((certificate_pin("show"), invitation_pin()), (second.clone(), second));
    server.wait_until_logged("using a new certificate from its files");
    server.stop();
    let key = dir.path().join("tls.pem");
    std::fs::write(&key, "no key").unwrap();
    let refused = output(command(dir.path(), &["serve"]), "");
    assert!(
        !refused.status.success() && stderr_text(&refused).contains("tls.pem"),
        "{}",
        stderr_text(&refused)
    );
    assert_eq!(std::fs::read_to_string(&key).unwrap(), "no key");
}

#[test]
fn invalid_tls_settings_are_refused_and_the_error_names_the_setting() {
    let dir = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("tls = \"acme\"", "acme_domains"),
        ("tls = \"acme\"\npublic_url = \"https://10.0.0.5\"", "public_url"),
        ("tls = \"acme\"\nacme_domains = \"a.org\"\npublic_url = \"https://b.org\"", "public_url"),
        (
            "tls = \"acme\"\nacme_domains = \"a.org\"\nacme_directory = \"http://a.org\"",
            "acme_directory",
        ),
        ("tls = \"files\"", "certificate"),
        ("tls = \"files\"\ncertificate = \"a.pem\"", "certificate_key"),
        ("tls = \"own\"\npublic_url = \"http://chat.example.org\"", "public_url"),
    ] {
        write(dir.path(), text);
        let refused = output(command(dir.path(), &["check-config"]), "");
        assert!(!refused.status.success(), "{text}");
        assert!(stderr_text(&refused).contains(expected), "{text}: {}", stderr_text(&refused));
    }
}

#[test]
fn the_log_warns_of_a_public_address_without_encryption() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::serve(dir.path(), &["--public-url", "http://chat.example.org"]);
    server.wait_until_logged("the app refuses links without encryption");
    server.stop();
}

#[test]
fn the_log_warns_if_the_limits_are_switched_off() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::serve(dir.path(), &["--requests-per-second", "0"]);
    server.wait_until_logged("switches off all rate limits, also those on guessing passwords");
    server.stop();
    let server = Program::serve(dir.path(), &[]);
    assert!(!server.logged().contains("switches off"), "{}", server.logged());
    server.stop();
}
