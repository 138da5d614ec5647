//! Changes contact after contact, and goes on where one fails.

use std::collections::{HashMap, HashSet};

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use futures_util::{StreamExt, stream};

use super::Failure;
use crate::answer::line;
use crate::client::{BULK_CONTACTS_MAX, BulkFault, ContactWrite, Site, TagEdit};
use crate::contact::Contact;
use crate::contact_bulk::Wish;
use crate::deps::Deps;
use crate::record_id::RecordId;
use crate::tag::Tag;

/// Single changes at once.
const AT_ONCE: usize = 4;

/// Which part of the call's time may pass before nothing more is begun: what is on its way needs the rest, and an answer
/// that comes says more than one that is cut off.
const TIME_PERCENT: u32 = 80;

/// What became of the contacts.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Everything that they lacked was done.
    pub(super) changed: HashSet<RecordId>,
    pub(super) failed: Vec<Failure>,
    /// Nothing, or not everything, was begun for want of time.
    pub(super) not_tried: usize,
}

/// Makes the change. `lacking` holds each contact once.
pub(super) async fn carry_out(deps: &Deps, call: &Call, (site, wish): (&Site, &Wish), lacking: &[&Contact]) -> Done {
    let span_ms = i64::try_from((call.deadline * TIME_PERCENT / 100).as_millis()).unwrap_or(i64::MAX);
    let mut work = Work {
        deps,
        call,
        site,
        until_ms: deps.clock.now_ms().saturating_add(span_ms),
        why: HashMap::new(),
        late: HashSet::new(),
        steps_done: 0,
        steps: 0,
    };
    let of = |is_meant: fn(crate::contact_bulk::Lack) -> bool| -> Vec<&RecordId> {
        lacking.iter().filter(|contact| is_meant(wish.against(contact))).map(|contact| &contact.id).collect()
    };
    let (adds, removals, edits) = (of(|lack| lack.tags), of(|lack| lack.removal), of(|lack| lack.edit));
    work.steps = adds.len() + removals.len() + edits.len();
    work.tags(TagEdit::Add, &adds, &wish.add).await;
    work.tags(TagEdit::Remove, &removals, &wish.remove).await;
    let edit = write(wish);
    work.singly(&edits, Single::Edit(&edit)).await;
    work.done(lacking)
}

struct Work<'a> {
    deps: &'a Deps,
    call: &'a Call,
    site: &'a Site,
    until_ms: UnixMillis,
    /// Why a contact could not be changed; the first reason stands.
    why: HashMap<RecordId, String>,
    late: HashSet<RecordId>,
    steps_done: usize,
    steps: usize,
}

/// A change of one contact.
#[derive(Debug, Clone, Copy)]
enum Single<'a> {
    Tags(TagEdit, &'a [Tag]),
    Edit(&'a ContactWrite),
}

impl Single<'_> {
    async fn make(self, deps: &Deps, site: &Site, id: RecordId) -> (RecordId, Result<()>) {
        let made = match self {
            Self::Tags(TagEdit::Add, tags) => deps.client.add_tags(site, &id, tags).await,
            Self::Tags(TagEdit::Remove, tags) => deps.client.remove_tags(site, &id, tags).await,
            Self::Edit(edit) => deps.client.edit_contact(site, &id, edit).await,
        };
        (id, made)
    }
}

impl Work<'_> {
    /// Tags in bulk; where the vendor does not say who failed, one by one.
    async fn tags(&mut self, edit: TagEdit, ids: &[&RecordId], tags: &[Tag]) {
        for batch in ids.chunks(BULK_CONTACTS_MAX) {
            if self.is_late() {
                self.late.extend(batch.iter().map(|id| (*id).clone()));
                continue;
            }
            match self.deps.client.edit_tags(self.site, edit, batch, tags).await {
                Ok(outcome) if outcome.unnamed == 0 => {
                    let said = outcome.failed.into_iter().map(|(id, fault)| (id, in_words(fault)));
                    self.note(said.collect());
                    self.report(batch.len());
                }
                // Nobody's fault among the contacts: it would meet each of them.
                Err(error) if is_everybodys(&error) => {
                    self.note(batch.iter().map(|id| ((*id).clone(), in_words_of(&error))).collect());
                    self.report(batch.len());
                }
                Ok(_) | Err(_) => self.singly(batch, Single::Tags(edit, tags)).await,
            }
        }
    }

    /// One request for each, a few at once.
    async fn singly(&mut self, ids: &[&RecordId], single: Single<'_>) {
        for batch in ids.chunks(AT_ONCE) {
            if self.is_late() {
                self.late.extend(batch.iter().map(|id| (*id).clone()));
                continue;
            }
            let (deps, site) = (self.deps, self.site);
            let owned: Vec<RecordId> = batch.iter().map(|id| (*id).clone()).collect();
            let results: Vec<_> =
                stream::iter(owned).map(|id| single.make(deps, site, id)).buffered(AT_ONCE).collect().await;
            let failed = results.into_iter().filter_map(|(id, result)| Some((id, in_words_of(&result.err()?))));
            self.note(failed.collect());
            self.report(batch.len());
        }
    }

    fn is_late(&self) -> bool {
        self.call.cancel.is_cancelled() || self.deps.clock.now_ms() >= self.until_ms
    }

    fn note(&mut self, failed: Vec<(RecordId, String)>) {
        for (id, why) in failed {
            self.why.entry(id).or_insert(why);
        }
    }

    fn report(&mut self, steps: usize) {
        self.steps_done += steps;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.call.progress.report(count(self.steps_done), Some(count(self.steps)), "changing contacts");
    }

    fn done(self, lacking: &[&Contact]) -> Done {
        let mut done = Done::default();
        for contact in lacking {
            match self.why.get(&contact.id) {
                Some(why) => done.failed.push(Failure {
                    contact: line(contact.label()),
                    id: Some(contact.id.to_string()),
                    why: why.clone(),
                }),
                None if self.late.contains(&contact.id) => done.not_tried += 1,
                None => drop(done.changed.insert(contact.id.clone())),
            }
        }
        done
    }
}

/// What is written to each contact, but for its tags.
pub(super) fn write(wish: &Wish) -> ContactWrite {
    ContactWrite {
        owner_id: wish.owner_id.clone(),
        custom_values: wish.custom_values.clone(),
        ..ContactWrite::default()
    }
}

/// Whether what went wrong has nothing to do with any one contact.
fn is_everybodys(error: &Error) -> bool {
    match error.code() {
        ErrorCode::InvalidArgument
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::FailedPrecondition
        | ErrorCode::UpstreamRejected => false,
        ErrorCode::Unauthenticated
        | ErrorCode::PermissionDenied
        | ErrorCode::EntitlementRequired
        | ErrorCode::ApprovalRequired
        | ErrorCode::RateLimited
        | ErrorCode::UpstreamUnavailable
        | ErrorCode::DeadlineExceeded
        | ErrorCode::Internal => true,
    }
}

fn in_words(fault: BulkFault) -> String {
    match fault {
        BulkFault::Deleted => "it has been deleted",
        BulkFault::Elsewhere => "it belongs to another location",
        BulkFault::Refused => "GoHighLevel refused it without a reason that we know",
    }
    .to_owned()
}

fn in_words_of(error: &Error) -> String {
    match error.hint() {
        Some(hint) => format!("{}: {hint}", error.message()),
        None => error.message().to_owned(),
    }
}
