//! `cargo xtask demo`: from a clean clone to the app's window on real conversations.

use crate::run::{Result, build, build_ui, feed, root, run as call};
use crate::server::Server;
use crate::system;
use parlour_headless::{Display, Headless, Keychain};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const USERNAME: &str = "marlow";
const PASSWORD: &str = "a demo needs no secret\n";
/// Maximum wait for a milestone of the app.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Pause before a screenshot, so that it does not show a half-painted frame.
const SCREENSHOT_DELAY: Duration = Duration::from_millis(800);

#[derive(Default)]
struct Options {
    headless: bool,
    screenshot: Option<PathBuf>,
    exit: bool,
}

/// `cargo xtask demo [--headless] [--screenshot FILE] [--exit]`
pub fn run(args: &[&str]) -> Result {
    let options = parse(args)?;
    system::install()?;
    build_ui()?;
    let programs = build()?;
    let folder = root().join(".demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let headless = start_headless(&folder, options.headless)?;
    let server = folder.join("server");
    prepare(&programs, &folder, &server)?;
    let server = Server::start(&programs, &database(&server), &[])?;
    show(&headless, &programs, &folder, &server.url, &options)
}

fn parse(args: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--headless" => options.headless = true,
            "--exit" => options.exit = true,
            "--screenshot" => {
                let file = args.next().ok_or("--screenshot needs a file")?;
                options.screenshot = Some(std::path::absolute(file)?);
            }
            other => return Err(format!("demo does not know {other}").into()),
        }
    }
    Ok(options)
}

/// Returns the user's desktop, or an invisible one. On Linux it has a keychain of its own, so that
/// the demo leaves nothing in the user's.
fn start_headless(folder: &Path, headless: bool) -> Result<Option<Headless>> {
    if !cfg!(target_os = "linux") {
        return if headless { Err("--headless needs Linux".into()) } else { Ok(None) };
    }
    let has_display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !headless && !has_display {
        return Err("There is no display. Run it on a desktop, or with --headless.".into());
    }
    let display = if headless { Display::Virtual(1280, 800) } else { Display::Inherited };
    Ok(Some(Headless::start(folder, display, Keychain::Unlocked)?))
}

fn command(headless: &Option<Headless>, program: PathBuf) -> Command {
    match headless {
        Some(headless) => headless.command(program),
        None => Command::new(program),
    }
}

/// Creates an account and imports real history, or a short sample log if there is none.
fn prepare(programs: &Path, folder: &Path, server: &Path) -> Result {
    let program = programs.join("parlour-server");
    let data = server.to_string_lossy().into_owned();
    let mut add = Command::new(&program);
    feed(add.args(["user", "add", USERNAME, "--admin", "--data", &data]), PASSWORD)?;
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    let archive = root().join("../shared/data/irc/raku-beginner.tar.xz");
    if archive.exists() {
        call("tar", &["-xJf", &archive.to_string_lossy(), "-C", &logs.to_string_lossy()])?;
    } else {
        let day = logs.join("workshop/2026");
        std::fs::create_dir_all(&day)?;
        std::fs::copy(root().join("xtask/demo.log"), day.join("2026-11-19"))?;
    }
    let program = program.to_string_lossy().into_owned();
    let logs = logs.to_string_lossy().into_owned();
    call(
        &program,
        &["import", "irc", &logs, "--data", &data, "--member", USERNAME, "--same-people"],
    )
}

/// Returns the address of the server's database in a folder.
fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("parlour.db").display())
}

fn show(
    headless: &Option<Headless>,
    programs: &Path,
    folder: &Path,
    url: &str,
    options: &Options,
) -> Result {
    let data = folder.join("client");
    let app = || {
        let mut app = command(headless, programs.join("parlour"));
        app.env("PARLOUR_DATA", &data).env("PARLOUR_TRACE", "1");
        app
    };
    feed(app().args(["sign-in", url, USERNAME]).stdout(Stdio::null()), PASSWORD)?;
    let mut window = app().stdout(Stdio::piped()).spawn()?;
    let traces = traces(window.stdout.take().expect("it was piped"));
    let painted =
        await_trace(&traces, "up-to-date").and_then(|()| match (&options.screenshot, headless) {
            (Some(file), Some(headless)) => {
                // The sync line shows it a few frames after the trace.
                std::thread::sleep(SCREENSHOT_DELAY);
                Ok(headless.screenshot(file)?)
            }
            (Some(_), None) => Err("--screenshot needs Linux".into()),
            (None, _) => Ok(()),
        });
    if options.exit || painted.is_err() {
        stop(&mut window);
        return painted;
    }
    eprintln!("The window is open. Close it to end the demo.");
    window.wait()?;
    Ok(())
}

/// Returns the lines that the app prints, as they arrive.
fn traces(output: ChildStdout) -> Receiver<String> {
    let (sender, traces) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            eprintln!("{line}");
            if sender.send(line).is_err() {
                // The receiver is gone, but the app's output must still be drained.
                continue;
            }
        }
    });
    traces
}

fn await_trace(traces: &Receiver<String>, milestone: &str) -> Result {
    loop {
        let line = traces.recv_timeout(TIMEOUT);
        let line =
            line.map_err(|_| format!("the window did not reach the milestone \"{milestone}\""))?;
        if line.split(' ').nth(1) == Some(milestone) {
            return Ok(());
        }
    }
}

/// Kills a program, which may have ended already.
fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
