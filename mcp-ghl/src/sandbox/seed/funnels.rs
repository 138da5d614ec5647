//! The demo's funnels with their pages, and the partners who send people there.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Value, json};

use crate::sandbox::ids::{Scramble, named_uuid};
use crate::sandbox::instants::iso;
use crate::sandbox::routes::{affiliates, funnels};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};

/// Name, kind and steps (name and path) of the funnels; every business has its like.
const FUNNELS: &[(&str, &str, &[(&str, &str)])] = &[
    ("Free offer", "funnel", &[("Opt in", "/free"), ("Offer", "/offer"), ("Thank you", "/thanks")]),
    ("Booking", "funnel", &[("Choose a time", "/book"), ("Confirmed", "/booked")]),
    ("Website", "website", &[("Home", "/"), ("About us", "/about"), ("Contact", "/contact")]),
];

/// Partners of each business.
const PARTNERS: u64 = 4;

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for (days, (name, kind, steps)) in (100..).zip(FUNNELS) {
        let at_ms = now_ms - days * DAY_MS;
        let keep = |what: &str, id: &str, body| record(business, location_id, (what, id), at_ms, body);
        let funnel_id = business.id(&format!("{}/{name}", funnels::KIND.name));
        let mut kept = Vec::new();
        for (sequence, (step, path)) in (1..).zip(*steps) {
            let step_id = named_uuid(&format!("{}/{name}/{step}", business.slug));
            // The first page of a funnel is tried in two variants.
            let variants: &[&str] = if sequence == 1 && *kind == "funnel" { &["", " B"] } else { &[""] };
            let mut page_ids = Vec::new();
            for variant in variants {
                let page_name = format!("{step}{variant}");
                let body = json!({
                    "locationId": location_id, "funnelId": funnel_id, "name": page_name, "stepId": step_id,
                    "deleted": false, "updatedAt": iso(at_ms),
                });
                let mut page = keep(funnels::PAGE, &format!("{name}/{page_name}"), body);
                page.parent_id.clone_from(&funnel_id);
                documents::save(&mut *connection, &page).await?;
                page_ids.push(page.id);
            }
            kept.push(json!({
                "id": step_id, "name": step, "pages": page_ids, "products": [], "sequence": sequence,
                "type": "optin_funnel_page", "url": path,
            }));
        }
        let body = json!({
            "locationId": location_id, "name": name, "type": kind, "steps": kept, "deleted": false, "domainId": "",
            "dateAdded": iso(at_ms), "dateUpdated": iso(at_ms), "updatedAt": iso(at_ms),
        });
        documents::save(&mut *connection, &keep(funnels::KIND.name, name, body)).await?;
    }
    seed_partners(connection, business, location_id, now_ms).await
}

async fn seed_partners(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for number in 0..PARTNERS {
        let mut draw = Scramble::of(&format!("{}/partner/{number}", business.slug));
        let contact = store::contacts::find(&mut *connection, &contact_id(business, number * 7 + 2)).await?;
        let Some(contact) = contact else { continue };
        let at_ms = now_ms - i64::try_from(40 + number * 20).unwrap_or(40) * DAY_MS;
        let keep = |what: &str, id: &str, body| record(business, location_id, (what, id), at_ms, body);
        let email = contact.email.clone().unwrap_or_else(|| format!("partner{number}@{}.example.com", business.slug));
        let (sales, name) = (1 + draw.below(4), contact.name());
        let amount = |count: u64| f64::from(u32::try_from(count * 25).unwrap_or(0));
        let campaign = json!({"id": business.id("campaign/partners"), "name": "Partners", "liveMode": true});
        let body = json!({
            "firstName": contact.first_name, "lastName": contact.last_name, "email": email, "locationId": location_id,
            "contactId": contact.id, "active": number != 3, "deleted": false, "campaignIds": [campaign["id"]],
            "clickCount": 40 + draw.below(200), "lead": sales + draw.below(9), "customer": sales,
            "revenue": amount(sales) * 4.0, "paid": amount(1), "owned": amount(sales - 1), "currency": "USD",
            "createdAt": iso(at_ms), "updatedAt": iso(at_ms),
        });
        let affiliate = keep(affiliates::KIND.name, &number.to_string(), body);
        documents::save(&mut *connection, &affiliate).await?;
        for sale in 0..sales {
            let status = if sale == 0 { "paid" } else { "pending" };
            let shared = |what: Value| {
                merge(
                    what,
                    &json!({
                        "affiliateId": affiliate.id, "currency": "USD", "status": status, "createdAt": iso(at_ms),
                        "dueAt": iso(at_ms + 30 * DAY_MS),
                    }),
                )
            };
            let body = shared(json!({
                "productName": "First purchase", "qty": 1, "amount": 100, "commission": 25, "commissionAmount": 25,
                "commissionType": "percentage", "campaignName": "Partners", "transactionAt": iso(at_ms),
                "campaign": campaign, "affiliate": {"_id": affiliate.id, "name": name, "email": email},
                "liveMode": true,
            }));
            let id = format!("{number}/{sale}");
            documents::save(&mut *connection, &keep(affiliates::COMMISSION, &id, body)).await?;
            let body = shared(json!({
                "locationId": location_id, "campaignId": campaign["id"], "campaign": "Partners", "amount": 25,
                "affiliateName": name, "affiliateEmail": email, "payoutMethod": "paypal",
            }));
            documents::save(&mut *connection, &keep(affiliates::PAYOUT, &id, body)).await?;
        }
    }
    Ok(())
}

fn merge(mut into: Value, from: &Value) -> Value {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) {
        into.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    into
}

fn record(
    business: &Business,
    location_id: &str,
    (kind, name): (&str, &str),
    at_ms: UnixMillis,
    body: Value,
) -> Record {
    Record {
        location_id: location_id.to_owned(),
        kind: kind.to_owned(),
        id: business.id(&format!("{kind}/{name}")),
        parent_id: String::new(),
        body: Document(body.as_object().cloned().unwrap_or_default()),
        added_at_ms: at_ms,
        updated_at_ms: at_ms,
    }
}
