//! Which scope each operation asks of an OAuth token: facts of the vendor's specifications (highlevel-api-docs,
//! 2026-06-19), both generations in one table.

/// What an operation asks of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    Scope(&'static str),
    /// The specification names none.
    Nothing,
    /// The vendor has no rule for it, and says so.
    Unknown,
}

/// `path` with its parameters in braces, whatever their names: `/contacts/{contact_id}/tags`.
pub(crate) fn needed(method: &str, path: &str) -> Needed {
    let plain = without_names(path);
    match SCOPES.iter().find(|(of_method, of_path, _)| *of_method == method && *of_path == plain) {
        Some((_, _, "")) => Needed::Nothing,
        Some((_, _, scope)) => Needed::Scope(scope),
        None => Needed::Unknown,
    }
}

/// Whether any operation asks for it.
pub(crate) fn is_known(scope: &str) -> bool {
    !scope.is_empty() && SCOPES.iter().any(|(_, _, known)| *known == scope)
}

fn without_names(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut is_inside = false;
    for letter in path.chars() {
        match letter {
            '{' => plain.push_str("{}"),
            '}' => {}
            _ if is_inside => {}
            _ => plain.push(letter),
        }
        is_inside = letter == '{' || (is_inside && letter != '}');
    }
    plain
}

