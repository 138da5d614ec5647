//! The demo's partners, what they have brought and what they get for it.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, Value, json};

use crate::sandbox::ids::Scramble;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::affiliates::{COMMISSION, KIND, PAYOUT};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};

/// Partners of each business; the last has stopped.
const PARTNERS: u64 = 4;

/// What every sale brings: a quarter of a hundred dollars.
const COMMISSION_DOLLARS: u32 = 25;

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for number in 0..PARTNERS {
        let contact = store::contacts::find(&mut *connection, &contact_id(business, number * 7 + 2)).await?;
        let Some(contact) = contact else { continue };
        let at_ms = now_ms - i64::try_from(40 + number * 20).unwrap_or(40) * DAY_MS;
        let partner = Partner { business, location_id, number, contact: &contact, at_ms };
        for record in partner.records() {
            documents::save(&mut *connection, &record).await?;
        }
    }
    Ok(())
}

struct Partner<'a> {
    business: &'a Business,
    location_id: &'a str,
    number: u64,
    contact: &'a Contact,
    at_ms: UnixMillis,
}

impl Partner<'_> {
    /// The partner, and a commission with its payout for each sale; the first was paid.
    fn records(&self) -> Vec<Record> {
        let mut draw = Scramble::of(&format!("{}/partner/{}", self.business.slug, self.number));
        let sales = 1 + u32::try_from(draw.below(4)).unwrap_or(0);
        let affiliate = self.record(KIND.name, &self.number.to_string(), &[&self.affiliate(&mut draw, sales)]);
        let mut records = Vec::new();
        for sale in 0..sales {
            let shared = json!({
                "affiliateId": affiliate.id, "currency": "USD", "status": if sale == 0 { "paid" } else { "pending" },
                "createdAt": iso(self.at_ms), "dueAt": iso(self.at_ms + 30 * DAY_MS),
            });
            let name = format!("{}/{sale}", self.number);
            records.push(self.record(COMMISSION, &name, &[&shared, &self.commission(&affiliate.id)]));
            records.push(self.record(PAYOUT, &name, &[&shared, &self.payout()]));
        }
        records.push(affiliate);
        records
    }

    fn affiliate(&self, draw: &mut Scramble, sales: u32) -> Value {
        let earned = |sales: u32| f64::from(sales * COMMISSION_DOLLARS);
        json!({
            "firstName": self.contact.first_name, "lastName": self.contact.last_name, "email": self.email(),
            "locationId": self.location_id, "contactId": self.contact.id, "active": self.number + 1 < PARTNERS,
            "deleted": false, "campaignIds": [self.campaign_id()], "clickCount": 40 + draw.below(200),
            "lead": u64::from(sales) + draw.below(9), "customer": sales, "revenue": earned(sales) * 4.0,
            "paid": earned(1), "owned": earned(sales - 1), "currency": "USD", "createdAt": iso(self.at_ms),
            "updatedAt": iso(self.at_ms),
        })
    }

    fn commission(&self, affiliate_id: &str) -> Value {
        json!({
            "productName": "First purchase", "qty": 1, "amount": 4 * COMMISSION_DOLLARS, "commission": 25,
            "commissionAmount": COMMISSION_DOLLARS, "commissionType": "percentage", "campaignName": "Partners",
            "transactionAt": iso(self.at_ms), "liveMode": true,
            "campaign": {"id": self.campaign_id(), "name": "Partners", "liveMode": true},
            "affiliate": {"_id": affiliate_id, "name": self.contact.name(), "email": self.email()},
        })
    }

    fn payout(&self) -> Value {
        json!({
            "locationId": self.location_id, "campaignId": self.campaign_id(), "campaign": "Partners",
            "amount": COMMISSION_DOLLARS, "affiliateName": self.contact.name(), "affiliateEmail": self.email(),
            "payoutMethod": "paypal",
        })
    }

    fn campaign_id(&self) -> String {
        self.business.id("campaign/partners")
    }

    fn email(&self) -> String {
        let made_up = || format!("partner{}@{}.example.com", self.number, self.business.slug);
        self.contact.email.clone().unwrap_or_else(made_up)
    }

    fn record(&self, kind: &str, name: &str, parts: &[&Value]) -> Record {
        let objects = parts.iter().filter_map(|part| part.as_object()).flatten();
        Record {
            location_id: self.location_id.to_owned(),
            kind: kind.to_owned(),
            id: self.business.id(&format!("{kind}/{name}")),
            parent_id: String::new(),
            body: Document(objects.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()),
            added_at_ms: self.at_ms,
            updated_at_ms: self.at_ms,
        }
    }
}
