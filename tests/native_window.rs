//! Starts the app's window without a WebDriver, as users do. Tests type into it through the display and
//! wait for the milestones that it traces. (With a driver, the page's process survives a restart of the
//! window.)

use crate::window::{Desktop, program};
use crate::{TIMEOUT, memory};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

/// An open window without a WebDriver.
pub struct NativeWindow<'d> {
    desktop: &'d Desktop,
    app: Child,
    traces: Lines<BufReader<ChildStdout>>,
}

impl<'d> NativeWindow<'d> {
    /// Starts the app and waits until it has traced `milestone`: "first-paint" for messages,
    /// "empty-paint" for anything else.
    ///
    /// # Panics
    /// Panics if the app does not start, or does not paint in time.
    pub async fn open(desktop: &'d Desktop, milestone: &str) -> Self {
        let mut app = desktop.command(program("parlour"));
        app.env("PARLOUR_DATA", desktop.data()).env("PARLOUR_TRACE", "1").stdout(Stdio::piped());
        let mut app =
            tokio::process::Command::from(app).kill_on_drop(true).spawn().expect("it starts");
        let traces = BufReader::new(app.stdout.take().expect("piped")).lines();
        let mut window = Self { desktop, app, traces };
        window.wait_until(&[milestone]).await;
        // Without a window manager, nothing else would give the window the focus.
        window.xdotool(&[
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            "^Parlour$",
            "windowfocus",
            "--sync",
        ]);
        window
    }

    /// Waits until `milestones` are traced, in any order.
    ///
    /// # Panics
    /// Panics if one of them is not traced in time.
    pub async fn wait_until(&mut self, milestones: &[&str]) {
        let mut missing = milestones.to_vec();
        let reaching = async {
            while !missing.is_empty() {
                let line = self.traces.next_line().await.expect("its output");
                let line = line.expect("the app is still running");
                missing.retain(|milestone| line.split(' ').nth(1) != Some(milestone));
            }
        };
        let reached = tokio::time::timeout(TIMEOUT, reaching).await;
        assert!(reached.is_ok(), "{missing:?} was not reached");
    }

    /// Types a text.
    pub fn enter(&self, text: &str) {
        self.xdotool(&["type", text]);
    }

    /// Presses a key, named as in xdotool(1).
    pub fn press(&self, key: &str) {
        self.xdotool(&["key", key]);
    }

    fn xdotool(&self, args: &[&str]) {
        let status = self.desktop.command("xdotool").args(args).stdout(Stdio::null()).status();
        assert!(status.expect("xdotool runs").success(), "{args:?}");
    }

    /// Returns how often a text occurs in the memory of the app's process, and in that of its child
    /// processes, which show the page.
    pub fn count_in_memory(&self, text: &str) -> (usize, usize) {
        let app = self.app.id().expect("it runs");
        let occurrences_in = |process: u32| memory::count(process, text.as_bytes());
        (occurrences_in(app), memory::children(app).into_iter().map(occurrences_in).sum())
    }
}
