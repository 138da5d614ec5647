//! The approvals inbox as a resource of every server.

use std::time::Duration;

use rmcp::model::{Resource, ResourceContents};
use serde::Serialize;

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::tool::{Approvals, INBOX_URI, InboxItem};

const JSON: &str = "application/json";

#[derive(Serialize)]
struct Inbox {
    plans: Vec<InboxItem>,
}

/// Its entry among the resources.
pub(super) fn listing() -> Resource {
    Resource::new(INBOX_URI, "approvals_inbox")
        .with_title("Approvals inbox")
        .with_description("Plans that wait for a yes: an administrator sees the tenant's, others their own.")
        .with_mime_type(JSON)
}

/// What it holds for the caller; it may have changed a moment later.
pub(super) async fn read(approvals: &Approvals, caller: &Caller) -> Result<(ResourceContents, Duration)> {
    let plans = approvals.inbox(caller).await?;
    let text = serde_json::to_string(&Inbox { plans })
        .map_err(|source| Error::internal("the inbox could not be encoded", source))?;
    Ok((ResourceContents::text(text, INBOX_URI).with_mime_type(JSON), Duration::ZERO))
}
