//! Either process is killed at any moment while messages are being sent.

use harness::window::{ServerProcess, program};
use harness::{PASSWORD, PATIENCE};
use parlour_client::{Client, Keep, Position, Starting};
use parlour_protocol::{Credentials, Seq};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Kills in this test; `PARLOUR_KILLS` asks for more.
const KILLS: u32 = 12;
/// Messages in a round.
const MANY: u32 = 40;

struct Talker(Child);

impl Talker {
    fn start(data: &Path, server: &str) -> Self {
        let mut command = Command::new(program("talker"));
        command.arg(data).args([server, "wren", &MANY.to_string()]);
        Self(command.stdout(Stdio::piped()).spawn().expect("the talker starts"))
    }
}

/// Whole numbers that follow from a seed, so that a failing run can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_or_doubled_whoever_is_killed() {
    let kills = std::env::var("PARLOUR_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let (server_data, client_data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut server = ServerProcess::start(server_data.path(), "127.0.0.1:0");
    let (url, listen) = (server.url.clone(), server.url.replace("http://", ""));
    let mut dice = Dice(2026);
    let mut accepted = 0;
    for kill in 0..kills {
        let mut talker = Talker::start(client_data.path(), &url);
        let mut lines = BufReader::new(talker.0.stdout.take().unwrap()).lines();
        let moment = dice.below(u64::from(MANY) + 1);
        let mut note = |line: &str| accepted = line.parse().unwrap_or(accepted);
        for line in lines.by_ref().take(usize::try_from(moment).unwrap()) {
            note(&line.unwrap());
        }
        if kill % 2 == 0 {
            talker.0.kill().unwrap();
        } else {
            server.kill();
            server = ServerProcess::start(server_data.path(), &listen);
        }
        // Whatever was printed before the end counts, whether the kill came first or not.
        for line in lines {
            note(&line.unwrap());
        }
        let ended = talker.0.wait().unwrap();
        assert!(kill % 2 == 0 || ended.success(), "kill {kill}: {ended}");
    }
    let mut last = Talker::start(client_data.path(), &url);
    assert!(last.0.wait().unwrap().success());
    accepted += MANY;

    let said = all_messages(&url).await;
    assert!(said.len() >= usize::try_from(accepted).unwrap(), "{} of {accepted}", said.len());
    let counted: Vec<String> = (1..=said.len()).map(|number| number.to_string()).collect();
    assert_eq!(said, counted, "each once, in order");
}

/// What a fresh mirror of the same account holds, oldest first.
async fn all_messages(url: &str) -> Vec<String> {
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let password = PASSWORD.into();
    let typed = Credentials {
        username: "wren".into(),
        password,
        device: "reader".into(),
        invitation: None,
    };
    let mut notices = client.notices();
    let session = client.sign_in(url, &typed, Starting::SignIn, Keep::ThisRun).await.unwrap();
    loop {
        let history = session.status().unwrap().history;
        if history.total.0 > 0 && history.total == history.here {
            break;
        }
        let _ = tokio::time::timeout(PATIENCE, notices.recv()).await.expect("the mirror fills");
    }
    let room = session.conversations(1).unwrap()[0].id;
    let mut said = Vec::new();
    loop {
        let after = Position::After(Seq(i64::try_from(said.len()).unwrap()));
        let page = session.timeline(room, after, 500).unwrap();
        said.extend(page.items.into_iter().map(|item| item.body));
        if page.at_newest {
            return said;
        }
    }
}
