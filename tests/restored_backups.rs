//! An old backup of the server's database is restored while clients are connected. They notice it
//! by themselves, fetch everything again, and resend what they had sent since.

use harness::{Person, Server};
use parlour_client::{ConnectionState, Position};
use parlour_protocol::{ConversationId, Registration};
use parlour_server::DatabaseAddress;
use std::path::{Path, PathBuf};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_file_receives_again_what_was_sent_since() {
    let mut server = Server::start().await;
    let file = server.data.path().join("parlour.db");
    let backup = server.data.path().join("backup.db");
    let scenario = Scenario::start(&server).await;
    let backing_up = rusqlite::Connection::open(&file).unwrap();
    backing_up.execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    drop(backing_up);
    scenario.act_after_backup().await;
    server.stop().await;
    std::fs::rename(&backup, &file).unwrap();
    server.resume().await;
    scenario.check_everything_exists().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_dump_receives_again_what_was_sent_since() {
    let Ok(postgres) = std::env::var("PARLOUR_TEST_POSTGRES") else {
        eprintln!("SKIPPED: PARLOUR_TEST_POSTGRES is not set; run `cargo xtask test`");
        return;
    };
    let name = format!("restored_{}", uuid::Uuid::now_v7().simple());
    let url = format!("{}/{name}", postgres.rsplit_once('/').unwrap().0);
    let on_server = format!("--maintenance-db={postgres}");
    let into = format!("--dbname={url}");
    call("createdb", &[&on_server, &name]);
    let database: DatabaseAddress = url.parse().unwrap();
    let mut server = Server::start_on(Some(database), Registration::Open).await;
    let backup: PathBuf = server.data.path().join("backup");
    let scenario = Scenario::start(&server).await;
    call("pg_dump", &["--format=custom", "--file", path(&backup), &url]);
    scenario.act_after_backup().await;
    server.stop().await;
    call("dropdb", &["--force", &on_server, &name]);
    call("createdb", &[&on_server, &name]);
    call("pg_restore", &["--exit-on-error", "--no-owner", &into, path(&backup)]);
    server.resume().await;
    scenario.check_everything_exists().await;
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn call(program: &str, args: &[&str]) {
    let ended = Command::new(program).args(args).output().expect(program);
    assert!(ended.status.success(), "{program}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// Two users, with what they send before and after the backup.
struct Scenario {
    wren: Person,
    oak: Person,
    group: ConversationId,
    direct: ConversationId,
}

const BEFORE: [&str; 2] = ["before the backup", "and an answer to it"];
const AFTER: [&str; 3] = ["after the backup", "more of it", "most of it"];

impl Scenario {
    async fn start(server: &Server) -> Self {
        let wren = Person::register(server, "wren").await;
        let oak = Person::register(server, "oak").await;
        let id = wren.find_person("oak").await;
        let group = wren.session().create_group("workshop", vec![id]).unwrap();
        let direct = wren.session().create_p2p(id).unwrap();
        wren.say(group, BEFORE[0]);
        oak.wait_until_bodies(group, &BEFORE[..1]).await;
        oak.say(group, BEFORE[1]);
        wren.wait_until_bodies(group, &BEFORE).await;
        Self { wren, oak, group, direct }
    }

    /// Performs actions after the backup: `wren` writes in both conversations and edits an old
    /// message.
    async fn act_after_backup(&self) {
        let Self { wren, oak, group, direct } = self;
        for body in AFTER {
            wren.say(*group, body);
        }
        wren.say(*direct, "between us");
        let old = wren.newest(*group)[0].id;
        wren.session().edit_message(*group, old, "before it, edited since").unwrap();
        self.wait_until_everything_exists().await;
        assert_eq!(oak.bodies(*direct), ["between us"]);
    }

    async fn wait_until_everything_exists(&self) {
        let all = ["before it, edited since", BEFORE[1], AFTER[0], AFTER[1], AFTER[2]];
        for person in [&self.wren, &self.oak] {
            person.wait_until_bodies(self.group, &all).await;
            person.wait_until_bodies(self.direct, &["between us"]).await;
        }
    }

    /// Checks that everybody has everything again without any action of theirs, a new device
    /// included.
    async fn check_everything_exists(&self) {
        for person in [&self.wren, &self.oak] {
            person
                .wait_until("online and nothing left to send", |session| {
                    session.outbox().unwrap().is_empty()
                        && session.status().unwrap().connection == ConnectionState::Online
                })
                .await;
        }
        let other = self.wren.another_device().await;
        let page = |session: &parlour_client::Session| {
            session.timeline(self.group, Position::Newest, 200).unwrap().items
        };
        other.wait_until("all of it on a new device", |session| page(session).len() == 5).await;
        self.wait_until_everything_exists().await;
        other.wait_until_bodies(self.direct, &["between us"]).await;
    }
}
