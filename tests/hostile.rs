//! Malicious servers and users.

use crate::desktop::signed_in;
use harness::window::Desktop;
use harness::{PASSWORD, Person, Server, TIMEOUT};
use parlour_client::{Client, KeyStorageChoice, SignInMode};
use parlour_headless::Keychain;
use parlour_protocol::{Credentials, ErrorCode};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn an_endless_response_is_cut_off_with_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let sending = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        let chunk = vec![b' '; 1024 * 1024];
        let mut sent_bytes = 0;
        while socket.write_all(&chunk).await.is_ok() {
            sent_bytes += chunk.len();
        }
        sent_bytes
    });
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let typed = Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let signing_in = client.sign_in(&server, &typed, SignInMode::SignIn, KeyStorageChoice::Memory);
    let refused = tokio::time::timeout(TIMEOUT, signing_in).await.expect("an end");
    let Err(refused) = refused else { panic!("it signed in") };
    assert_eq!(refused.code(), ErrorCode::ResponseTooLarge);
    let sent_bytes = sending.await.unwrap();
    assert!(sent_bytes < 100 * 1024 * 1024, "{sent_bytes} bytes were accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_is_slow_to_highlight_does_not_block_the_window() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_group("traps", vec![oak.find_person("wren").await]).unwrap();
    oak.say(group, "look at this");
    window.wait_until(".message", "look at this").await;
    let watch = "window.longest = 0;
        let last = performance.now();
        setInterval(() => {
            window.longest = Math.max(window.longest, performance.now() - last);
            last = performance.now();
        }, 10)";
    window.client.execute(watch, vec![]).await.unwrap();
    let code = |count| format!("```cpp\n{}\n```\n", "function ".repeat(count));
    // Three of the longest blocks, and many that a worker colours one by one.
    oak.say(group, &code(2200).repeat(3));
    oak.say(group, &code(550).repeat(10));
    oak.say(group, "```js\nconst all = 'well';\n```");
    window.wait_until("pre .hljs-keyword", "const").await;
    let longest = window.client.execute("return window.longest", vec![]).await.unwrap();
    let longest = longest.as_f64().unwrap();
    println!("the window was blocked for at most {longest} ms");
    assert!(longest < 1500.0, "the window was blocked for {longest} ms");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prototype_of_objects_cannot_be_changed_in_the_page() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let change =
        "Object.prototype.isAdministrator = true; return {}.isAdministrator ?? 'unchanged'";
    let result = window.client.execute(change, vec![]).await.unwrap();
    assert_eq!(result, "unchanged");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_shows_no_other_page_and_opens_no_other_window() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let foreign_url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    let windows = window.client.windows().await.unwrap().len();
    let attempts = "const [there] = arguments;
        window.still = true;
        window.open(there);
        const link = (attributes) =>
            Object.assign(document.body.appendChild(document.createElement('a')), attributes).click();
        link({ href: there, target: '_blank' });
        link({ href: there, download: 'x' });
        link({ href: there });
        location.href = there;
        const form = document.body.appendChild(document.createElement('form'));
        form.action = there;
        form.submit();
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.src = there;
        document.body.appendChild(new Image()).src = there;
        fetch(there).catch(() => undefined)";
    window.client.execute(attempts, vec![foreign_url.into()]).await.unwrap();
    // The page is still there and works.
    window.control_shift("n").await;
    window.fill("dialog input[name=title]", "workshop\u{e007}").await;
    window.wait_until(".conversation h1", "workshop").await;
    window.say("still here").await;
    assert_eq!(window.client.execute("return window.still", vec![]).await.unwrap(), true);
    assert_eq!(window.client.windows().await.unwrap().len(), windows);
    if let Ok(Ok((mut socket, _))) =
        tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await
    {
        // A connection that WebKit opened in advance sends nothing; a request does.
        let mut received = [0; 512];
        let read =
            tokio::time::timeout(std::time::Duration::from_secs(2), socket.read(&mut received));
        let received = read.await.ok().and_then(Result::ok).map(|count| received[..count].to_vec());
        let received = String::from_utf8_lossy(&received.unwrap_or_default()).into_owned();
        assert!(received.is_empty(), "a request was sent: {received}");
    }
    window.close().await;
}
