//! What a call has written, noted so that it can be taken back.

use common::tool::Call;

use crate::answer::line;
use crate::client::{ContactWrite, Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::tag::{Tag, TagChange};

/// What a call has written.
pub(super) struct Trace<'a> {
    /// The tool that has written it.
    pub(super) tool: &'static str,
    pub(super) write: &'a ContactWrite,
    /// Absent for a contact that was not there, or that came into being meanwhile.
    pub(super) before: Option<&'a Contact>,
    /// As the vendor answered, before tags were added.
    pub(super) written: Contact,
    pub(super) tags_added: &'a [Tag],
}

impl Trace<'_> {
    /// Notes what was changed, if anything was.
    pub(super) async fn note(
        self,
        deps: &Deps,
        call: &Call,
        site: &Site,
        (contact, created): (&Contact, bool),
    ) -> Option<ChangeId> {
        let who = line(contact.label());
        let (summary, undo) = match self.before {
            _ if created => (format!("created the contact {who}"), vec![reversals::contact_creation(contact)]),
            // What it was before is not known.
            None => (format!("updated the contact {who}, who had just been created"), Vec::new()),
            Some(before) => {
                let mut undo = reversals::contact_update(&site.location.id, self.write, before, &self.written);
                let added = TagChange { add: self.tags_added.to_vec(), ..TagChange::default() };
                undo.extend(reversals::tags(&contact.id, &added));
                if undo.is_empty() {
                    return None;
                }
                (format!("updated the contact {who}"), undo)
            }
        };
        let (record, about) = (("contact".into(), contact.id.to_string()), Some(contact.id.clone()));
        let change = Change { tool: self.tool, summary, record, contact: about, undo };
        deps.journal.note(call, site, change).await
    }
}
