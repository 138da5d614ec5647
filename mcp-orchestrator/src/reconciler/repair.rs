//! Repairs of what was found: each does nothing more if it is done again.

use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;

use super::Reconciler;
use crate::crm::CONTACT_CREATED;
use crate::inbox::Incoming;
use crate::reconciliation::{Gap, GapKind, created_key};
use crate::store::reconciliations::{self, Reading};
use crate::store::{events, tags};

/// Gaps read at once.
const ROWS: i64 = 100;

/// What became of repairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repaired {
    pub made: u64,
    pub failed: u64,
}

impl Reconciler {
    /// Makes up for what a report has found and nobody has repaired yet. Events and runs that follow are the ordinary
    /// ones: they are under way when this returns.
    ///
    /// # Errors
    /// `not_found` if there is no such report; those of the database. A repair that fails is counted.
    pub async fn repair(&self, tenant: &TenantId, id: &str) -> Result<Repaired> {
        self.report(tenant, id).await?;
        let (mut repaired, mut behind) = (Repaired::default(), 0);
        loop {
            let reading = Reading { id, behind, only_open: true };
            let found = reconciliations::gaps(&self.parts.db, tenant, reading, ROWS).await?;
            let Some(last) = found.last() else { break };
            behind = last.number;
            let mut settled = Vec::with_capacity(found.len());
            for gap in &found {
                match self.make_up(tenant, &gap.gap).await {
                    Ok(()) => {
                        repaired.made += 1;
                        settled.push((gap.number, "repaired"));
                    }
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(error.cause = cause, "a gap could not be repaired: {}", error.message());
                        repaired.failed += 1;
                        settled.push((gap.number, "failed"));
                    }
                }
            }
            reconciliations::settle(&self.parts.db, tenant, id, &settled).await?;
        }
        self.parts.inbox.wake();
        if let Some(tags) = &self.parts.tags {
            tags.wake();
        }
        Ok(repaired)
    }

    /// The source that events that are made up stand for, so that whatever waits for the CRM's own waits for them too: the
    /// first by name, if there are several.
    fn source_of(&self, tenant: &TenantId) -> Result<&str> {
        let mut sources = self.parts.sources.iter().filter(|(owner, _)| owner == tenant);
        let first = sources.next().map(|(_, source)| source.as_str());
        first.ok_or_else(|| {
            Error::new(ErrorCode::FailedPrecondition, "this tenant has no source of the kind `gohighlevel` any more")
                .with_hint("see `[[orchestrator.sources]]`")
        })
    }

    async fn make_up(&self, tenant: &TenantId, gap: &Gap) -> Result<()> {
        match gap.kind {
            GapKind::EventMissing => {
                let body = serde_json::to_vec(&gap.detail)
                    .map_err(|source| Error::internal("an event could not be encoded", source))?;
                let incoming = Incoming {
                    source: self.source_of(tenant)?.to_owned(),
                    kind: CONTACT_CREATED.to_owned(),
                    dedupe_key: created_key(&gap.subject),
                    headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                    body,
                };
                self.parts.inbox.take(tenant, incoming).await.map(drop)
            }
            // Routed once more, it starts the runs that are not there and no others.
            GapKind::RunMissing => done(events::requeue(&self.parts.db, tenant, &gap.subject).await?, "event"),
            GapKind::TagMissing => {
                let now_ms = self.parts.clock.now_ms();
                done(tags::again(&self.parts.db, tenant, &gap.subject, now_ms).await?, "run")
            }
        }
    }
}

fn done(is_done: bool, what: &str) -> Result<()> {
    if is_done {
        return Ok(());
    }
    Err(Error::internal(format!("the {what} is forgotten by now"), "it is older than what is kept"))
}
