//! Locations and what they define: tags, custom fields, users.

use std::collections::HashSet;

use common::error::{Error, ErrorCode, Result};
use http::Method;

use super::operation::{Operation, V2};
use super::request::Request;
use super::wire::location::{CustomFields, Installed, Many, One, Read, ReadField, ReadTag, ReadUser, Tags, Users};
use super::{Client, Session, Site};
use crate::connections::Reach;
use crate::custom_field::CustomField;
use crate::location::Location;
use crate::record_id::RecordId;
use crate::tag::KnownTag;
use crate::user::User;

pub(super) static GET: Operation = Operation::read(Method::GET, "/locations/{}", "locations.readonly");
pub(super) static SEARCH: Operation = Operation::read(Method::GET, "/locations/search", "locations.readonly");
pub(super) static TAGS: Operation = Operation::read(Method::GET, "/locations/{}/tags", "locations/tags.readonly");
pub(super) static CUSTOM_FIELDS: Operation =
    Operation::read(Method::GET, "/locations/{}/customFields", "locations/customFields.readonly");
// v3 has the same under another name and with other pages.
pub(super) static INSTALLED: Operation =
    Operation::read(Method::GET, "/oauth/installedLocations", "oauth.readonly").dated(V2);
// v3 has only `GET /users/search`, which also wants the agency's id.
pub(super) static USERS: Operation = Operation::read(Method::GET, "/users/", "users.readonly").dated(V2);

/// Locations per request. Ours: the vendor documents only its default, 10.
const LOCATIONS_PER_PAGE: usize = 100;

/// Most locations of one agency that are listed.
const LOCATIONS_MAX: usize = 2_000;

impl Client {
    /// One location, with its own token.
    pub(crate) async fn location(&self, session: &Session, id: &RecordId) -> Result<Location> {
        let one: One = self.send(session, &GET, &Request::of(&[id])).await?;
        let missing = || Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the location");
        one.location.and_then(Read::into_location).ok_or_else(missing)
    }

    /// An agency's locations, at most [`LOCATIONS_MAX`].
    pub(crate) async fn agency_locations(&self, session: &Session) -> Result<Vec<Location>> {
        let company_id = match &session.connection.reach {
            Reach::Agency { company_id } => company_id.as_ref().map(RecordId::as_str),
            Reach::Location(_) => None,
        };
        let per_page = LOCATIONS_PER_PAGE.to_string();
        let mut locations = Vec::new();
        while locations.len() < LOCATIONS_MAX {
            let skip = locations.len().to_string();
            let mut query = vec![("limit", per_page.as_str()), ("skip", skip.as_str())];
            query.extend(company_id.map(|id| ("companyId", id)));
            let many: Many = self.send(session, &SEARCH, &Request::default().with_query(&query)).await?;
            let received = many.locations.len();
            locations.extend(many.locations.into_iter().filter_map(Read::into_location));
            if received < LOCATIONS_PER_PAGE {
                break;
            }
        }
        locations.truncate(LOCATIONS_MAX);
        Ok(locations)
    }

    /// The agency's locations in which the app is installed, with a login of the agency; at most [`LOCATIONS_MAX`].
    pub(crate) async fn installed_locations(
        &self,
        session: &Session,
        company_id: &RecordId,
        app_id: &str,
    ) -> Result<HashSet<RecordId>> {
        let per_page = LOCATIONS_PER_PAGE.to_string();
        let (mut ids, mut seen) = (HashSet::new(), 0);
        while seen < LOCATIONS_MAX {
            let skip = seen.to_string();
            let query = [
                ("companyId", company_id.as_str()),
                ("appId", app_id),
                ("isInstalled", "true"),
                ("limit", per_page.as_str()),
                ("skip", skip.as_str()),
            ];
            let page: Installed = self.send(session, &INSTALLED, &Request::default().with_query(&query)).await?;
            let received = page.locations.len();
            seen += received;
            ids.extend(page.locations.into_iter().filter_map(|location| location.id));
            if received < LOCATIONS_PER_PAGE {
                break;
            }
        }
        Ok(ids)
    }

    /// The tags that a location knows.
    pub(crate) async fn tags(&self, site: &Site) -> Result<Vec<KnownTag>> {
        let tags: Tags = self.send(&site.session, &TAGS, &Request::of(&[&site.location.id])).await?;
        Ok(tags.tags.into_iter().filter_map(ReadTag::into_tag).collect())
    }

    /// The fields that a location has added to contacts and opportunities.
    pub(crate) async fn custom_fields(&self, site: &Site) -> Result<Vec<CustomField>> {
        let ids = [&site.location.id];
        let request = Request::of(&ids).with_query(&[("model", "all")]);
        let fields: CustomFields = self.send(&site.session, &CUSTOM_FIELDS, &request).await?;
        Ok(fields.custom_fields.into_iter().filter_map(ReadField::into_field).collect())
    }

    /// The users who work in a location.
    pub(crate) async fn users(&self, site: &Site) -> Result<Vec<User>> {
        let query = [("locationId", site.location.id.as_str())];
        let users: Users = self.send(&site.session, &USERS, &Request::default().with_query(&query)).await?;
        Ok(users.users.into_iter().filter_map(ReadUser::into_user).collect())
    }
}
