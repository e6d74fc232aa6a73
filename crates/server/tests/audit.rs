//! The audit log of sign-ins and of changes to accounts: complete, and for administrators only.

use crate::common::{Database, PASSWORD, Server, TIMEOUT, User, credentials, error_body};
use parlour_protocol::{
    AuditEntry, InvitationRequest, Millis, NewInvitation, PasswordReset, RoleChange, SessionInfo,
    UserRole,
};
use parlour_server::{Config, Proxies};
use reqwest::Method;
use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::Instant;

on_both_databases! {
    every_change_of_an_account_is_recorded,
    a_request_without_an_effect_is_not_recorded,
    invitations_that_end_with_a_session_are_recorded_once_with_their_number,
    failed_sign_ins_are_counted_in_few_entries,
    a_modified_chain_is_detected,
    missing_entries_at_the_end_are_detected,
    entries_older_than_a_year_are_deleted_and_the_chain_stays_valid,
}

async fn audit_entries(user: &User) -> Vec<AuditEntry> {
    user.get("audit").await
}

async fn every_change_of_an_account_is_recorded(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let request = InvitationRequest::new(60_000, 3, UserRole::Member);
    let created = wren.submit(Method::POST, "invitations", &request).await;
    let created: NewInvitation = created.json().await.unwrap();
    let path = format!("invitations/{}", created.invitation.id);
    wren.request(Method::DELETE, &path).await;
    let user = format!("users/{}", oak.id);
    let reset = PasswordReset { password: "another horse".into() };
    wren.submit(Method::PUT, &format!("{user}/password"), &reset).await;
    let role = RoleChange { role: UserRole::Administrator };
    wren.submit(Method::PUT, &format!("{user}/role"), &role).await;
    for action in ["deactivate", "reactivate", "erase"] {
        wren.request(Method::POST, &format!("{user}/{action}")).await;
    }
    let entries = audit_entries(&wren).await;
    let actions: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
    let first_actions = ["invited", "registered", "signed_in", "registered", "signed_in"];
    assert_eq!(actions[..5], first_actions, "{actions:?}");
    let last_actions = [
        "invited",
        "invitation_voided",
        "password_reset",
        "role_changed",
        "deactivated",
        "reactivated",
        "erased",
    ];
    assert_eq!(actions[5..], last_actions, "{actions:?}");
    let changed = entries.iter().find(|entry| entry.action == "role_changed").unwrap();
    assert_eq!((changed.actor, changed.subject), (Some(wren.id), Some(oak.id.0)));
    assert_eq!(changed.details, "role=administrator");
    assert_eq!(changed.network, "127.0.0.0/24");
    // The entries contain nothing that gives access.
    let text = serde_json::to_string(&entries).unwrap();
    for secret in [PASSWORD, "another horse", &created.secret, &wren.token, "wren", "oak"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let page: Vec<AuditEntry> = wren.get("audit?before=3").await;
    assert_eq!(page.iter().map(|entry| entry.number).collect::<Vec<_>>(), [2, 1]);
    // A refused change is not recorded.
    let before = entries.len();
    wren.request(Method::POST, &format!("users/{}/deactivate", wren.id)).await;
    assert_eq!(self::audit_entries(&wren).await.len(), before);
}

async fn a_request_without_an_effect_is_not_recorded(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let other = server.sign_in("oak").await;
    let ended: Vec<SessionInfo> = oak.get("sessions").await;
    let ended = ended.iter().find(|session| !session.current).expect("the other device");
    for _ in 0..3 {
        assert!(oak.request(Method::DELETE, "sessions/others").await.status().is_success());
        let path = format!("sessions/{}?wipe=true", ended.id);
        assert!(oak.request(Method::DELETE, &path).await.status().is_success());
    }
    let actions = audit_entries(&wren).await;
    let count_of = |action: &str| actions.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count_of("others_ended"), count_of("session_ended")), (1, 1), "{actions:?}");
    drop(other);
}

async fn invitations_that_end_with_a_session_are_recorded_once_with_their_number(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    for _ in 0..2 {
        let request = InvitationRequest::new(60_000, 1, UserRole::Member);
        wren.submit(Method::POST, "invitations", &request).await;
    }
    for _ in 0..2 {
        assert!(wren.request(Method::DELETE, "sessions/others").await.status().is_success());
    }
    let entries = audit_entries(&wren).await;
    let revoked: Vec<_> =
        entries.iter().filter(|entry| entry.action == "invitation_voided").collect();
    assert_eq!(revoked.len(), 1, "{entries:?}");
    assert_eq!((revoked[0].actor, revoked[0].subject), (Some(wren.id), Some(wren.id.0)));
    assert_eq!(revoked[0].details, "count=2");
}

