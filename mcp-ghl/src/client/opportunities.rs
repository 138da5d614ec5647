//! Opportunities and pipelines.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::Serialize;

use super::operation::Operation;
use super::request::Request;
use super::wire::opportunity::{Create, Many, One, Pipelines, Read, ReadPipeline, ReadTotals, Update};
use super::wire::search::{Begin, Filter, Range, Sort, Value, next};
use super::{Client, Site, Slice};
use crate::cursor::{Position, not_ours};
use crate::opportunity::upsert::OpportunityWrite;
use crate::opportunity::{Move, Opportunity, Status};
use crate::pipeline::{Pipeline, StageTotals};
use crate::record_id::RecordId;

pub(super) static GET: Operation =
    Operation::read(Method::GET, "/opportunities/{}", "opportunities.readonly").on("opportunity");
pub(super) static SEARCH: Operation = Operation::read(Method::POST, "/opportunities/search", "opportunities.readonly");
pub(super) static PIPELINES: Operation =
    Operation::read(Method::GET, "/opportunities/pipelines", "opportunities.readonly");
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/opportunities/{}", "opportunities.write", Repeat::Idempotent).on("opportunity");
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/opportunities/", "opportunities.write", Repeat::Never);
// Never repeated blindly: whether a location that allows duplicates gets another one is not documented.
pub(super) static UPSERT: Operation =
    Operation::write(Method::POST, "/opportunities/upsert", "opportunities.write", Repeat::Never);

/// Which opportunities are looked for; everything given must hold.
#[derive(Debug, Default, Clone)]
pub(crate) struct OpportunityQuery {
    /// Free text over names; at most 75 characters.
    pub(crate) text: Option<String>,
    pub(crate) pipeline_id: Option<RecordId>,
    pub(crate) stage_id: Option<RecordId>,
    pub(crate) status: Option<Status>,
    pub(crate) owner_id: Option<RecordId>,
    pub(crate) contact_id: Option<RecordId>,
    /// In the same stage since then or longer, RFC 3339.
    pub(crate) in_stage_before: Option<String>,
    pub(crate) order: Order,
}

impl OpportunityWrite {
    fn body(&self) -> Update<'_> {
        Update {
            pipeline_id: self.pipeline_id.as_ref().map(RecordId::as_str),
            pipeline_stage_id: self.stage_id.as_ref().map(RecordId::as_str),
            status: self.status,
            name: self.name.as_deref(),
            monetary_value: self.value,
            assigned_to: self.owner_id.as_ref().map(RecordId::as_str),
        }
    }
}

/// What comes first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    #[default]
    Newest,
    MostValuable,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchBody<'a> {
    location_id: &'a RecordId,
    limit: u32,
    #[serde(flatten)]
    begin: Begin,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Filter>,
    sort: [Sort; 1],
}

impl Client {
    /// One opportunity.
    pub(crate) async fn opportunity(&self, site: &Site, id: &RecordId) -> Result<Opportunity> {
        let one: One = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let opportunity = one.opportunity.and_then(Read::into_opportunity);
        opportunity.filter(|opportunity| site.holds(opportunity.location_id.as_ref())).ok_or_else(unknown_opportunity)
    }

