//! Which locations a tenant has, and what each calls its pipelines, calendars, tags, fields and users. Kept for a minute.

mod automation;
mod emails;
mod locations;
mod named;
pub(crate) mod social;

pub(crate) mod crm_schema;

use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};

use crate::automation::Automation;
use crate::calendar::Calendar;
use crate::client::{Client, Site};
use crate::connections::{Connection, Connections};
use crate::custom_field::CustomField;
use crate::location::Location;
use crate::names::{Wanted, find};
use crate::opportunity::LostReason;
use crate::pipeline::Pipeline;
use crate::recent::Recent;
use crate::record_id::RecordId;
use crate::social::SocialAccounts;
use crate::tag::KnownTag;
use crate::user::User;

/// A location that the tenant can see, and its token if there is one.
#[derive(Debug, Clone)]
pub(crate) struct KnownLocation {
    pub(crate) location: Location,
    /// Absent for a location that only the agency's list shows: its records cannot be read.
    pub(crate) connection: Option<Arc<Connection>>,
}

/// Looks names up.
#[derive(Debug)]
pub(crate) struct Directory {
    client: Arc<Client>,
    connections: Connections,
    /// Id or name of the location meant where none is named.
    default_location: Option<String>,
    locations: Recent<Vec<KnownLocation>>,
    pipelines: Recent<Vec<Pipeline>>,
    calendars: Recent<Vec<Calendar>>,
    tags: Recent<Vec<KnownTag>>,
    custom_fields: Recent<Vec<CustomField>>,
    lost_reasons: Recent<Vec<LostReason>>,
    workflows: Recent<Vec<Automation>>,
    /// `None` where the token may not read them.
    users: Recent<Option<Vec<User>>>,
    automations: automation::Automations,
    social: Recent<SocialAccounts>,
}

impl Directory {
    pub(crate) fn new(
        client: Arc<Client>,
        connections: Connections,
        default_location: Option<String>,
        clock: &Clock,
        fresh_for: Duration,
    ) -> Self {
        Self {
            client,
            connections,
            default_location,
            locations: Recent::new(clock.clone(), fresh_for),
            pipelines: Recent::new(clock.clone(), fresh_for),
            calendars: Recent::new(clock.clone(), fresh_for),
            tags: Recent::new(clock.clone(), fresh_for),
            custom_fields: Recent::new(clock.clone(), fresh_for),
            lost_reasons: Recent::new(clock.clone(), fresh_for),
            workflows: Recent::new(clock.clone(), fresh_for),
            users: Recent::new(clock.clone(), fresh_for),
            automations: automation::Automations::new(clock, fresh_for),
            social: Recent::new(clock.clone(), fresh_for),
        }
    }

    /// What the locations are reached through.
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The location's pipelines.
    pub(crate) async fn pipelines(&self, site: &Site) -> Result<Arc<Vec<Pipeline>>> {
        self.pipelines.get(&site.session.tenant, site.location.id.as_str(), || self.client.pipelines(site)).await
    }

    /// The location's calendars that are in use.
    pub(crate) async fn calendars(&self, site: &Site) -> Result<Arc<Vec<Calendar>>> {
        self.calendars.get(&site.session.tenant, site.location.id.as_str(), || self.client.calendars(site)).await
    }

    /// The tags that the location knows.
    pub(crate) async fn tags(&self, site: &Site) -> Result<Arc<Vec<KnownTag>>> {
        self.tags.get(&site.session.tenant, site.location.id.as_str(), || self.client.tags(site)).await
    }

    /// To be called when a tag may have come into being.
    pub(crate) fn forget_tags(&self, site: &Site) {
        self.tags.forget(&site.session.tenant, site.location.id.as_str());
    }

    /// To be called when a custom field has been made or changed.
    pub(crate) fn forget_custom_fields(&self, site: &Site) {
        self.custom_fields.forget(&site.session.tenant, site.location.id.as_str());
    }

    /// The location's own fields.
    pub(crate) async fn custom_fields(&self, site: &Site) -> Result<Arc<Vec<CustomField>>> {
        self.custom_fields
            .get(&site.session.tenant, site.location.id.as_str(), || self.client.custom_fields(site))
            .await
    }

    /// Why the location loses deals.
    pub(crate) async fn lost_reasons(&self, site: &Site) -> Result<Arc<Vec<LostReason>>> {
        self.lost_reasons.get(&site.session.tenant, site.location.id.as_str(), || self.client.lost_reasons(site)).await
    }

    /// The location's workflows, drafts too.
    pub(crate) async fn workflows(&self, site: &Site) -> Result<Arc<Vec<Automation>>> {
        self.workflows.get(&site.session.tenant, site.location.id.as_str(), || self.client.workflows(site)).await
    }

    /// The location's users; `None` where the token may not read them, so that owners keep their ids.
    pub(crate) async fn users(&self, site: &Site) -> Result<Arc<Option<Vec<User>>>> {
        let load = || async {
            match self.client.users(site).await {
                Err(error) if error.code() == ErrorCode::PermissionDenied => Ok(None),
                read => read.map(Some),
            }
        };
        self.users.get(&site.session.tenant, site.location.id.as_str(), load).await
    }

    /// The users, if somebody of `owner_ids` has to be named at all.
    ///
    /// # Errors
    /// The vendor's refusals, but for a missing scope.
    pub(crate) async fn users_naming<'a>(
        &self,
        site: &Site,
        mut owner_ids: impl Iterator<Item = Option<&'a String>>,
    ) -> Result<Arc<Option<Vec<User>>>> {
        if owner_ids.any(|id| id.is_some()) { self.users(site).await } else { Ok(Arc::default()) }
    }

    /// The user whom a name or id means.
    ///
    /// # Errors
    /// `permission_denied` if users cannot be read and it is no id; `invalid_argument` or `not_found` with candidates.
    pub(crate) async fn owner(&self, site: &Site, text: &str) -> Result<RecordId> {
        match (self.users(site).await?.as_ref(), text.parse::<RecordId>()) {
            (Some(users), _) => find(Wanted { noun: "owner", text }, users).map(|user| user.id.clone()),
            (None, Ok(id)) if RecordId::looks_like(text) => Ok(id),
            (None, _) => Err(Error::new(ErrorCode::PermissionDenied, "the connection's token may not read users")
                .with_hint("give the owner's id, or ask the operator to add the scope `users.readonly`")),
        }
    }
}
