//! Links of the scheme `parlour:`, with which browsers and other programs open the app. Anybody may have created one,
//! so nothing in it is trusted: it names a server, and a message, a conversation or an invitation there.
//!
//! `parlour://SERVER/message#ID`, `parlour://SERVER/conversation#ID` and `parlour://SERVER/join#SECRET`: the web
//! addresses of a server's pages with another scheme. `SERVER` is a host, with a port and a path if it has them.

use crate::account_id::AccountId;
use crate::address::normalise;
use crate::client::Client;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{ConversationId, LocalReason, MessageId, after_app_scheme, read_fragment};
use std::sync::Arc;
use uuid::Uuid;

/// Maximum length of a link, in bytes.
const LINK_BYTES: usize = 2048;
/// Maximum length of the part after the `#`, in bytes.
const FRAGMENT_BYTES: usize = 200;

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Message(MessageId),
    Conversation(ConversationId),
    /// An invitation, or a link for another device, in the form that people paste.
    Invitation(String),
}

/// A link of the scheme `parlour:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppLink {
    /// The address of the server, as [`normalise`] returns it.
    pub server: String,
    target: Target,
}

impl AppLink {
    /// Reads a link.
    ///
    /// # Errors
    /// Fails with [`LocalReason::AppLinkDamaged`] if it leads to nothing that the app can show.
    pub fn parse(link: &str) -> Result<Self, LocalReason> {
        Self::read(link).ok_or(LocalReason::AppLinkDamaged)
    }

    fn read(link: &str) -> Option<Self> {
        let is_plain = link.len() <= LINK_BYTES && link.bytes().all(|byte| byte.is_ascii_graphic());
        let rest = after_app_scheme(link).filter(|_| is_plain)?.strip_prefix("//")?;
        // Some programs percent-encode the `#`.
        let (address, fragment) = rest.split_once('#').or_else(|| rest.split_once("%23"))?;
        // The server's page adds a query, which means nothing here.
        let (address, _) = address.split_once('?').unwrap_or((address, ""));
        let (server, page) = address.trim_end_matches('/').rsplit_once('/')?;
        if server.contains("://") || fragment.len() > FRAGMENT_BYTES {
            return None;
        }
        let server = normalise(server).ok()?;
        let target = match page {
            "message" => Target::Message(MessageId(id(fragment)?)),
            "conversation" => Target::Conversation(ConversationId(id(fragment)?)),
            "join" => {
                let is_secret = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                let is_valid = !fragment.is_empty() && fragment.bytes().all(is_secret);
                read_fragment(fragment).ok().filter(|_| is_valid)?;
                Target::Invitation(format!("{server}/join#{fragment}"))
            }
            _ => return None,
        };
        Some(Self { server, target })
    }
}

/// Returns an id in the form in which it is written, and no other.
fn id(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|id| id.to_string() == text)
}

/// The target of a link of the scheme `parlour:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A message that is on this computer.
    Message(AccountId, MessageId),
    /// A conversation that is on this computer.
    Conversation(AccountId, ConversationId),
    /// The first screen, which starts with this link of an invitation or for another device.
    Invitation(String),
}

impl Client {
    /// Returns the target of a link of the scheme `parlour:`. Sends nothing and changes nothing.
    ///
    /// # Errors
    /// Fails if the link is damaged, if no open account is on its server, or if its target is not on this computer.
    pub fn follow(&self, link: &str) -> Result<Destination> {
        let AppLink { server, target } = AppLink::parse(link)?;
        match target {
            Target::Invitation(link) => Ok(Destination::Invitation(link)),
            Target::Message(id) => self.find(&server, |session| {
                let found = session.find_message(id)?;
                Ok(found.map(|_| Destination::Message(session.id().clone(), id)))
            }),
            Target::Conversation(id) => self.find(&server, |session| {
                let found = session.conversations_by_id(&[id])?.pop();
                Ok(found.map(|_| Destination::Conversation(session.id().clone(), id)))
            }),
        }
    }

