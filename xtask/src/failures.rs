//! Repeats at the end of a test run which tests failed and why, because the run's output is long.

use crate::run::Result;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Maximum number of lines that are repeated of the output of one test: the last ones.
const LINES_PER_TEST: usize = 60;
/// Maximum number of tests whose output is repeated.
const TESTS: usize = 20;

/// Runs `cargo test` and shows its output. Fails if it fails, after it repeated the output of the failed tests.
pub fn run(command: &mut Command) -> Result {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut failures = Failures::default();
    let mut stdout = std::io::stdout();
    for line in BufReader::new(child.stdout.take().expect("it was piped")).split(b'\n') {
        let line = line?;
        stdout.write_all(&line)?;
        stdout.write_all(b"\n")?;
        failures.read(&String::from_utf8_lossy(&line));
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    failures.print(&mut stdout)?;
    Err(format!("cargo test: {status}").into())
}

/// The output of failed tests, as found in the output of `cargo test`.
#[derive(Default)]
struct Failures {
    tests: Vec<VecDeque<String>>,
    is_inside: bool,
}

impl Failures {
    /// Reads the next line of the output.
    fn read(&mut self, line: &str) {
        if line.starts_with("---- ") && line.ends_with(" ----") {
            self.is_inside = true;
            self.tests.push(VecDeque::new());
        }
        // The list of names that follows the outputs.
        self.is_inside &= line != "failures:" && !line.starts_with("test result:");
        let Some(test) = self.tests.last_mut().filter(|_| self.is_inside) else { return };
        if is_of_backtrace(line) {
            return;
        }
        if test.len() > LINES_PER_TEST {
            // The first line is the name.
            test.remove(1);
        }
        test.push_back(line.to_owned());
    }

    fn print(&self, to: &mut impl Write) -> std::io::Result<()> {
        writeln!(to, "\nFailed tests: {}", self.tests.len())?;
        for line in self.tests.iter().take(TESTS).flatten() {
            writeln!(to, "{line}")?;
        }
        to.flush()
    }
}

/// Returns whether a line is one of a backtrace, which is longer than what it explains.
fn is_of_backtrace(line: &str) -> bool {
    let (number, function) = line.split_once(": ").unwrap_or_default();
    let is_frame = !function.is_empty()
        && number.starts_with(' ')
        && number.trim().bytes().all(|byte| byte.is_ascii_digit());
    is_frame || line.starts_with("             at ")
}

#[cfg(test)]
mod tests {
    use super::{Failures, LINES_PER_TEST};

    #[test]
    fn the_output_of_failed_tests_is_repeated_and_bounded() {
        let mut failures = Failures::default();
        let frame = "   7: tokio::runtime::park\n             at /tokio/park.rs:7:1\n";
        let chatter = "line\n".repeat(1000) + &frame.repeat(99);
        let output = format!(
            "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\n{chatter}it panicked\n\n\
             failures:\n    b\n\ntest result: FAILED. 1 passed\n\nrunning 1 test\ntest c ... ok\n"
        );
        output.lines().for_each(|line| failures.read(line));
        let mut printed = Vec::new();
        failures.print(&mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(printed.starts_with("\nFailed tests: 1\n---- b stdout ----\nline\n"), "{printed}");
        assert!(!printed.contains("tokio"));
        assert!(printed.trim_end().ends_with("it panicked") && !printed.contains("test c"));
        assert!(printed.lines().count() <= LINES_PER_TEST + 3);
    }
}
