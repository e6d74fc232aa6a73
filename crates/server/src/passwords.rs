//! New passwords, which are never an argument: others see those.

use crate::cli::PasswordSource;
use crate::failure::Result;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};

/// Longest line that is taken for a password.
const LINE_BYTES: u64 = 4096;

/// A new password: the first line of a file, or else typed twice where somebody types it, and not shown, or else
/// the first line of standard input.
pub fn new(said: &PasswordSource) -> Result<String> {
    if let Some(path) = &said.password_file {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        return first_line(BufReader::new(file));
    }
    let input = std::io::stdin();
    if !input.is_terminal() {
        return first_line(input.lock());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err("the two are not the same; nothing was changed".into());
    }
    Ok(password)
}

fn first_line(from: impl BufRead) -> Result<String> {
    let mut line = String::new();
    from.take(LINE_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
