//! Affiliates, their commissions and payouts.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::affiliate::{Commissions, Many, Payouts, Read, ReadEarning};
use super::{Client, Site};
use crate::affiliate::{Affiliate, Earning};
use crate::record_id::RecordId;

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/affiliate-manager/{}/affiliates", "affiliate-manager.readonly");
pub(super) static COMMISSIONS: Operation =
    Operation::read(Method::GET, "/affiliate-manager/{}/commissions", "affiliate-manager.readonly");
pub(super) static PAYOUTS: Operation =
    Operation::read(Method::GET, "/affiliate-manager/{}/payouts", "affiliate-manager.readonly");

/// Affiliates per request, the vendor's most (specification of 2026-06-19).
const PER_PAGE: usize = 100;

/// Most affiliates of a location that are read.
const AFFILIATES_MAX: usize = 500;

/// Commissions and payouts of one affiliate that are read, the latest.
const EARNINGS_MAX: &str = "50";

impl Client {
    /// The location's affiliates.
    pub(crate) async fn affiliates(&self, site: &Site) -> Result<Vec<Affiliate>> {
        let page = async |skip: usize| -> Result<Vec<Read>> {
            let (skip, limit) = (skip.to_string(), PER_PAGE.to_string());
            let ids = [&site.location.id];
            let query = [("limit", limit.as_str()), ("skip", skip.as_str())];
            let many: Many = self.send(&site.session, &LIST, &Request::of(&ids).with_query(&query)).await?;
            Ok(many.affiliates)
        };
        let read = whole(PER_PAGE, AFFILIATES_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_affiliate).collect())
    }

    /// What an affiliate has earned by sales.
    pub(crate) async fn commissions(&self, site: &Site, affiliate_id: &RecordId) -> Result<Vec<Earning>> {
        let query = [("affiliateId", affiliate_id.as_str()), ("limit", EARNINGS_MAX)];
        let ids = [&site.location.id];
        let read: Commissions = self.send(&site.session, &COMMISSIONS, &Request::of(&ids).with_query(&query)).await?;
        Ok(read.commissions.into_iter().filter_map(ReadEarning::into_earning).collect())
    }

    /// What an affiliate was or will be paid.
    pub(crate) async fn payouts(&self, site: &Site, affiliate_id: &RecordId) -> Result<Vec<Earning>> {
        let query = [("affiliateId", affiliate_id.as_str()), ("limit", EARNINGS_MAX)];
        let ids = [&site.location.id];
        let read: Payouts = self.send(&site.session, &PAYOUTS, &Request::of(&ids).with_query(&query)).await?;
        Ok(read.payouts.into_iter().filter_map(ReadEarning::into_earning).collect())
    }
}
