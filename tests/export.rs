//! Exports, without a network.

use harness::{Person, Server};
use parlour_client::{ConnectionState, ExportFormat, ExportRequest, ExportSelection, ExportTexts};
use parlour_protocol::LocalReason;
use std::ops::ControlFlow;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_exported_offline_and_a_cancelled_export_leaves_nothing() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "**first**");
    wren.say(group, "<second>");
    oak.session().check_connection();
    oak.wait_until_bodies(group, &["**first**", "<second>"]).await;
    server.stop().await;
    oak.wait_until("offline", |session| {
        session.status().unwrap().connection == ConnectionState::Offline
    })
    .await;
    let (session, folder) = (oak.session(), tempfile::tempdir().unwrap());
    let (from, until, format, with_files) = (None, None, ExportFormat::Both, true);
    let selection = ExportSelection::Everything;
    let request = ExportRequest { selection, from, until, format, with_files };
    let texts = ExportTexts { title: "Parlour".into(), ..ExportTexts::default() };

    let export = |flow: ControlFlow<()>| {
        session.export(&request, texts.clone(), folder.path(), &mut |_| flow)
    };

    let cancelled = export(ControlFlow::Break(())).unwrap_err();
    assert_eq!(cancelled.problem(), LocalReason::ExportCancelled.into());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let (path, summary) = export(ControlFlow::Continue(())).unwrap();
    assert_eq!(path, folder.path().join(summary.name));
    let group_folder = path.join("conversations/workshop");
    let read = |name: &str| std::fs::read_to_string(group_folder.join(name));
    let (lines, page) = (read("messages.jsonl").unwrap(), read("index.html").unwrap());
    let messages = lines.lines().filter(|line| line.starts_with("{\"type\":\"message\""));
    assert_eq!(messages.count(), 2);
    assert!(lines.contains("\"text\":\"**first**\"") && lines.contains("\"text\":\"<second>\""));
    assert!(page.contains("<strong>first</strong>") && page.contains("&lt;second&gt;"));
}