    /// Returns what `lookup` finds in the first account on a server that has it.
    fn find(
        &self,
        server: &str,
        lookup: impl Fn(&Arc<Session>) -> Result<Option<Destination>>,
    ) -> Result<Destination> {
        let mut reason = LocalReason::NoAccountOnServer { host: host(server) };
        for session in self.sessions().values() {
            if session.account()?.server != server {
                continue;
            }
            match lookup(session)? {
                Some(found) => return Ok(found),
                None => reason = LocalReason::NotHere,
            }
        }
        Err(reason.into())
    }
}

fn host(server: &str) -> String {
    let url = reqwest::Url::parse(server).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019ad5a4-7c1e-7d3f-8b2a-0123456789ab";

    fn uuid() -> Uuid {
        ID.parse().unwrap()
    }

    #[test]
    fn valid_links_are_parsed() {
        let message = Target::Message(MessageId(uuid()));
        for (link, server) in [
            (format!("parlour://chat.example.org/message#{ID}"), "https://chat.example.org"),
            (format!("PARLOUR://Chat.Example.org/message/#{ID}"), "https://chat.example.org"),
            (format!("parlour://chat.example.org/message?open=#{ID}"), "https://chat.example.org"),
            (
                format!("parlour://a.example:8443/team/message%23{ID}"),
                "https://a.example:8443/team",
            ),
            (format!("parlour://localhost:7700/message#{ID}"), "http://localhost:7700"),
            (format!("parlour://[::1]:7700/message#{ID}"), "http://[::1]:7700"),
        ] {
            let expected = AppLink { server: server.into(), target: message.clone() };
            assert_eq!(AppLink::parse(&link), Ok(expected), "{link}");
        }
        let link = AppLink::parse(&format!("parlour://a.example/conversation#{ID}")).unwrap();
        assert_eq!(link.target, Target::Conversation(ConversationId(uuid())));
        let link = AppLink::parse("parlour://a.example/join#c0ffee").unwrap();
        assert_eq!(link.target, Target::Invitation("https://a.example/join#c0ffee".into()));
    }

    #[test]
    fn invalid_links_are_refused() {
        let long = "x".repeat(1 << 20);
        for link in [
            String::new(),
            "parlour:".into(),
            "parlour://".into(),
            "https://a.example/join#c0ffee".into(),
            format!("parlour://a.example/message#{long}"),
            format!("parlour://{long}/message#{ID}"),
            format!("parlour:///message#{ID}"),
            format!("parlour://message#{ID}"),
            format!("parlour://a.example/settings#{ID}"),
            format!("parlour://a.example/message#{}", ID.to_uppercase()),
            format!("parlour://a.example/message#{{{ID}}}"),
            format!("parlour://a.example/message#{ID}0"),
            "parlour://a.example/message".into(),
            "parlour://a.example/message#".into(),
            format!("parlour://u:p@a.example/message#{ID}"),
            format!("parlour://http://10.0.0.1/message#{ID}"),
            format!("parlour://a.example/me\u{202e}ssage#{ID}"),
            format!("parlour://a.example/message#{ID}\n--flag"),
            format!(" parlour://a.example/message#{ID}"),
            "parlour://a.example/join#".into(),
            "parlour://a.example/join#<script>".into(),
            "parlour://a.example/join#c0ffee.not-a-key".into(),
        ] {
            let shown: String = link.chars().take(80).collect();
            assert_eq!(AppLink::parse(&link), Err(LocalReason::AppLinkDamaged), "{shown}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_link_to_a_server_without_an_account_is_an_error_with_its_host() {
        let folder = tempfile::tempdir().unwrap();
        let client = Client::open(folder.path()).unwrap();
        let refused = client.follow(&format!("parlour://a.example/message#{ID}")).unwrap_err();
        let reason = LocalReason::NoAccountOnServer { host: "a.example".into() };
        assert_eq!(refused.problem(), reason.into());
        let link = "parlour://a.example/join#c0ffee";
        let expected = Destination::Invitation("https://a.example/join#c0ffee".into());
        assert_eq!(client.follow(link).unwrap(), expected);
    }
}
