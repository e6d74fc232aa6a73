//! The real window on a display of its own, driven through WebDriver, with a real Secret Service
//! daemon next to it.

use crate::TIMEOUT;
use crate::driver::Driver;
use fantoccini::key::Key;
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use parlour_client::APP_ID;
use parlour_headless::{Display, Headless, Keychain};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// A display, a bus and a keychain, with a folder for the app's files.
pub struct Desktop {
    headless: Headless,
    home: TempDir,
}

impl Desktop {
    /// Creates a desktop without files, with a display of 1280 × 800 pixels.
    pub fn new(keychain: Keychain) -> Self {
        Self::with_size(keychain, 1280, 800)
    }

    /// Creates a desktop without files, with a display of the given size in pixels.
    pub fn with_size(keychain: Keychain, width: u32, height: u32) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let display = Display::Virtual(width, height);
        let headless = Headless::start(home.path(), display, keychain).expect("a headless desktop");
        Self { headless, home }
    }

    /// Starts the app on its existing files.
    pub async fn open(&self) -> Window {
        Window::open(&self.headless, &self.data()).await
    }

    /// Returns a command that runs `program` on this display and bus.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.headless.command(program)
    }

    /// Returns the address of the bus that the app uses.
    pub fn bus(&self) -> &str {
        self.headless.bus()
    }

    /// Runs the app's program without a window, with one line of input, and returns its exit
    /// status.
    pub fn run(&self, args: &[&str], input: &str) -> std::process::ExitStatus {
        let mut command = self.headless.command(program("parlour"));
        command.args(args).env("PARLOUR_DATA", self.data()).stdin(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = child.stdin.take().expect("piped");
        std::io::Write::write_all(&mut line, input.as_bytes()).expect("it reads");
        drop(line);
        child.wait().expect("it ends")
    }

    /// Returns the folder in which the app keeps its files.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Starts the keychain's daemon, open or locked, instead of the running one.
    pub fn restart_keychain(&mut self, is_open: bool) {
        self.headless.stop_keychain();
        self.headless.start_keychain(is_open).expect("a keychain");
    }

    /// Stops the keychain's daemon.
    pub fn stop_keychain(&mut self) {
        self.headless.stop_keychain();
    }

    /// Deletes the app's items from the keychain.
    pub fn empty_keychain(&self) {
        for item in self.items_in_keychain() {
            let mut call = self.headless.command("gdbus");
            call.args(["call", "--session", "--dest", "org.freedesktop.secrets"]);
            call.args(["--object-path", &item, "--method", "org.freedesktop.Secret.Item.Delete"]);
            assert!(call.output().expect("gdbus runs").status.success());
        }
    }

    /// Returns the files below the home folder that contain `text`: those of the app, of its web
    /// view and of anything else that keeps files for it.
    pub fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.home.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let kind = entry.file_type().expect("a file type");
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    let bytes = std::fs::read(&path).unwrap_or_default();
                    if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }

    /// Returns the number of the app's accounts in the keychain.
    pub fn sessions_in_keychain(&self) -> usize {
        self.items_in_keychain().len()
    }

    /// Returns the object paths of the keychain's items.
    pub fn items_in_keychain(&self) -> Vec<String> {
        let mut call = self.headless.command("gdbus");
        call.args(["call", "--session", "--dest", "org.freedesktop.secrets"]);
        call.args(["--object-path", "/org/freedesktop/secrets"]);
        call.args(["--method", "org.freedesktop.Secret.Service.SearchItems"]);
        let output = call.arg(format!("{{'service': '{APP_ID}'}}")).output().expect("gdbus runs");
        let printed = String::from_utf8_lossy(&output.stdout);
        let paths =
            printed.split('\'').filter(|part| part.starts_with("/org/freedesktop/secrets/"));
        paths.map(str::to_owned).collect()
    }

    /// Writes a screenshot of the display to `file`.
    pub fn screenshot(&self, file: &Path) {
        self.headless.screenshot(file).expect("a picture");
    }
}

/// An open window.
pub struct Window {
    /// The WebDriver session.
    pub client: Client,
    driver: Driver,
}