    /// Opportunities in the query's order.
    pub(crate) async fn search_opportunities(
        &self,
        site: &Site,
        query: &OpportunityQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Opportunity>> {
        let mut many = self.search(site, query, position, limit).await?;
        let received = many.opportunities.len();
        let last = many.opportunities.last_mut().and_then(|opportunity| opportunity.search_after.take());
        let next = next(position, received, limit, many.total, last);
        let records = many.opportunities.into_iter().filter_map(Read::into_opportunity).collect();
        Ok(Slice { records, total: many.total, next })
    }

    /// What stands in each stage of a pipeline, by stage id; stages where nothing stands may be missing.
    pub(crate) async fn stage_totals(
        &self,
        site: &Site,
        pipeline_id: &RecordId,
        status: Option<Status>,
    ) -> Result<Vec<(String, StageTotals)>> {
        let query = OpportunityQuery { pipeline_id: Some(pipeline_id.clone()), status, ..OpportunityQuery::default() };
        let many = self.search(site, &query, None, 1).await?;
        match many.stage_aggregations {
            Some(stages) => Ok(stages.into_iter().map(ReadTotals::into_totals).collect()),
            None if many.total == Some(0) => Ok(Vec::new()),
            None => Err(Error::new(ErrorCode::UpstreamRejected, "GoHighLevel sent no totals of the stages")
                .with_hint("list the deals with `search_opportunities` instead")),
        }
    }

    async fn search(
        &self,
        site: &Site,
        query: &OpportunityQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Many> {
        let body = SearchBody {
            location_id: &site.location.id,
            limit,
            begin: Begin::at(position).ok_or_else(not_ours)?,
            query: query.text.as_deref(),
            filters: query.filters(),
            sort: [query.order.sort()],
        };
        self.send(&site.session, &SEARCH, &Request::default().with_body(&body)?).await
    }

    /// Brings an opportunity to its place. A reason for losing it is set last, and the status with it.
    pub(crate) async fn move_opportunity(&self, site: &Site, id: &RecordId, change: &Move) -> Result<Opportunity> {
        let (pipeline_id, stage_id) = change.to.as_ref().map(|(pipeline, stage)| (&**pipeline, &**stage)).unzip();
        let place = Update { pipeline_id, pipeline_stage_id: stage_id, ..Update::default() };
        let Some(reason_id) = &change.lost_reason_id else {
            return self.put_opportunity(site, id, &Update { status: change.status, ..place }).await;
        };
        if change.to.is_some() {
            self.put_opportunity(site, id, &place).await?;
        }
        self.lose(site, id, reason_id).await
    }

    /// Changes an opportunity; what is absent stays. A reason for losing it is set last, and the status with it.
    pub(crate) async fn update_opportunity(
        &self,
        site: &Site,
        id: &RecordId,
        write: &OpportunityWrite,
    ) -> Result<Opportunity> {
        let Some(reason_id) = &write.lost_reason_id else {
            return self.put_opportunity(site, id, &write.body()).await;
        };
        let rest = OpportunityWrite { status: None, lost_reason_id: None, ..write.clone() };
        if !rest.fields().is_empty() {
            self.put_opportunity(site, id, &rest.body()).await?;
        }
        self.lose(site, id, reason_id).await
    }

    async fn put_opportunity(&self, site: &Site, id: &RecordId, body: &Update<'_>) -> Result<Opportunity> {
        let one: One = self.send(&site.session, &UPDATE, &Request::of(&[id]).with_body(body)?).await?;
        one.opportunity.and_then(Read::into_opportunity).ok_or_else(unreadable)
    }

    /// Creates the contact's opportunity in a pipeline, unless it has come into being meanwhile: then that is updated.
    /// Says whether it was created.
    pub(crate) async fn upsert_opportunity(
        &self,
        site: &Site,
        contact_id: &RecordId,
        write: &OpportunityWrite,
    ) -> Result<(Opportunity, bool)> {
        let body = Create { lost_reason_id: write.lost_reason_id.as_ref(), ..create(site, contact_id, write) };
        let one: One = self.send(&site.session, &UPSERT, &Request::default().with_body(&body)?).await?;
        let is_new = one.new;
        Ok((one.opportunity.and_then(Read::into_opportunity).ok_or_else(unreadable)?, is_new))
    }

    /// Creates an opportunity beside those that the contact has in the pipeline. A location may allow only one, and then
    /// the vendor refuses.
    pub(crate) async fn create_opportunity(
        &self,
        site: &Site,
        contact_id: &RecordId,
        write: &OpportunityWrite,
    ) -> Result<Opportunity> {
        let body = create(site, contact_id, write);
        let one: One = self.send(&site.session, &CREATE, &Request::default().with_body(&body)?).await?;
        let created = one.opportunity.and_then(Read::into_opportunity).ok_or_else(unreadable)?;
        match &write.lost_reason_id {
            Some(reason_id) => self.lose(site, &created.id, reason_id).await,
            None => Ok(created),
        }
    }

    /// A location's pipelines with their stages.
    pub(crate) async fn pipelines(&self, site: &Site) -> Result<Vec<Pipeline>> {
        let query = [("locationId", site.location.id.as_str())];
        let read: Pipelines = self.send(&site.session, &PIPELINES, &Request::default().with_query(&query)).await?;
        Ok(read.pipelines.into_iter().filter_map(ReadPipeline::into_pipeline).collect())
    }
}

/// A new opportunity, without a reason for losing it: only the upsert takes one along.
fn create<'a>(site: &'a Site, contact_id: &'a RecordId, write: &'a OpportunityWrite) -> Create<'a> {
    Create { location_id: &site.location.id, contact_id, lost_reason_id: None, fields: write.body() }
}

impl OpportunityQuery {
    /// The fields are in snake case here, unlike everywhere else in the API.
    fn filters(&self) -> Vec<Filter> {
        let ids = [
            ("pipeline_id", &self.pipeline_id),
            ("pipeline_stage_id", &self.stage_id),
            ("assigned_to", &self.owner_id),
            ("contact_id", &self.contact_id),
        ];
        let is = |field: &str, value: &str| Filter {
            field: field.to_owned(),
            operator: "eq",
            value: Value::Text(value.to_owned()),
        };
        let mut filters: Vec<Filter> =
            ids.iter().filter_map(|(field, id)| id.as_ref().map(|id| is(field, id.as_str()))).collect();
        filters.extend(self.status.map(|status| is("status", status.as_str())));
        if let Some(before) = &self.in_stage_before {
            let range = Range { gte: None, lte: Some(before.clone()) };
            let field = "last_stage_change_date".to_owned();
            filters.push(Filter { field, operator: "range", value: Value::Range(range) });
        }
        filters
    }
}

impl Order {
    fn sort(self) -> Sort {
        match self {
            Self::Newest => Sort { field: "date_added", direction: "desc" },
            Self::MostValuable => Sort { field: "monetary_value", direction: "desc" },
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the opportunity")
        .with_hint("read it back before repeating: it may have been written")
}

fn unknown_opportunity() -> Error {
    Error::new(ErrorCode::NotFound, "no opportunity of this id in this location")
        .with_hint("call `search_opportunities`, or name another `location`")
}
