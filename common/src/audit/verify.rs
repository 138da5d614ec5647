//! Recomputes everything that was recorded for a tenant, page by page.

use std::collections::HashSet;

use serde::Serialize;

use super::chain::{Chain, hash_after, heads_digest};
use super::event::{CHECKPOINT, EventId, INTENT, OUTCOME, Record};
use super::pruning::Pruning;
use super::store::{self, StoredEvent};
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::tenant::TenantId;

/// Most faults and unfinished intents listed; the counts go on.
const LISTED_MAX: usize = 1_000;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub chains: u64,
    /// Checkpoints included; of reads that share a row, each.
    pub events: u64,
    pub checkpoints: u64,
    /// How many intents have no outcome: in flight, or the process died in between. No fault.
    pub unfinished: u64,
    /// The first thousand of them, oldest first.
    pub unfinished_intents: Vec<EventId>,
    pub faults_total: u64,
    /// The first thousand faults.
    pub faults: Vec<Fault>,
}

impl VerifyReport {
    /// Whether everything is as it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults_total == 0
    }

    fn fault(&mut self, fault: Fault) {
        self.faults_total = self.faults_total.saturating_add(1);
        if self.faults.len() < LISTED_MAX {
            self.faults.push(fault);
        }
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// An event, or its place, is not the one its hash was made for.
    Altered { chain_id: String, sequence: i64 },
    /// The event that should follow is not there.
    Missing { chain_id: String, sequence: i64 },
    /// The chain should end elsewhere: its tail was removed or something was appended.
    EndMoved { chain_id: String, ends_at: i64, should_end_at: Option<i64> },
    /// None of a chain's events is there.
    ChainRemoved { chain_id: String },
    /// A checkpoint names an event that is not there, or another in its place.
    CheckpointContradicted { chain_id: String, sequence: i64 },
    /// What a checkpoint names was changed.
    CheckpointAltered { chain_id: String, sequence: i64 },
    /// An outcome belongs to no intent.
    OutcomeWithoutIntent { intent_id: String },
    /// The beginning of a chain is gone, and nobody has said that it would be removed.
    PruningUnattested { chain_id: String, sequence: i64 },
}

pub(super) async fn verify(db: &Db, tenant: &TenantId) -> Result<VerifyReport> {
    let mut tx = db.snapshot().await?;
    let prunings = store::prunings::of(&mut tx, tenant).await?;
    let mut verification =
        Verification { tenant, report: VerifyReport::default(), intents: Intents::default(), prunings };
    verification.prunings(&mut tx).await?;
    let mut chain_id = String::new();
    while let Some(next) = store::next_chain(&mut tx, tenant, &chain_id).await? {
        chain_id = next;
        verification.chain(&mut tx, &chain_id).await?;
    }
    verification.chains_and_checkpoints(&mut tx).await?;
    Ok(verification.finish())
}

struct Verification<'a> {
    tenant: &'a TenantId,
    report: VerifyReport,
    intents: Intents,
    prunings: Vec<Pruning>,
}

