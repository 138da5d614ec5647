//! GoHighLevel's API as typed calls, one file per noun. What it sends and receives stays in `wire`; outward go our nouns.

mod affiliates;
mod associations;
mod automations;
mod budget;
mod businesses;
mod calendars;
mod closing;
mod contact_changes;
mod contacts;
mod conversation_changes;
mod conversations;
mod custom_fields;
mod custom_values;
mod email_campaigns;
mod email_templates;
mod errors;
mod events;
mod forms;
mod funnels;
mod invoices;
mod links;
mod locations;
mod message_records;
mod messages;
pub(crate) mod needs;
mod objects;
mod operation;
mod opportunities;
mod pages;
mod payments;
mod products;
mod raw;
mod replay;
mod request;
pub(crate) mod reversals;
mod settings;
mod social;
mod tags;
mod task_search;
mod tasks;
mod wire;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use common::error::{Error, ErrorCode, Result};
use common::http::{BudgetSnapshot, HttpClient, HttpRequest, HttpResponse};
use common::tenant::TenantId;
use common::tool::Call;
use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::connections::{Connection, Credential};
use crate::local_time::zone;
use crate::location::Location;
use crate::record_id::RecordId;
use operation::{Operation, Version};
use request::Request;

pub(crate) use calendars::{Booking, SlotQuery};
pub(crate) use contact_changes::{BULK_CONTACTS_MAX, BulkFault, TagEdit};
pub(crate) use contacts::{ContactQuery, ContactWrite};
pub(crate) use conversation_changes::ConversationChange;
pub(crate) use conversations::{Assigned, ConversationQuery};
pub(crate) use email_campaigns::{Audience, CampaignQuery, CampaignWrite, Departure};
pub(crate) use errors::may_have_happened;
pub(crate) use events::Span;
pub(crate) use forms::SubmissionQuery;
pub(crate) use invoices::{INVOICES_MAX, InvoiceQuery};
pub(crate) use message_records::Record;
pub(crate) use messages::{Outgoing, Sent};
pub(crate) use opportunities::{OpportunityQuery, Order};
pub(crate) use payments::{ENTRIES_MAX, EntryQuery};
pub(crate) use raw::{RawAnswer, RawBody, RawRequest};
pub(crate) use social::{PostQuery, PostWrite};
pub(crate) use task_search::TaskQuery;

/// For whom and with whose token requests go out, and how they can be stopped.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) tenant: TenantId,
    pub(crate) connection: Arc<Connection>,
    cancel: CancellationToken,
    deadline: Duration,
}

impl Session {
    pub(crate) fn new(call: &Call, connection: Arc<Connection>) -> Self {
        Self { tenant: call.tenant().clone(), connection, cancel: call.cancel.clone(), deadline: call.deadline }
    }

    /// Outside of a call: for a person at the terminal, who stops it by stopping the program.
    pub(crate) fn at_terminal(tenant: &TenantId, connection: Arc<Connection>, deadline: Duration) -> Self {
        Self { tenant: tenant.clone(), connection, cancel: CancellationToken::new(), deadline }
    }
}

/// A session in one location, with the location's own token.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) session: Session,
    pub(crate) location: Location,
}

impl Site {
    /// The location's clock; absent where its zone is not known.
    pub(crate) fn zone(&self) -> Option<TimeZone> {
        zone(self.location.timezone.as_deref()?)
    }

    /// Whether a record that says where it is, is here: a token that reaches several locations must not open another
    /// one's records through this one. A record that does not say is taken for the token's.
    fn holds(&self, location_id: Option<&RecordId>) -> bool {
        location_id.is_none_or(|location_id| *location_id == self.location.id)
    }
}

/// One page of the vendor's records.
#[derive(Debug)]
pub(crate) struct Slice<T> {
    pub(crate) records: Vec<T>,
    /// How many match in all.
    pub(crate) total: Option<u64>,
    /// Where the next page begins; absent on the last.
    pub(crate) next: Option<crate::cursor::Position>,
}

impl<T> Slice<T> {
    /// The records behind so many, where the vendor says how many there are in all. `received` counts what came, readable
    /// or not.
    fn behind(skip: usize, received: usize, total: Option<u64>, records: Vec<T>) -> Self {
        let seen = skip.saturating_add(received);
        let is_beyond = |total| usize::try_from(total).is_ok_and(|total: usize| total > seen);
        let has_more = received > 0 && total.is_some_and(is_beyond);
        Self { records, total, next: has_more.then_some(crate::cursor::Position::Skip(seen)) }
    }
}

