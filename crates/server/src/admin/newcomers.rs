//! The groups that new users join: the default groups, which administrators choose, and those of their invitation.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::ops::join;
use crate::queries::invitations::RedeemedInvitation;
use crate::queries::{conversations, group_ids, members, server_settings, streams};
use parlour_protocol::{
    ConversationId, ConversationType, DefaultGroup, GroupName, HistoryVisibility, MemberRole,
    Millis, StreamId, UserId, Withheld, limits,
};
use std::collections::{HashMap, HashSet};

/// The setting with the default groups.
const DEFAULT: &str = "default_groups";

/// Returns the default groups, each with the reason if newcomers do not join it at present.
///
/// # Errors
/// Fails if the caller is not an administrator.
pub async fn default_groups(app: &App, actor: Actor) -> Result<Vec<DefaultGroup>, ApiError> {
    let tx = app.db.read().await?;
    actor.require_administrator(&tx, app.now()).await?;
    let ids = default_ids(&tx).await?;
    let mut groups = Vec::new();
    for GroupName { id, title } in Titles::visible_to(actor).group_names(&tx, &ids).await? {
        groups.push(DefaultGroup { id, title, withheld: withheld(&tx, id).await? });
    }
    Ok(groups)
}

/// Returns why newcomers do not join a default group; `None` if they do. A group belongs to its members, so newcomers
/// join it only while one of the members is allowed to invite people to the server.
async fn withheld(tx: &Tx, id: ConversationId) -> Result<Option<Withheld>, DbError> {
    let found = conversations::find(tx, id).await?;
    if found.is_some_and(|found| found.row.archived_at.is_some()) {
        return Ok(Some(Withheld::Archived));
    }
    let has_administrator = members::has_administrator(tx, id).await?;
    Ok((!has_administrator).then_some(Withheld::Unattended))
}

/// Sets the groups that every new user joins from now on.
///
/// # Errors
/// Fails if there are too many, if the caller is not a member of one that is added, or if the caller is not an
/// administrator.
pub async fn set_default_groups(
    app: &App,
    actor: Actor,
    groups: Vec<ConversationId>,
) -> Result<(), ApiError> {
    let (groups, now) = (distinct(groups)?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let before = default_ids(tx).await?;
            for id in groups.iter().filter(|id| !before.contains(id)) {
                require_member(tx, actor, *id).await?;
            }
            let text = group_ids::format(&groups);
            server_settings::put(tx, DEFAULT, &text).await?;
            let event =
                Event::by_actor(&actor, Action::DefaultGroups).details(format!("groups={text}"));
            Ok(audit::record(tx, event, now).await?)
        })
    })
    .await
}

/// Returns each group once.
///
/// # Errors
/// Fails if there are too many.
pub fn distinct(mut groups: Vec<ConversationId>) -> Result<Vec<ConversationId>, ApiError> {
    let mut seen = HashSet::new();
    groups.retain(|id| seen.insert(*id));
    if groups.len() > limits::NEWCOMER_GROUPS {
        return Err(ApiError::invalid("Newcomers join 20 groups at most."));
    }
    Ok(groups)
}

/// Checks that an id is a group that the caller is a member of. An administrator of the server must not give others
/// access to conversations in which they do not take part.
///
/// # Errors
/// Fails if it is not.
pub async fn require_member(tx: &Tx, actor: Actor, id: ConversationId) -> Result<(), ApiError> {
    let found = conversations::find(tx, id).await?;
    let is_group = found.is_some_and(|found| found.row.kind == ConversationType::Group);
    if is_group && is_member(tx, actor.user_id(), id).await? {
        return Ok(());
    }
    Err(ApiError::not_found("group"))
}

/// Returns whether a user is in a group; true for the command line.
async fn is_member(tx: &Tx, user: Option<UserId>, id: ConversationId) -> Result<bool, DbError> {
    let Some(user) = user else { return Ok(true) };
    Ok(members::find(tx, id, user).await?.is_some_and(|member| member.is_present()))
}