/// Method, path and scope; an empty scope is none.
const SCOPES: &[(&str, &str, &str)] = &[
    ("GET", "/calendars/", "calendars.readonly"),
    ("POST", "/calendars/", "calendars.write"),
    ("GET", "/calendars/appointments/{}/notes", "calendars/events.readonly"),
    ("POST", "/calendars/appointments/{}/notes", "calendars/events.write"),
    ("DELETE", "/calendars/appointments/{}/notes/{}", "calendars/events.write"),
    ("PUT", "/calendars/appointments/{}/notes/{}", "calendars/events.write"),
    ("GET", "/calendars/blocked-slots", "calendars/events.readonly"),
    ("GET", "/calendars/events", "calendars/events.readonly"),
    ("POST", "/calendars/events/appointments", "calendars/events.write"),
    ("GET", "/calendars/events/appointments/{}", "calendars/events.readonly"),
    ("PUT", "/calendars/events/appointments/{}", "calendars/events.write"),
    ("POST", "/calendars/events/block-slots", "calendars/events.write"),
    ("PUT", "/calendars/events/block-slots/{}", "calendars/events.write"),
    ("DELETE", "/calendars/events/{}", "calendars/events.write"),
    ("DELETE", "/calendars/{}", "calendars.write"),
    ("GET", "/calendars/{}", "calendars.readonly"),
    ("PUT", "/calendars/{}", "calendars.write"),
    ("GET", "/calendars/{}/free-slots", "calendars.readonly"),
    ("GET", "/contacts/", "contacts.readonly"),
    ("POST", "/contacts/", "contacts.write"),
    ("POST", "/contacts/bulk/business", ""),
    ("POST", "/contacts/bulk/tags/update/{}", ""),
    ("GET", "/contacts/business/{}", "contacts.readonly"),
    ("POST", "/contacts/search", "contacts.readonly"),
    ("GET", "/contacts/search/duplicate", "contacts.readonly"),
    ("POST", "/contacts/upsert", "contacts.write"),
    ("DELETE", "/contacts/{}", "contacts.write"),
    ("GET", "/contacts/{}", "contacts.readonly"),
    ("PUT", "/contacts/{}", "contacts.write"),
    ("GET", "/contacts/{}/appointments", "contacts.readonly"),
    ("DELETE", "/contacts/{}/campaigns/remove-all", "contacts.write"),
    ("DELETE", "/contacts/{}/campaigns/removeAll", "contacts.write"),
    ("DELETE", "/contacts/{}/campaigns/{}", "contacts.write"),
    ("POST", "/contacts/{}/campaigns/{}", "contacts.write"),
    ("DELETE", "/contacts/{}/followers", "contacts.write"),
    ("POST", "/contacts/{}/followers", "contacts.write"),
    ("GET", "/contacts/{}/notes", "contacts.readonly"),
    ("POST", "/contacts/{}/notes", "contacts.write"),
    ("DELETE", "/contacts/{}/notes/{}", "contacts.write"),
    ("GET", "/contacts/{}/notes/{}", "contacts.readonly"),
    ("PUT", "/contacts/{}/notes/{}", "contacts.write"),
    ("DELETE", "/contacts/{}/tags", "contacts.write"),
    ("POST", "/contacts/{}/tags", "contacts.write"),
    ("GET", "/contacts/{}/tasks", "contacts.readonly"),
    ("POST", "/contacts/{}/tasks", "contacts.write"),
    ("DELETE", "/contacts/{}/tasks/{}", "contacts.write"),
    ("GET", "/contacts/{}/tasks/{}", "contacts.readonly"),
    ("PUT", "/contacts/{}/tasks/{}", "contacts.write"),
    ("PUT", "/contacts/{}/tasks/{}/completed", "contacts.write"),
    ("DELETE", "/contacts/{}/workflow/{}", "contacts.write"),
    ("POST", "/contacts/{}/workflow/{}", "contacts.write"),
    ("POST", "/conversations/", "conversations.write"),
    ("GET", "/conversations/locations/{}/messages/{}/transcription", "conversations/message.readonly"),
    ("GET", "/conversations/locations/{}/messages/{}/transcription/download", "conversations/message.readonly"),
    ("POST", "/conversations/messages", "conversations/message.write"),
    ("GET", "/conversations/messages/email/{}", "conversations/message.readonly"),
    ("DELETE", "/conversations/messages/email/{}/schedule", "conversations/message.write"),
    ("PUT", "/conversations/messages/email/{}/status", "conversations/message.write"),
    ("GET", "/conversations/messages/export", "conversations/message.readonly"),
    ("POST", "/conversations/messages/inbound", "conversations/message.write"),
    ("POST", "/conversations/messages/outbound", "conversations/message.write"),
    ("POST", "/conversations/messages/review-reply", "conversations/message.write"),
    ("POST", "/conversations/messages/upload", "conversations/message.write"),
    ("POST", "/conversations/messages/upload/complete", "conversations/message.write"),
    ("POST", "/conversations/messages/upload/initiate", "conversations/message.write"),
    ("GET", "/conversations/messages/{}", "conversations/message.readonly"),
    ("PUT", "/conversations/messages/{}/attachments", "conversations/message.write"),
    ("GET", "/conversations/messages/{}/locations/{}/recording", "conversations/message.readonly"),
    ("DELETE", "/conversations/messages/{}/schedule", "conversations/message.write"),
    ("PUT", "/conversations/messages/{}/status", "conversations/message.write"),
    ("GET", "/conversations/preferences/custom-subtypes", ""),
    ("POST", "/conversations/preferences/custom-subtypes", ""),
    ("PUT", "/conversations/preferences/custom-subtypes/{}", ""),
    ("GET", "/conversations/preferences/unsubscriptions/status", ""),
    ("POST", "/conversations/preferences/unsubscriptions/user-change", ""),
    ("POST", "/conversations/providers/live-chat/typing", "conversations/livechat.write"),
    ("GET", "/conversations/search", "conversations.readonly"),
    ("DELETE", "/conversations/{}", "conversations.write"),
    ("GET", "/conversations/{}", "conversations.readonly"),
    ("PUT", "/conversations/{}", "conversations.write"),
    ("GET", "/conversations/{}/messages", "conversations/message.readonly"),
    ("POST", "/locations/", "locations.write"),
    ("GET", "/locations/search", "locations.readonly"),
    ("DELETE", "/locations/{}", "locations.internal-access-only"),
    ("GET", "/locations/{}", "locations.readonly"),
    ("PUT", "/locations/{}", "locations.write"),
    ("GET", "/locations/{}/conversationChannels/{}", "locations.readonly"),
    ("GET", "/locations/{}/customFields", "locations/customFields.readonly"),
    ("POST", "/locations/{}/customFields", "locations/customFields.write"),
    ("POST", "/locations/{}/customFields/upload", "locations/customFields.write"),
    ("DELETE", "/locations/{}/customFields/{}", ""),
    ("GET", "/locations/{}/customFields/{}", ""),
    ("PUT", "/locations/{}/customFields/{}", ""),
    ("GET", "/locations/{}/customValues", "locations/customValues.readonly"),
    ("POST", "/locations/{}/customValues", "locations/customValues.write"),
    ("DELETE", "/locations/{}/customValues/{}", ""),
    ("GET", "/locations/{}/customValues/{}", ""),
    ("PUT", "/locations/{}/customValues/{}", ""),
    ("GET", "/locations/{}/permissions", "locations/write"),
    ("PUT", "/locations/{}/permissions", "locations/write"),
    ("POST", "/locations/{}/recurring-tasks", ""),
    ("DELETE", "/locations/{}/recurring-tasks/{}", ""),
    ("GET", "/locations/{}/recurring-tasks/{}", ""),
    ("PUT", "/locations/{}/recurring-tasks/{}", ""),
    ("GET", "/locations/{}/tags", "locations/tags.readonly"),
    ("POST", "/locations/{}/tags", "locations/tags.write"),
    ("DELETE", "/locations/{}/tags/{}", ""),
    ("GET", "/locations/{}/tags/{}", ""),
    ("PUT", "/locations/{}/tags/{}", ""),
    ("POST", "/locations/{}/tasks/search", "locations/tasks.readonly"),
    ("GET", "/locations/{}/templates", "locations/templates.readonly"),
    ("DELETE", "/locations/{}/templates/{}", ""),
    ("GET", "/locations/{}/timezones", "locations.readonly"),
    ("GET", "/oauth/installed-locations", "oauth.readonly"),
    ("GET", "/oauth/installedLocations", "oauth.readonly"),
    ("POST", "/oauth/location-token", "oauth.write"),
    ("POST", "/oauth/locationToken", "oauth.write"),
    ("POST", "/opportunities/", "opportunities.write"),
    ("GET", "/opportunities/lost-reason", "opportunities.readonly"),
    ("GET", "/opportunities/pipelines", "opportunities.readonly"),
    ("GET", "/opportunities/search", "opportunities.readonly"),
    ("POST", "/opportunities/search", "opportunities.readonly"),
    ("POST", "/opportunities/upsert", "opportunities.write"),
    ("DELETE", "/opportunities/{}", "opportunities.write"),
    ("GET", "/opportunities/{}", "opportunities.readonly"),
    ("PUT", "/opportunities/{}", "opportunities.write"),
    ("DELETE", "/opportunities/{}/followers", "opportunities.write"),
    ("POST", "/opportunities/{}/followers", "opportunities.write"),
    ("PUT", "/opportunities/{}/status", "opportunities.write"),
    ("GET", "/users/", "users.readonly"),
    ("POST", "/users/", "users.write"),
    ("GET", "/users/search", "users.readonly"),
    ("POST", "/users/search/filter-by-email", "users.readonly"),
    ("DELETE", "/users/{}", "users.write"),
    ("GET", "/users/{}", "users.readonly"),
    ("PUT", "/users/{}", "users.write"),
    ("GET", "/businesses/", "businesses.readonly"),
    ("POST", "/businesses/", "businesses.write"),
    ("DELETE", "/businesses/{}", "businesses.write"),
    ("GET", "/businesses/{}", "businesses.readonly"),
    ("PUT", "/businesses/{}", "businesses.write"),
    ("GET", "/objects/", "objects/schema.readonly"),
    ("POST", "/objects/", "objects/schema.write"),
    ("GET", "/objects/{}", "objects/schema.readonly"),
    ("PUT", "/objects/{}", "objects/schema.write"),
    ("POST", "/objects/{}/records", "objects/record.write"),
    ("POST", "/objects/{}/records/search", "objects/record.readonly"),
    ("DELETE", "/objects/{}/records/{}", ""),
    ("GET", "/objects/{}/records/{}", ""),
    ("PUT", "/objects/{}/records/{}", ""),
    ("GET", "/associations/", "associations.readonly"),
    ("POST", "/associations/", "associations.write"),
    ("GET", "/associations/key/{}", "associations.readonly"),
    ("GET", "/associations/objectKey/{}", "associations.readonly"),
    ("POST", "/associations/relations", "associations/relation.write"),
    ("DELETE", "/associations/relations/{}", "associations/relation.write"),
    ("GET", "/associations/relations/{}", "associations/relation.readonly"),
    ("DELETE", "/associations/{}", "associations.write"),
    ("GET", "/associations/{}", "associations.readonly"),
    ("PUT", "/associations/{}", "associations.write"),
    ("GET", "/payments/orders", "payments/orders.readonly"),
    ("GET", "/payments/subscriptions", "payments/subscriptions.readonly"),
    ("GET", "/payments/subscriptions/{}", "payments/subscriptions.readonly"),
    ("GET", "/payments/transactions", "payments/transactions.readonly"),
    ("GET", "/payments/transactions/{}", "payments/transactions.readonly"),
    ("GET", "/invoices/", "invoices.readonly"),
    ("GET", "/invoices/{}", "invoices.readonly"),
    ("GET", "/products/", "products.readonly"),
    ("GET", "/products/{}", "products.readonly"),
    ("GET", "/products/{}/price", "products/prices.readonly"),
    ("GET", "/products/{}/price/{}", "products/prices.readonly"),
    // The specification names none for these three; the vendor's list of scopes does.
    ("GET", "/funnels/funnel/list", "funnels/funnel.readonly"),
    ("GET", "/funnels/page", "funnels/page.readonly"),
    ("GET", "/funnels/page/count", "funnels/pagecount.readonly"),
    ("GET", "/affiliate-manager/{}/affiliates", "affiliate-manager.readonly"),
    ("GET", "/affiliate-manager/{}/affiliates/{}", "affiliate-manager.readonly"),
    ("GET", "/affiliate-manager/{}/commissions", "affiliate-manager.readonly"),
    ("GET", "/affiliate-manager/{}/payouts", "affiliate-manager.readonly"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_found_by_their_shape() {
        assert_eq!(needed("DELETE", "/contacts/{contact_id}/tags"), Needed::Scope("contacts.write"));
        assert_eq!(needed("GET", "/locations/{location_id}/tags/{tag_id}"), Needed::Nothing);
        assert_eq!(needed("GET", "/contacts"), Needed::Unknown);
    }
}
