//! Deletes a deal for good, with its history. The contact stays.

use common::clock::UnixMillis;
use common::error::{ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::opportunity::OpportunityRow;
use crate::answer::{LocationAnswer, contact_uri, line};
use crate::client::{Site, may_have_happened, reversals};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::opportunity::Opportunity;
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct DeleteOpportunity;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id or name.
    opportunity: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it was.
    location: LocationAnswer,
    /// As it was.
    deleted: OpportunityRow,
    /// For `undo_change`, which creates it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for DeleteOpportunity {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "delete_opportunity";
    const TITLE: &'static str = "Delete opportunity";
    const DESCRIPTION: &'static str =
        "Delete a deal for good; its contact stays. To close one instead, move_opportunity to lost or abandoned.";
    const ACCESS: Access = Access::Destroy;
    const TOOLSET: &'static str = toolset::PIPELINE;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let (site, deal) = meant(deps, call, args).await?;
        let row = row(deps, &site, &deal).await?;
        let name = row.name.unwrap_or(row.id);
        let contact = row.contact.map(|contact| format!(" of {}", contact.name)).unwrap_or_default();
        let value = row.value.map(|value| format!(", worth {value:.2}")).unwrap_or_default();
        let status = row.status.map(|status| format!(", {}", status.as_str())).unwrap_or_default();
        let summary = format!("delete the deal “{name}”{contact}{value}{status}, in {}, {}", row.pipeline, row.stage);
        Ok(Plan::of_one(summary, name))
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let (site, deal) = meant(deps, call, &args).await?;
        let deleted = row(deps, &site, &deal).await?;
        if let Err(error) = deps.client.delete_opportunity(&site, &deal.id).await
            && !(may_have_happened(&error) && is_gone(deps, &site, &deal.id).await?)
        {
            return Err(error);
        }
        if let Some(contact_id) = &deal.contact_id {
            deps.changes.announce(call.tenant(), contact_uri(&site, contact_id));
        }
        let change_id = note(deps, call, &site, &deal).await;
        Ok(Output { location: LocationAnswer::of(&site), deleted, change_id })
    }

    /// A deal that is still there was not deleted. What is not there any more cannot be shown.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        match meant(deps, call, args).await {
            Ok(_) => Ok(ReadBack::NotDone),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(ReadBack::Unknown),
            Err(error) => Err(error),
        }
    }
}

async fn meant(deps: &Deps, call: &Call, args: &Args) -> Result<(Site, Opportunity)> {
    let site = deps.directory.site(call, args.location.as_deref()).await?;
    let deal = references::opportunity(deps, &site, &args.opportunity).await?;
    Ok((site, deal))
}

async fn row(deps: &Deps, site: &Site, deal: &Opportunity) -> Result<OpportunityRow> {
    let pipelines = deps.directory.pipelines(site).await?;
    let users = deps.directory.users_naming(site, [deal.owner_id.as_ref()].into_iter()).await?;
    Ok(OpportunityRow::of(deal, &pipelines, (*users).as_deref()))
}

async fn is_gone(deps: &Deps, site: &Site, id: &RecordId) -> Result<bool> {
    match deps.client.opportunity(site, id).await {
        Ok(_) => Ok(false),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Notes what was deleted.
async fn note(deps: &Deps, call: &Call, site: &Site, deal: &Opportunity) -> Option<ChangeId> {
    let name = deal.name.as_deref().map_or_else(|| deal.id.to_string(), line);
    let change = Change {
        tool: DeleteOpportunity::NAME,
        summary: format!("deleted the deal “{name}”"),
        record: ("opportunity".into(), deal.id.to_string()),
        contact: deal.contact_id.as_deref().and_then(|id| id.parse().ok()),
        undo: reversals::opportunity_deletion(&site.location.id, deal).into_iter().collect(),
    };
    deps.journal.note(call, site, change).await
}
