//! Where the emulator answers like GoHighLevel and not like its specification.

use std::fmt;

use crate::prism::Verdict;

/// One known difference.
pub(crate) struct Deviation {
    /// Operation id, `*` for any.
    operation: &'static str,
    /// Place in the response, `*` for one step of it.
    place: &'static str,
    /// Ends the oracle's message.
    message: &'static str,
    /// Why the emulator is right, and who says so.
    reason: &'static str,
}

pub(crate) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        operation: "*",
        place: "response.body.contact.customFields.*.value",
        message: "must be string",
        reason: "a number that was written comes back as a number: the specification's own request bodies take numbers, \
            lists and objects for a field, and its answer has one type for all of them",
    },
    Deviation {
        operation: "contacts.get-contacts",
        place: "response.body.contacts.*.customFields.*.value",
        message: "must be string",
        reason: "the same, in the old list",
    },
    Deviation {
        operation: "contacts.get-contacts-by-businessId",
        place: "response.body.contacts.*.customFields.*.value",
        message: "must be string",
        reason: "the same, in the list of a business",
    },
    Deviation {
        operation: "objects.search-object-records",
        place: "response.body.records.*.properties",
        message: "must be string",
        reason: "a record's properties are an object, as in the specification's own example",
    },
    Deviation {
        operation: "*",
        place: "response.body.record.properties",
        message: "must be string",
        reason: "the same, of one record",
    },
    Deviation {
        operation: "associations.find-associations",
        place: "response.body",
        message: "'",
        reason: "the specification has one association in the place of the list: integrators read `associations` and \
            `total`",
    },
    Deviation {
        operation: "associations.get-relations-by-record-id",
        place: "response.body",
        message: "'",
        reason: "the same for relations: integrators read `relations` and `total`",
    },
    Deviation {
        operation: "invoices.list-invoices",
        place: "response.body.invoices.*.invoiceItems.*",
        message: "must be string",
        reason: "a line of an invoice is an object, as in the vendor's own webhook example",
    },
    Deviation {
        operation: "invoices.get-invoice",
        place: "response.body.invoiceItems.*",
        message: "must be string",
        reason: "the same, of one invoice",
    },
    Deviation {
        operation: "funnels.getFunnels",
        place: "response.body.funnels",
        message: "must be object",
        reason: "integrators read a list",
    },
    Deviation {
        operation: "funnels.getPagesByFunnelId",
        place: "response.body",
        message: "must be object",
        reason: "integrators read a bare list of pages",
    },
    Deviation {
        operation: "opportunities.get-pipelines",
        place: "response.body.pipelines.*.stages.*",
        message: "must be array",
        reason: "a stage is an object of id, name and position, as in every recorded answer (for one, the \
            opportunities_get-pipelines dump of the vendor's own MCP server); the specification's list of lists is what \
            its generator makes of an untyped array",
    },
    Deviation {
        operation: "opportunities.search-opportunity",
        place: "response.body.opportunities.*.notes.*",
        message: "must be array",
        reason: "the same generator's fault for notes, which are objects (GET /contacts/{contactId}/notes)",
    },
    Deviation {
        operation: "conversations.get-messages",
        place: "response.body",
        message: "must have required property 'lastMessageId'",
        reason: "the page comes inside `messages` (highlevel-api-docs issue 54, with a recorded answer)",
    },
    Deviation {
        operation: "conversations.get-messages",
        place: "response.body",
        message: "must have required property 'nextPage'",
        reason: "the same",
    },
    Deviation {
        operation: "conversations.get-messages",
        place: "response.body.messages",
        message: "must be array",
        reason: "the same",
    },
    Deviation {
        operation: "contacts.create-association",
        place: "response.body.responses.*",
        message: "must be string",
        reason: "an object about each contact, as in the specification's own example; its schema says text",
    },
    Deviation {
        operation: "locations.task-search",
        place: "response.body.tasks.*",
        message: "must be array",
        reason: "a task is an object (GET /contacts/{contactId}/tasks); again the generator's fault",
    },
    Deviation {
        operation: "conversations.get-message-transcription",
        place: "response.body",
        message: "must be object",
        reason: "a list of sentences: the specification shows the fields of one, which are those of a sentence of Twilio's \
            voice intelligence (media_channel, sentence_index, start_time, end_time, transcript, confidence), and that \
            lists them; an index alone would mean nothing",
    },
    Deviation {
        operation: "*",
        place: "response",
        message: "defined in the document: 200,400,401,422",
        reason: "403 for another location's record: \"The token does not have access to this location.\" \
            (highlevel-api-docs issue 213); the specification lists it for few operations",
    },
];

impl fmt::Display for Deviation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}: {}", self.operation, self.place, self.message, self.reason)
    }
}

/// The row that covers a violation.
pub(crate) fn find(verdict: &Verdict, violation: &str) -> Option<usize> {
    let (place, message) = violation.split_once(": ")?;
    DEVIATIONS.iter().position(|row| {
        (row.operation == "*" || verdict.operation.as_deref() == Some(row.operation))
            && matches(row.place, place)
            && message.ends_with(row.message)
    })
}

fn matches(pattern: &str, place: &str) -> bool {
    let (pattern, place): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), place.split('.').collect());
    pattern.len() == place.len() && pattern.iter().zip(&place).all(|(wanted, step)| *wanted == "*" || wanted == step)
}

/// A request that the specification's schema refuses and its words ask for: a time is blocked for a calendar or for a
/// person, "not both", as users have found (highlevel-api-docs issue 23), yet `calendarId` is required.
pub(crate) fn is_by_the_words(verdict: &Verdict, violation: &str) -> bool {
    verdict.operation.as_deref() == Some("calendars.create-block-slot")
        && violation.contains("must have required property 'calendarId'")
}
