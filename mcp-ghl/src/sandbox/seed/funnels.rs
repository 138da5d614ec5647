//! The demo's funnels with their pages.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Value, json};

use crate::sandbox::ids::named_uuid;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::funnels::{KIND, PAGE};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{Connection, Document};

/// A funnel or website; every business has its like.
struct Made {
    name: &'static str,
    kind: &'static str,
    /// Name and path.
    steps: &'static [(&'static str, &'static str)],
}

const FUNNELS: [Made; 3] = [
    Made {
        name: "Free offer",
        kind: "funnel",
        steps: &[("Opt in", "/free"), ("Offer", "/offer"), ("Thank you", "/thanks")],
    },
    Made { name: "Booking", kind: "funnel", steps: &[("Choose a time", "/book"), ("Confirmed", "/booked")] },
    Made { name: "Website", kind: "website", steps: &[("Home", "/"), ("About us", "/about"), ("Contact", "/contact")] },
];

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for (days, made) in (100..).zip(&FUNNELS) {
        let at_ms = now_ms - days * DAY_MS;
        let funnel_id = business.id(&format!("{}/{}", KIND.name, made.name));
        let mut steps = Vec::new();
        for (sequence, (step, path)) in (1..).zip(made.steps) {
            let step_id = named_uuid(&format!("{}/{}/{step}", business.slug, made.name));
            // The first page of a funnel is tried in two variants.
            let variants: &[&str] = if sequence == 1 && made.kind == "funnel" { &["", " B"] } else { &[""] };
            let mut page_ids = Vec::new();
            for variant in variants {
                let body = json!({
                    "locationId": location_id, "funnelId": funnel_id, "name": format!("{step}{variant}"),
                    "stepId": step_id, "deleted": false, "updatedAt": iso(at_ms),
                });
                let id = business.id(&format!("{PAGE}/{}/{step}{variant}", made.name));
                page_ids.push(id.clone());
                let page = record(location_id, (PAGE, id), at_ms, &body);
                documents::save(&mut *connection, &Record { parent_id: funnel_id.clone(), ..page }).await?;
            }
            steps.push(json!({
                "id": step_id, "name": step, "pages": page_ids, "products": [], "sequence": sequence,
                "type": "optin_funnel_page", "url": path,
            }));
        }
        let body = json!({
            "locationId": location_id, "name": made.name, "type": made.kind, "steps": steps, "deleted": false,
            "domainId": "", "dateAdded": iso(at_ms), "dateUpdated": iso(at_ms), "updatedAt": iso(at_ms),
        });
        documents::save(&mut *connection, &record(location_id, (KIND.name, funnel_id), at_ms, &body)).await?;
    }
    Ok(())
}

fn record(location_id: &str, (kind, id): (&str, String), at_ms: UnixMillis, body: &Value) -> Record {
    Record {
        location_id: location_id.to_owned(),
        kind: kind.to_owned(),
        id,
        parent_id: String::new(),
        body: Document(body.as_object().cloned().unwrap_or_default()),
        added_at_ms: at_ms,
        updated_at_ms: at_ms,
    }
}
