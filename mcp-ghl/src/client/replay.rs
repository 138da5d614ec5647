//! Requests that were kept as data: sent when a change is taken back. Only those of operations listed here are, whatever
//! the journal says.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde_json::Value;

use super::operation::{Operation, V2_CONVERSATIONS};
use super::request::Request;
use super::{
    Client, Site, automations, businesses, calendars, closing, contact_changes, contacts, conversation_changes,
    conversations, custom_fields, custom_values, email_campaigns, email_templates, events, links, objects,
    opportunities, social, tags, tasks,
};
use crate::record_id::RecordId;
use crate::reversal;

static UPDATE_CONTACT: Operation =
    Operation::write(Method::PUT, "/contacts/{}", "contacts.write", Repeat::Idempotent).on("contact");
static DELETE_CONTACT: Operation =
    Operation::write(Method::DELETE, "/contacts/{}", "contacts.write", Repeat::Idempotent).on("contact");
static GET_NOTE: Operation = Operation::read(Method::GET, "/contacts/{}/notes/{}", "contacts.readonly").on("note");
static DELETE_NOTE: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/notes/{}", "contacts.write", Repeat::Idempotent).on("note");
static GET_TASK: Operation = Operation::read(Method::GET, "/contacts/{}/tasks/{}", "contacts.readonly").on("task");
static DELETE_TASK: Operation =
    Operation::write(Method::DELETE, "/contacts/{}/tasks/{}", "contacts.write", Repeat::Idempotent).on("task");
static DELETE_OPPORTUNITY: Operation =
    Operation::write(Method::DELETE, "/opportunities/{}", "opportunities.write", Repeat::Idempotent).on("opportunity");
static GET_APPOINTMENT: Operation =
    Operation::read(Method::GET, "/calendars/events/appointments/{}", "calendars/events.readonly")
        .on("appointment")
        .or_dated(calendars::V2);
static UPDATE_APPOINTMENT: Operation =
    Operation::write(Method::PUT, "/calendars/events/appointments/{}", "calendars/events.write", Repeat::Idempotent)
        .on("appointment")
        .or_dated(calendars::V2);
static DELETE_LINK: Operation =
    Operation::write(Method::DELETE, "/links/{}", "links.write", Repeat::Idempotent).on("trigger link");
static GET_VALUE: Operation =
    Operation::read(Method::GET, "/locations/{}/customValues/{}", "locations/customValues.readonly").on("custom value");
static DELETE_VALUE: Operation = Operation::write(
    Method::DELETE,
    "/locations/{}/customValues/{}",
    "locations/customValues.write",
    Repeat::Idempotent,
)
.on("custom value");
static GET_TAG: Operation = Operation::read(Method::GET, "/locations/{}/tags/{}", "locations/tags.readonly").on("tag");
static DELETE_TAG: Operation =
    Operation::write(Method::DELETE, "/locations/{}/tags/{}", "locations/tags.write", Repeat::Idempotent).on("tag");
static GET_MESSAGE: Operation =
    Operation::read(Method::GET, "/conversations/messages/{}", "conversations/message.readonly")
        .on("message")
        .or_dated(V2_CONVERSATIONS);
static CANCEL_MESSAGE: Operation = Operation::write(
    Method::DELETE,
    "/conversations/messages/{}/schedule",
    "conversations/message.write",
    Repeat::Idempotent,
)
.on("message")
.or_dated(V2_CONVERSATIONS);
static CANCEL_EMAIL: Operation = Operation::write(
    Method::DELETE,
    "/conversations/messages/email/{}/schedule",
    "conversations/message.write",
    Repeat::Idempotent,
)
.on("email")
.or_dated(V2_CONVERSATIONS);

static DELETE_TEMPLATE: Operation =
    Operation::write(Method::DELETE, "/emails/locations/{}/templates/{}", "emails/templates.write", Repeat::Idempotent)
        .only_v3()
        .on("email template");
static DELETE_CAMPAIGN: Operation = Operation::write(
    Method::DELETE,
    "/emails/locations/{}/campaigns/emails/{}",
    "emails/campaigns.write",
    Repeat::Idempotent,
)
.only_v3()
.on("email campaign");
static DELETE_POST: Operation = Operation::write(
    Method::DELETE,
    "/social-media-posting/{}/posts/{}",
    "socialplanner/post.write",
    Repeat::Idempotent,
)
.on("social post");
static GET_BUSINESS: Operation = Operation::read(Method::GET, "/businesses/{}", "businesses.readonly").on("business");
static DELETE_BUSINESS: Operation =
    Operation::write(Method::DELETE, "/businesses/{}", "businesses.write", Repeat::Idempotent).on("business");
static GET_FIELD: Operation =
    Operation::read(Method::GET, "/locations/{}/customFields/{}", "locations/customFields.readonly").on("custom field");
static DELETE_FIELD: Operation = Operation::write(
    Method::DELETE,
    "/locations/{}/customFields/{}",
    "locations/customFields.write",
    Repeat::Idempotent,
)
.on("custom field");
static DELETE_RECORD: Operation =
    Operation::write(Method::DELETE, "/objects/{}/records/{}", "objects/record.write", Repeat::Idempotent).on("record");

