//! The demo's custom objects with their records, and which contacts are linked with them.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, Value, json};

use crate::sandbox::documents::slug;
use crate::sandbox::ids::Scramble;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::{associations, object_records, objects};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{Connection, Document};

/// A custom object of one business.
struct Made {
    singular: &'static str,
    plural: &'static str,
    /// Key, name, data type and options; the first names the records.
    fields: &'static [(&'static str, &'static str, &'static str, &'static [&'static str])],
    records: Value,
    /// What a contact is to a record of it.
    contact_role: &'static str,
}

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let made = made(business.slug);
    let key = format!("custom_objects.{}", slug(made.plural));
    let keep = |kind: &str, name: &str, body: Map<String, Value>, days: i64| Record {
        location_id: location_id.to_owned(),
        kind: kind.to_owned(),
        id: business.id(&format!("{kind}/{name}")),
        parent_id: String::new(),
        body: Document(body),
        added_at_ms: now_ms - days * DAY_MS,
        updated_at_ms: now_ms - days * DAY_MS,
    };
    let schema = keep(objects::KIND, &key, schema(&made, &key, location_id, &iso(now_ms - 180 * DAY_MS)), 180);
    documents::save(&mut *connection, &schema).await?;
    let association = keep(associations::KIND.name, &key, association(&made, &key), 180);
    documents::save(&mut *connection, &association).await?;
    let mut record_ids = Vec::new();
    for (position, properties) in (1..).zip(made.records.as_array().into_iter().flatten()) {
        let body = Map::from_iter([("properties".to_owned(), properties.clone())]);
        let kind = object_records::KIND.name;
        let record = Record { parent_id: schema.id.clone(), ..keep(kind, &position.to_string(), body, 150 - position) };
        documents::save(&mut *connection, &record).await?;
        record_ids.push(record.id);
    }
    let mut draw = Scramble::of(&format!("{}/relations", business.slug));
    for number in 0..business.contacts / 4 {
        let chosen = usize::try_from(draw.below(u64::try_from(record_ids.len()).unwrap_or(0))).unwrap_or(0);
        let Some(record_id) = record_ids.get(chosen) else { continue };
        let contact_id = contact_id(business, number * 3);
        let body = associations::related(&association, &contact_id, record_id);
        let relation = keep(associations::RELATION.name, &number.to_string(), body, 90);
        let relation = Record { parent_id: association.id.clone(), ..relation };
        documents::save(&mut *connection, &relation).await?;
    }
    Ok(())
}

fn schema(made: &Made, key: &str, location_id: &str, at: &str) -> Map<String, Value> {
    let option = |label: &&str| json!({"key": slug(label), "label": label});
    let field = |(short, name, data_type, options): &(&str, &str, &str, &[&str])| {
        let options: Vec<Value> = options.iter().map(option).collect();
        json!({
            "id": crate::sandbox::ids::named(&format!("{location_id}/{key}/{short}")), "name": name, "objectKey": key,
            "fieldKey": format!("{key}.{short}"), "dataType": data_type, "options": options, "showInForms": true,
            "locationId": location_id, "parentId": "", "dateAdded": at, "dateUpdated": at,
        })
    };
    let fields: Vec<Value> = made.fields.iter().map(field).collect();
    let display = made.fields.first().map(|(short, ..)| format!("{key}.{short}"));
    let schema = json!({
        "key": key, "labels": {"singular": made.singular, "plural": made.plural}, "description": "",
        "locationId": location_id, "primaryDisplayProperty": display, "fields": fields,
    });
    schema.as_object().cloned().unwrap_or_default()
}

fn association(made: &Made, key: &str) -> Map<String, Value> {
    let texts = [
        ("key", format!("{}_{}", slug(made.contact_role), slug(made.singular))),
        ("firstObjectKey", "contact".to_owned()),
        ("firstObjectLabel", made.contact_role.to_owned()),
        ("secondObjectKey", key.to_owned()),
        ("secondObjectLabel", made.singular.to_owned()),
        ("associationType", "USER_DEFINED".to_owned()),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), Value::String(text))).collect()
}

fn made(business_slug: &str) -> Made {
    match business_slug {
        "dental" => insurance_plans(),
        "gym" => classes(),
        _ => cohorts(),
    }
}

fn insurance_plans() -> Made {
    let dollars = |value: u32| json!({"currency": "default", "value": value});
    Made {
        singular: "Insurance plan",
        plural: "Insurance plans",
        fields: &[
            ("plan_name", "Plan name", "TEXT", &[]),
            ("network", "Network", "SINGLE_OPTIONS", &["Preferred", "Closed"]),
            ("yearly_maximum", "Yearly maximum", "MONETORY", &[]),
            ("waiting_months", "Waiting months", "NUMERICAL", &[]),
            ("covers", "Covers", "MULTIPLE_OPTIONS", &["Cleanings", "Implants", "Clear aligners"]),
            ("valid_until", "Valid until", "DATE", &[]),
            ("hotline", "Hotline", "PHONE", &[]),
        ],
        records: json!([
            {"plan_name": "Delta Premier", "network": "preferred", "yearly_maximum": dollars(2_000),
                "waiting_months": 0, "covers": ["cleanings", "implants"], "valid_until": "2026-12-31",
                "hotline": "+15035550181"},
            {"plan_name": "Delta Value", "network": "closed", "yearly_maximum": dollars(1_000), "waiting_months": 6,
                "covers": ["cleanings"], "valid_until": "2026-12-31"},
            {"plan_name": "Moda Plus", "network": "preferred", "yearly_maximum": dollars(1_500), "waiting_months": 3,
                "covers": ["cleanings", "clear_aligners"], "valid_until": "2027-06-30"},
            {"plan_name": "Cigna Family", "network": "closed", "yearly_maximum": dollars(1_750), "waiting_months": 0,
                "covers": ["cleanings", "implants", "clear_aligners"], "valid_until": "2027-03-31"},
        ]),
        contact_role: "Patient",
    }
}

fn classes() -> Made {
    Made {
        singular: "Class",
        plural: "Classes",
        fields: &[
            ("class_name", "Class name", "TEXT", &[]),
            ("level", "Level", "SINGLE_OPTIONS", &["Beginner", "Advanced"]),
            ("places", "Places", "NUMERICAL", &[]),
        ],
        records: json!([
            {"class_name": "Harbor Yoga", "level": "beginner", "places": 18},
            {"class_name": "Dockyard Strength", "level": "advanced", "places": 12},
            {"class_name": "Sunrise Row", "level": "beginner", "places": 10},
        ]),
        contact_role: "Member",
    }
}

fn cohorts() -> Made {
    Made {
        singular: "Cohort",
        plural: "Cohorts",
        fields: &[
            ("cohort_name", "Cohort name", "TEXT", &[]),
            ("starts_on", "Starts on", "DATE", &[]),
            ("seats", "Seats", "NUMERICAL", &[]),
        ],
        records: json!([
            {"cohort_name": "2026 fall", "starts_on": "2026-09-14", "seats": 40},
            {"cohort_name": "2027 spring", "starts_on": "2027-03-08", "seats": 60},
        ]),
        contact_role: "Student",
    }
}
