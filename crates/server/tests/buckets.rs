//! Files in a bucket of an S3-compatible service.
#![cfg(unix)]

use crate::common::{PASSWORD, User, credentials, message};
use crate::doctor::{doctor, state};
use crate::program::{Program, command, objects, output, stderr_text};
use crate::unused_files::wait_until;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use parlour_protocol::{Action, ConversationId, FileHash, MessageId, SignedIn};
use reqwest::{Client, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// An S3-compatible service with the bucket `chat`.
struct S3 {
    dir: TempDir,
    endpoint: String,
    /// Whether each request is answered with an error.
    fails: Arc<AtomicBool>,
    /// Whether requests are not answered at all.
    is_silent: Arc<AtomicBool>,
    /// The number of requests that wait for an answer in vain.
    waiting: Arc<AtomicUsize>,
    /// The number of requests that listed objects.
    lists: Arc<AtomicUsize>,
}

impl S3 {
    async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir(dir.path().join("chat")).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(dir.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single("key", "secret"));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (fails, is_silent) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (waiting, lists) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let flags = (fails.clone(), is_silent.clone(), waiting.clone(), lists.clone());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (service, flags) = (service.clone(), flags.clone());
                let handler = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    let (service, flags) = (service.clone(), flags.clone());
                    let (fails, is_silent, waiting, lists) = flags;
                    let query = request.uri().query().unwrap_or_default();
                    lists.fetch_add(usize::from(query.contains("list-type")), Ordering::Relaxed);
                    async move {
                        if is_silent.load(Ordering::Relaxed) {
                            waiting.fetch_add(1, Ordering::Relaxed);
                            std::future::pending::<()>().await;
                        }
                        if fails.load(Ordering::Relaxed) {
                            let failed = hyper::Response::builder().status(500);
                            return Ok(failed.body(s3s::Body::empty()).unwrap());
                        }
                        Service::call(&service, request).await
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(socket), handler));
            }
        });
        Self { dir, endpoint, fails, is_silent, waiting, lists }
    }

    /// Lets a command of the server use the service.
    fn configure(&self, mut command: Command, prefix: &str) -> Command {
        command.env("PARLOUR_FILES", format!("s3://chat/{prefix}"));
        command.env("PARLOUR_S3_ENDPOINT", &self.endpoint).env("PARLOUR_S3_REGION", "here");
        command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
        command.env("NO_PROXY", "127.0.0.1").env_remove("AWS_SESSION_TOKEN");
        // Variables that other programs know override no setting.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        command
    }

    /// Returns the paths of all parts of files below a prefix, sorted.
    fn objects(&self, prefix: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.dir.path().join("chat").join(prefix)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                let is_folder = entry.file_type().unwrap().is_dir();
                if is_folder { &mut folders } else { &mut found }.push(entry.path());
            }
        }
        found.retain(|path| !path.ends_with("server-id"));
        found.sort();
        found
    }
}

fn serve(s3: &S3, data: &Path, prefix: &str) -> Program {
    let serve = command(data, &["serve", "--listen", "127.0.0.1:0", "--registration", "open"]);
    Program::start(s3.configure(serve, prefix))
}

async fn register(server: &Program) -> User {
    let (http, url) = (Client::new(), format!("{}/v1", server.url));
    let registered = http.post(format!("{url}/users")).json(&credentials("wren", PASSWORD));
    let SignedIn { user_id: id, token, .. } =
        registered.send().await.unwrap().json().await.unwrap();
    User { id, token, url, http }
}

