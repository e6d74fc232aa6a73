//! Performs requests, in a running server or in a command that opened the database itself.

use super::backups;
use super::examine;
use super::exports;
use super::lists::{self, person};
use super::progress::{progress, with_progress};
use super::request::{Import, Invited, Item, Reply, Request};
use super::status::Status;
use crate::admin::registration::{self, Admission};
use crate::admin::{accounts, groups, invitations, passwords};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::error::ApiError;
use crate::import::{self, Names, Options};
use crate::lock::lock;
use crate::queries::users;
use crate::tls::{TlsMode, new_key};
use parlour_protocol::{InvitationRequest, UserId};
use std::error::Error;
use tokio::sync::mpsc::Sender;

/// Performs a request; `items` receives the items that precede the response.
///
/// # Errors
/// Fails if the request is refused.
pub async fn perform(app: &App, request: Request, items: &Sender<Item>) -> Result<Reply, ApiError> {
    match request {
        Request::Status => Status::new(app).await.map(|status| Reply::Status(status.into())),
        Request::Doctor => examine::run_checks(app, items).await,
        Request::Invite(request) => invite(app, request, None).await,
        Request::InviteFor { username, request } => invite(app, request, Some(username)).await,
        Request::ListPeople => lists::people(app, items).await,
        Request::AddPerson { username, password, role } => {
            let admission = Admission::Granted(role);
            let added = registration::register(app, username, password, admission, None).await?;
            Ok(Reply::Person(person(added, None)))
        }
        Request::SetPassword { username, password } => {
            let id = accounts::find(app, &username).await?;
            passwords::reset(app, Actor::CommandLine, id, password).await?;
            current_person(app, id).await
        }
        Request::SetRole { username, role } => {
            let id = accounts::find(app, &username).await?;
            accounts::set_role(app, Actor::CommandLine, id, role).await?;
            current_person(app, id).await
        }
        Request::Deactivate { username, wipe } => {
            let id = accounts::find(app, &username).await?;
            accounts::deactivate(app, Actor::CommandLine, id, wipe).await?;
            current_person(app, id).await
        }
        Request::Reactivate { username } => {
            let id = accounts::find(app, &username).await?;
            accounts::reactivate(app, Actor::CommandLine, id).await?;
            current_person(app, id).await
        }
        Request::Erase { username, wipe } => {
            let id = accounts::find(app, &username).await?;
            accounts::erase(app, Actor::CommandLine, id, wipe).await?;
            current_person(app, id).await
        }
        Request::ListSessions { username } => {
            lists::sessions(app, accounts::find(app, &username).await?, items).await
        }
        Request::ListGroups => lists::groups(app, items).await,
        Request::ListOwnerless => lists::ownerless(app, items).await,
        Request::GiveGroup { id, username } => {
            let to = accounts::find(app, &username).await?;
            groups::take_over(app, Actor::CommandLine, id, to).await.map(|()| Reply::Done)
        }
        Request::Import(request) => import_from(app, *request, items).await,
        Request::ListImports => lists::imports(app, items).await,
        Request::UndoImport { number } => undo_import(app, number, items).await,
        Request::Export { format, to, without_files } => {
            exports::export_to(app, (format, to), !without_files, items).await
        }
        Request::Audit => lists::audit(app, items).await,
        Request::Backup { file, encryption, without_files } => {
            backups::back_up(app, file, (encryption, !without_files), items).await
        }
        Request::Verify => backups::verify(app, items).await,
        Request::NewKey => make_new_key(app).await.map(|()| Reply::Done),
    }
}

/// Creates an invitation; `claimed` is the user whose account is taken over with it.
async fn invite(
    app: &App,
    request: InvitationRequest,
    claimed: Option<String>,
) -> Result<Reply, ApiError> {
    let about = lock(&app.runtime.about).clone();
    let pin = about.tls.pin().map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ApiError::invalid(format!("{error}{cause}; no invitation was created"))
    })?;
    let actor = Actor::CommandLine;
    let (invitation, secret) = match claimed {
        Some(username) => invitations::create_claim(app, actor, request, username).await?,
        None => invitations::create(app, actor, request).await?,
    };
    let (address, pin) = (about.public_url.or(about.address), pin.map(|pin| pin.to_string()));
    Ok(Reply::Invited(Invited { invitation, secret, address, pin }))
}

/// Creates a new key, which a running server starts to use by itself.
async fn make_new_key(app: &App) -> Result<(), ApiError> {
    let mode = lock(&app.runtime.about).tls.clone();
    let TlsMode::Own(file) = mode else {
        return Err(ApiError::invalid("the server does not create its own certificate"));
    };
    new_key(&file).map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ApiError::invalid(format!("{error}{cause}"))
    })?;
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let event = Event::by_actor(&Actor::CommandLine, Action::KeyRenewed);
            Ok(audit::record(tx, event, now).await?)
        })
    })
    .await
}

/// Returns the current details of a person.
async fn current_person(app: &App, id: UserId) -> Result<Reply, ApiError> {
    let account = users::find(&app.db.read().await?, id).await?;
    let account = account.ok_or_else(|| ApiError::not_found("person"))?;
    Ok(Reply::Person(person(account, None)))
}

/// Undoes an import. Reports meanwhile that the server is still working.
async fn undo_import(app: &App, number: i64, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let (progress, _) = progress();
    with_progress(items, &progress, import::undo(app, number)).await.map(Reply::Undone)
}

async fn import_from(app: &App, request: Import, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let options = if request.rebuild {
        Options::to_rebuild(request.path, request.more)
    } else {
        let new = Options::new(request.format, request.path);
        Options { source: request.source, more: request.more, ..new }
    };
    let options = Options {
        files: request.files,
        is_dry_run: request.dry_run,
        members: request.members,
        names: if request.same_people { Names::SamePeople } else { Names::OtherPeople },
        people: request.people,
        report: request.report,
        channel: request.channel,
        ..options
    };
    let options =
        options.with_encoding_and_zone(request.time_zone.as_deref(), request.encoding.as_deref());
    let options = options.map_err(|error| ApiError::invalid(error.to_string()))?;
    let report = import::import(app, options, |done, total| {
        // If the channel is full, the next report contains the same numbers.
        let _ = items.try_send(Item::Progress { done, total });
    });
    report.await.map(|report| Reply::Imported(report.into())).map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ApiError::invalid(format!("{error}{cause}"))
    })
}
