//! Where a person sees a record in GoHighLevel's app.
//!
//! The vendor documents no addresses; these are those of its address bar, as users and public code quote them (looked up
//! 2026-11-20). None was tried. Nothing has one in the demo account, which the app does not know.

use std::fmt::Display;

use crate::client::Site;

/// A contact; its appointments, tasks and notes stand there too.
pub(crate) fn contact_link(site: &Site, id: impl Display) -> Option<String> {
    link(site, format_args!("contacts/detail/{id}"))
}

/// A conversation.
pub(crate) fn conversation_link(site: &Site, id: impl Display) -> Option<String> {
    link(site, format_args!("conversations/conversations/{id}"))
}

/// An opportunity, opened over its board.
pub(crate) fn opportunity_link(site: &Site, id: impl Display) -> Option<String> {
    link(site, format_args!("opportunities/{id}?tab=Opportunity+details"))
}

/// A location's calendars, on the page of what is booked and blocked. An appointment has no page of its own.
pub(crate) fn calendars_link(site: &Site) -> Option<String> {
    link(site, format_args!("calendars/view"))
}

/// A location's dashboard.
pub(crate) fn location_link(site: &Site) -> Option<String> {
    link(site, format_args!("dashboard"))
}

fn link(site: &Site, page: impl Display) -> Option<String> {
    let location_id = &site.location.id;
    let link = || format!("https://app.gohighlevel.com/v2/location/{location_id}/{page}");
    (!site.session.connection.is_demo).then(link)
}
