//! The audit of sign-ins and of changes to accounts: complete, and for administrators only.

use crate::common::{Database, PASSWORD, Server, TIMEOUT, User, refusal, typed};
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
    everything_that_was_done_to_accounts_is_told,
    what_changes_nothing_is_not_recorded,
    failures_are_counted_and_fill_nothing,
    a_chain_that_was_touched_is_noticed,
    the_end_of_the_record_is_not_cut_off_unnoticed,
    what_is_a_year_old_is_forgotten_and_the_chain_stays_whole,
}

async fn audit_entries(by: &User) -> Vec<AuditEntry> {
    by.get("audit").await
}

async fn everything_that_was_done_to_accounts_is_told(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let asked = InvitationRequest::new(60_000, 3, UserRole::Member);
    let made = wren.submit(Method::POST, "invitations", &asked).await;
    let made: NewInvitation = made.json().await.unwrap();
    let path = format!("invitations/{}", made.invitation.id);
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
    let told: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
    let begins = ["invited", "registered", "signed_in", "registered", "signed_in"];
    assert_eq!(told[..5], begins, "{told:?}");
    let ends = [
        "invited",
        "invitation_voided",
        "password_reset",
        "role_changed",
        "deactivated",
        "reactivated",
        "erased",
    ];
    assert_eq!(told[5..], ends, "{told:?}");
    let changed = entries.iter().find(|entry| entry.action == "role_changed").unwrap();
    assert_eq!((changed.actor, changed.subject), (Some(wren.id), Some(oak.id.0)));
    assert_eq!(changed.details, "role=administrator");
    assert_eq!(changed.network, "127.0.0.0/24");
    // The entries contain nothing that gives access.
    let text = serde_json::to_string(&entries).unwrap();
    for secret in [PASSWORD, "another horse", &made.secret, &wren.token, "wren", "oak"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let page: Vec<AuditEntry> = wren.get("audit?before=3").await;
    assert_eq!(page.iter().map(|entry| entry.number).collect::<Vec<_>>(), [2, 1]);
    // A refused change is not recorded.
    let before = entries.len();
    wren.request(Method::POST, &format!("users/{}/deactivate", wren.id)).await;
    assert_eq!(self::audit_entries(&wren).await.len(), before);
}

async fn what_changes_nothing_is_not_recorded(database: Database) {
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
    let told = audit_entries(&wren).await;
    let about = |action: &str| told.iter().filter(|entry| entry.action == action).count();
    assert_eq!((about("others_ended"), about("session_ended")), (1, 1), "{told:?}");
    drop(other);
}

async fn failures_are_counted_and_fill_nothing(database: Database) {
    let config = Config { proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    let fail = async |name: &str, from: String| {
        let request = server.http.post(format!("{}/sessions", server.url));
        let request = request.header("x-forwarded-for", from);
        let guess = typed(name, "wrong horse");
        refusal(request.json(&guess).send().await.unwrap()).await;
    };
    for _ in 0..5 {
        fail("wren", "192.0.2.7".into()).await;
    }
    for network in 0..60 {
        fail("a password typed as a name", format!("198.51.{network}.1")).await;
    }
    let entries = audit_entries(&wren).await;
    let failed: Vec<_> = entries.iter().filter(|entry| entry.action == "sign_in_failed").collect();
    let times = |entry: &AuditEntry| entry.details["times=".len()..].parse::<u64>().unwrap();
    // They are written from time to time, a few entries at once.
    let mut at_once: BTreeMap<Millis, usize> = BTreeMap::new();
    failed.iter().for_each(|entry| *at_once.entry(entry.at).or_default() += 1);
    assert!(at_once.values().all(|entries| *entries <= 21), "{at_once:?}");
    let of_wren: Vec<_> = failed.iter().filter(|entry| entry.subject == Some(wren.id.0)).collect();
    assert!(of_wren.iter().all(|entry| entry.network == "192.0.2.0/24"));
    assert_eq!(of_wren.iter().map(|entry| times(entry)).sum::<u64>(), 5);
    assert_eq!(failed.iter().map(|entry| times(entry)).sum::<u64>(), 65);
    assert!(!serde_json::to_string(&entries).unwrap().contains("typed as"));
    server.running.stop().await.unwrap();
}

fn run(database: &Database, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlour-server"));
    let address = match &database.address {
        parlour_server::DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        _ => database.url.clone().unwrap(),
    };
    command.arg("audit").args(more).env("PARLOUR_DATABASE", address).output().unwrap()
}

async fn a_chain_that_was_touched_is_noticed(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    for _ in 0..5 {
        server.sign_in("wren").await;
    }
    server.running.stop().await.unwrap();
    let whole = run(&database, &[]);
    let text = String::from_utf8_lossy(&whole.stdout);
    assert!(whole.status.success(), "{text}");
    assert!(
        text.contains("signed_in") && text.contains("wren") && text.contains("intact"),
        "{text}"
    );
    let lines = String::from_utf8(run(&database, &["--json"]).stdout).unwrap();
    let entries: Vec<AuditEntry> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 8);
    for (touch, mend) in [
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
        database.execute(touch).await;
        let broken = run(&database, &[]);
        assert!(!broken.status.success(), "{touch}");
        let said = String::from_utf8_lossy(&broken.stderr);
        let is_named = ["entry 4", "entry 5", "entry 100"].iter().any(|entry| said.contains(entry));
        assert!(is_named, "{touch}: {said}");
        database.execute(mend).await;
    }
}

async fn the_end_of_the_record_is_not_cut_off_unnoticed(database: Database) {
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

async fn what_is_a_year_old_is_forgotten_and_the_chain_stays_whole(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    server.sign_in("wren").await;
    server.running.stop().await.unwrap();
    let year = 367_i64 * 24 * 3600 * 1000;
    let old = jiff::Timestamp::now().as_millisecond() - year;
    // The changed entries no longer match their hashes, but forgotten entries are not checked: the third
    // entry continues the second one as it was written.
    database.execute(&format!("UPDATE audit SET at = {old} WHERE number <= 2")).await;
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let began = Instant::now();
    loop {
        let entries = audit_entries(&wren).await;
        if entries.last().unwrap().number == 3 {
            break;
        }
        assert!(began.elapsed() < TIMEOUT, "the old entries are not forgotten");
    }
    server.running.stop().await.unwrap();
    let whole = run(&database, &[]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
}
