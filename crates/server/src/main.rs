//! The server's command line.

use clap::{Parser, Subcommand};
use parlour_server::{App, Config, accounts, import, serve};
use std::error::Error;
use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// The Parlour server.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve; everything is kept in one folder.
    Serve {
        /// The folder, made if it is missing.
        #[arg(long)]
        data: PathBuf,
        /// Where to listen; port 0 takes a free one and prints it.
        #[arg(long, default_value = "127.0.0.1:7700")]
        listen: SocketAddr,
    },
    /// After restoring the database from a backup: make every client begin anew, and offer again
    /// what it sent lately. Stop the server first.
    Restored {
        /// The server's folder.
        #[arg(long)]
        data: PathBuf,
    },
    /// Import history from elsewhere. Stop the server first.
    Import {
        #[command(subcommand)]
        from: Import,
    },
    /// Manage people. Stop the server first.
    User {
        #[command(subcommand)]
        command: User,
    },
}

#[derive(Subcommand)]
enum Import {
    /// A folder of channel logs: CHANNEL/YYYY/YYYY-MM-DD.
    Irc {
        /// The folder that holds the channels' folders.
        folder: PathBuf,
        /// The server's folder.
        #[arg(long)]
        data: PathBuf,
        /// Also make this person a member of every channel; may be repeated.
        #[arg(long = "member")]
        members: Vec<String>,
    },
}

#[derive(Subcommand)]
enum User {
    /// Add a person; the password is the first line of standard input.
    Add {
        username: String,
        #[arg(long)]
        data: PathBuf,
    },
    /// Give a person a password: the first line of standard input.
    Password {
        username: String,
        #[arg(long)]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let level = tracing_subscriber::EnvFilter::try_from_env("PARLOUR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(args.command))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parlour-server: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Serve { data, listen } => {
            let server = serve(&Config::new(data, listen)).await?;
            println!("listening on http://{}", server.address);
            std::io::stdout().flush()?;
            stop_asked().await?;
            server.stop().await?;
        }
        Command::Restored { data } => parlour_server::new_epoch(&data)?,
        Command::Import { from: Import::Irc { folder, data, members } } => {
            import_irc(data, folder, &members).await?;
        }
        Command::User { command: User::Add { username, data } } => {
            let (app, ended) = App::open(&offline(data))?;
            let added = accounts::add(&app, username, password()?).await;
            drop(app);
            ended.wait().await;
            added.map_err(|error| error.message)?;
        }
        Command::User { command: User::Password { username, data } } => {
            let (app, ended) = App::open(&offline(data))?;
            let set = accounts::set_password(&app, username, password()?).await;
            drop(app);
            ended.wait().await;
            set.map_err(|error| error.message)?;
        }
    }
    Ok(())
}

/// For commands that open the folder without listening.
fn offline(data: PathBuf) -> Config {
    Config::new(data, SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn password() -> std::io::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn stop_asked() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            asked = tokio::signal::ctrl_c() => asked,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

async fn import_irc(data: PathBuf, folder: PathBuf, also: &[String]) -> Result<(), Box<dyn Error>> {
    let (app, ended) = App::open(&offline(data))?;
    let style = "{bar:40} {bytes} of {total_bytes} {eta} left";
    let bar =
        indicatif::ProgressBar::new(0).with_style(indicatif::ProgressStyle::with_template(style)?);
    let report = import::import(&app, &folder, also, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })
    .await;
    drop(app);
    ended.wait().await;
    let report = report?;
    bar.finish_and_clear();
    println!("{} messages added, {} already there", report.added, report.known);
    println!(
        "{} files read, {} of them unchanged since the last import",
        report.files, report.unchanged
    );
    println!("{} joins, leaves and renames are not messages", report.notices);
    for (why, (count, places)) in &report.odd {
        println!("{count} × {why}: {}{}", places.join(", "), if *count > 5 { ", …" } else { "" });
    }
    Ok(())
}
