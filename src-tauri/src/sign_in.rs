//! `parlour sign-in SERVER USERNAME`: signs in without a window. It reads the password from standard
//! input and stores the token in the keychain. Used by scripts and the demo.

use parlour_client::{Client, Closed, KeyStorageChoice, SignInMode};
use parlour_desktop::Instance;
use parlour_protocol::Credentials;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

/// Signs in; prints an error if that fails.
pub fn run(data: &Path, server: &str, username: &str) -> ExitCode {
    let password = match read_secret("Password: ") {
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
    let _instance = match claim_folder(data) {
        Ok(instance) => instance,
        Err(code) => return code,
    };
    let signed_in = tauri::async_runtime::block_on(async {
        let client = Client::open(data)?;
        client.open_by_keychain().await;
        let signing_in =
            client.sign_in(server, &credentials, SignInMode::SignIn, KeyStorageChoice::Keychain);
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

/// Claims the data folder for this process, because two would overwrite each other's files; prints an error if that
/// fails.
fn claim_folder(data: &Path) -> Result<Instance, ExitCode> {
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

/// Returns an error message with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", with_causes(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Maximum length of a line with a secret, in bytes.
const LINE_BYTES: u64 = 4096;

/// Reads a secret: typed without being shown, or the first line of standard input if that is not a terminal.
fn read_secret(prompt: &str) -> std::io::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password(prompt);
    }
    let mut line = String::new();
    input.lock().take(LINE_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// `parlour to-keychain`: moves the keys that a passphrase opens into the keychain. Reads the passphrase from standard
/// input, and prints an error if this fails.
pub fn to_keychain(data: &Path) -> ExitCode {
    let passphrase = match read_secret("Passphrase: ") {
        Ok(passphrase) => passphrase,
        Err(error) => {
            eprintln!("parlour: reading the passphrase: {error}");
            return ExitCode::FAILURE;
        }
    };
    let _instance = match claim_folder(data) {
        Ok(instance) => instance,
        Err(code) => return code,
    };
    let moved = tauri::async_runtime::block_on(async {
        let client = Client::open(data)?;
        for (id, reason) in client.closed() {
            if matches!(reason, Closed::Passphrase) {
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
