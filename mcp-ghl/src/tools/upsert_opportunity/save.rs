//! Which deal of a contact is written to, and what the vendor makes of it.

use common::error::{Candidate, Error, ErrorCode, Result};

use crate::answer::line;
use crate::answer::opportunity::place_names;
use crate::client::{OpportunityQuery, Site, may_have_happened, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::opportunity::upsert::{Existing, OpportunityWrite};
use crate::opportunity::{Opportunity, Status};
use crate::pipeline::Pipeline;
use crate::reversal::Reversal;

/// Most deals of one contact in one pipeline that are looked at, newest first.
const LOOKED_AT: u32 = 50;

/// Most candidates in one answer.
const CANDIDATES_MAX: usize = 5;

/// What became of the deal.
pub(super) struct Saved {
    pub(super) opportunity: Opportunity,
    pub(super) created: bool,
    pub(super) changed: Vec<&'static str>,
    /// What takes it back.
    pub(super) undo: Vec<Reversal>,
}

impl Saved {
    fn created(opportunity: Opportunity) -> Self {
        let undo = vec![reversals::opportunity_creation(&opportunity)];
        Self { opportunity, created: true, changed: Vec::new(), undo }
    }
}

/// Writes to the deal that is named, to the open one, or to a new one.
///
/// # Errors
/// Those of the client; `conflict` with candidates if several are open, or if the location allows no other.
pub(super) async fn save(
    deps: &Deps,
    (site, contact, pipeline): (&Site, &Contact, &Pipeline),
    named: Option<Opportunity>,
    write: OpportunityWrite,
) -> Result<Saved> {
    let found = match named {
        Some(opportunity) => Existing::One(Box::new(opportunity)),
        None => Existing::among(deals(deps, site, contact, pipeline).await?, &write),
    };
    let closed = match found {
        Existing::One(opportunity) => {
            let change = write.against(&opportunity);
            let changed = change.fields();
            if changed.is_empty() {
                return Ok(Saved { opportunity: *opportunity, created: false, changed, undo: Vec::new() });
            }
            let saved = deps.client.update_opportunity(site, &opportunity.id, &change).await?;
            let undo = reversals::opportunity_update(&opportunity, &saved).into_iter();
            let undo = undo.chain(reversals::lost_reason(&opportunity, &saved)).collect();
            return Ok(Saved { opportunity: saved, created: false, changed, undo });
        }
        Existing::Several(open) => return Err(undecided(&open)),
        Existing::Closed(closed) => closed,
        Existing::None => Vec::new(),
    };
    let write = OpportunityWrite {
        pipeline_id: Some(pipeline.id.clone()),
        stage_id: write.stage_id.or_else(|| pipeline.stages.first().map(|stage| stage.id.clone())),
        name: write.name.or_else(|| Some(contact.label().to_owned())),
        status: write.status.or(Some(Status::Open)),
        ..write
    };
    let created = create(deps, site, contact, (&write, &closed)).await;
    let error = match created {
        Ok((opportunity, true)) => return Ok(Saved::created(opportunity)),
        // It came into being meanwhile: what it was then is not known.
        Ok((opportunity, false)) => {
            return Ok(Saved { opportunity, created: false, changed: write.fields(), undo: Vec::new() });
        }
        Err(error) => error,
    };
    if !may_have_happened(&error) {
        return Err(error);
    }
    // The answer may be wrong or lost: whoever was created is there and new.
    let is_new =
        |deal: &Opportunity| closed.iter().all(|old| old.id != deal.id) && write.against(deal).fields().is_empty();
    match deals(deps, site, contact, pipeline).await?.into_iter().find(is_new) {
        Some(opportunity) => Ok(Saved::created(opportunity)),
        None if error.code() == ErrorCode::UpstreamRejected && !closed.is_empty() => Err(only_one(pipeline, &closed)),
        None => Err(error),
    }
}

/// The contact's deals in the pipeline, newest first.
async fn deals(deps: &Deps, site: &Site, contact: &Contact, pipeline: &Pipeline) -> Result<Vec<Opportunity>> {
    let query = OpportunityQuery {
        contact_id: Some(contact.id.clone()),
        pipeline_id: Some(pipeline.id.clone()),
        ..OpportunityQuery::default()
    };
    let mut found = deps.client.search_opportunities(site, &query, None, LOOKED_AT).await?.records;
    found.retain(|deal| {
        deal.contact_id.as_deref() == Some(contact.id.as_str()) && deal.pipeline_id == pipeline.id.as_str()
    });
    Ok(found)
}

/// Beside closed deals, a plain creation: the vendor's upsert would change one of them. Else its upsert, so that two who
/// create at once make one, and one that the search does not show yet is found.
async fn create(
    deps: &Deps,
    site: &Site,
    contact: &Contact,
    (write, closed): (&OpportunityWrite, &[Opportunity]),
) -> Result<(Opportunity, bool)> {
    if closed.is_empty() {
        deps.client.upsert_opportunity(site, &contact.id, write).await
    } else {
        deps.client.create_opportunity(site, &contact.id, write).await.map(|opportunity| (opportunity, true))
    }
}

fn candidates(deals: &[Opportunity]) -> Vec<Candidate> {
    let candidate = |deal: &Opportunity| {
        let name = deal.name.as_deref().map_or_else(|| deal.id.to_string(), line);
        let status = deal.status.map_or("of unknown status", Status::as_str);
        Candidate { id: deal.id.to_string(), name: format!("{name} ({status})") }
    };
    deals.iter().take(CANDIDATES_MAX).map(candidate).collect()
}

fn undecided(open: &[Opportunity]) -> Error {
    Error::new(ErrorCode::Conflict, format!("the contact has {} open deals in this pipeline", open.len()))
        .with_hint("give one of the candidates as `opportunity`")
        .with_candidates(candidates(open))
}

/// The location allows one deal for each contact and pipeline, and it is closed.
fn only_one(pipeline: &Pipeline, closed: &[Opportunity]) -> Error {
    let (name, _) = place_names(std::slice::from_ref(pipeline), pipeline.id.as_str(), "");
    Error::new(ErrorCode::Conflict, format!("GoHighLevel refused another deal of this contact in `{name}`"))
        .with_hint("give one of the candidates as `opportunity` to change it, or allow duplicates in the location")
        .with_candidates(candidates(closed))
}
