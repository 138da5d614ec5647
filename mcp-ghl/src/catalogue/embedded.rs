//! The files that are part of the program.

use std::sync::OnceLock;

use common::error::Result;

use super::notation::{self, Unreadable};
use super::{Catalogue, Family};

/// A file of the folder `catalogue`: its name and its text.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../catalogue/", $name)))
    };
}

/// Every file.
pub(super) const FILES: &[(&str, &str)] = &[
    file!("ad-publishing.ops"),
    file!("affiliate-manager.ops"),
    file!("agent-studio.ops"),
    file!("associations.ops"),
    file!("blogs.ops"),
    file!("brand-boards.ops"),
    file!("businesses.ops"),
    file!("calendars.ops"),
    file!("campaigns.ops"),
    file!("chat-widget.ops"),
    file!("companies.ops"),
    file!("contacts.ops"),
    file!("conversation-ai.ops"),
    file!("conversations.ops"),
    file!("courses.ops"),
    file!("custom-fields.ops"),
    file!("custom-menus.ops"),
    file!("email-isv.ops"),
    file!("emails.ops"),
    file!("forms.ops"),
    file!("funnels.ops"),
    file!("invoices.ops"),
    file!("knowledge-base.ops"),
    file!("links.ops"),
    file!("locations.ops"),
    file!("marketplace.ops"),
    file!("medias.ops"),
    file!("oauth.ops"),
    file!("objects.ops"),
    file!("opportunities.ops"),
    file!("payments.ops"),
    file!("phone-system.ops"),
    file!("products.ops"),
    file!("proposals.ops"),
    file!("saas.ops"),
    file!("snapshots.ops"),
    file!("social-planner.ops"),
    file!("store.ops"),
    file!("surveys.ops"),
    file!("users.ops"),
    file!("voice-ai.ops"),
    file!("workflows.ops"),
];

/// Parsed once, and whole: a search goes through all families anyway.
pub(super) fn catalogue() -> Result<&'static Catalogue> {
    static PARSED: OnceLock<Result<Catalogue, (&'static str, Unreadable)>> = OnceLock::new();
    PARSED.get_or_init(parse).as_ref().map_err(|(file, error)| error.clone().in_file(file))
}

fn parse() -> Result<Catalogue, (&'static str, Unreadable)> {
    let families = FILES.iter().map(|(file, text)| notation::read(text).map_err(|error| (*file, error)));
    Ok(Catalogue::new(families.collect::<Result<Vec<Family>, _>>()?))
}