async fn failed_sign_ins_are_counted_in_few_entries(database: Database) {
    let config = Config { proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    let fail_sign_in = async |name: &str, from: String| {
        let request = server.http.post(format!("{}/sessions", server.url));
        let request = request.header("x-forwarded-for", from);
        let guess = credentials(name, "wrong horse");
        error_body(request.json(&guess).send().await.unwrap()).await;
    };
    for _ in 0..5 {
        fail_sign_in("wren", "192.0.2.7".into()).await;
    }
    for network in 0..60 {
        fail_sign_in("a password typed as a name", format!("198.51.{network}.1")).await;
    }
    let entries = audit_entries(&wren).await;
    let failed: Vec<_> = entries.iter().filter(|entry| entry.action == "sign_in_failed").collect();
    let times = |entry: &AuditEntry| entry.details["times=".len()..].parse::<u64>().unwrap();
    // They are written periodically, a few entries at once.
    let mut at_once: BTreeMap<Millis, usize> = BTreeMap::new();
    failed.iter().for_each(|entry| *at_once.entry(entry.at).or_default() += 1);
    assert!(at_once.values().all(|entries| *entries <= 21), "{at_once:?}");
    let about_wren: Vec<_> =
        failed.iter().filter(|entry| entry.subject == Some(wren.id.0)).collect();
    assert!(about_wren.iter().all(|entry| entry.network == "192.0.2.0/24"));
    assert_eq!(about_wren.iter().map(|entry| times(entry)).sum::<u64>(), 5);
    assert_eq!(failed.iter().map(|entry| times(entry)).sum::<u64>(), 65);
    assert!(!serde_json::to_string(&entries).unwrap().contains("typed as"));
    server.running.stop().await.unwrap();
}

fn run(database: &Database, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlour-server"));
    let address = match &database.address {
        parlour_server::DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        _ => database.url.clone().unwrap(),
    };
    command.arg("audit").args(args).env("PARLOUR_DATABASE", address).output().unwrap()
}

async fn a_modified_chain_is_detected(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    for _ in 0..5 {
        server.sign_in("wren").await;
    }
    server.running.stop().await.unwrap();
    let output = run(&database, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("signed_in") && text.contains("wren") && text.contains("intact"),
        "{text}"
    );
    let lines = String::from_utf8(run(&database, &["--json"]).stdout).unwrap();
    let entries: Vec<AuditEntry> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 8);
    for (change, revert) in [
        (
            "UPDATE audit SET details = 'x' WHERE number = 4",
            "UPDATE audit SET details = '' WHERE number = 4",
        ),
        (
            "UPDATE audit SET number = 99 WHERE number = 4",
            "UPDATE audit SET number = 4 WHERE number = 99",
        ),
        (
            "UPDATE audit SET at = at - 1 WHERE number = 4",
            "UPDATE audit SET at = at + 1 WHERE number = 4",
        ),
        (
            "UPDATE audit SET number = 100 WHERE number = 8",
            "UPDATE audit SET number = 8 WHERE number = 100",
        ),
        ("DELETE FROM audit WHERE number = 4", ""),
    ] {
        database.execute(change).await;
        let broken = run(&database, &[]);
        assert!(!broken.status.success(), "{change}");
        let error = String::from_utf8_lossy(&broken.stderr);
        let is_named =
            ["entry 4", "entry 5", "entry 100"].iter().any(|entry| error.contains(entry));
        assert!(is_named, "{change}: {error}");
        database.execute(revert).await;
    }
}

async fn missing_entries_at_the_end_are_detected(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    server.sign_in("wren").await;
    server.running.stop().await.unwrap();
    assert!(run(&database, &[]).status.success());
    for all in
        ["DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)", "DELETE FROM audit"]
    {
        database.execute(all).await;
        let broken = run(&database, &[]);
        assert!(!broken.status.success(), "{all}");
    }
}

async fn entries_older_than_a_year_are_deleted_and_the_chain_stays_valid(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    server.sign_in("wren").await;
    server.running.stop().await.unwrap();
    let year = 367_i64 * 24 * 3600 * 1000;
    let old = jiff::Timestamp::now().as_millisecond() - year;
    // The changed entries no longer match their hashes, but deleted entries are not checked: the third
    // entry continues the second one as it was written.
    database.execute(&format!("UPDATE audit SET at = {old} WHERE number <= 2")).await;
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let started = Instant::now();
    loop {
        let entries = audit_entries(&wren).await;
        if entries.last().unwrap().number == 3 {
            break;
        }
        assert!(started.elapsed() < TIMEOUT, "the old entries are not deleted");
    }
    server.running.stop().await.unwrap();
    let output = run(&database, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
