//! What a person has refused.

use serde_json::json;

use crate::client::wire::contact_changes::{Dnd, dated_word, v3_word};
use crate::consent::{Refusals, Setting, Standing};
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

/// Gives a contact back what it had refused, with every reason.
pub(crate) fn consent(contact_id: &RecordId, before: &Refusals, after: &Refusals) -> Reversal {
    let path = format!("/contacts/{contact_id}");
    let before = with_all_of(before, after);
    let mut check = Check::of(Request::get(path.clone())).field(
        "do_not_disturb",
        "/contact/dnd",
        before.is_do_not_disturb,
        after.is_do_not_disturb,
    );
    for (channel, setting) in &after.channels {
        let old = before.channels.get(channel).map_or(Standing::Open, |setting| setting.standing);
        if old != setting.standing {
            let place = format!("/contact/dndSettings/{}|{}/status", v3_word(*channel), dated_word(*channel));
            check = check.field(v3_word(*channel), &place, old.vendor_word(), setting.standing.vendor_word());
        }
    }
    let request = |refusals: &Refusals| {
        Request::put(path.clone(), json!(Dnd::of(refusals, v3_word))).or_body(json!(Dnd::of(refusals, dated_word)))
    };
    let reversal = Reversal::new("set consent back to what was there", request(&before)).with_check(check);
    reversal.with_again("set consent once more", Effect::Writes, request(after))
}

/// A channel of which nothing was kept was open: it has to be said, or it would stay as it is.
fn with_all_of(before: &Refusals, after: &Refusals) -> Refusals {
    let mut whole = before.clone();
    for channel in after.channels.keys() {
        let open = || Setting { standing: Standing::Open, reason: None, code: None };
        whole.channels.entry(*channel).or_insert_with(open);
    }
    whole
}
