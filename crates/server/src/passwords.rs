//! Asks for or reads passwords and passphrases. They are never arguments, because other users of the
//! computer can see those.

use crate::cli::PasswordSource;
use crate::failure::Result;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;

/// The longest line that is read as a password, in bytes.
const LINE_BYTES: u64 = 4096;

/// Returns a new password: the first line of a file, if one is given; typed twice without echo, if standard
/// input is a terminal; otherwise the first line of standard input.
pub fn new_password(source: &PasswordSource) -> Result<String> {
    read_twice(source.password_file.as_deref(), "Password: ", "nothing was changed")
}

/// Returns a new passphrase, from the same sources as a password.
pub fn new_passphrase(file: Option<&Path>) -> Result<String> {
    read_twice(file, "Passphrase: ", "no backup was made")
}

/// Returns an existing passphrase, from the same sources, but typed only once.
pub fn passphrase(file: Option<&Path>) -> Result<String> {
    match from_file_or_pipe(file)? {
        Some(passphrase) => Ok(passphrase),
        None => Ok(rpassword::prompt_password("Passphrase: ")?),
    }
}

fn read_twice(file: Option<&Path>, prompt: &str, consequence: &str) -> Result<String> {
    if let Some(password) = from_file_or_pipe(file)? {
        return Ok(password);
    }
    let password = rpassword::prompt_password(prompt)?;
    if rpassword::prompt_password("Repeat it: ")? != password {
        return Err(format!("the two entries are not the same; {consequence}").into());
    }
    Ok(password)
}

/// Returns the first line of a file or of standard input; `None` if the password is to be typed.
fn from_file_or_pipe(file: Option<&Path>) -> Result<Option<String>> {
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