impl Verification<'_> {
    async fn prunings(&mut self, tx: &mut Tx) -> Result<()> {
        if self.prunings.is_empty() {
            return Ok(());
        }
        let attested = store::prunings::attested(tx, self.tenant).await?;
        for pruning in &self.prunings {
            if !attested.contains(&pruning.digest().to_string()) {
                let (chain_id, sequence) = (pruning.chain_id.clone(), pruning.sequence);
                self.report.fault(Fault::PruningUnattested { chain_id, sequence });
            }
        }
        Ok(())
    }

    /// A chain before its first event, or after the last that was removed.
    fn beginning(&self, chain_id: &str) -> Chain {
        let mut chain = Chain::empty(self.tenant, chain_id.to_owned());
        if let Some(pruning) = self.prunings.iter().find(|pruning| pruning.chain_id == chain_id) {
            chain.sequence = pruning.sequence;
            // A malformed hash fits no event, which is then reported.
            if hex::decode_to_slice(&pruning.hash, &mut chain.hash).is_err() {
                chain.hash = [0; 32];
            }
        }
        chain
    }

    async fn chain(&mut self, tx: &mut Tx, chain_id: &str) -> Result<()> {
        self.report.chains = self.report.chains.saturating_add(1);
        let mut chain = self.beginning(chain_id);
        let mut read_until = i64::MIN;
        loop {
            let events = store::events_after(tx, self.tenant, (chain_id, read_until)).await?;
            let Some(last) = events.last() else { break };
            read_until = last.sequence;
            for event in &events {
                self.event(&mut chain, event);
                if let Some(record) = event.record.as_ref().filter(|record| record.kind == CHECKPOINT) {
                    self.checkpoint(tx, (chain_id, event.sequence), record).await?;
                }
            }
        }
        self.end_of_chain(tx, chain).await
    }

    fn event(&mut self, chain: &mut Chain, event: &StoredEvent) {
        let StoredEvent { sequence, record, hash } = event;
        let calls = record.as_ref().map_or(1, |record| u64::try_from(record.calls).unwrap_or(0));
        self.report.events = self.report.events.saturating_add(calls);
        let due = chain.sequence.saturating_add(1);
        if *sequence != due {
            // The hash before this event is not there to compare with.
            self.report.fault(Fault::Missing { chain_id: chain.id.clone(), sequence: due });
        } else if record.as_ref().map(|record| hex::encode(hash_after(&chain.hash, due, record))).as_ref() != Some(hash)
        {
            self.report.fault(Fault::Altered { chain_id: chain.id.clone(), sequence: due });
        }
        // Going on from what is stored reports each change once.
        chain.sequence = *sequence;
        if hex::decode_to_slice(hash, &mut chain.hash).is_err() {
            chain.hash = [0; 32];
        }
        let Some(record) = record else { return };
        match record.kind.as_ref() {
            INTENT => self.intents.intent(&record.event_id),
            OUTCOME => self.intents.outcome(record.intent_id.as_deref().unwrap_or_default()),
            _ => {}
        }
    }

    async fn checkpoint(&mut self, tx: &mut Tx, place: (&str, i64), record: &Record) -> Result<()> {
        self.report.checkpoints = self.report.checkpoints.saturating_add(1);
        let mut heads = store::checkpoint_heads(tx, self.tenant, place).await?;
        if record.arguments_digest != Some(heads_digest(&mut heads)) {
            let (chain_id, sequence) = (place.0.to_owned(), place.1);
            self.report.fault(Fault::CheckpointAltered { chain_id, sequence });
        }
        Ok(())
    }

    /// Compares where the chain ended with where its head says it does.
    async fn end_of_chain(&mut self, tx: &mut Tx, chain: Chain) -> Result<()> {
        let head = store::chain_head(tx, self.tenant, &chain.id).await?;
        let as_it_should =
            head.as_ref().is_some_and(|head| head.sequence == chain.sequence && head.hash == hex::encode(chain.hash));
        if !as_it_should {
            self.report.fault(Fault::EndMoved {
                chain_id: chain.id,
                ends_at: chain.sequence,
                should_end_at: head.map(|head| head.sequence),
            });
        }
        Ok(())
    }

    fn finish(self) -> VerifyReport {
        let Self { mut report, intents: Intents { open, early }, prunings, .. } = self;
        let pruned_before_ms = prunings.iter().map(|pruning| pruning.before_ms).max();
        // The intent of a young outcome may have been old enough to go.
        for intent in early.into_iter().filter(|intent| pruned_before_ms.is_none_or(|before| intent.at_ms() >= before))
        {
            report.fault(Fault::OutcomeWithoutIntent { intent_id: intent.to_string() });
        }
        report.unfinished = u64::try_from(open.len()).unwrap_or(u64::MAX);
        // Ids are ordered by time.
        let mut unfinished: Vec<_> = open.into_iter().collect();
        unfinished.sort_unstable();
        unfinished.truncate(LISTED_MAX);
        report.unfinished_intents = unfinished;
        report
    }

    async fn chains_and_checkpoints(&mut self, tx: &mut Tx) -> Result<()> {
        for head in store::chains_without_events(tx, self.tenant).await? {
            self.report.fault(Fault::ChainRemoved { chain_id: head.chain_id });
        }
        for head in store::contradicted_heads(tx, self.tenant).await? {
            self.report.fault(Fault::CheckpointContradicted { chain_id: head.chain_id, sequence: head.sequence });
        }
        for (chain_id, sequence) in store::heads_without_checkpoint(tx, self.tenant).await? {
            self.report.fault(Fault::CheckpointAltered { chain_id, sequence });
        }
        Ok(())
    }
}

/// Pairs intents with outcomes, which may stand in another chain: a run can be resumed by another process.
/// Holds only what has no partner yet.
#[derive(Default)]
struct Intents {
    open: HashSet<EventId>,
    /// Outcomes read before their intent.
    early: HashSet<EventId>,
}

impl Intents {
    fn intent(&mut self, event_id: &str) {
        match event_id.parse::<EventId>() {
            Ok(id) if self.early.remove(&id) => {}
            Ok(id) => _ = self.open.insert(id),
            // Its hash is wrong too, and reported.
            Err(_) => {}
        }
    }

    fn outcome(&mut self, intent_id: &str) {
        match intent_id.parse::<EventId>() {
            Ok(id) if self.open.remove(&id) => {}
            Ok(id) => _ = self.early.insert(id),
            Err(_) => {}
        }
    }
}
