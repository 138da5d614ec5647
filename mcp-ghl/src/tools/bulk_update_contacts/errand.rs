//! A bulk change that is understood: what is to be done, and to whom.

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::Call;

use super::choose::{self, Chosen};
use super::{Args, CONTACTS_MAX, FAILURES_SHOWN, Failure, Filter, Output, SAMPLE};
use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, line, owner};
use crate::client::Site;
use crate::contact::Contact;
use crate::contact_bulk::Wish;
use crate::deps::Deps;
use crate::record_id::RecordId;
use crate::references::{self, tags};
use crate::tag::Tag;

/// What is to be done, and to whom.
pub(super) struct Errand {
    pub(super) site: Site,
    pub(super) wish: Wish,
    pub(super) words: String,
    pub(super) chosen: Chosen,
}

impl Errand {
    pub(super) async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let mut faults = faults(args);
        let add = tags::parse("add_tags", &args.add_tags, &mut faults);
        let remove = tags::parse("remove_tags", &args.remove_tags, &mut faults);
        if add.iter().any(|tag| remove.contains(tag)) {
            faults.push(Fault::of_argument(
                "remove_tags",
                "names a tag that `add_tags` names too",
                "tags to remove",
                None,
            ));
        }
        let span = match args.filter.as_ref().map(|filter| filter.of().span()).transpose() {
            Ok(span) => span.unwrap_or_default(),
            Err(error) => {
                let in_filter = |fault: &Fault| Fault { field: format!("/filter{}", fault.field), ..fault.clone() };
                faults.extend(error.details().faults.iter().map(in_filter));
                references::Span::default()
            }
        };
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let wish = Wish {
            add,
            remove,
            owner_id: match &args.set_owner {
                Some(text) => Some(deps.directory.owner(&site, text).await?),
                None => None,
            },
            custom_values: if args.set_fields.is_empty() {
                Vec::new()
            } else {
                references::custom_values(&deps.directory.custom_fields(&site).await?, &args.set_fields)?
            },
        };
        let words = words(deps, &site, &wish, args).await?;
        let chosen = match &args.filter {
            Some(filter) => choose::by_filter(deps, call, &site, &filter.of().query(deps, &site, span).await?).await?,
            None => choose::by_name(deps, call, &site, &args.contacts).await?,
        };
        Ok(Self { site, wish, words, chosen })
    }

    /// Those that are not so already.
    pub(super) fn lacking(&self) -> Vec<&Contact> {
        self.chosen.contacts.iter().filter(|contact| !self.wish.against(contact).is_nothing()).collect()
    }

    fn is_too_many(&self) -> bool {
        usize::try_from(self.chosen.matched).map_or(true, |matched| matched > CONTACTS_MAX)
    }

    pub(super) fn refuse_too_many(&self) -> Result<()> {
        if !self.is_too_many() {
            return Ok(());
        }
        let matched = self.chosen.matched;
        let message =
            format!("{matched} contacts match, and at most {CONTACTS_MAX} are changed at once: nothing was done");
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("narrow `filter`, for instance by `added_after` and `added_before`, and go on piece by piece"))
    }

    /// What would be done.
    pub(super) fn output(&self, new_to_location: &[Tag]) -> Output {
        let lacking = self.lacking();
        let unknown = &self.chosen.unknown;
        let failure = |(text, error): &(String, Error)| Failure {
            contact: line(text),
            id: None,
            why: error.message().to_owned(),
        };
        Output {
            location: LocationAnswer::of(&self.site),
            applied: false,
            change: self.words.clone(),
            matched: self.chosen.matched,
            too_many: self.is_too_many(),
            changed: lacking.len(),
            unchanged: self.chosen.contacts.len().saturating_sub(lacking.len()),
            sample: lacking.iter().take(SAMPLE).map(|contact| reference(contact)).collect(),
            failed: unknown.iter().take(FAILURES_SHOWN).map(failure).collect(),
            failed_total: unknown.len(),
            not_tried: 0,
            new_to_location: new_to_location.iter().map(|tag| line(tag.as_str())).collect(),
            change_id: None,
        }
    }
}

async fn words(deps: &Deps, site: &Site, wish: &Wish, args: &Args) -> Result<String> {
    let users = deps.directory.users_naming(site, [args.set_owner.as_ref()].into_iter()).await?;
    let owner = wish.owner_id.as_ref().map(|id: &RecordId| owner((*users).as_deref(), id.as_str()));
    let fields: Vec<String> = args.set_fields.keys().map(|name| line(name)).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    Ok(wish.words(owner.as_deref(), &fields))
}

/// What needs no look-up.
fn faults(args: &Args) -> Vec<Fault> {
    let mut faults = Vec::new();
    match (args.contacts.is_empty(), &args.filter) {
        (true, None) => {
            faults.push(Fault::of_argument("contacts", "is empty, and `filter` is missing", "whom to change", None));
        }
        (false, Some(_)) => {
            faults.push(Fault::of_argument("filter", "was given together with `contacts`", "either of the two", None));
        }
        // Everybody is to be asked for in so many words: an empty filter is more likely a mistake.
        (true, Some(filter)) if filter.is_empty() => {
            faults.push(Fault::of_argument(
                "filter",
                "is empty",
                "at least one criterion, such as `tags` or `added_after`",
                None,
            ));
        }
        (true, Some(_)) | (false, None) => {}
    }
    let changes_tags = !args.add_tags.is_empty() || !args.remove_tags.is_empty();
    if !changes_tags && args.set_owner.is_none() && args.set_fields.is_empty() {
        let expected = "one of `add_tags`, `remove_tags`, `set_owner`, `set_fields`";
        faults.push(Fault::of_argument("add_tags", "is missing, and so is every other change", expected, None));
    }
    faults
}

impl Filter {
    fn is_empty(&self) -> bool {
        let has_text = self.query.is_some() || self.owner.is_some();
        let has_span = self.added_after.is_some() || self.added_before.is_some();
        !has_text && !has_span && self.tags.is_empty() && self.custom_fields.is_empty()
    }
}
