//! The server's program: does what the command line says.

mod cli;

use clap::Parser;
use cli::{Cli, Command, Database, Group, Import, Serve, User};
use parlour_protocol::{ConversationId, InvitationRequest, UserRole, invitation_link};
use parlour_server::admin::audit::{self, Chain};
use parlour_server::admin::registration::{self, Admission};
use parlour_server::admin::{accounts, groups, invitations, passwords};
use parlour_server::import::{self, Names};
use parlour_server::tls::Tls;
use parlour_server::{
    ApiError, App, By, Config, ConnectionLimits, DatabaseAddress, Lifetime, Proxies, SocketLimits,
    serve,
};
use std::error::Error;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn main() -> ExitCode {
    let level = tracing_subscriber::EnvFilter::try_from_env("PARLOUR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    let command = Cli::parse().command;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(command))) {
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

async fn run(command: Command) -> Result {
    match command {
        Command::Serve(serve) => run_server(serve).await,
        Command::Restored { storage } => Ok(parlour_server::new_epoch(&storage.into()).await?),
        Command::Import { from: Import::Irc { folder, members, same_people, storage } } => {
            let names = if same_people { Names::Theirs } else { Names::Apart };
            import_irc(storage.into(), &folder, (&members, names)).await
        }
        Command::User { command } => look_after(command).await,
        Command::Group { command } => look_after_group(command).await,
        Command::Invite { uses, days, role, server, storage } => {
            let role = role.into();
            let days = days.unwrap_or(if role == UserRole::Administrator { 1 } else { 7 });
            let lifetime_ms = days.saturating_mul(24 * 3600 * 1000);
            let asked = InvitationRequest { lifetime_ms, uses, role };
            let invite = async |app: &App| invitations::create(app, By::Command, asked).await;
            let (_, secret) = with_app(storage.into(), invite).await?;
            println!("{}", invitation_link(&server, &secret, None));
            Ok(())
        }
        Command::Audit { json, storage } => print_audit(storage.into(), json).await,
        Command::Database { command: Database::Clock { storage } } => {
            Ok(parlour_server::reset_clock(&storage.into()).await?)
        }
        Command::Database { command: Database::Copy { from, to } } => {
            parlour_server::copy_database(&from, &to, |copied| {
                println!("{:>10} {:<22} {}", copied.rows, copied.table, copied.digest);
            })
            .await?;
            println!("copied: counts and digests are the same in both");
            Ok(())
        }
    }
}

async fn run_server(serving: Serve) -> Result {
    // Where it cannot be raised, fewer connections are taken.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let config = Config {
        registration: serving.registration.into(),
        lifetime: Lifetime {
            idle: DAY * serving.session_idle_days,
            longest: DAY * serving.session_max_days,
        },
        bus: serving.bus,
        requests_per_second: serving.requests_per_second,
        bytes_per_day: serving.mib_per_day.saturating_mul(1024 * 1024),
        proxies: Proxies { many: serving.trust_proxy, header: serving.proxy_header.into() },
        sockets: SocketLimits {
            of_session: serving.max_sockets_per_session,
            of_account: serving.max_sockets_per_account,
        },
        connections: ConnectionLimits {
            connections: serving.max_connections,
            of_network: serving.max_connections_per_network,
            ..ConnectionLimits::default()
        },
        ..Config::new(serving.storage.into(), serving.listen)
    };
    let mut server = serve(&config).await?;
    let scheme = if server.tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", server.address);
    println!("listening on {address}");
    if let Some(secret) = &server.first_invitation {
        let pin = server.tls.as_ref().and_then(Tls::pin);
        let link = invitation_link(&address, secret, pin);
        // Who started the server may have read as much as they wanted.
        let _ = writeln!(
            std::io::stdout(),
            "There is no administrator yet. Whoever registers with this link becomes one;\n\
             it is good once, for a day: {link}"
        );
    }
    tokio::select! {
        asked = stop_asked() => asked?,
        ended = server.wait() => return Ok(ended?),
    }
    Ok(server.stop().await?)
}

async fn look_after_group(command: Group) -> Result {
    match command {
        Group::Ownerless { storage } => {
            let list = async |app: &App| groups::ownerless(app, By::Command).await;
            let found = with_app(storage.into(), list).await?;
            for group in found {
                println!("{} {:>5} {}", group.id, group.member_count, group.title);
            }
            Ok(())
        }
        Group::Give { id, username, storage } => {
            let give = async |app: &App| {
                let to = accounts::find(app, &username).await?;
                groups::take_over(app, By::Command, ConversationId(id), to).await
            };
            with_app(storage.into(), give).await
        }
    }
}

async fn look_after(command: User) -> Result {
    match command {
        User::Add { username, admin, storage } => {
            let role = if admin { UserRole::Administrator } else { UserRole::Member };
            let (password, admission) = (new_password()?, Admission::Granted(role));
            let add = async |app: &App| {
                registration::register(app, username, password, admission, None).await
            };
            with_app(storage.into(), add).await.map(drop)
        }
        User::Password { username, storage } => {
            let password = new_password()?;
            let set = async |app: &App| {
                let id = accounts::find(app, &username).await?;
                passwords::reset(app, By::Command, id, password).await
            };
            with_app(storage.into(), set).await
        }
        User::Role { username, role, storage } => {
            let set = async |app: &App| {
                let id = accounts::find(app, &username).await?;
                accounts::set_role(app, By::Command, id, role.into()).await
            };
            with_app(storage.into(), set).await
        }
        User::Deactivate { username, wipe, storage } => {
            let deactivate = async |app: &App| {
                accounts::deactivate(app, By::Command, accounts::find(app, &username).await?, wipe)
                    .await
            };
            with_app(storage.into(), deactivate).await
        }
        User::Reactivate { username, storage } => {
            let reactivate = async |app: &App| {
                accounts::reactivate(app, By::Command, accounts::find(app, &username).await?).await
            };
            with_app(storage.into(), reactivate).await
        }
        User::Erase { username, wipe, storage } => {
            let erase = async |app: &App| {
                accounts::erase(app, By::Command, accounts::find(app, &username).await?, wipe).await
            };
            with_app(storage.into(), erase).await
        }
    }
}

/// Prints the audit and says whether it is whole.
async fn print_audit(database: DatabaseAddress, json: bool) -> Result {
    let print = async |app: &App| {
        let mut out = std::io::stdout().lock();
        audit::read(app, |entry, names| {
            let line = if json {
                serde_json::to_string(entry).unwrap_or_default()
            } else {
                audit::line(entry, names)
            };
            // Who asked may have read as much as they wanted.
            let _ = writeln!(out, "{line}");
        })
        .await
    };
    match with_app(database, print).await? {
        Chain::Whole { entries, hash } => {
            if !json {
                println!("{entries} entries, and the chain is whole. The newest hash: {hash}");
            }
            Ok(())
        }
        Chain::Broken { number } => Err(format!(
            "the audit was tampered with: entry {number} does not continue the one before it"
        )
        .into()),
    }
}

/// Opens the database without listening, does one thing with it, and closes it again.
async fn with_app<T>(
    database: DatabaseAddress,
    body: impl AsyncFnOnce(&App) -> std::result::Result<T, ApiError>,
) -> Result<T> {
    let (app, ended) = App::open(&offline(database)).await?;
    let done = body(&app).await;
    drop(app);
    ended.wait().await;
    Ok(done.map_err(|error| error.message)?)
}

fn offline(database: DatabaseAddress) -> Config {
    Config::new(database, SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// Longest line that is taken for a password.
const LINE_BYTES: u64 = 4096;

/// A new password: typed twice where somebody types it, and not shown; else the first line of standard
/// input.
fn new_password() -> Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("The same again: ")? != password {
            return Err("the two are not the same; nothing was changed".into());
        }
        return Ok(password);
    }
    let mut line = String::new();
    input.lock().take(LINE_BYTES).read_line(&mut line)?;
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

async fn import_irc(database: DatabaseAddress, folder: &Path, who: (&[String], Names)) -> Result {
    let (app, ended) = App::open(&offline(database)).await?;
    let style = "{bar:40} {bytes} of {total_bytes} {eta} left";
    let bar =
        indicatif::ProgressBar::new(0).with_style(indicatif::ProgressStyle::with_template(style)?);
    let report = import::import(&app, folder, who, |done, total| {
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
