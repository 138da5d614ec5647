//! Where the judge is wrong about a request: what it says, and why that is its own fault; and why it refuses others.

/// An operation, how the judge's message begins, and the reason.
const FAULTS: &[(&str, &str, &str)] = &[(
    "conversations.upload-file-attachments",
    "request.body.attachmentUrls: ",
    "Prism reads a list in a multipart body as text",
)];

/// Why a violation is none.
pub(super) fn of_the_judge(operation: &str, violation: &str) -> Option<&'static str> {
    let found = FAULTS.iter().find(|(id, message, _)| *id == operation && violation.starts_with(message));
    found.map(|(_, _, reason)| *reason)
}

/// An operation, and why the specification refuses what is sent. That counts as refused.
const REFUSALS: &[(&str, &str)] = &[
    ("snapshots.get-snapshot-push", "the mark of the page before is demanded of the first page too, and none is there"),
    (
        "social-planner.attach-oauth-accounts",
        "`oneOf` whose members fit each other's values, the vendor's own example too",
    ),
];

/// Why the specification refuses an operation's request, where that is known.
pub(super) fn of_the_refusal(operation: &str) -> Option<&'static str> {
    REFUSALS.iter().find(|(id, _)| *id == operation).map(|(_, reason)| *reason)
}
