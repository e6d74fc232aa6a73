//! The types that a Parlour client and server exchange, and nothing else.
//!
//! Both ends use these types, so a field cannot have two spellings. Names are camelCase in JSON. The rules
//! that give them meaning (streams, cursors, epochs, terms) are in `docs/protocol.md`.

/// Defines an enum of words that are the same in SQL, JSON and TypeScript.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ipc", derive(specta::Type))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Returns the word in SQL and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Parses the word that [`Self::as_str`] returns; `None` for any other text.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

mod account_rows;
mod api;
mod check;
mod digest;
mod enums;
mod error;
pub mod export_lines;
mod files;
pub mod fold;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod groups;
mod ids;
pub mod limits;
mod link;
mod local_reason;
pub mod looks;
mod millis;
mod ops;
mod pages;
pub mod periods;
mod picture;
mod presence;
mod profile;
mod reason;
mod refusal;
pub mod reserved;
mod rows;
mod rules;
mod server_state;
mod size;
mod socket;
pub mod text;

pub use account_rows::*;
pub use api::*;
pub use check::is_client_made;
pub use digest::{Digester, RowsDigester, row_digest, rows_digest};
pub use enums::*;
pub use error::*;
pub use files::*;
pub use groups::*;
pub use ids::*;
pub use link::{
    APP_SCHEME, InvalidKeyPin, KeyPin, after_app_scheme, device_link, invitation_link,
    leading_fragment, read_fragment,
};
pub use local_reason::*;
pub use millis::Millis;
pub use ops::*;
pub use pages::*;
#[cfg(any(test, feature = "examples"))]
pub use picture::example as example_picture;
pub use picture::{InvalidPictureId, PictureFormat, PictureId};
pub use presence::*;
pub use profile::{Profile, ProfileChange, clean_display_name};
pub use reason::*;
pub use refusal::*;
pub use rows::*;
pub use rules::{
    ActionTarget, Audience, Coalesces, Content, ConversationEcho, Deduplication, Echo, MembersEcho,
    MessageEcho, Rules, Subject,
};
pub use server_state::*;
pub use size::{row_bytes, rows_fit};
pub use socket::*;