impl Window {
    /// Starts the app on the files in `data`, on the given display.
    pub async fn open(headless: &Headless, data: &Path) -> Self {
        let port = free_port();
        let mut driver = headless.command("WebKitWebDriver");
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]);
        driver.env("TAURI_WEBVIEW_AUTOMATION", "true").env("PARLOUR_DATA", data);
        driver.stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Driver::new(driver.spawn().expect("WebKitWebDriver starts"));
        let options = json!({ "binary": program("parlour"), "args": [] });
        let Value::Object(wanted) =
            json!({ "browserName": "wry", "webkitgtk:browserOptions": options })
        else {
            unreachable!("it is an object")
        };
        let address = format!("http://127.0.0.1:{port}");
        let mut builder = ClientBuilder::rustls().expect("a TLS library");
        let connecting = async {
            // The driver takes a moment to listen.
            loop {
                match builder.capabilities(wanted.clone()).connect(&address).await {
                    Ok(client) => return client,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let client = tokio::time::timeout(TIMEOUT, connecting).await.expect("the window opens");
        let timeouts = TimeoutConfiguration::new(Some(TIMEOUT), Some(TIMEOUT), None);
        client.update_timeouts(timeouts).await.expect("the timeouts are set");
        Self { client, driver }
    }

    /// Waits until an element that matches `selector` contains `text`.
    ///
    /// # Panics
    /// Panics if none does within [`TIMEOUT`]. The message shows the text of the page.
    pub async fn wait_until(&self, selector: &str, text: &str) {
        const WAIT: &str = "
            const [selector, text, done] = arguments;
            const holds = () => [...document.querySelectorAll(selector)]
                .some((element) => element.textContent.includes(text));
            if (holds()) return done(true);
            const observer = new MutationObserver(() => {
                if (!holds()) return;
                observer.disconnect();
                done(true);
            });
            observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });";
        let started = Instant::now();
        let mut waited = self.client.execute_async(WAIT, vec![json!(selector), json!(text)]).await;
        // The driver returns an error if the page reloads during the wait.
        while waited.is_err() && started.elapsed() < TIMEOUT / 2 {
            waited = self.client.execute_async(WAIT, vec![json!(selector), json!(text)]).await;
        }
        if waited.is_err() {
            let page = self.client.execute("return document.body.innerText", vec![]).await;
            panic!("{selector} never contained {text:?}; the page says {page:?}");
        }
    }

    /// Returns the texts of all elements that match `selector`.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        const READ: &str =
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText.trim())";
        let texts =
            self.client.execute(READ, vec![json!(selector)]).await.expect("a result from the page");
        serde_json::from_value(texts).expect("a list of texts")
    }

    /// Types `text` into a field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.client.wait().at_most(TIMEOUT).for_element(Locator::Css(selector)).await;
        field.expect(selector).send_keys(text).await.expect("the field accepts text");
    }

    /// Replaces the content of a field with `text`.
    pub async fn refill(&self, selector: &str, text: &str) {
        let field = self.client.wait().at_most(TIMEOUT).for_element(Locator::Css(selector)).await;
        field.expect(selector).clear().await.expect("the field can be emptied");
        self.fill(selector, text).await;
    }

    /// Clicks an element.
    pub async fn click(&self, selector: &str) {
        let element = self.client.wait().at_most(TIMEOUT).for_element(Locator::Css(selector)).await;
        element.expect(selector).click().await.expect("it can be clicked");
    }

    /// Clicks the button with this text.
    pub async fn click_button(&self, text: &str) {
        let path = format!("//button[normalize-space()='{text}']");
        let element = self.client.wait().at_most(TIMEOUT).for_element(Locator::XPath(&path)).await;
        element.expect(text).click().await.expect("it can be clicked");
    }

    /// Types into the element that has the focus.
    pub async fn keys(&self, text: &str) {
        let started = Instant::now();
        loop {
            let active = self.client.active_element().await.expect("something has the focus");
            match active.send_keys(text).await {
                // The element was replaced meanwhile, and received no keys.
                Err(error) if error.is_stale_element_reference() && started.elapsed() < TIMEOUT => {
                }
                sent => return sent.expect("it accepts keys"),
            }
        }
    }

    /// Presses a key together with Control.
    pub async fn control(&self, key: &str) {
        self.keys(&format!("{}{key}{}", char::from(Key::Control), char::from(Key::Null))).await;
    }

    /// Presses a key together with Control and Shift.
    pub async fn control_shift(&self, key: &str) {
        let (control, shift, null) =
            (char::from(Key::Control), char::from(Key::Shift), char::from(Key::Null));
        self.keys(&format!("{control}{shift}{key}{null}")).await;
    }

    /// Signs in on the first screen, or registers.
    pub async fn sign_in(&self, server: &str, name: &str, password: &str, register: bool) {
        if register {
            self.click_button("No account yet? Create one").await;
        }
        self.enter(server, name, password).await;
    }

    /// Fills in the first screen's form and submits it.
    pub async fn enter(&self, server: &str, name: &str, password: &str) {
        self.refill("input[name=server]", server).await;
        self.refill("input[name=username]", name).await;
        self.refill("input[name=password]", password).await;
        self.keys(&char::from(Key::Enter).to_string()).await;
    }

    /// Writes a message and sends it.
    pub async fn say(&self, text: &str) {
        self.fill(".composer textarea", &format!("{text}{}", char::from(Key::Enter))).await;
        self.wait_until(".message", text).await;
    }

    /// Returns the texts of the messages on the screen.
    pub async fn messages(&self) -> Vec<String> {
        self.texts(".message .body > p").await
    }

    /// Returns the app's process id.
    fn app(&self) -> String {
        let children = format!("/proc/{0}/task/{0}/children", self.driver.id());
        let pids = std::fs::read_to_string(children).expect("Linux");
        pids.split_whitespace().next().expect("the app runs").to_owned()
    }

    /// Kills the app with SIGKILL.
    pub async fn kill(self) {
        let app = self.app();
        let killed = Command::new("kill").args(["-9", &app]).status().expect("kill runs");
        assert!(killed.success());
        wait_until_ended(&app).await;
    }

    /// Closes the window, and waits until the app has ended.
    pub async fn close(self) {
        let app = self.app();
        self.client.close().await.expect("the window closes");
        wait_until_ended(&app).await;
    }
}

