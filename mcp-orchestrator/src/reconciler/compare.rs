//! One comparison: pages of contacts and of events go past each other, and memory holds one batch of each.

use std::collections::HashSet;
use std::time::Duration;

use common::auth::Caller;
use common::clock::{UnixMillis, after};
use common::error::{Error, ErrorCode, Result};
use common::peer::PeerCall;
use jiff::Timestamp;
use serde_json::{Map, json};
use tokio_util::sync::CancellationToken;

use super::{ALIVE, Parts};
use crate::reconciliation::{
    BATCH_MAX, Contact, ContactPage, Expectation, Gap, GapKind, SKEW_MS, Sieve, run_missing, runs_due, tag_missing,
};
use crate::run::RunId;
use crate::store::events::window;
use crate::store::reconciliations::{self, Report};
use crate::store::tags;

/// Contacts of a page: the most that `search_contacts` shows.
const PAGE: usize = 100;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Pages between two signs of life.
const PAGES_PER_SIGN: usize = 20;

/// Events and tags read at once.
const ROWS: i64 = 500;

/// Runs asked about at once.
const RUNS: usize = 100;

/// Compares, and writes what is missing into the report's rows.
pub(super) async fn compare(parts: &Parts, caller: &Caller, report: &mut Report) -> Result<()> {
    let mut comparison = Comparison { parts, caller, report, found: Vec::new(), known: HashSet::new(), is_full: false };
    comparison.contacts().await?;
    comparison.runs().await?;
    comparison.tags_not_set().await?;
    comparison.keep().await
}

struct Comparison<'a> {
    parts: &'a Parts,
    caller: &'a Caller,
    report: &'a mut Report,
    /// Not yet written.
    found: Vec<(i64, Gap)>,
    known: HashSet<(GapKind, String)>,
    /// There are more gaps than a report lists.
    is_full: bool,
}

