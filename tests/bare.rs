//! The app's window without a driver, as people have it: typed into through the display, and known by what it
//! traces. (Under a driver the page keeps its process when it begins anew, or the driver would lose sight of it.)

use crate::window::{Desk, program};
use crate::{PATIENCE, memory};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

/// An open window.
pub struct Bare<'d> {
    desk: &'d Desk,
    app: Child,
    traces: Lines<BufReader<ChildStdout>>,
}

impl<'d> Bare<'d> {
    /// Starts the app, and waits until it has painted this: "first-paint" for messages, "empty-paint" for
    /// whatever else there is to show.
    ///
    /// # Panics
    /// It does not start, or paints nothing in time.
    pub async fn open(desk: &'d Desk, milestone: &str) -> Self {
        let mut app = desk.command(program("parlour"));
        app.env("PARLOUR_DATA", desk.data()).env("PARLOUR_TRACE", "1").stdout(Stdio::piped());
        let mut app =
            tokio::process::Command::from(app).kill_on_drop(true).spawn().expect("it starts");
        let traces = BufReader::new(app.stdout.take().expect("piped")).lines();
        let mut bare = Self { desk, app, traces };
        bare.until(&[milestone]).await;
        // There is no window manager to do it.
        bare.tell(&[
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

    /// Waits until these milestones are traced, in any order.
    ///
    /// # Panics
    /// One is not, in time.
    pub async fn until(&mut self, milestones: &[&str]) {
        let mut missing = milestones.to_vec();
        let passing = async {
            while !missing.is_empty() {
                let line = self.traces.next_line().await.expect("its output");
                let line = line.expect("the app runs on");
                missing.retain(|milestone| line.split(' ').nth(1) != Some(milestone));
            }
        };
        let passed = tokio::time::timeout(PATIENCE, passing).await;
        assert!(passed.is_ok(), "{missing:?} was not passed");
    }

    /// Types a text.
    pub fn enter(&self, text: &str) {
        self.tell(&["type", text]);
    }

    /// Presses a key, as xdotool(1) names it.
    pub fn press(&self, key: &str) {
        self.tell(&["key", key]);
    }

    fn tell(&self, args: &[&str]) {
        let told = self.desk.command("xdotool").args(args).stdout(Stdio::null()).status();
        assert!(told.expect("xdotool runs").success(), "{args:?}");
    }

    /// How often a text is in the memory of the app's process, and of those that show its page.
    pub fn count_in_memory(&self, text: &str) -> (usize, usize) {
        let app = self.app.id().expect("it runs");
        let of = |process: u32| memory::count(process, text.as_bytes());
        (of(app), memory::children(app).into_iter().map(of).sum())
    }
}