/// Waits until a process has ended. A process that has ended but was not waited for has an empty
/// command line.
async fn wait_until_ended(pid: &str) {
    let command_line = format!("/proc/{pid}/cmdline");
    let runs = || std::fs::read(&command_line).is_ok_and(|line| !line.is_empty());
    let waiting = async {
        while runs() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUT, waiting).await.expect("the app ends");
}

/// Returns the path of a library of this workspace that is preloaded into programs.
pub fn library(name: &str) -> PathBuf {
    program(&format!("lib{name}.so"))
}

/// Returns the path of a program of this workspace, which is built next to the tests.
pub fn program(name: &str) -> PathBuf {
    let test_program = std::env::current_exe().expect("our own path");
    // Test binaries lie one folder deeper than programs.
    let folder = test_program.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let program = folder.expect("target/debug").join(name);
    assert!(program.exists(), "{program:?} is not built: run `cargo xtask test`");
    program
}

/// A server in a process of its own, which can be killed.
pub struct ServerProcess {
    child: Child,
    /// The server's URL.
    pub url: String,
}

impl ServerProcess {
    /// Starts the server on a folder, at an address that it had before or, with port 0, at a free
    /// port.
    pub fn start(data: &Path, listen: &str) -> Self {
        let mut command = Command::new(program("parlour-server"));
        command.args(["serve", "--listen", listen, "--registration", "open"]);
        command.args(["--requests-per-second", "0", "--mib-per-day", "0"]);
        // A backup would take processor time from what is measured.
        command.args(["--backup-every-hours", "0"]);
        // Unless the environment names another database.
        if std::env::var_os("PARLOUR_DATABASE").is_none() {
            command.arg("--data").arg(data);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("it was piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, url }
    }

    /// Returns the id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills the server with SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