/// The API. Opens nothing before the first call.
#[derive(Debug)]
pub(crate) struct Client {
    http: HttpClient,
    /// Operations that v3 refused: asked in their older version from then on.
    removed_in_v3: RwLock<HashSet<Cow<'static, str>>>,
}

impl Client {
    pub(crate) fn new(http: HttpClient) -> Self {
        Self { http, removed_in_v3: RwLock::default() }
    }

    /// What is left of the vendor's rate budget; absent before the first request.
    pub(crate) fn budget(&self, connection: &Connection) -> Option<BudgetSnapshot> {
        self.http.budget(&budget::key(connection))
    }

    /// Sends one operation and decodes its answer.
    ///
    /// # Errors
    /// Those of `common::http`, and the vendor's refusals in our words.
    async fn send<T: DeserializeOwned>(
        &self,
        session: &Session,
        operation: &Operation,
        request: &Request<'_>,
    ) -> Result<T> {
        let mut version = self.version(operation);
        let base_url = &session.connection.base_url;
        let mut response = self.attempt(session, request.outgoing(base_url, operation, version)?).await?;
        if let (Version::V3, Some(older)) = (version, operation.older)
            && errors::is_removed_in_v3(&response)
        {
            tracing::info!(ghl.operation = operation.path, "v3 has no `{}`: asking {older}", operation.path);
            self.remember_removed(operation.path.into());
            version = Version::Dated(older);
            response = self.attempt(session, request.outgoing(base_url, operation, version)?).await?;
        }
        if !response.status.is_success() {
            return Err(match &session.connection.credential {
                Credential::Token(_) => errors::refusal(operation, &response),
                Credential::Login(_) => errors::refusal_of_login(operation, &response),
            });
        }
        decode(&response)
    }

    /// Sends a request. A login whose token the vendor refuses gets another token and one more try; a refused request
    /// has done nothing.
    async fn attempt(&self, session: &Session, outgoing: HttpRequest) -> Result<HttpResponse> {
        let login = match &session.connection.credential {
            Credential::Token(token) => return self.pass(session, outgoing, token).await,
            Credential::Login(login) => login,
        };
        let access = login.access().await?;
        let response = self.pass(session, outgoing.clone(), &access.token).await?;
        if !errors::is_refused_token(&response) {
            return Ok(response);
        }
        let another = login.access_after(&access).await?;
        self.pass(session, outgoing, &another.token).await
    }

    async fn pass(&self, session: &Session, mut outgoing: HttpRequest, token: &SecretString) -> Result<HttpResponse> {
        outgoing.headers.insert(AUTHORIZATION, request::bearer(token)?);
        let key = budget::key(&session.connection);
        if self.http.budget(&key).is_none() {
            self.http.declare_budget(&key, budget::vendors());
        }
        outgoing.budget = Some(key);
        outgoing.deadline = Some(session.deadline);
        outgoing.cancel = Some(session.cancel.clone());
        // Boxed: the stack of layers makes a large future, and tools hold several of them at once.
        let response = Box::pin(self.http.send(&session.tenant, outgoing)).await?;
        Ok(if response.status.is_success() { response } else { errors::without_token(response, token) })
    }

    fn version(&self, operation: &Operation) -> Version {
        match (operation.version, operation.older) {
            (Version::V3, Some(older)) if self.is_removed_in_v3(operation.path) => Version::Dated(older),
            (version, _) => version,
        }
    }

    fn remember_removed(&self, path: Cow<'static, str>) {
        self.removed_in_v3.write().unwrap_or_else(PoisonError::into_inner).insert(path);
    }

    fn is_removed_in_v3(&self, path: &str) -> bool {
        self.removed_in_v3.read().unwrap_or_else(PoisonError::into_inner).contains(path)
    }
}

fn decode<T: DeserializeOwned>(response: &HttpResponse) -> Result<T> {
    // An empty body is an answer too: deletions and some updates send none.
    let body: &[u8] =
        if response.body.is_empty() && response.status != StatusCode::OK { b"{}" } else { &response.body };
    serde_json::from_slice(body).map_err(|source| {
        Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel sent an answer that cannot be read")
            .with_hint("try again; if it stays so, report it with the log line of this call")
            .with_source(source)
    })
}
