//! Associations, and which records they link.

use common::error::Result;
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::association::{Many, Read, ReadRelation, Relations, Write};
use super::{Client, Site};
use crate::association::{Association, Relation};
use crate::record_id::RecordId;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/associations/", "associations.readonly");
pub(super) static RELATIONS: Operation =
    Operation::read(Method::GET, "/associations/relations/{}", "associations/relation.readonly").on("record");
pub(super) static LINK: Operation =
    Operation::write(Method::POST, "/associations/relations", "associations/relation.write", Repeat::Never);
pub(super) static UNLINK: Operation =
    Operation::write(Method::DELETE, "/associations/relations/{}", "associations/relation.write", Repeat::Idempotent)
        .on("link");

/// Records per request. Ours: the vendor documents no limit.
const PER_PAGE: usize = 100;

/// Most associations of a location, and most links of a record, that are looked at.
const LOOKED_AT_MAX: usize = 1_000;

impl Client {
    /// The location's associations.
    pub(crate) async fn associations(&self, site: &Site) -> Result<Vec<Association>> {
        let page = async |skip: usize| -> Result<Vec<Read>> {
            let (skip, limit) = (skip.to_string(), PER_PAGE.to_string());
            let query = [("locationId", site.location.id.as_str()), ("skip", &skip), ("limit", &limit)];
            let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&query)).await?;
            Ok(many.associations)
        };
        let read = whole(PER_PAGE, LOOKED_AT_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_association).collect())
    }

    /// What a record is linked with.
    pub(crate) async fn relations(&self, site: &Site, record_id: &RecordId) -> Result<Vec<Relation>> {
        let page = async |skip: usize| -> Result<Vec<ReadRelation>> {
            let (skip, limit) = (skip.to_string(), PER_PAGE.to_string());
            let query = [("locationId", site.location.id.as_str()), ("skip", &skip), ("limit", &limit)];
            let ids = [record_id];
            let many: Relations = self.send(&site.session, &RELATIONS, &Request::of(&ids).with_query(&query)).await?;
            Ok(many.relations)
        };
        let read = whole(PER_PAGE, LOOKED_AT_MAX, page).await?;
        Ok(read.into_iter().filter_map(ReadRelation::into_relation).collect())
    }

    /// Links two records.
    pub(crate) async fn link(
        &self,
        site: &Site,
        association: &Association,
        first_id: &RecordId,
        second_id: &RecordId,
    ) -> Result<()> {
        let body = Write {
            location_id: &site.location.id,
            association_id: &association.id,
            first_record_id: first_id,
            second_record_id: second_id,
        };
        let _answer: IgnoredAny = self.send(&site.session, &LINK, &Request::default().with_body(&body)?).await?;
        Ok(())
    }

    /// Takes a link away.
    pub(crate) async fn unlink(&self, site: &Site, relation_id: &RecordId) -> Result<()> {
        let query = [("locationId", site.location.id.as_str())];
        let ids = [relation_id];
        let _answer: IgnoredAny = self.send(&site.session, &UNLINK, &Request::of(&ids).with_query(&query)).await?;
        Ok(())
    }
}
