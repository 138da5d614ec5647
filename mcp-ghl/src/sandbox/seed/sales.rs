//! What the demo sells: products with prices, orders with their transactions, subscriptions and invoices.

use common::clock::UnixMillis;
use common::error::Result;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::ids::Scramble;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::{invoices, payments, products};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};

/// Orders of each business.
const ORDERS: u64 = 24;

/// Invoices of each business.
const INVOICES: u64 = 15;

/// A product with its only price, and how often it is paid.
#[derive(Debug, Clone, Copy, Default)]
struct Sold {
    name: &'static str,
    kind: &'static str,
    dollars: f64,
    every: &'static str,
}

const fn sold(name: &'static str, kind: &'static str, dollars: f64, every: &'static str) -> Sold {
    Sold { name, kind, dollars, every }
}

const DENTAL: &[Sold] = &[
    sold("Whitening kit", "PHYSICAL", 149.0, ""),
    sold("Check-up with X-rays", "SERVICE", 89.0, ""),
    sold("Smile club", "SERVICE", 29.5, "month"),
];
const GYM: &[Sold] = &[
    sold("Monthly membership", "SERVICE", 49.0, "month"),
    sold("Ten class pack", "SERVICE", 120.0, ""),
    sold("Harbor hoodie", "PHYSICAL", 44.9, ""),
];
const COURSES: &[Sold] = &[
    sold("Pricing playbook", "DIGITAL", 27.0, ""),
    sold("Core course", "DIGITAL", 997.0, ""),
    sold("Mastermind seat", "SERVICE", 500.0, "month"),
];

fn products_of(business: &Business) -> &'static [Sold] {
    match business.slug {
        "dental" => DENTAL,
        "gym" => GYM,
        _ => COURSES,
    }
}

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let seeder = Seeder { business, location_id, now_ms };
    for (position, sold) in (0..).zip(products_of(business)) {
        seeder.product(&mut *connection, sold, 300 - position).await?;
    }
    for number in (0..ORDERS).rev() {
        seeder.order(&mut *connection, number).await?;
    }
    for number in (0..INVOICES).rev() {
        seeder.invoice(&mut *connection, number).await?;
    }
    Ok(())
}

struct Seeder<'a> {
    business: &'a Business,
    location_id: &'a str,
    now_ms: UnixMillis,
}

