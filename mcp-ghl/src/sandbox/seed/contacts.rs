//! The demo's people and what was noted about them.

use std::collections::{BTreeMap, BTreeSet};

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::Value;

use crate::sandbox::dnd::{Channel, DndSetting, DndSettings};
use crate::sandbox::ids::Scramble;
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::{Business, Field};
use crate::sandbox::seed::people::{DOMAINS, FIRST_NAMES, LAST_NAMES};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::notes::Note;
use crate::sandbox::store::tags::Tag;
use crate::sandbox::store::{self, Connection, Document};

/// Who wrote the hostile note.
const HOSTILE_CONTACT: u64 = 7;

/// How far along somebody is, as tags; each step includes those before it.
const JOURNEY: [&str; 5] = ["stage_lead", "stage_tripwire", "bought_tripwire", "stage_call_booked", "stage_customer"];

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let mut emails = BTreeSet::new();
    let mut tags = BTreeSet::new();
    for number in 0..business.contacts {
        let mut contact = person(business, number, location_id, now_ms);
        if let Some(email) = &contact.email
            && !emails.insert(email.clone())
        {
            contact.email = Some(email.replacen('@', &format!("{number}@"), 1));
        }
        tags.extend(contact.tags.0.iter().cloned());
        store::contacts::save(&mut *connection, &contact).await?;
        for note in notes(business, number, &contact, now_ms) {
            store::notes::save(&mut *connection, &note).await?;
        }
    }
    for name in tags {
        let tag = Tag { location_id: location_id.to_owned(), id: business.id(&format!("tag/{name}")), name };
        store::tags::insert(&mut *connection, &tag).await?;
    }
    Ok(())
}

/// The id of a business's person, counted from 0.
pub(crate) fn contact_id(business: &Business, number: u64) -> String {
    business.id(&format!("contact/{number}"))
}

/// The day somebody came in, the recent ones more.
fn days_ago(draw: &mut Scramble) -> i64 {
    i64::try_from(draw.below(300).min(draw.below(300))).unwrap_or(0)
}

fn person(business: &Business, number: u64, location_id: &str, now_ms: UnixMillis) -> Contact {
    let mut draw = Scramble::of(&format!("{}/person/{number}", business.slug));
    let (first_name, last_name) = (draw.pick(FIRST_NAMES), draw.pick(LAST_NAMES));
    let (source, source_tag) = draw.pick(business.sources);
    let added_at_ms = now_ms - days_ago(&mut draw) * DAY_MS - i64::try_from(draw.below(36_000_000)).unwrap_or(0);
    let updated_days = i64::try_from(draw.below(20)).unwrap_or(0);
    let has_email = !draw.chance(5);
    let has_phone = !has_email || !draw.chance(10);
    let owner = usize::try_from(draw.below(4)).unwrap_or(0);
    let (is_dnd, dnd_settings) = dnd(&mut draw);
    Contact {
        location_id: location_id.to_owned(),
        id: contact_id(business, number),
        first_name: Some(first_name.to_owned()),
        last_name: Some(last_name.to_owned()),
        email: has_email.then(|| email(&mut draw, first_name, last_name)),
        phone: has_phone.then(|| phone(business, number)),
        company_name: draw.chance(35).then(|| draw.pick(business.companies).to_owned()),
        city: Some(business.city.to_owned()),
        state: Some(business.state.to_owned()),
        country: Some("US".to_owned()),
        postal_code: Some(business.postal_code.to_owned()),
        timezone: Some(business.timezone.to_owned()),
        source: Some(source.to_owned()),
        assigned_to: business.owners.get(owner).map(|_| business.owner_id(owner)),
        is_dnd: i64::from(is_dnd),
        dnd_settings: Document(dnd_settings),
        tags: Document(tags(business, &mut draw, source_tag)),
        custom_fields: Document(custom_values(business, "contact.", &mut draw)),
        added_at_ms,
        updated_at_ms: (added_at_ms + updated_days * DAY_MS).min(now_ms),
        ..Contact::default()
    }
}

fn email(draw: &mut Scramble, first_name: &str, last_name: &str) -> String {
    let name = format!("{first_name}.{last_name}").to_lowercase().replace('\'', "");
    format!("{name}@{}", draw.pick(DOMAINS))
}

/// One of 100 numbers kept for fiction, in the next area code for every hundred people.
fn phone(business: &Business, number: u64) -> String {
    let area = usize::try_from(number / 100).unwrap_or(0);
    let area_code = business.area_codes.get(area).copied().unwrap_or("900");
    format!("+1{area_code}55501{:02}", number % 100)
}

/// Six in a hundred want no contact at all, some more no e-mail.
fn dnd(draw: &mut Scramble) -> (bool, DndSettings) {
    let setting = |status: &str| DndSetting {
        status: status.to_owned(),
        message: Some("Asked to be left alone".to_owned()),
        code: None,
    };
    if draw.chance(6) {
        let all = [Channel::Call, Channel::Email, Channel::Sms, Channel::WhatsApp];
        return (true, all.into_iter().map(|channel| (channel, setting("active"))).collect());
    }
    if draw.chance(6) {
        return (false, DndSettings::from([(Channel::Email, setting("permanent"))]));
    }
    (false, DndSettings::new())
}

fn tags(business: &Business, draw: &mut Scramble, source_tag: &str) -> Vec<String> {
    let steps = usize::try_from(1 + draw.below(5).min(draw.below(5))).unwrap_or(1);
    let mut tags = vec![source_tag.to_owned()];
    tags.extend(JOURNEY.iter().take(steps).map(|&tag| tag.to_owned()));
    if draw.chance(60) {
        tags.push(draw.pick(business.interests).to_owned());
    }
    tags
}

/// Values for most of the fields of one model.
pub(crate) fn custom_values(business: &Business, model: &str, draw: &mut Scramble) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for field in business.fields.iter().filter(|field| field.key.starts_with(model)) {
        if draw.chance(75) {
            values.insert(business.id(&format!("field/{}", field.key)), custom_value(field, draw));
        }
    }
    values
}

fn custom_value(field: &Field, draw: &mut Scramble) -> Value {
    if field.options.is_empty() { Value::from(draw.below(101)) } else { Value::from(draw.pick(field.options)) }
}

fn notes(business: &Business, number: u64, contact: &Contact, now_ms: UnixMillis) -> Vec<Note> {
    let mut draw = Scramble::of(&format!("{}/notes/{number}", business.slug));
    let mut texts: Vec<&str> = Vec::new();
    if draw.chance(35) {
        texts.push(draw.pick(business.notes));
    }
    if number == HOSTILE_CONTACT {
        texts.push(business.hostile_note);
    }
    let make = |(position, text): (i64, &str)| Note {
        location_id: contact.location_id.clone(),
        id: business.id(&format!("note/{number}/{position}")),
        contact_id: contact.id.clone(),
        user_id: contact.assigned_to.clone(),
        title: None,
        body: text.to_owned(),
        color: None,
        is_pinned: 0,
        added_at_ms: (contact.added_at_ms + (position + 1) * DAY_MS).min(now_ms),
    };
    (0..).zip(texts).map(make).collect()
}