/// What a journal may ask for. An exact path stands before one with an id in the same place.
pub(super) static REPLAYED: &[&Operation] = &[
    &contacts::GET,
    &contacts::UPSERT,
    &contacts::ADD_TAGS,
    &contacts::REMOVE_TAGS,
    &UPDATE_CONTACT,
    &DELETE_CONTACT,
    &GET_NOTE,
    &DELETE_NOTE,
    &GET_TASK,
    &tasks::UPDATE,
    &DELETE_TASK,
    &opportunities::GET,
    &opportunities::UPDATE,
    &DELETE_OPPORTUNITY,
    &GET_APPOINTMENT,
    &UPDATE_APPOINTMENT,
    &contact_changes::BULK_ADD_TAGS,
    &contact_changes::BULK_REMOVE_TAGS,
    &conversations::GET,
    &conversation_changes::UPDATE,
    &GET_MESSAGE,
    &CANCEL_MESSAGE,
    &CANCEL_EMAIL,
    &events::BLOCKED,
    &events::BLOCK,
    &events::REMOVE,
    &closing::SET_STATUS,
    &opportunities::CREATE,
    &automations::REMOVE_FROM_WORKFLOW,
    &automations::REMOVE_FROM_CAMPAIGN,
    &links::LIST,
    &links::UPDATE,
    &DELETE_LINK,
    &GET_VALUE,
    &custom_values::UPDATE,
    &DELETE_VALUE,
    &GET_TAG,
    &tags::RENAME,
    &DELETE_TAG,
    &email_templates::GET,
    &email_templates::UPDATE,
    &DELETE_TEMPLATE,
    &email_campaigns::GET_EMAIL,
    &email_campaigns::UPDATE,
    &DELETE_CAMPAIGN,
    &social::GET,
    &social::UPDATE,
    &DELETE_POST,
    &GET_BUSINESS,
    &businesses::UPDATE,
    &businesses::ASSIGN,
    &DELETE_BUSINESS,
    &GET_FIELD,
    &custom_fields::UPDATE,
    &DELETE_FIELD,
    &objects::GET_RECORD,
    &objects::UPDATE,
    &DELETE_RECORD,
];

impl Client {
    /// What the vendor answers to a kept question; `None` if there is no such record.
    pub(crate) async fn look(&self, site: &Site, request: &reversal::Request) -> Result<Option<Value>> {
        match self.replay(site, request).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a kept request and returns the vendor's answer, whatever its form.
    pub(crate) async fn replay(&self, site: &Site, request: &reversal::Request) -> Result<Value> {
        let unknown = || Error::internal("a kept request is of no operation that is known", request.path.clone());
        let (operation, ids) = operation_of(request).ok_or_else(unknown)?;
        let ids: Vec<&RecordId> = ids.iter().collect();
        let query: Vec<(&str, &str)> =
            request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let outgoing = Request::of(&ids).with_query(&query);
        let outgoing = match (&request.body, &request.older_body) {
            (None, _) => outgoing,
            (Some(body), None) => outgoing.with_body(body)?,
            (Some(body), Some(older)) => outgoing.with_bodies(body, older)?,
        };
        self.send(&site.session, operation, &outgoing).await
    }
}

/// The operation and the ids in its path.
fn operation_of(request: &reversal::Request) -> Option<(&'static Operation, Vec<RecordId>)> {
    let mut of_method = REPLAYED.iter().filter(|operation| operation.method.as_str() == request.method);
    of_method.find_map(|operation| Some((*operation, ids_of(operation.path, &request.path)?)))
}

/// The ids that stand where the pattern has `{}`, if the rest is the same.
fn ids_of(pattern: &str, path: &str) -> Option<Vec<RecordId>> {
    let (mut ids, mut steps) = (Vec::new(), path.split('/'));
    for expected in pattern.split('/') {
        match (expected, steps.next()?) {
            ("{}", id) => ids.push(id.parse().ok()?),
            (expected, step) if expected == step => {}
            _ => return None,
        }
    }
    steps.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_listed_operations_are_replayed() {
        let operation = |request: &reversal::Request| {
            operation_of(request)
                .map(|(operation, ids)| (operation.path, ids.iter().map(RecordId::to_string).collect()))
        };
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let note = reversal::Request::delete("/contacts/c1/notes/n1".to_owned());
        assert_eq!(operation(&note), Some(("/contacts/{}/notes/{}", ids(&["c1", "n1"]))));
        let upsert = reversal::Request::post("/contacts/upsert".to_owned(), json!({}));
        assert_eq!(operation(&upsert), Some(("/contacts/upsert", ids(&[]))));
        for path in ["/contacts/c1/notes", "/contacts/c1/notes/n1/", "/contacts/../notes/n1", "/locations/l1"] {
            assert_eq!(operation(&reversal::Request::delete(path.to_owned())), None, "{path}");
        }
    }
}
