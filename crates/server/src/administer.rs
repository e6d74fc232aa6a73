//! The commands that a running server executes, or this process itself if none runs: builds the request and
//! prints the reply.

use crate::cli::{Command, Export, Group, Import, Imports, PasswordSource, Rebuild, Storage, User};
use crate::failure::{Failure, Result};
use crate::printed::Printer;
use crate::{backups, passwords, storage};
use parlour_protocol::{ConversationId, InvitationRequest, UserRole};
use parlour_server::Config;
use parlour_server::control::{self, ControlError, Request};
use parlour_server::import::Format;
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Runs the command, and prints its result.
pub async fn administer(command: Command) -> Result {
    let (storage, request, server) = match command {
        Command::Status { storage } => (storage, Request::Status, None),
        Command::Audit { storage } => (storage, Request::Audit, None),
        Command::Invite { uses, days, role, note, groups, claimed, server, storage } => {
            let role = role.into();
            let days = days.unwrap_or(if role == UserRole::Administrator { 1 } else { 7 });
            let lifetime_ms = days.saturating_mul(DAY_MS);
            let groups = groups.into_iter().map(ConversationId).collect();
            let request = InvitationRequest { lifetime_ms, uses, role, note, groups };
            (storage, invitation_request(request, claimed), server)
        }
        Command::Import(request) => {
            let (storage, request) = import(request)?;
            (storage, request, None)
        }
        Command::Imports { command } => imports_request(command),
        Command::Rebuild(request) => {
            let (storage, request) = rebuild(request)?;
            (storage, request, None)
        }
        Command::Export(request) => {
            let (storage, request) = export(request)?;
            (storage, request, None)
        }
        Command::Backup(backup) => {
            let (storage, request) = backups::request(backup)?;
            (storage, request, None)
        }
        Command::Verify { file: None, storage, .. } => (storage, Request::Verify, None),
        Command::User { command } => user_request(command)?,
        Command::Group { command } => group_request(command),
        Command::Init(_)
        | Command::Serve(_)
        | Command::CheckConfig(_)
        | Command::Doctor { .. }
        | Command::Restored { .. }
        | Command::Restore { .. }
        | Command::Verify { file: Some(_), .. }
        | Command::Certificate { .. }
        | Command::Database { .. } => unreachable!("handled in main"),
    };
    let (json, folder) = (storage.folder.json, storage::folder(&storage));
    let config = match (storage::config(storage), folder) {
        (Ok(config), _) => config,
        (Err(reason), Some(folder)) => {
            return through_server(&folder, request, server, reason).await;
        }
        (Err(reason), None) => return Err(reason),
    };
    let request = with_current_settings(request, &config);
    let printer = Printer::new(json, server.or_else(|| config.public_url.clone()))?;
    let printer = printer.with_listen(config.listen);
    let reply = control::run(&config, request, |item| printer.item(item)).await;
    printer.reply(reply.map_err(Failure::with_format(json))?)
}

/// Adds settings that may have changed since the server was started, and that apply to this command.
fn with_current_settings(request: Request, config: &Config) -> Request {
    match request {
        Request::Backup { file, encryption: None, without_files } => {
            let encryption = Some(config.backup_encryption.clone());
            Request::Backup { file, encryption, without_files }
        }
        request => request,
    }
}

/// Sends the request to a running server although the settings are invalid: the server uses those that it read
/// before.
async fn through_server(
    folder: &Path,
    request: Request,
    server: Option<String>,
    reason: Failure,
) -> Result {
    let json = reason.is_json();
    let printer = Printer::new(json, server)?;
    let request = control::through_server(folder, &request, |item| printer.item(item)).await;
    match request {
        Ok(Some(reply)) => {
            tracing::warn!(
                reason = reason.text(),
                "the settings are invalid; the server uses those that it read before"
            );
            printer.reply(reply)
        }
        // The settings and the socket may be accessible only to another user: then it is unknown whether a server is
        // running.
        Ok(None) | Err(ControlError::NotYours(_)) => Err(reason),
        Err(error) => Err(Failure::with_format(json)(error)),
    }
}

type RequestParts = (Storage, Request, Option<String>);

