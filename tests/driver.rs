//! The WebDriver program of one window.

use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest time that a window may be open. No test needs half of it.
const LIFETIME: Duration = Duration::from_secs(600);

/// A WebDriver program, killed when this is dropped, or after [`LIFETIME`]: it waits forever for a
/// page that does not respond, so a test would not end.
pub struct Driver(Arc<Mutex<Child>>);

impl Driver {
    /// Takes over a program that was started.
    pub fn new(child: Child) -> Self {
        let child = Arc::new(Mutex::new(child));
        let weak = Arc::downgrade(&child);
        tokio::spawn(async move {
            tokio::time::sleep(LIFETIME).await;
            if let Some(child) = weak.upgrade() {
                end(&child);
            }
        });
        Self(child)
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.0.lock().expect("nobody panicked").id()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        end(&self.0);
    }
}

/// Kills a process, and waits for its end.
fn end(child: &Mutex<Child>) {
    let mut child = child.lock().expect("nobody panicked");
    let _ = child.kill();
    let _ = child.wait();
}
