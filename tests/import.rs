//! Channel logs are imported as conversations: once, completely, and with a report of unusual lines.

use harness::window::program;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const DAY: &str = "[09:12] *** wren joined\n\n[09:13] <wren> good morning\n\nand on another line\n\
                   [09:14] * oak nods\n[09:15] <Wren> in other letters\nodd at the end\n";

fn run(data: &Path, args: &[&str]) -> String {
    let output =
        Command::new(program("parlour-server")).args(args).arg("--data").arg(data).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn count(data: &Path, sql: &str) -> i64 {
    let conn = rusqlite::Connection::open(data.join("parlour.db")).unwrap();
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_second_run_adds_nothing_and_a_day_that_grew_adds_what_is_new() {
    let (logs, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let year = logs.path().join("workshop/2021");
    fs::create_dir_all(&year).unwrap();
    fs::write(year.join("2021-03-04"), DAY).unwrap();
    fs::write(year.join("2021-03-05"), b"[10:00] <oak> caf\xe9\n[99:00] <oak> late\n").unwrap();
    fs::write(year.join("notes.txt"), "not a day").unwrap();
    let folder = logs.path().to_str().unwrap();
    let import = ["import", "irc", folder];
    let report = run(data.path(), &import);
    assert!(report.contains("4 messages added, 0 already there"), "{report}");
    assert!(report.contains("1 join, leave or rename"), "{report}");
    for unusual in ["workshop/2021/2021-03-05:1", "workshop/2021/2021-03-05:2", "notes.txt"] {
        assert!(report.contains(unusual), "{unusual}: {report}");
    }
    let again = run(data.path(), &import);
    assert!(again.contains("0 messages added, 4 already there"), "{again}");
    fs::write(year.join("2021-03-05"), b"[10:00] <oak> caf\xe9\n[10:01] <finch> more\n").unwrap();
    let report_of_growth = run(data.path(), &import);
    assert!(report_of_growth.contains("1 message added, 4 already there"), "{report_of_growth}");
    assert_eq!(count(data.path(), "SELECT count(*) FROM messages"), 5);
    assert_eq!(count(data.path(), "SELECT count(*) FROM users"), 3, "wren and Wren are one");
    assert_eq!(count(data.path(), "SELECT max(seq) FROM messages"), 5, "positions are dense");
    let imported_message = "SELECT count(*) FROM messages
        WHERE body = 'good morning' || char(10) || 'and on another line'
            AND sent_at = 1614849180000";
    assert_eq!(count(data.path(), imported_message), 1, "with its own time, in UTC");
}

#[test]
fn imported_people_cannot_sign_in_until_they_are_given_a_password() {
    let (logs, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let year = logs.path().join("workshop/2021");
    fs::create_dir_all(&year).unwrap();
    fs::write(year.join("2021-03-04"), DAY).unwrap();
    run(data.path(), &["import", "irc", logs.path().to_str().unwrap()]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM users WHERE password_hash <> '!'"), 0);
    let mut set = Command::new("sh");
    set.arg("-c").arg("printf 'correct horse\\n' | \"$0\" user password wren --data \"$1\"");
    assert!(set.arg(program("parlour-server")).arg(data.path()).status().unwrap().success());
    let hashes = "SELECT count(*) FROM users WHERE username = 'wren' AND password_hash LIKE '$2%'";
    assert_eq!(count(data.path(), hashes), 1);
}
