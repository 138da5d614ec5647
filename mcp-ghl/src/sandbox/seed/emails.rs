//! The demo's email templates, and the campaigns that went out or wait.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Value, json};

use crate::sandbox::ids;
use crate::sandbox::routes::email_campaign_records::{AUDIENCE, BULK, EMAIL, SENDS_AT_MS, WORKFLOW};
use crate::sandbox::routes::email_templates::TEMPLATE;
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::correspondence::{CORRESPONDENCE, Campaign, Correspondence, Template};
use crate::sandbox::seed::shelf::Shelf;
use crate::sandbox::store::Connection;
use crate::sandbox::store::documents::{self, Record};

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let Some(letters) = CORRESPONDENCE.iter().find(|letters| letters.slug == business.slug) else { return Ok(()) };
    let desk = Desk { shelf: Shelf { business, location_id, now_ms }, letters };
    for (number, template) in (0..).zip(letters.templates) {
        documents::save(&mut *connection, &desk.template(template, number)).await?;
    }
    for (number, campaign) in (0..).zip(letters.campaigns) {
        documents::save(&mut *connection, &desk.campaign(campaign, number)).await?;
    }
    for (name, steps) in letters.workflows {
        documents::save(&mut *connection, &desk.workflow(name, steps)).await?;
    }
    for (name, subject) in letters.bulk {
        documents::save(&mut *connection, &desk.bulk(name, subject)).await?;
    }
    Ok(())
}

struct Desk<'a> {
    shelf: Shelf<'a>,
    letters: &'a Correspondence,
}

impl Desk<'_> {
    fn template(&self, template: &Template, number: i64) -> Record {
        let fields = json!({
            "name": template.name, "editorType": template.editor, "subjectLine": template.subject, "archived": false,
            "fromName": self.shelf.business.name, "fromEmail": self.sender(), "previewText": template.preview,
            "editorContent": format!("<p>{}</p>", template.preview),
        });
        self.record(TEMPLATE.name, template.name, fields, 120 - number * 21)
    }

    fn campaign(&self, campaign: &Campaign, number: i64) -> Record {
        let mut fields = json!({
            "name": campaign.name, "status": campaign.status, "source": "email-campaign", "campaignType": "bulk-email",
            "campaignCategory": "email-campaign", "editorType": "html", "isPlainText": false,
            "subject": campaign.subject, "fromName": self.shelf.business.name, "fromEmail": self.sender(),
            "previewText": campaign.subject, "timeZone": self.shelf.business.timezone, "userId": self.shelf.business.owner_id(0),
        });
        if let (Value::Object(fields), Some(days_ahead)) = (&mut fields, campaign.days_ahead) {
            fields.insert("sourceId".to_owned(), self.shelf.business.id(&format!("source/{}", campaign.name)).into());
            fields.insert(SENDS_AT_MS.to_owned(), (self.shelf.now_ms + days_ahead * DAY_MS).into());
            fields.insert(AUDIENCE.to_owned(), campaign.audience.into());
        }
        self.record(EMAIL.name, campaign.name, fields, 60 - number * 14)
    }

    /// The emails of a workflow; its source is the workflow itself.
    fn workflow(&self, name: &str, steps: &[(&str, &str)]) -> Record {
        let slug = self.shelf.business.slug;
        let added = crate::sandbox::instants::iso(self.shelf.now_ms - 200 * DAY_MS);
        let steps: Vec<Value> = steps
            .iter()
            .map(|(step, subject)| {
                json!({
                    "id": ids::named_uuid(&format!("{slug}/workflow/{name}/{step}")), "name": step, "subject": subject,
                    "fromName": self.shelf.business.name, "fromEmail": self.sender(), "editorType": "html",
                    "isPlainText": false, "createdAt": added, "updatedAt": added,
                })
            })
            .collect();
        let fields = json!({
            "name": name, "status": "published", "source": "workflow",
            "sourceId": ids::named_uuid(&format!("{slug}/workflow/{name}")), "subSources": steps,
            AUDIENCE: self.letters.reached,
        });
        self.record(WORKFLOW.name, name, fields, 200)
    }

    fn bulk(&self, name: &str, subject: &str) -> Record {
        let from = format!("{} <{}>", self.shelf.business.name, self.sender());
        let fields = json!({
            "name": name, "status": "complete", "source": "email-marketing", "scheduleType": "NOW",
            "sourceId": ids::named_uuid(&format!("{}/bulk/{name}", self.shelf.business.slug)),
            "completedAt": crate::sandbox::instants::iso(self.shelf.now_ms - 30 * DAY_MS),
            "emailMetadata": {"subject": subject, "from": from, "name": self.shelf.business.name},
            "subject": subject, "fromName": self.shelf.business.name, "fromEmail": self.sender(), AUDIENCE: 48,
        });
        self.record(BULK.name, name, fields, 30)
    }

    fn sender(&self) -> String {
        format!("hello@{}.example.com", self.shelf.business.slug)
    }

    fn record(&self, kind: &str, name: &str, fields: Value, days_ago: i64) -> Record {
        let id = self.shelf.business.id(&format!("{kind}/{name}"));
        self.shelf.record(kind, id, fields, days_ago)
    }
}
