//! Where the judge is wrong about a request: what it says, and why that is its own fault.

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
