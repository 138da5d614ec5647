//! The companies that the demo's people work for.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, Value};

use crate::sandbox::documents::slug;
use crate::sandbox::ids::Scramble;
use crate::sandbox::routes::businesses::{KIND, membership};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for (position, name) in (0..).zip(business.companies) {
        let added_at_ms = now_ms - 250 * DAY_MS + position;
        let record = Record {
            location_id: location_id.to_owned(),
            kind: KIND.name.to_owned(),
            id: company_id(business, name),
            parent_id: String::new(),
            body: Document(fields(business, name)),
            added_at_ms,
            updated_at_ms: added_at_ms,
        };
        documents::save(&mut *connection, &record).await?;
    }
    for number in 0..business.contacts {
        let contact = store::contacts::find(&mut *connection, &contact_id(business, number)).await?;
        let Some(contact) = contact else { continue };
        let Some(company) = contact.company_name else { continue };
        let company = company_id(business, &company);
        let member = membership(location_id, &company, &contact.id, contact.added_at_ms);
        documents::save(&mut *connection, &member).await?;
    }
    Ok(())
}

/// The id of a company of a demo location.
pub(crate) fn company_id(business: &Business, name: &str) -> String {
    business.id(&format!("company/{name}"))
}

fn fields(business: &Business, name: &str) -> Map<String, Value> {
    let mut draw = Scramble::of(&format!("{}/company/{name}", business.slug));
    let area_code = draw.pick(business.area_codes);
    let domain = slug(name).replace('_', "-");
    let texts = [
        ("name", name.to_owned()),
        ("email", format!("office@{domain}.example.com")),
        ("phone", format!("+1{area_code}55501{:02}", draw.below(100))),
        ("website", format!("https://{domain}.example.com")),
        ("city", business.city.to_owned()),
        ("state", business.state.to_owned()),
        ("country", "US".to_owned()),
    ];
    texts.into_iter().map(|(field, text)| (field.to_owned(), Value::String(text))).collect()
}
