//! Starts the app's window without a WebDriver, as users have it. Tests type into it through the
//! display and follow it by the milestones that it traces. (Under a driver, the page keeps its
//! process when the window starts again, or the driver would lose it.)

use crate::window::{Desk, program};
use crate::{TIMEOUT, memory};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

/// An open window without a driver.
pub struct Bare<'d> {
    desk: &'d Desk,
    app: Child,
    traces: Lines<BufReader<ChildStdout>>,
}

impl<'d> Bare<'d> {
    /// Starts the app and waits until it has traced `milestone`: "first-paint" for messages,
    /// "empty-paint" for anything else.
    ///
    /// # Panics
    /// Panics if the app does not start, or does not paint in time.
    pub async fn open(desk: &'d Desk, milestone: &str) -> Self {
        let mut app = desk.command(program("parlour"));
        app.env("PARLOUR_DATA", desk.data()).env("PARLOUR_TRACE", "1").stdout(Stdio::piped());
        let mut app =
            tokio::process::Command::from(app).kill_on_drop(true).spawn().expect("it starts");
        let traces = BufReader::new(app.stdout.take().expect("piped")).lines();
        let mut bare = Self { desk, app, traces };
        bare.wait_until(&[milestone]).await;
        // Without a window manager, nothing else would give the window the focus.
        bare.xdotool(&[
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            "^Parlour$",
            "windowfocus",
            "--sync",
        ]);
        bare
    }

    /// Waits until `milestones` are traced, in any order.
    ///
    /// # Panics
    /// Panics if one of them is not traced in time.
    pub async fn wait_until(&mut self, milestones: &[&str]) {
        let mut missing = milestones.to_vec();
        let passing = async {
            while !missing.is_empty() {
                let line = self.traces.next_line().await.expect("its output");
                let line = line.expect("the app runs on");
                missing.retain(|milestone| line.split(' ').nth(1) != Some(milestone));
            }
        };
        let passed = tokio::time::timeout(TIMEOUT, passing).await;
        assert!(passed.is_ok(), "{missing:?} was not passed");
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
        let status = self.desk.command("xdotool").args(args).stdout(Stdio::null()).status();
        assert!(status.expect("xdotool runs").success(), "{args:?}");
    }

    /// Returns how often a text occurs in the memory of the app's process, and in that of its child
    /// processes, which show the page.
    pub fn count_in_memory(&self, text: &str) -> (usize, usize) {
        let app = self.app.id().expect("it runs");
        let of = |process: u32| memory::count(process, text.as_bytes());
        (of(app), memory::children(app).into_iter().map(of).sum())
    }
}
