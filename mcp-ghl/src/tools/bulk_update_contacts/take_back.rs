//! What takes a bulk change back: tags in bulk, whoever lacked the same ones together; owners and fields one by one.

use super::carry_out::write;
use crate::client::{BULK_CONTACTS_MAX, Site, TagEdit, reversals};
use crate::contact::Contact;
use crate::contact_bulk::Wish;
use crate::custom_field::CustomValue;
use crate::record_id::RecordId;
use crate::reversal::Reversal;
use crate::tag::{Tag, TagChange};

/// `changed` as they were before.
pub(super) fn reversals(site: &Site, wish: &Wish, changed: &[&Contact]) -> Vec<Reversal> {
    let mut added: Groups = Vec::new();
    let mut removed: Groups = Vec::new();
    for contact in changed {
        let current: Vec<Tag> = contact.tags.iter().map(|tag| Tag::on_record(tag)).collect();
        let change = TagChange::of(&current, &wish.add, &wish.remove);
        put(&mut added, change.add, &contact.id);
        put(&mut removed, change.remove, &contact.id);
    }
    let write = write(wish);
    let edits = changed.iter().filter(|contact| wish.against(contact).edit);
    let edits =
        edits.flat_map(|contact| reversals::contact_update(&site.location.id, &write, contact, &after(wish, contact)));
    let tags = in_bulk(site, TagEdit::Add, &added).into_iter().chain(in_bulk(site, TagEdit::Remove, &removed));
    tags.chain(edits).collect()
}

/// Contacts by the tags that they lacked, or had to lose.
type Groups = Vec<(Vec<Tag>, Vec<RecordId>)>;

fn put(groups: &mut Groups, tags: Vec<Tag>, id: &RecordId) {
    if tags.is_empty() {
        return;
    }
    match groups.iter_mut().find(|(of_group, _)| *of_group == tags) {
        Some((_, ids)) => ids.push(id.clone()),
        None => groups.push((tags, vec![id.clone()])),
    }
}

fn in_bulk(site: &Site, edit: TagEdit, groups: &Groups) -> Vec<Reversal> {
    let batches = groups.iter().flat_map(|(tags, ids)| ids.chunks(BULK_CONTACTS_MAX).map(move |ids| (tags, ids)));
    batches.map(|(tags, ids)| reversals::bulk_tags(&site.location.id, edit, ids, tags)).collect()
}

/// The contact as the change left it.
fn after(wish: &Wish, before: &Contact) -> Contact {
    let mut after = before.clone();
    if let Some(owner_id) = &wish.owner_id {
        after.owner_id = Some(owner_id.to_string());
    }
    after.custom_values.retain(|held| !wish.custom_values.iter().any(|(id, _)| id.as_str() == held.field_id));
    let written = |(id, value): &(RecordId, _)| CustomValue { field_id: id.to_string(), value: Clone::clone(value) };
    after.custom_values.extend(wish.custom_values.iter().map(written));
    after
}
