//! A conversation by its id, or by whom it is with.

use common::error::{Error, ErrorCode, Fault, Result};

use super::contact;
use crate::client::{ConversationQuery, Site};
use crate::conversation::Conversation;
use crate::deps::Deps;
use crate::record_id::RecordId;

/// Which conversation is meant.
#[derive(Debug)]
pub(crate) enum ConversationWanted {
    Id(RecordId),
    With(String),
}

impl ConversationWanted {
    /// Reads the arguments `conversation` and `contact`, of which one is given.
    ///
    /// # Errors
    /// `invalid_argument` if neither is given, both are, or it is no id.
    pub(crate) fn read(conversation: Option<&str>, contact: Option<&str>) -> Result<Self> {
        let fault = |field: &str, problem: &str, expected: &str, example: &str| Fault {
            field: format!("/{field}"),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            example: Some(example.to_owned()),
        };
        match (conversation, contact) {
            (Some(id), None) => id.trim().parse().map(Self::Id).map_err(|_| {
                let expected = "`id` of a conversation from `search_conversations`";
                Error::invalid_argument("conversation", "is not an id", expected, None)
            }),
            (None, Some(text)) => Ok(Self::With(text.to_owned())),
            (None, None) => Err(Error::invalid_arguments(vec![
                fault("conversation", "is missing, and so is `contact`", "an id", "\"ve9EPM428h8vShlRW1KT\""),
                fault("contact", "is missing, and so is `conversation`", "a name", "\"Ada Lovelace\""),
            ])),
            (Some(_), Some(_)) => {
                let given = "was given together with `conversation`";
                Err(Error::invalid_arguments(vec![fault("contact", given, "one of the two", "\"Ada Lovelace\"")]))
            }
        }
    }

    /// The conversation itself.
    ///
    /// # Errors
    /// `not_found` if there is none; the contact's.
    pub(crate) async fn find(self, deps: &Deps, site: &Site) -> Result<Conversation> {
        let contact_id = match self {
            Self::Id(id) => return deps.client.conversation(site, &id).await,
            Self::With(text) => contact(deps, site, &text).await?.id,
        };
        let query = ConversationQuery { contact_id: Some(contact_id), ..ConversationQuery::default() };
        let slice = deps.client.search_conversations(site, &query, None, 1).await?;
        slice.records.into_iter().next().ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "there is no conversation with this contact yet")
                .with_hint("`send_message` begins one; a new one takes seconds to show")
        })
    }
}