fn user_request(command: User) -> Result<RequestParts> {
    let read_password = |password: &PasswordSource, storage: &Storage| {
        let failed = |failure: Failure| failure.with_json(storage.folder.json);
        passwords::new_password(password).map_err(failed)
    };
    let (storage, request) = match command {
        User::List { storage } => (storage, Request::ListPeople),
        User::Add { username, admin, password, storage } => {
            let role = if admin { UserRole::Administrator } else { UserRole::Member };
            let password = read_password(&password, &storage)?;
            (storage, Request::AddPerson { username, password, role })
        }
        User::Password { username, password, storage } => {
            let password = read_password(&password, &storage)?;
            (storage, Request::SetPassword { username, password })
        }
        User::Role { username, role, storage } => {
            (storage, Request::SetRole { username, role: role.into() })
        }
        User::Deactivate { username, wipe, storage } => {
            (storage, Request::Deactivate { username, wipe })
        }
        User::Reactivate { username, storage } => (storage, Request::Reactivate { username }),
        User::Erase { username, wipe, storage } => (storage, Request::Erase { username, wipe }),
        User::Sessions { username, storage } => (storage, Request::ListSessions { username }),
    };
    Ok((storage, request, None))
}

fn group_request(command: Group) -> RequestParts {
    let (storage, request) = match command {
        Group::List { storage } => (storage, Request::ListGroups),
        Group::Ownerless { storage } => (storage, Request::ListOwnerless),
        Group::Give { id, username, storage } => {
            (storage, Request::GiveGroup { id: ConversationId(id), username })
        }
    };
    (storage, request, None)
}

/// Returns the request for an invitation. One for the account of somebody has their username as its note, if there is no
/// other, so that administrators recognize it in the list.
fn invitation_request(request: InvitationRequest, claimed: Option<String>) -> Request {
    let Some(username) = claimed else { return Request::Invite(request) };
    let note = if request.note.is_empty() { username.clone() } else { request.note };
    Request::InviteFor { username, request: InvitationRequest { note, ..request } }
}

fn imports_request(command: Imports) -> RequestParts {
    let (storage, request) = match command {
        Imports::List { storage } => (storage, Request::ListImports),
        Imports::Undo { number, storage } => (storage, Request::UndoImport { number }),
    };
    (storage, request, None)
}

/// Returns the canonical path of something that exists.
fn existing_path(path: &Path, json: bool) -> Result<PathBuf> {
    let found = path.canonicalize();
    found.map_err(|error| Failure::with_format(json)(format!("{}: {error}", path.display())))
}

fn rebuild(command: Rebuild) -> Result<(Storage, Request)> {
    let json = command.storage.folder.json;
    let mut paths = Vec::with_capacity(command.from.len());
    for path in &command.from {
        paths.push(existing_path(path, json)?);
    }
    let report = command.report.map(std::path::absolute).transpose();
    let request = control::Import {
        format: Format::Parlour,
        path: paths.remove(0),
        rebuild: true,
        more: paths,
        files: command.files.map(|path| existing_path(&path, json)).transpose()?,
        dry_run: command.dry_run,
        members: Vec::new(),
        same_people: false,
        people: None,
        report: report.map_err(Failure::with_format(json))?,
        source: String::new(),
        channel: None,
        time_zone: None,
        encoding: None,
    };
    Ok((command.storage, Request::Import(Box::new(request))))
}

fn export(command: Export) -> Result<(Storage, Request)> {
    let Export { format, to, without_files, storage } = command;
    // The server may have another working directory.
    let to = std::path::absolute(&to).map_err(Failure::with_format(storage.folder.json))?;
    Ok((storage, Request::Export { format, to, without_files }))
}

fn import(command: Import) -> Result<(Storage, Request)> {
    let json = command.storage.folder.json;
    let absolute_path = |path: Option<PathBuf>| path.map(std::path::absolute).transpose();
    let request = control::Import {
        format: command.format,
        path: existing_path(&command.path, json)?,
        rebuild: false,
        more: Vec::new(),
        files: command.files.map(|path| existing_path(&path, json)).transpose()?,
        dry_run: command.dry_run,
        members: command.members,
        same_people: command.same_people,
        people: absolute_path(command.people).map_err(Failure::with_format(json))?,
        report: absolute_path(command.report).map_err(Failure::with_format(json))?,
        source: command.source,
        channel: command.channel,
        time_zone: command.time_zone,
        encoding: command.encoding,
    };
    Ok((command.storage, Request::Import(Box::new(request))))
}
