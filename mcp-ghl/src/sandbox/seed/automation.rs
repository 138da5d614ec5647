//! What runs by itself in the demo: workflows, campaigns, forms and surveys with their answers, and trigger links.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, json};

use crate::sandbox::ids::{self, Scramble};
use crate::sandbox::routes::automation::{CAMPAIGN, WORKFLOW};
use crate::sandbox::routes::forms::{FORMS, Family, SURVEYS};
use crate::sandbox::routes::links::LINK;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::seed::programmes::{Form, PROGRAMMES, Programme};
use crate::sandbox::seed::shelf::Shelf;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};

const HOUR_MS: i64 = 3_600_000;

/// How many people have answered each form.
const ANSWERS: u64 = 9;

/// Between two answers of a form, in hours; the newest is half as old.
const PAUSE_HOURS: i64 = 62;

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let Some(programme) = PROGRAMMES.iter().find(|programme| programme.slug == business.slug) else { return Ok(()) };
    let place = Shelf { business, location_id, now_ms };
    place.seed_names(&mut *connection, programme).await?;
    for (number, form) in (0..).zip(programme.forms) {
        place.seed_form(&mut *connection, (FORMS, form), number).await?;
    }
    for (number, survey) in (10..).zip(programme.surveys) {
        place.seed_form(&mut *connection, (SURVEYS, survey), number).await?;
    }
    Ok(())
}

impl Shelf<'_> {
    async fn seed_names(&self, connection: &mut Connection, programme: &Programme) -> Result<()> {
        for (days, (name, status)) in (0..).zip(programme.workflows) {
            let id = ids::named_uuid(&format!("{}/workflow/{name}", self.business.slug));
            let fields = json!({"name": name, "status": status, "version": 1 + days % 4});
            documents::save(&mut *connection, &self.record(WORKFLOW.name, id, fields, 240 - days * 17)).await?;
        }
        for (days, (name, status)) in (0..).zip(programme.campaigns) {
            let id = self.business.id(&format!("campaign/{name}"));
            documents::save(
                &mut *connection,
                &self.record(CAMPAIGN.name, id, json!({"name": name, "status": status}), 320 - days),
            )
            .await?;
        }
        for (days, (name, address)) in (0..).zip(programme.links) {
            let id = self.business.id(&format!("link/{name}"));
            let fields = json!({"name": name, "redirectTo": address});
            documents::save(&mut *connection, &self.record(LINK.name, id, fields, 90 - days * 9)).await?;
        }
        Ok(())
    }

    async fn seed_form(&self, connection: &mut Connection, (family, form): (Family, &Form), number: u64) -> Result<()> {
        let id = self.business.id(&format!("{}/{}", family.kind, form.name));
        documents::save(&mut *connection, &self.record(family.kind, id.clone(), json!({"name": form.name}), 200))
            .await?;
        for position in 0..ANSWERS {
            // Steps of seven reach different people from form to form.
            let person = (position * 7 + number * 3) % self.business.contacts;
            let contact = store::contacts::find(&mut *connection, &contact_id(self.business, person)).await?;
            let Some(contact) = contact else { continue };
            let mut answer = self.answer((family, form), &contact, position);
            answer.parent_id.clone_from(&id);
            documents::save(&mut *connection, &answer).await?;
        }
        Ok(())
    }

    fn answer(&self, (family, form): (Family, &Form), contact: &Contact, position: u64) -> Record {
        let name = format!("{}/{}/{}/{position}", self.business.slug, family.submission, form.name);
        let mut draw = Scramble::of(&name);
        let mut others = Map::new();
        let mut order = vec!["full_name".to_owned(), "email".to_owned(), "phone".to_owned()];
        others.insert("full_name".to_owned(), contact.name().into());
        others.insert("email".to_owned(), contact.email.clone().unwrap_or_default().into());
        others.insert("phone".to_owned(), contact.phone.clone().unwrap_or_default().into());
        for (question, answers) in form.questions {
            let key = self.key(question);
            let text = if position == 1 && *question == "message" { form.hostile } else { draw.pick(answers) };
            others.insert(key.clone(), text.into());
            order.push(key);
        }
        let address = format!("https://{}.example.com/{}", self.business.slug, form.page);
        others.insert(
            "eventData".to_owned(),
            json!({"source": "Direct traffic", "page": {"url": address, "title": form.name}}),
        );
        others.insert("fieldsOriSequance".to_owned(), json!(order));
        let hours_ago = PAUSE_HOURS / 2 + i64::try_from(position).unwrap_or(0) * PAUSE_HOURS;
        let fields = json!({
            "contactId": contact.id, "name": contact.name(), "email": contact.email.clone().unwrap_or_default(),
            "others": others,
        });
        self.record_at(family.submission, ids::named_uuid(&name), fields, self.now_ms - hours_ago * HOUR_MS)
    }

    /// Questions about a custom field go by the field's id.
    fn key(&self, question: &str) -> String {
        let is_field = self.business.fields.iter().any(|field| field.key == question);
        if is_field { self.business.id(&format!("field/{question}")) } else { question.to_owned() }
    }
}
