//! The demo agency: three believable locations, the same in every run but for their dates, which are relative to
//! the moment of seeding.

mod affiliates;
mod automation;
mod businesses;
mod calendars;
mod calls;
mod companies;
mod contacts;
mod conversations;
mod correspondence;
mod custom_values;
mod emails;
mod funnels;
mod objects;
mod opportunities;
mod people;
mod programmes;
mod sales;
mod scripts;
mod shelf;
mod social;

use common::clock::UnixMillis;
use common::error::Result;

use crate::sandbox::access::Grant;
use crate::sandbox::demo_agency::{AGENCY_TOKEN, company_id};
use crate::sandbox::ids;
use crate::sandbox::seed::businesses::{BUSINESSES, Business};
use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::store::locations::Location;
use crate::sandbox::store::pipelines::{LostReason, Pipeline, Stage};
use crate::sandbox::store::users::User;
use crate::sandbox::store::{self, Connection, Document};

const DAY_MS: i64 = 86_400_000;

/// The agency's people see all locations.
const AGENCY_ADMIN: (&str, &str) = ("Morgan", "Avery");

/// Fills an empty database, in the caller's transaction.
pub(crate) async fn demo(connection: &mut Connection, now_ms: UnixMillis) -> Result<()> {
    let company_id = company_id();
    let mut location_ids = Vec::new();
    let agency = Grant::Agency { company_id: company_id.clone() };
    store::tokens::insert(&mut *connection, AGENCY_TOKEN, &agency).await?;
    for business in BUSINESSES {
        let location_id = business.id("location");
        seed_location(&mut *connection, &business, &location_id, now_ms).await?;
        location_ids.push(location_id);
    }
    let (first_name, last_name) = AGENCY_ADMIN;
    let admin = User {
        company_id,
        id: ids::named("agency/user/admin"),
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email: "morgan.avery@example.com".to_owned(),
        phone: "+12125550199".to_owned(),
        kind: "agency".to_owned(),
        role: "admin".to_owned(),
        location_ids: Document(location_ids),
    };
    store::users::insert(connection, &admin).await
}

async fn seed_location(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let location = location(business, location_id, now_ms);
    store::locations::insert(&mut *connection, &location).await?;
    let grant = Grant::Location { company_id: company_id(), location_id: location_id.to_owned() };
    store::tokens::insert(&mut *connection, &format!("pit-demo-{}", business.slug), &grant).await?;
    for field in fields(business, location_id) {
        store::custom_fields::insert(&mut *connection, &field).await?;
    }
    seed_users(&mut *connection, business, location_id).await?;
    seed_pipelines(&mut *connection, business, location_id, now_ms).await?;
    contacts::seed(&mut *connection, business, location_id, now_ms).await?;
    opportunities::seed(&mut *connection, business, location_id, now_ms).await?;
    calendars::seed(&mut *connection, business, location_id, now_ms).await?;
    conversations::seed(&mut *connection, business, &location, now_ms).await?;
    automation::seed(&mut *connection, business, location_id, now_ms).await?;
    custom_values::seed(&mut *connection, business, location_id, now_ms).await?;
    calls::seed(&mut *connection, business).await?;
    companies::seed(&mut *connection, business, location_id, now_ms).await?;
    emails::seed(&mut *connection, business, location_id, now_ms).await?;
    objects::seed(&mut *connection, business, location_id, now_ms).await?;
    sales::seed(&mut *connection, business, location_id, now_ms).await?;
    funnels::seed(&mut *connection, business, location_id, now_ms).await?;
    social::seed(&mut *connection, business, location_id, now_ms).await?;
    affiliates::seed(&mut *connection, business, location_id, now_ms).await?;
    Ok(())
}

fn location(business: &Business, location_id: &str, now_ms: UnixMillis) -> Location {
    let area_code = business.area_codes.first().copied().unwrap_or_default();
    Location {
        id: location_id.to_owned(),
        company_id: company_id(),
        slug: business.slug.to_owned(),
        name: business.name.to_owned(),
        address: business.address.to_owned(),
        city: business.city.to_owned(),
        state: business.state.to_owned(),
        country: "US".to_owned(),
        postal_code: business.postal_code.to_owned(),
        website: format!("https://{}.example.com", business.slug),
        timezone: business.timezone.to_owned(),
        email: format!("hello@{}.example.com", business.slug),
        phone: format!("+1{area_code}5550199"),
        allows_duplicate_contact: i64::from(business.allows_duplicate_contact),
        allows_duplicate_opportunity: i64::from(business.allows_duplicate_opportunity),
        added_at_ms: now_ms - 400 * DAY_MS,
    }
}

/// The location's custom fields, contacts' first.
fn fields(business: &Business, location_id: &str) -> Vec<CustomField> {
    let make = |(position, field): (i64, &businesses::Field)| CustomField {
        location_id: location_id.to_owned(),
        id: business.id(&format!("field/{}", field.key)),
        model: field.key.split_once('.').map_or("contact", |(model, _)| model).to_owned(),
        name: field.name.to_owned(),
        field_key: field.key.to_owned(),
        data_type: field.data_type.to_owned(),
        placeholder: String::new(),
        position: position * 50,
        options: Document(field.options.iter().map(|&option| option.to_owned()).collect()),
    };
    (0..).zip(business.fields).map(make).collect()
}

async fn seed_users(connection: &mut Connection, business: &Business, location_id: &str) -> Result<()> {
    for (position, (first_name, last_name)) in business.owners.iter().enumerate() {
        let area_code = business.area_codes.last().copied().unwrap_or_default();
        let user = User {
            company_id: company_id(),
            id: business.owner_id(position),
            first_name: (*first_name).to_owned(),
            last_name: (*last_name).to_owned(),
            email: format!("{}@{}.example.com", first_name.to_lowercase(), business.slug),
            phone: format!("+1{area_code}555019{position}"),
            kind: "account".to_owned(),
            role: if position == 0 { "admin" } else { "user" }.to_owned(),
            location_ids: Document(vec![location_id.to_owned()]),
        };
        store::users::insert(&mut *connection, &user).await?;
    }
    Ok(())
}

async fn seed_pipelines(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for (position, funnel) in (0..).zip(business.funnels) {
        let pipeline = Pipeline {
            location_id: location_id.to_owned(),
            id: business.pipeline_id(funnel),
            name: funnel.name.to_owned(),
            position,
        };
        store::pipelines::insert(&mut *connection, &pipeline).await?;
        for (position, (name, win_probability)) in (0..).zip(funnel.stages) {
            let stage = Stage {
                location_id: location_id.to_owned(),
                id: business.stage_id(funnel, name),
                pipeline_id: pipeline.id.clone(),
                name: (*name).to_owned(),
                position,
                win_probability: *win_probability,
            };
            store::pipelines::insert_stage(&mut *connection, &stage).await?;
        }
    }
    for name in business.lost_reasons {
        let reason = LostReason {
            location_id: location_id.to_owned(),
            id: business.id(&format!("lost/{name}")),
            name: (*name).to_owned(),
            added_at_ms: now_ms - 300 * DAY_MS,
        };
        store::pipelines::insert_lost_reason(&mut *connection, &reason).await?;
    }
    Ok(())
}
