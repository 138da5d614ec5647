//! `GET /emails/locations/{locationId}/campaigns/stats/{source}/{sourceId}`: what became of emails.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::email_campaign_records::{AUDIENCE, BULK, EMAIL, WORKFLOW, at};
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::{self, documents};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/emails/locations/{location_id}/campaigns/stats/{source}/{source_id}", get(stats))
}

async fn stats(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((location_id, source, source_id)): Path<(String, String, String)>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let kind = match source.as_str() {
        "email-campaigns" => EMAIL,
        "workflow-campaigns" => WORKFLOW,
        "bulk-actions" => BULK,
        _ => return Err(Refusal::unprocessable(vec!["source must be a valid enum value".to_owned()])),
    };
    let step = params.text("subSourceId");
    if step.is_some() && kind.name != WORKFLOW.name {
        return Err(Refusal::bad_request("subSourceId is only valid for workflow-campaigns"));
    }
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, &location_id, kind.name).await?;
    let found = all.into_iter().find(|record| record.text("sourceId") == Some(source_id.as_str()));
    let record = at(found.ok_or_else(|| Refusal::no_such("Source", &source_id))?, sandbox.now_ms());
    let is_sent = matches!(record.text("status"), Some("sent" | "published" | "complete"));
    let audience = record.body.0.get(AUDIENCE).and_then(Value::as_u64).unwrap_or(0);
    let steps = record.body.0.get("subSources").and_then(Value::as_array);
    if let Some(step) = step
        && !steps.is_some_and(|steps| steps.iter().any(|one| one.get("id").and_then(Value::as_str) == Some(step)))
    {
        return Err(Refusal::no_such("Action", step));
    }
    let part = if step.is_some() { steps.map_or(1, Vec::len) } else { 1 };
    let sent = if is_sent { audience / u64::try_from(part).unwrap_or(1).max(1) } else { 0 };
    let mut answer =
        object!({"locationId": location_id, "source": source, "sourceId": source_id, "stats": figures(sent)});
    if let (Some(step), Value::Object(fields)) = (step, &mut answer) {
        fields.insert("subSourceId".to_owned(), step.into());
    }
    Ok(json(answer))
}

/// What becomes of so many emails: 96 in a hundred arrive, 45 of these are opened, 12 followed.
fn figures(sent: u64) -> Value {
    let share = |of: u64, percent: u64| of * percent / 100;
    let delivered = share(sent, 96);
    let (opened, clicked, unsubscribed) = (share(delivered, 45), share(delivered, 12), share(delivered, 1));
    let failed = sent - delivered;
    let rate = |part: u64, of: u64| {
        // Hundredths of a percent.
        let scaled = (part * 10_000).checked_div(of).unwrap_or(0);
        f64::from(u32::try_from(scaled).unwrap_or(u32::MAX)) / 100.0
    };
    object!({
        "sent": sent, "accepted": sent, "delivered": delivered, "opened": opened, "clicked": clicked,
        "unsubscribed": unsubscribed, "complained": 0, "permanentFail": failed - failed / 2, "temporaryFail": failed / 2,
        "rejected": 0, "failed": 0, "replied": share(delivered, 2), "openRate": rate(opened, delivered),
        "clickRate": rate(clicked, delivered), "unsubscribeRate": rate(unsubscribed, delivered), "complaintRate": 0,
        "bounceRate": rate(failed, sent), "replyRate": rate(share(delivered, 2), delivered),
    })
}