impl Seeder<'_> {
    async fn keep(
        &self,
        connection: &mut Connection,
        kind: &str,
        name: &str,
        at_ms: i64,
        body: Value,
    ) -> Result<String> {
        self.keep_under(connection, (kind, ""), name, at_ms, body).await
    }

    async fn keep_under(
        &self,
        connection: &mut Connection,
        (kind, parent_id): (&str, &str),
        name: &str,
        at_ms: i64,
        body: Value,
    ) -> Result<String> {
        let Value::Object(mut fields) = body else { return Ok(String::new()) };
        for field in ["createdAt", "updatedAt"] {
            fields.entry(field).or_insert_with(|| iso(at_ms).into());
        }
        let record = Record {
            location_id: self.location_id.to_owned(),
            kind: kind.to_owned(),
            id: self.business.id(&format!("{kind}/{name}")),
            parent_id: parent_id.to_owned(),
            body: Document(fields),
            added_at_ms: at_ms,
            updated_at_ms: at_ms,
        };
        documents::save(connection, &record).await?;
        Ok(record.id)
    }

    async fn product(&self, connection: &mut Connection, sold: &Sold, days: i64) -> Result<()> {
        let at_ms = self.now_ms - days * DAY_MS;
        let body = json!({
            "locationId": self.location_id, "name": sold.name, "productType": sold.kind, "availableInStore": true,
            "description": "",
        });
        let id = self.keep(&mut *connection, products::KIND.name, sold.name, at_ms, body).await?;
        let price = json!({
            "locationId": self.location_id, "product": id, "name": sold.name, "currency": "USD",
            "amount": sold.dollars, "type": if sold.every.is_empty() { "one_time" } else { "recurring" },
        });
        let recurring = json!({"recurring": {"interval": sold.every, "intervalCount": 1}});
        let price = if sold.every.is_empty() { price } else { merged(&[&price, &recurring]) };
        self.keep_under(connection, (products::PRICE.name, &id), sold.name, at_ms, price).await?;
        Ok(())
    }

    /// Somebody of the demo.
    async fn someone(&self, connection: &mut Connection, draw: &mut Scramble) -> Result<Option<Contact>> {
        store::contacts::find(connection, &contact_id(self.business, draw.below(self.business.contacts))).await
    }

    async fn order(&self, connection: &mut Connection, number: u64) -> Result<()> {
        let mut draw = Scramble::of(&format!("{}/order/{number}", self.business.slug));
        let Some(contact) = self.someone(&mut *connection, &mut draw).await? else { return Ok(()) };
        let sold = draw.pick(products_of(self.business));
        // Four days apart, the latest yesterday.
        let at_ms = self.now_ms - i64::try_from(1 + number * 4).unwrap_or(1) * DAY_MS;
        let (order, paid, transaction) = match draw.below(10) {
            0 => ("pending", "unpaid", "failed"),
            1 => ("completed", "refunded", "refunded"),
            _ => ("completed", "paid", "succeeded"),
        };
        let is_live = number != 5;
        let source = json!({
            "sourceType": "funnel", "sourceName": "Online store", "sourceId": self.business.id("funnel/store"),
            "fulfillmentStatus": "unfulfilled", "totalProducts": 1, "onetimeProducts": 1, "recurringProducts": 0,
            "discount": 0, "subtotal": sold.dollars, "paymentStatus": paid,
        });
        let common = self.paid(&contact, sold.dollars, is_live);
        let name = number.to_string();
        let body = merged(&[&common, &source, &json!({"status": order})]);
        let order_id = self.keep(&mut *connection, payments::ORDER.name, &name, at_ms, body).await?;
        let source = json!({
            "entityType": "order", "entityId": order_id, "entitySourceType": "funnel",
            "entitySourceName": "Online store", "entitySourceId": self.business.id("funnel/store"),
            "paymentProviderType": "stripe", "fulfilledAt": iso(at_ms),
        });
        let refunded = if transaction == "refunded" { sold.dollars } else { 0.0 };
        let body = merged(&[&common, &source, &json!({"status": transaction, "amountRefunded": refunded})]);
        self.keep(&mut *connection, payments::TRANSACTION.name, &name, at_ms, body).await?;
        if !sold.every.is_empty() {
            let status = if draw.chance(25) { "canceled" } else { "active" };
            let source = merged(&[&source, &json!({"subscriptionId": format!("sub_{name}"), "status": status})]);
            let body = merged(&[&common, &source]);
            self.keep(connection, payments::SUBSCRIPTION.name, &name, at_ms, body).await?;
        }
        Ok(())
    }

    /// What transactions, orders and subscriptions have in common.
    fn paid(&self, contact: &Contact, dollars: f64, is_live: bool) -> Value {
        json!({
            "altId": self.location_id, "altType": "location", "contactId": contact.id, "contactName": contact.name(),
            "contactEmail": contact.email.as_deref().unwrap_or_default(), "currency": "USD", "amount": dollars,
            "liveMode": is_live,
        })
    }

    async fn invoice(&self, connection: &mut Connection, number: u64) -> Result<()> {
        let mut draw = Scramble::of(&format!("{}/invoice/{number}", self.business.slug));
        let Some(contact) = self.someone(&mut *connection, &mut draw).await? else { return Ok(()) };
        let sold = draw.pick(products_of(self.business));
        let days = i64::try_from(2 + number * 5).unwrap_or(2);
        let issued_ms = self.now_ms - days * DAY_MS;
        let (quantity, total) = if draw.chance(30) { (2, sold.dollars * 2.0) } else { (1, sold.dollars) };
        let (status, paid) = match number % 5 {
            0 => ("sent", 0.0),
            1 => ("paid", total),
            2 => ("draft", 0.0),
            3 => ("partially_paid", total / 2.0),
            _ => ("void", 0.0),
        };
        let due = if status == "void" { 0.0 } else { total - paid };
        let body = json!({
            "altId": self.location_id, "altType": "location", "liveMode": true, "status": status, "name": sold.name,
            "title": "INVOICE", "invoiceNumber": 1_000 + number, "currency": "USD", "total": total,
            "amountPaid": paid, "amountDue": due, "issueDate": day(issued_ms), "dueDate": day(issued_ms + 14 * DAY_MS),
            "businessDetails": {"name": self.business.name},
            "contactDetails": {
                "id": contact.id, "name": contact.name(), "email": contact.email, "phoneNo": contact.phone,
            },
            "invoiceItems": [{"name": sold.name, "qty": quantity, "amount": sold.dollars, "currency": "USD"}],
            "totalSummary": {"subTotal": total, "discount": 0, "tax": 0},
        });
        self.keep(connection, invoices::KIND.name, &number.to_string(), issued_ms, body).await?;
        Ok(())
    }
}

/// `2026-11-20`, by UTC.
fn day(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn merged(parts: &[&Value]) -> Value {
    let objects = parts.iter().filter_map(|part| part.as_object());
    Value::Object(objects.flatten().map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}
