//! Passwords and passphrases, which are never an argument: others see those.

use crate::cli::PasswordSource;
use crate::failure::Result;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;

/// Longest line that is taken for a password.
const LINE_BYTES: u64 = 4096;

/// A new password: the first line of a file, or else typed twice where somebody types it, and not shown, or else
/// the first line of standard input.
pub fn new(said: &PasswordSource) -> Result<String> {
    twice(said.password_file.as_deref(), "Password: ", "nothing was changed")
}

/// A new passphrase, from the same places as a password.
pub fn new_passphrase(file: Option<&Path>) -> Result<String> {
    twice(file, "Passphrase: ", "nothing was made")
}

/// A passphrase that is there already: as a new one, but typed once.
pub fn passphrase(file: Option<&Path>) -> Result<String> {
    match elsewhere(file)? {
        Some(passphrase) => Ok(passphrase),
        None => Ok(rpassword::prompt_password("Passphrase: ")?),
    }
}

fn twice(file: Option<&Path>, prompt: &str, refused: &str) -> Result<String> {
    if let Some(password) = elsewhere(file)? {
        return Ok(password);
    }
    let password = rpassword::prompt_password(prompt)?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err(format!("the two are not the same; {refused}").into());
    }
    Ok(password)
}

/// The first line of a file or of standard input; nothing where somebody is to type it.
fn elsewhere(file: Option<&Path>) -> Result<Option<String>> {
    if let Some(path) = file {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        return first_line(BufReader::new(file)).map(Some);
    }
    let input = std::io::stdin();
    if input.is_terminal() { Ok(None) } else { first_line(input.lock()).map(Some) }
}

fn first_line(from: impl BufRead) -> Result<String> {
    let mut line = String::new();
    from.take(LINE_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
