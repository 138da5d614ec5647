//! Which locations a tenant has, and what each calls its pipelines, calendars, tags, fields and users. Kept for a minute.

mod automation;
mod emails;
mod named;
pub(crate) mod social;

pub(crate) mod crm_schema;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use futures_util::future::try_join_all;

use crate::automation::Automation;
use crate::calendar::Calendar;
use crate::client::{Client, Session, Site};
use crate::connections::{Connection, Connections, Credential, Reach};
use crate::custom_field::CustomField;
use crate::location::Location;
use crate::names::{Named, Wanted, find, undecided};
use crate::oauth::Login;
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

/// The locations that an agency's token or login opens.
enum Opened {
    /// A private integration token opens none.
    None,
    Some(Arc<Login>, HashSet<RecordId>),
    All(Arc<Login>),
}

impl Opened {
    fn connection(&self, connections: &Connections, id: &RecordId) -> Result<Option<Arc<Connection>>> {
        let login = match self {
            Self::None => return Ok(None),
            Self::Some(_, installed) if !installed.contains(id) => return Ok(None),
            Self::Some(login, _) | Self::All(login) => login,
        };
        connections.opened_by(login, id).map(|connection| Some(Arc::new(connection)))
    }
}

/// What a tenant's list of locations is kept under: there is one.
const ALL: &str = "";

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

    /// All locations the caller's tenant can see, by name.
    ///
    /// # Errors
    /// `failed_precondition` if nothing is connected; the vendor's refusals.
    pub(crate) async fn locations(&self, call: &Call) -> Result<Arc<Vec<KnownLocation>>> {
        self.locations.get(call.tenant(), ALL, || self.load_locations(call)).await
    }

    async fn load_locations(&self, call: &Call) -> Result<Vec<KnownLocation>> {
        let connections = self.connections.of(call.tenant()).await?;
        let mut known: Vec<KnownLocation> = Vec::new();
        for agency in connections.iter().filter(|connection| connection.location_id().is_none()) {
            let session = Session::new(call, Arc::clone(agency));
            let listed = self.client.agency_locations(&session).await?;
            let opened = self.opened_by(agency, &session).await?;
            for location in listed {
                let connection = opened.connection(&self.connections, &location.id)?;
                known.push(KnownLocation { location, connection });
            }
        }
        let mut unlisted: Vec<(&RecordId, &Arc<Connection>)> = Vec::new();
        for connection in connections.iter() {
            let Some(id) = connection.location_id() else { continue };
            if let Some(known) = known.iter_mut().find(|known| known.location.id == *id) {
                known.connection = Some(Arc::clone(connection));
            } else if let Some((_, earlier)) = unlisted.iter_mut().find(|(earlier, _)| *earlier == id) {
                *earlier = connection;
            } else {
                unlisted.push((id, connection));
            }
        }
        let loads = unlisted.into_iter().map(|(id, connection)| self.load_location(call, connection, id));
        known.extend(try_join_all(loads).await?);
        known.sort_by_key(|known| known.name().to_lowercase());
        Ok(known)
    }

    /// Which of its locations an agency's login opens.
    async fn opened_by(&self, agency: &Connection, session: &Session) -> Result<Opened> {
        let Credential::Login(login) = &agency.credential else { return Ok(Opened::None) };
        let (Reach::Agency { company_id: Some(company_id) }, Some(app_id)) =
            (&agency.reach, self.connections.logins().app_id())
        else {
            return Ok(Opened::All(Arc::clone(login)));
        };
        match self.client.installed_locations(session, company_id, app_id).await {
            // Without the scope to ask, whoever opens one will see.
            Err(error) if error.code() == ErrorCode::PermissionDenied => Ok(Opened::All(Arc::clone(login))),
            installed => Ok(Opened::Some(Arc::clone(login), installed?)),
        }
    }

    /// A token without the scope to read its own location still serves it, without a name.
    async fn load_location(&self, call: &Call, connection: &Arc<Connection>, id: &RecordId) -> Result<KnownLocation> {
        let session = Session::new(call, Arc::clone(connection));
        let location = match self.client.location(&session, id).await {
            Err(error) if error.code() == ErrorCode::PermissionDenied => {
                Location { id: id.clone(), name: None, city: None, country: None, timezone: None }
            }
            read => read?,
        };
        Ok(KnownLocation { location, connection: Some(Arc::clone(connection)) })
    }

    /// The location that a call is about: the one named, else the default, else the only one.
    ///
    /// # Errors
    /// `invalid_argument` or `not_found` with candidates; `failed_precondition` if its token is missing.
    pub(crate) async fn site(&self, call: &Call, wanted: Option<&str>) -> Result<Site> {
        let all = self.locations(call).await?;
        let known = match wanted {
            Some(text) => find(Wanted { noun: "location", text }, &all)?,
            None => self.assumed(&all)?,
        };
        let Some(connection) = &known.connection else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "this location is known but not connected")
                .with_hint(
                    "ask the operator to install the app in it, or to add a private integration token made in it under \
                     `[[ghl.connections]]`",
                ));
        };
        let session = Session::new(call, Arc::clone(connection));
        Ok(Site { session, location: known.location.clone() })
    }

    /// A location that the tenant can see, connected or not: what an agency does is done to one.
    ///
    /// # Errors
    /// As of [`Directory::site`], but for a missing token.
    pub(crate) async fn location(&self, call: &Call, wanted: Option<&str>) -> Result<Location> {
        let all = self.locations(call).await?;
        let known = match wanted {
            Some(text) => find(Wanted { noun: "location", text }, &all)?,
            None => self.assumed(&all)?,
        };
        Ok(known.location.clone())
    }

    /// The tenant's agency, if one is connected.
    ///
    /// # Errors
    /// As of [`Connections::of`].
    pub(crate) async fn agency(&self, call: &Call) -> Result<Option<Session>> {
        let connections = self.connections.of(call.tenant()).await?;
        let agency = connections.iter().find(|connection| connection.location_id().is_none());
        Ok(agency.map(|agency| Session::new(call, Arc::clone(agency))))
    }

    fn assumed<'all>(&self, all: &'all [KnownLocation]) -> Result<&'all KnownLocation> {
        if let Some(default) = all.iter().find(|known| self.is_default(known)) {
            return Ok(default);
        }
        let mut connected = all.iter().filter(|known| known.connection.is_some());
        match (connected.next(), connected.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(undecided("location", all)),
        }
    }

    /// Whether it is the location meant where none is named.
    pub(crate) fn is_default(&self, known: &KnownLocation) -> bool {
        self.default_location.as_deref().is_some_and(|text| {
            text == known.location.id.as_str()
                || known.location.name.as_ref().is_some_and(|name| name.to_lowercase() == text.trim().to_lowercase())
        })
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
