//! The demo's deals.

use common::clock::UnixMillis;
use common::error::Result;

use crate::sandbox::ids::Scramble;
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::{Business, Funnel};
use crate::sandbox::seed::contacts::{contact_id, custom_values};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::opportunities::Opportunity;
use crate::sandbox::store::{self, Connection, Document};

/// Of a hundred people, how many have a deal.
const DEALS_PERCENT: u64 = 55;

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for number in 0..business.contacts {
        let mut draw = Scramble::of(&format!("{}/deal/{number}", business.slug));
        let funnel = usize::try_from(draw.below(3)).unwrap_or(0);
        let Some(funnel) = business.funnels.get(funnel).or(business.funnels.first()) else { continue };
        if !draw.chance(DEALS_PERCENT) {
            continue;
        }
        let contact = store::contacts::find(&mut *connection, &contact_id(business, number)).await?;
        let Some(contact) = contact.filter(|contact| contact.location_id == location_id) else { continue };
        let opportunity = deal(business, funnel, &contact, &mut draw, now_ms);
        let opportunity = Opportunity { id: business.id(&format!("opportunity/{number}")), ..opportunity };
        store::opportunities::save(&mut *connection, &opportunity).await?;
    }
    Ok(())
}

fn deal(
    business: &Business,
    funnel: &Funnel,
    contact: &Contact,
    draw: &mut Scramble,
    now_ms: UnixMillis,
) -> Opportunity {
    let status = match draw.below(100) {
        0..18 => "won",
        18..33 => "lost",
        33..37 => "abandoned",
        _ => "open",
    };
    let stage = match status {
        "won" => funnel.stages.last().map(|(name, _)| *name).unwrap_or_default(),
        _ => draw.pick(funnel.stages).0,
    };
    let lost_reason = draw.pick(business.lost_reasons);
    let later = |from_ms: UnixMillis, days: u64| (from_ms + i64::try_from(days).unwrap_or(0) * DAY_MS).min(now_ms);
    let created_at_ms = later(contact.added_at_ms, draw.below(4));
    let stage_changed_at_ms = later(created_at_ms, draw.below(25));
    let status_changed_at_ms = if status == "open" { created_at_ms } else { stage_changed_at_ms };
    Opportunity {
        location_id: contact.location_id.clone(),
        name: format!("{} - {}", contact.name(), funnel.offer),
        pipeline_id: business.pipeline_id(funnel),
        stage_id: business.stage_id(funnel, stage),
        contact_id: contact.id.clone(),
        status: status.to_owned(),
        source: contact.source.clone(),
        monetary_value: f64::from(draw.pick(funnel.values)),
        assigned_to: contact.assigned_to.clone(),
        lost_reason_id: (status == "lost").then(|| business.id(&format!("lost/{lost_reason}"))),
        custom_fields: Document(custom_values(business, "opportunity.", draw)),
        status_changed_at_ms,
        stage_changed_at_ms,
        created_at_ms,
        updated_at_ms: stage_changed_at_ms,
        ..Opportunity::default()
    }
}
