//! Funnels and their pages.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::funnel::{Many, Read, ReadPage};
use super::{Client, Site};
use crate::funnel::{Funnel, FunnelPage};
use crate::record_id::RecordId;

// The specification names no scopes for these two; the vendor's list of scopes does.
pub(super) static LIST: Operation = Operation::read(Method::GET, "/funnels/funnel/list", "funnels/funnel.readonly");
pub(super) static PAGES: Operation = Operation::read(Method::GET, "/funnels/page", "funnels/page.readonly");

/// Records per request. Ours: the vendor documents no limit.
const PER_PAGE: usize = 100;

/// Most funnels of a location, and most pages of a funnel, that are read.
const READ_MAX: usize = 500;

impl Client {
    /// The location's funnels and websites.
    pub(crate) async fn funnels(&self, site: &Site) -> Result<Vec<Funnel>> {
        let page = async |offset: usize| -> Result<Vec<Read>> {
            let (offset, limit) = (offset.to_string(), PER_PAGE.to_string());
            let query = [("locationId", site.location.id.as_str()), ("limit", &limit), ("offset", &offset)];
            let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&query)).await?;
            Ok(many.funnels)
        };
        let read = whole(PER_PAGE, READ_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_funnel).collect())
    }

    /// The pages of a funnel. The vendor answers with a bare list.
    pub(crate) async fn funnel_pages(&self, site: &Site, funnel_id: &RecordId) -> Result<Vec<FunnelPage>> {
        let page = async |offset: usize| -> Result<Vec<ReadPage>> {
            let (offset, limit) = (offset.to_string(), PER_PAGE.to_string());
            let query = [
                ("locationId", site.location.id.as_str()),
                ("funnelId", funnel_id.as_str()),
                ("limit", &limit),
                ("offset", &offset),
            ];
            self.send(&site.session, &PAGES, &Request::default().with_query(&query)).await
        };
        let read = whole(PER_PAGE, READ_MAX, page).await?;
        Ok(read.into_iter().filter_map(ReadPage::into_page).collect())
    }
}
