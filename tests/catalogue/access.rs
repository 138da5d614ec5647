//! The access classes, which people have looked at: what a glance at method and name would get wrong, and what holds
//! for all.

use common::audit::Access;
use http::Method;
use mcp_ghl::catalogue::{Catalogue, Operation};

fn of_method(method: Method) -> impl Iterator<Item = &'static Operation> {
    Catalogue::embedded().unwrap().operations().filter(move |operation| operation.method == method)
}

#[test]
fn a_get_reads_but_for_those_that_begin_a_login() {
    let others: Vec<&str> = of_method(Method::GET).filter(|it| it.access != Access::Read).map(|it| &*it.id).collect();
    assert_eq!(others.len(), 8, "{others:?}");
    assert!(others.iter().all(|id| id.starts_with("social-planner.start-") && id.ends_with("oauth")), "{others:?}");
}

#[test]
fn a_delete_destroys_but_for_those_that_can_be_done_again() {
    let others = of_method(Method::DELETE).filter(|it| it.access != Access::Destroy);
    let mut others: Vec<(&str, Access)> = others.map(|it| (&*it.id, it.access)).collect();
    others.sort_by_key(|(id, _)| *id);
    let wanted = [
        ("ad-publishing.fb-remove-custom-audience-member", Access::Write),
        ("associations.delete-relation", Access::Write),
        ("calendars.remove-calendar-from-schedule", Access::Write),
        ("contacts.delete-contact-from-workflow", Access::Write),
        ("contacts.remove-contact-from-campaign", Access::Write),
        ("contacts.remove-contact-from-every-campaign", Access::Write),
        ("contacts.remove-contact-from-every-campaign-v2", Access::Write),
        ("contacts.remove-followers-contact", Access::Write),
        ("contacts.remove-tags", Access::Write),
        ("marketplace.deleteCharge", Access::Spend),
        ("opportunities.remove-followers-opportunity", Access::Write),
        ("social-planner.delete-like", Access::Write),
    ];
    assert_eq!(others, wanted);
}

#[test]
fn a_post_that_reads_is_one_of_these() {
    let mut reading: Vec<&str> = Catalogue::embedded()
        .unwrap()
        .operations()
        .filter(|it| it.method != Method::GET && it.access == Access::Read)
        .map(|it| &*it.id)
        .collect();
    reading.sort_unstable();
    let wanted = [
        "ad-publishing.google-get-keyword-ideas",
        "calendars.validate-groups-slug",
        "contacts.search-contacts-advanced",
        "locations.task-search",
        "objects.search-object-records",
        "opportunities.search-opportunities-advanced",
        "social-planner.fetchCalendarList",
        "social-planner.fetchEditSessionCalendar",
        "social-planner.fetchQueueItems",
        "social-planner.fetchQueues",
        "social-planner.fetchSlots",
        "social-planner.get-comment-list",
        "social-planner.get-posts",
        "social-planner.get-statistics",
        "social-planner.get-tags-by-ids",
        "store.get-available-shipping-zones",
        "users.filter-users-by-email",
    ];
    assert_eq!(reading, wanted);
}

#[test]
fn what_reaches_people_costs_money_or_ends_something_is_known() {
    let catalogue = Catalogue::embedded().unwrap();
    for (id, wanted) in [
        ("contacts.add-contact-to-workflow", Access::Send),
        ("contacts.create-association", Access::Write),
        ("conversations.send-a-new-message", Access::Send),
        ("calendars.create-appointment", Access::Send),
        ("emails.create-email-campaign", Access::Write),
        ("emails.schedule-campaign", Access::Send),
        ("social-planner.create-post", Access::Send),
        ("blogs.update-blog-post", Access::Send),
        ("proposals.send-documents-contracts-template", Access::Send),
        ("invoices.text2pay-invoice", Access::Send),
        ("invoices.void-invoice", Access::Destroy),
        ("invoices.record-invoice", Access::Spend),
        ("medias.bulk-delete-media-objects", Access::Destroy),
        ("products.bulkUpdate", Access::Destroy),
        ("phone-system.purchase-number-for-location", Access::Spend),
        ("ad-publishing.fb-publish-campaign", Access::Spend),
        // It has the budget, of running ads too.
        ("ad-publishing.fb-upsert-adset", Access::Spend),
        ("saas.updateLocationWalletBalance", Access::Spend),
        ("email-isv.verify-email", Access::Spend),
    ] {
        assert_eq!(catalogue.operation(id).map(|it| it.access), Some(wanted), "{id}");
    }
}
