//! Does what is asked: in a server that runs, or in a command that opened the database itself.

use super::backups;
use super::examine;
use super::lists::{self, person};
use super::request::{Invited, Item, Reply, Request};
use super::status::Status;
use crate::admin::registration::{self, Admission};
use crate::admin::{accounts, groups, invitations, passwords};
use crate::app::App;
use crate::caller::By;
use crate::error::ApiError;
use crate::import::{self, Names};
use crate::lock::lock;
use crate::queries::users;
use parlour_protocol::{InvitationRequest, UserId};
use std::error::Error;
use std::path::Path;
use tokio::sync::mpsc::Sender;

/// Does what is asked; `items` gets what comes before the answer.
///
/// # Errors
/// What it is refused with.
pub async fn perform(app: &App, request: Request, items: &Sender<Item>) -> Result<Reply, ApiError> {
    match request {
        Request::Status => Status::of(app).await.map(|status| Reply::Status(status.into())),
        Request::Doctor => examine::itself(app, items).await,
        Request::Invite(asked) => invite(app, asked).await,
        Request::ListPeople => lists::people(app, items).await,
        Request::AddPerson { username, password, role } => {
            let admission = Admission::Granted(role);
            let added = registration::register(app, username, password, admission, None).await?;
            Ok(Reply::Person(person(added, None)))
        }
        Request::SetPassword { username, password } => {
            let id = accounts::find(app, &username).await?;
            passwords::reset(app, By::Command, id, password).await?;
            now(app, id).await
        }
        Request::SetRole { username, role } => {
            let id = accounts::find(app, &username).await?;
            accounts::set_role(app, By::Command, id, role).await?;
            now(app, id).await
        }
        Request::Deactivate { username, wipe } => {
            let id = accounts::find(app, &username).await?;
            accounts::deactivate(app, By::Command, id, wipe).await?;
            now(app, id).await
        }
        Request::Reactivate { username } => {
            let id = accounts::find(app, &username).await?;
            accounts::reactivate(app, By::Command, id).await?;
            now(app, id).await
        }
        Request::Erase { username, wipe } => {
            let id = accounts::find(app, &username).await?;
            accounts::erase(app, By::Command, id, wipe).await?;
            now(app, id).await
        }
        Request::ListSessions { username } => {
            lists::sessions(app, accounts::find(app, &username).await?, items).await
        }
        Request::ListGroups => lists::groups(app, items).await,
        Request::ListOwnerless => lists::ownerless(app, items).await,
        Request::GiveGroup { id, username } => {
            let to = accounts::find(app, &username).await?;
            groups::take_over(app, By::Command, id, to).await.map(|()| Reply::Done)
        }
        Request::ImportIrc { folder, members, same_people } => {
            let names = if same_people { Names::Theirs } else { Names::Apart };
            import_irc(app, &folder, (&members, names), items).await
        }
        Request::Audit => lists::audit(app, items).await,
        Request::Backup { file, seal } => backups::back_up(app, file, seal, items).await,
        Request::Verify => backups::verify(app, items).await,
    }
}

async fn invite(app: &App, asked: InvitationRequest) -> Result<Reply, ApiError> {
    let about = lock(&app.run.about).clone();
    let pin = about.tls.pin().map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ApiError::invalid(format!("{error}{cause}; nobody was invited"))
    })?;
    let (invitation, secret) = invitations::create(app, By::Command, asked).await?;
    let (address, pin) = (about.public_url.or(about.address), pin.map(|pin| pin.to_string()));
    Ok(Reply::Invited(Invited { invitation, secret, address, pin }))
}

/// The person as they are now.
async fn now(app: &App, id: UserId) -> Result<Reply, ApiError> {
    let account = users::find(&app.db.read().await?, id).await?;
    let account = account.ok_or_else(|| ApiError::not_found("person"))?;
    Ok(Reply::Person(person(account, None)))
}

async fn import_irc(
    app: &App,
    folder: &Path,
    who: (&[String], Names),
    items: &Sender<Item>,
) -> Result<Reply, ApiError> {
    let done = import::import(app, folder, who, |done, total| {
        // Where nobody can be told just now, the next one tells as much.
        let _ = items.try_send(Item::Progress { done, total });
    });
    done.await.map(Reply::Imported).map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ApiError::invalid(format!("{error}{cause}"))
    })
}
