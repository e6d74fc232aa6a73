//! `parlour sign-in SERVER USERNAME`: signs in without a window. It reads the password from standard
//! input and stores the token in the keychain. For scripts, and for the demo.

use parlour_client::{Client, Closed, Keep, Starting};
use parlour_desktop::Instance;
use parlour_protocol::Credentials;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

/// Signs in; prints why, if that fails.
pub fn run(data: &Path, server: &str, username: &str) -> ExitCode {
    let password = match secret("Password: ") {
        Ok(password) => password,
        Err(error) => {
            eprintln!("parlour: reading the password: {error}");
            return ExitCode::FAILURE;
        }
    };
    let credentials = Credentials {
        username: username.into(),
        password,
        device: crate::commands::device(),
        invitation: None,
    };
    let _alone = match alone(data) {
        Ok(alone) => alone,
        Err(code) => return code,
    };
    let signed_in = tauri::async_runtime::block_on(async {
        let client = Client::open(data)?;
        client.open_by_keychain().await;
        let signing_in = client.sign_in(server, &credentials, Starting::SignIn, Keep::Keychain);
        let signed_in = signing_in.await.map(drop);
        client.end().await;
        signed_in
    });
    match signed_in {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlour: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// Makes this the only program on the data folder, because two would overwrite each other's files; prints why, if it is
/// not.
fn alone(data: &Path) -> Result<Instance, ExitCode> {
    match Instance::claim(data) {
        Ok(Some(instance)) => Ok(instance),
        Ok(None) => {
            eprintln!("parlour: it is running on this data folder; quit it first");
            Err(ExitCode::FAILURE)
        }
        Err(error) => {
            eprintln!("parlour: the data folder cannot be written: {error}");
            Err(ExitCode::FAILURE)
        }
    }
}

/// Returns a failure and its causes, for a terminal.
fn with_causes(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", with_causes(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Maximum length of a line with a secret, in bytes.
const LINE_BYTES: u64 = 4096;

/// Reads a secret that is typed without being shown, or the first line of standard input if that is not a
/// terminal.
fn secret(prompt: &str) -> std::io::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password(prompt);
    }
    let mut line = String::new();
    input.lock().take(LINE_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// `parlour to-keychain`: moves the keys that a passphrase opens into the keychain. It reads the
/// passphrase from standard input, and prints why, if this fails.
pub fn to_keychain(data: &Path) -> ExitCode {
    let passphrase = match secret("Passphrase: ") {
        Ok(passphrase) => passphrase,
        Err(error) => {
            eprintln!("parlour: reading the passphrase: {error}");
            return ExitCode::FAILURE;
        }
    };
    let _alone = match alone(data) {
        Ok(alone) => alone,
        Err(code) => return code,
    };
    let moved = tauri::async_runtime::block_on(async {
        let client = Client::open(data)?;
        for (id, why) in client.closed() {
            if matches!(why, Closed::Passphrase) {
                client.unlock(&id, &passphrase).await?;
                client.remove_passphrase(&id, &passphrase).await?;
            }
        }
        client.end().await;
        Ok::<(), parlour_client::Error>(())
    });
    match moved {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlour: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}
