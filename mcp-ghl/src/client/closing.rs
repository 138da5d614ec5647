//! How deals end: lost for a reason, or deleted.

use common::error::Result;
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::request::Request;
use super::wire::opportunity::{Lose, LostReasons, ReadReason};
use super::{Client, Site};
use crate::opportunity::{LostReason, Opportunity, Status};
use crate::record_id::RecordId;

pub(super) static REASONS: Operation =
    Operation::read(Method::GET, "/opportunities/lost-reason", "opportunities.readonly");
pub(super) static SET_STATUS: Operation =
    Operation::write(Method::PUT, "/opportunities/{}/status", "opportunities.write", Repeat::Idempotent)
        .on("opportunity");
// Never repeated blindly: the second one would say that there is none.
pub(super) static DELETE: Operation =
    Operation::write(Method::DELETE, "/opportunities/{}", "opportunities.write", Repeat::Never).on("opportunity");

/// Most reasons of a location. Ours: the vendor names neither a default nor a limit.
const REASONS_MAX: &str = "100";

impl Client {
    /// The reasons that a location has for losing a deal, at most 100.
    pub(crate) async fn lost_reasons(&self, site: &Site) -> Result<Vec<LostReason>> {
        let query = [("locationId", site.location.id.as_str()), ("limit", REASONS_MAX)];
        let read: LostReasons = self.send(&site.session, &REASONS, &Request::default().with_query(&query)).await?;
        Ok(read.lost_reasons.into_iter().filter_map(ReadReason::into_reason).collect())
    }

    /// Marks an opportunity as lost for a reason, which only this operation takes, and reads it.
    pub(super) async fn lose(&self, site: &Site, id: &RecordId, reason_id: &RecordId) -> Result<Opportunity> {
        let (ids, body) = ([id], Lose { status: Status::Lost, lost_reason_id: reason_id });
        let _: IgnoredAny = self.send(&site.session, &SET_STATUS, &Request::of(&ids).with_body(&body)?).await?;
        self.opportunity(site, id).await
    }

    /// Deletes an opportunity for good.
    pub(crate) async fn delete_opportunity(&self, site: &Site, id: &RecordId) -> Result<()> {
        let _: IgnoredAny = self.send(&site.session, &DELETE, &Request::of(&[id])).await?;
        Ok(())
    }
}
