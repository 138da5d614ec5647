//! Which locations a tenant has, and the one that a call is about.

use std::collections::HashSet;
use std::sync::Arc;

use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use futures_util::future::try_join_all;

use super::{Directory, KnownLocation};
use crate::client::{Session, Site};
use crate::connections::{Connection, Connections, Credential, Reach};
use crate::location::Location;
use crate::names::{Named, Wanted, find, undecided};
use crate::oauth::Login;
use crate::record_id::RecordId;

/// What a tenant's list of locations is kept under: there is one.
const ALL: &str = "";

impl Directory {
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
