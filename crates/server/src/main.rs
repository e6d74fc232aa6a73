//! The server's program: parses the command line and runs the command.

// `println!` and `eprintln!` panic if the reader of the output has closed the pipe.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod administer;
mod backups;
mod certificate;
mod cli;
mod diagnosis;
mod failure;
mod init;
mod logging;
mod passwords;
mod printed;
mod printed_imports;
mod serving;
mod signals;
mod storage;
mod supervisor;
mod units;

use administer::administer;
use clap::{CommandFactory, FromArgMatches};
use cli::{Cli, Command, Database};
use failure::{Failure, Result};
use parlour_server::settings::{LogFormat, with_defaults};
use printed::print_done;
use serde_json::json;
use std::process::ExitCode;
use units::{line, output_error};

fn main() -> ExitCode {
    let mut parser = Cli::command();
    for name in ["init", "serve", "check-config"] {
        parser = parser.mut_subcommand(name, with_defaults);
    }
    let matches = parser.get_matches();
    let command = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).command;
    let command = init::without_environment(command, &matches);
    // `serve` sets up its own log, once it has read its settings.
    if !matches!(command, Command::Serve(_)) {
        let level = std::env::var("PARLOUR_LOG").unwrap_or_else(|_| logging::DEFAULT_LEVEL.into());
        logging::Log::begin(&level, LogFormat::Text);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).print(),
    };
    let code = match command {
        Command::Doctor { storage } => runtime.block_on(diagnosis::diagnose(storage)),
        command => runtime
            .block_on(run(command))
            .map_or_else(|failure| failure.print(), |()| ExitCode::SUCCESS),
    };
    match output_error() {
        Some(error) => Failure::from(format!("the output could not be written: {error}")).print(),
        None => code,
    }
}

async fn run(command: Command) -> Result {
    match command {
        Command::Init(command) => init::init(command),
        Command::Serve(command) => serving::serve(command).await,
        Command::CheckConfig(command) => serving::check(&command),
        Command::Restored { storage } => {
            let json = storage.folder.json;
            let database = storage::config(storage)?.database;
            parlour_server::new_epoch(&database).await.map_err(Failure::with_format(json))?;
            print_done(json);
            Ok(())
        }
        Command::Database { command: Database::Clock { storage } } => {
            let json = storage.folder.json;
            let database = storage::config(storage)?.database;
            parlour_server::reset_clock(&database).await.map_err(Failure::with_format(json))?;
            print_done(json);
            Ok(())
        }
        Command::Restore { file, decryption, storage } => {
            backups::restore(&file, &decryption, storage).await
        }
        Command::Verify { file: Some(file), decryption, storage } => {
            backups::verify(&file, &decryption, &storage)
        }
        Command::Certificate { command } => certificate::run(command).await,
        Command::Database { command: Database::Copy { from, to, json } } => {
            let copied = parlour_server::copy_database(&from, &to, |copied| {
                let parlour_server::Copied { table, rows, digest } = copied;
                if json {
                    line(&json!({"table": table, "rows": rows, "digest": digest}).to_string());
                } else {
                    line(&format!("{rows:>10} {table:<22} {digest}"));
                }
            });
            copied.await.map_err(Failure::with_format(json))?;
            if !json {
                line("copied: row counts and digests of both databases are equal");
            }
            Ok(())
        }
        Command::Doctor { .. } => unreachable!("handled in main"),
        Command::Status { .. }
        | Command::Backup(_)
        | Command::Verify { file: None, .. }
        | Command::Invite { .. }
        | Command::Import { .. }
        | Command::Imports { .. }
        | Command::Rebuild { .. }
        | Command::Export(_)
        | Command::User { .. }
        | Command::Group { .. }
        | Command::Audit { .. } => administer(command).await,
    }
}