impl Comparison<'_> {
    /// Contacts of the CRM against the events that tell of their creation and the tags that runs have set on them.
    async fn contacts(&mut self) -> Result<()> {
        let Some(first_ms) = self.parts.first_event_ms(&self.report.tenant).await? else {
            self.remark(
                "no event of the CRM has ever arrived: its webhooks do not point here, so contacts were not compared",
            );
            return Ok(());
        };
        // Before the CRM's webhooks pointed here, nothing was to be expected of them.
        self.report.since_ms = self.report.since_ms.max(first_ms).min(self.report.until_ms);
        let (mut batch, mut left) = (Sieve::default(), Sieve::default());
        let (mut cursor, mut location, mut pages) = (None, String::new(), 0_usize);
        loop {
            let page = self.page(cursor.as_deref()).await?;
            location = if location.is_empty() { page.location.id } else { location };
            self.report.contacts += count(page.items.len());
            self.tags_gone(&page.items).await?;
            for contact in page.items {
                let Some(added_ms) = contact.added_ms() else { continue };
                // The CRM's filter may be by days.
                if (self.report.since_ms..self.report.until_ms).contains(&added_ms) {
                    batch.put(contact, added_ms);
                }
            }
            pages += 1;
            if batch.len() >= BATCH_MAX {
                self.sift(&mut batch, None).await?;
                batch.pour_into(&mut left);
            }
            if left.len() > self.parts.settings.gaps_max {
                break;
            }
            if pages.is_multiple_of(PAGES_PER_SIGN) {
                self.keep().await?;
            }
            match page.next_cursor {
                Some(next) if cursor.as_deref() != Some(next.as_str()) => cursor = Some(next),
                _ => break,
            }
        }
        self.sift(&mut batch, None).await?;
        batch.pour_into(&mut left);
        // Their events came late, if at all: once more, up to now.
        let now_ms = self.parts.clock.now_ms();
        self.sift(&mut left, Some(now_ms.saturating_add(SKEW_MS))).await?;
        for gap in left.gaps(&location) {
            self.gap(gap);
        }
        self.keep().await
    }

    async fn page(&self, cursor: Option<&str>) -> Result<ContactPage> {
        let mut arguments = Map::new();
        arguments.insert("limit".to_owned(), json!(PAGE));
        arguments.insert("added_after".to_owned(), json!(instant(self.report.since_ms)));
        arguments.insert("added_before".to_owned(), json!(instant(self.report.until_ms)));
        if !self.report.location.is_empty() {
            arguments.insert("location".to_owned(), json!(self.report.location));
        }
        if let Some(cursor) = cursor {
            arguments.insert("cursor".to_owned(), json!(cursor));
        }
        let call = PeerCall {
            server: self.parts.settings.server.clone(),
            tool: "search_contacts".to_owned(),
            arguments,
            idempotency_key: None,
            approval: None,
            trace_id: None,
            deadline: PATIENCE,
            cancel: CancellationToken::new(),
        };
        let answer = self.parts.crm.call(self.caller, call).await?;
        serde_json::from_value(answer).map_err(|source| {
            Error::new(ErrorCode::UpstreamRejected, "the CRM's contacts are not in the form of `search_contacts`")
                .with_hint("`orchestrator.reconciliation.server` has to be an mcp-ghl of this suite")
                .with_source(source)
        })
    }

    /// Takes the contacts out that events tell of; up to `until_ms`, else as late as they are to be expected.
    async fn sift(&mut self, sieve: &mut Sieve, until_ms: Option<UnixMillis>) -> Result<()> {
        let Some((since_ms, expected_until_ms)) = sieve.span() else { return Ok(()) };
        let until_ms = until_ms.unwrap_or(expected_until_ms);
        let mut behind = window::beginning(since_ms);
        while !sieve.is_empty() {
            let (db, tenant) = (&self.parts.db, &self.report.tenant);
            let created = window::contacts_created(db, tenant, (&behind, until_ms), ROWS).await?;
            let Some((last, _)) = created.last() else { break };
            behind.clone_from(last);
            for contact in created.iter().filter_map(|(_, contact)| contact.as_deref()) {
                sieve.told(contact);
            }
        }
        Ok(())
    }

    /// Tags that were set on contacts of a page and are not there.
    async fn tags_gone(&mut self, contacts: &[Contact]) -> Result<()> {
        let ids: Vec<&str> = contacts.iter().map(|contact| contact.id.as_str()).collect();
        let span = (self.report.since_ms, self.report.until_ms);
        for told in tags::set_on(&self.parts.db, &self.report.tenant, span, &ids).await? {
            let Some((contact, tag)) = told.set.as_ref() else { continue };
            let shows = contacts.iter().find(|shown| shown.id == *contact).is_none_or(|shown| shown.has_tag(tag));
            if !shows {
                let set = Some((contact.as_str(), tag.as_str()));
                self.gap(tag_missing(&told.run, told.workflow.clone(), set));
            }
        }
        Ok(())
    }

    /// Events against the runs that they ought to have started.
    async fn runs(&mut self) -> Result<()> {
        let starters = self.parts.starters.starters(&self.report.tenant).await?;
        let expected: Vec<Expectation<'_>> = starters
            .iter()
            .map(|starter| Expectation {
                workflow: &starter.workflow,
                filters: &starter.filters,
                since_ms: starter.since_ms,
            })
            .collect();
        let mut behind = window::beginning(self.report.since_ms);
        loop {
            let (db, tenant) = (&self.parts.db, self.report.tenant.clone());
            let stored = window::settled(db, &tenant, (&behind, self.report.until_ms), ROWS).await?;
            let Some(last) = stored.last() else { return self.keep().await };
            behind.clone_from(&last.event_id);
            self.report.events += count(stored.len());
            let mut due = Vec::new();
            for event in stored.iter().map(crate::store::events::Stored::event) {
                due.extend(
                    runs_due(&event, &expected).into_iter().map(|(workflow, run)| (event.clone(), workflow, run)),
                );
            }
            for some in due.chunks(RUNS) {
                let runs: Vec<RunId> = some.iter().map(|(_, _, run)| run.clone()).collect();
                let there = self.parts.runs.known(&tenant, &runs).await?;
                for (event, workflow, run) in some.iter().filter(|(_, _, run)| !there.contains(run)) {
                    self.gap(run_missing(event, workflow.clone(), run));
                }
            }
        }
    }

    /// Tags that no attempt could set.
    async fn tags_not_set(&mut self) -> Result<()> {
        let span = (self.report.since_ms, self.report.until_ms);
        let mut behind = String::new();
        loop {
            let told = tags::failed(&self.parts.db, &self.report.tenant, span, (&behind, ROWS)).await?;
            let Some(last) = told.last() else { return Ok(()) };
            behind.clone_from(&last.run.0);
            for told in told {
                self.gap(tag_missing(&told.run, told.workflow, None));
            }
        }
    }

    fn gap(&mut self, gap: Gap) {
        let place = match gap.kind {
            // An event can be without several runs.
            GapKind::RunMissing => format!("{}/{}", gap.subject, gap.workflow.as_deref().unwrap_or_default()),
            GapKind::EventMissing | GapKind::TagMissing => gap.subject.clone(),
        };
        if self.known.len() >= self.parts.settings.gaps_max {
            self.is_full = true;
            return;
        }
        if self.known.insert((gap.kind, place)) {
            self.report.gaps += 1;
            self.found.push((self.report.gaps, gap));
        }
    }

    /// Writes down what was found, and that somebody is at it.
    async fn keep(&mut self) -> Result<()> {
        if self.is_full {
            self.remark("there are more gaps than a report lists: look whether the CRM's webhooks arrive at all");
        }
        let found = std::mem::take(&mut self.found);
        let alive_until_ms = after(self.parts.clock.now_ms(), ALIVE);
        reconciliations::progress(&self.parts.db, self.report, &found, alive_until_ms).await
    }

    fn remark(&mut self, remark: &str) {
        self.report.remark = Some(remark.to_owned());
    }
}

fn instant(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