/// Sends a message with a file in two parts.
async fn send_file(wren: &User) -> (ConversationId, MessageId) {
    let group = wren.group(&[]).await;
    let file = wren.upload_in_parts(&[7; 200_000], 100_000).await;
    let sent = wren.act(group, Action::send_files("", vec![file])).await;
    (group, message(&sent).id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_in_a_bucket_are_sent_verified_backed_up_restored_and_removed() {
    let (s3, dir) = (S3::start().await, TempDir::new().unwrap());
    let (data, file) = (dir.path().join("data"), dir.path().join("backup"));
    let server = serve(&s3, &data, "here");
    let wren = register(&server).await;
    let (_, id) = send_file(&wren).await;
    assert_eq!(s3.objects("here").len(), 2);
    assert!(!data.join("files").exists());
    let downloaded = wren.download(id, 0).await.bytes().await.unwrap();
    assert!(downloaded == vec![7; 200_000]);
    // A cancelled upload is removed at once.
    let other = FileHash::of(&[8; 150_000]);
    wren.begin_upload(other, 150_000).await;
    wren.add_part(other, 0, vec![8; 100_000]).await;
    assert_eq!(s3.objects("here").len(), 3);
    let cancelled = wren.request(reqwest::Method::DELETE, &format!("uploads/{other}")).await;
    assert!(cancelled.status().is_success());
    assert_eq!(s3.objects("here").len(), 2);
    server.stop();
    let run = |data: &Path, prefix: &str, args: &[&str]| {
        output(s3.configure(command(data, args), prefix), "")
    };
    let verified = run(&data, "here", &["verify"]);
    assert!(verified.status.success(), "{}", stderr_text(&verified));
    let path = file.to_str().unwrap();
    let made = objects(&run(&data, "here", &["backup", path, "--json"])).pop().unwrap();
    assert_eq!(made["files"]["bytes"], 200_000);
    let restored_data = dir.path().join("restored");
    let restored = run(&restored_data, "there", &["restore", path, "--json"]);
    assert_eq!(objects(&restored).pop().unwrap()["missingFiles"]["count"], 0);
    let server = serve(&s3, &restored_data, "there");
    let wren = User { url: format!("{}/v1", server.url), ..wren };
    let downloaded = wren.download(id, 0).await.bytes().await.unwrap();
    assert!(downloaded == vec![7; 200_000]);
    server.stop();
    let examine = || doctor(s3.configure(command(&restored_data, &["doctor"]), "there")).0;
    assert_eq!(state(&examine(), "files"), Some("ok"));
    std::fs::remove_file(&s3.objects("there")[1]).unwrap();
    assert_eq!(state(&examine(), "files"), Some("error"));
    assert!(!run(&restored_data, "there", &["verify"]).status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_fails_delays_files_but_not_messages() {
    let (s3, dir) = (S3::start().await, TempDir::new().unwrap());
    let server = serve(&s3, dir.path(), "here");
    let wren = register(&server).await;
    let (group, id) = send_file(&wren).await;
    s3.fails.store(true, Ordering::Relaxed);
    let file = vec![9; 80_000];
    let hash = FileHash::of(&file);
    assert_eq!(wren.begin_upload(hash, file.len()).await.status(), StatusCode::OK);
    let refused = wren.add_part(hash, 0, file.clone()).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(wren.download(id, 0).await.status().is_server_error());
    wren.say(group, "meanwhile").await;
    s3.fails.store(false, Ordering::Relaxed);
    assert_eq!(wren.add_part(hash, 0, file).await.status(), StatusCode::OK);
    assert_eq!(wren.download(id, 0).await.status(), StatusCode::OK);
    server.stop();
    // A backup with files fails, because they would seem to be lost; one without them is made.
    let (with, without) = (dir.path().join("with"), dir.path().join("without"));
    s3.fails.store(true, Ordering::Relaxed);
    let back_up = |args: &[&str]| {
        output(s3.configure(command(dir.path(), &[&["backup"], args].concat()), "here"), "")
    };
    assert!(!back_up(&[with.to_str().unwrap()]).status.success());
    assert!(back_up(&[without.to_str().unwrap(), "--without-files"]).status.success());
    s3.fails.store(false, Ordering::Relaxed);
    assert!(back_up(&[with.to_str().unwrap()]).status.success());
    let doctor = |secret: &str| {
        let mut command = s3.configure(command(dir.path(), &["doctor"]), "here");
        command.env("AWS_SECRET_ACCESS_KEY", secret);
        doctor(command).0
    };
    assert_eq!(state(&doctor("secret"), "files"), Some("ok"));
    assert_eq!(state(&doctor("wrong"), "files"), Some("error"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_never_answers_does_not_delay_messages() {
    let (s3, dir) = (S3::start().await, TempDir::new().unwrap());
    let server = serve(&s3, dir.path(), "here");
    let wren = register(&server).await;
    let (group, id) = send_file(&wren).await;
    s3.is_silent.store(true, Ordering::Relaxed);
    let file = vec![9; 80_000];
    let hash = FileHash::of(&file);
    assert_eq!(wren.begin_upload(hash, file.len()).await.status(), StatusCode::OK);
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let (user, part) = (wren.clone(), file.clone());
        waiting.push(tokio::spawn(async move { user.add_part(hash, 0, part).await }));
    }
    for _ in 0..3 {
        let user = wren.clone();
        waiting.push(tokio::spawn(async move { user.download(id, 0).await }));
    }
    while s3.waiting.load(Ordering::Relaxed) < 3 {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        wren.say(group, "meanwhile").await;
    }
    assert!(waiting.iter().any(|request| !request.is_finished()));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    server.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orphaned_objects_are_found_by_listing_the_bucket_once() {
    let (s3, dir) = (S3::start().await, TempDir::new().unwrap());
    let server = serve(&s3, dir.path(), "here");
    let wren = register(&server).await;
    for n in 0..5 {
        wren.upload(&[n; 70_000]).await;
    }
    server.stop();
    // Its name follows all others.
    let unknown = format!("{}.{}", "f".repeat(64), uuid::Uuid::nil().simple());
    let folder = s3.dir.path().join("chat/here").join(unknown);
    std::fs::create_dir(&folder).unwrap();
    let orphan = folder.join("000000000000-0123456789abcdef");
    std::fs::write(&orphan, "content").unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(100 * 24 * 3600);
    File::options().write(true).open(&orphan).unwrap().set_modified(long_ago).unwrap();
    s3.lists.store(0, Ordering::Relaxed);
    let server = serve(&s3, dir.path(), "here");
    wait_until("the orphaned object is removed", async || !orphan.exists()).await;
    // One lists everything, and one the objects of the file that is removed.
    assert!(s3.lists.load(Ordering::Relaxed) <= 2);
    assert_eq!(s3.objects("here").len(), 5);
    server.stop();
}