/// Adds a new user to the default groups and to those of their invitation. Skips groups that are deleted, archived or
/// empty, default groups in which no administrator of the server is any more, and groups of the invitation that its
/// creator has left.
///
/// # Errors
/// Fails if the database does.
pub async fn add_to_groups(
    tx: &Tx,
    newcomer: UserId,
    invitation: Option<&RedeemedInvitation>,
    now: Millis,
) -> Result<(), ApiError> {
    let mut groups = Vec::new();
    for id in default_ids(tx).await? {
        if withheld(tx, id).await?.is_none() {
            groups.push(id);
        }
    }
    for id in invitation.into_iter().flat_map(|redeemed| &redeemed.groups) {
        let creator = invitation.and_then(|redeemed| redeemed.created_by);
        if !groups.contains(id) && is_member(tx, creator, *id).await? {
            groups.push(*id);
        }
    }
    for id in groups {
        let Some(found) = conversations::find(tx, id).await? else { continue };
        if found.row.archived_at.is_some() || found.member_count == 0 {
            continue;
        }
        // Whoever takes over an account may be in it already.
        if is_member(tx, Some(newcomer), id).await? {
            continue;
        }
        let stream = StreamId::Conversation(id);
        let changed_seq = streams::advance(tx, stream).await?;
        let group = (id, found.row.kind);
        let row = join(tx, group, newcomer, MemberRole::Member, now, changed_seq).await?;
        let announce = if found.is_large() { streams::announce_later } else { streams::announce };
        announce(tx, stream, changed_seq, vec![row]);
    }
    Ok(())
}

/// Returns the groups whose whole history is open to everybody on the server: default groups which an administrator of
/// the server attends, and which show newcomers all messages. An archived one is still open.
///
/// # Errors
/// Fails if the database does.
pub async fn open_groups(tx: &Tx) -> Result<HashSet<ConversationId>, DbError> {
    let mut open = HashSet::new();
    for id in default_ids(tx).await? {
        let Some(found) = conversations::find(tx, id).await? else { continue };
        let shows_all = found.row.kind == ConversationType::Group
            && found.row.history == HistoryVisibility::Beginning;
        if shows_all && members::has_administrator(tx, id).await? {
            open.insert(id);
        }
    }
    Ok(open)
}

async fn default_ids(tx: &Tx) -> Result<Vec<ConversationId>, DbError> {
    let stored = server_settings::find(tx, DEFAULT).await?;
    Ok(stored.map(|text| group_ids::parse(&text)).unwrap_or_default())
}

/// The titles of groups for a reader, each looked up once.
pub struct Titles {
    /// The reader; `None` for the command line, which may read all titles.
    reader: Option<UserId>,
    known: HashMap<ConversationId, Option<String>>,
}

impl Titles {
    /// Creates an empty cache for a reader.
    pub fn visible_to(actor: Actor) -> Self {
        Self { reader: actor.user_id(), known: HashMap::new() }
    }

    /// Returns these groups with their titles, without those that no longer exist.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn group_names(
        &mut self,
        tx: &Tx,
        ids: &[ConversationId],
    ) -> Result<Vec<GroupName>, DbError> {
        let mut names = Vec::new();
        for id in ids {
            if !self.known.contains_key(id) {
                let title = self.title(tx, *id).await?;
                self.known.insert(*id, title);
            }
            if let Some(Some(title)) = self.known.get(id) {
                names.push(GroupName { id: *id, title: title.clone() });
            }
        }
        Ok(names)
    }

    /// Returns a group's title, empty if the reader is not a member; `None` if the group does not exist.
    async fn title(&self, tx: &Tx, id: ConversationId) -> Result<Option<String>, DbError> {
        let Some(found) = conversations::find(tx, id).await? else { return Ok(None) };
        let is_visible = is_member(tx, self.reader, id).await?;
        Ok(Some(if is_visible { found.row.title } else { String::new() }))
    }
}
