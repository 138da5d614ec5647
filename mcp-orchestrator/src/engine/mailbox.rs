//! What happens to a run while it is in memory: taken one after the other, by whoever comes first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use common::plan::PlanId;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::owned::Owned;
use crate::interpreter::Failure;
use crate::run::StepId;
use crate::store::runs::RunKey;

/// Something for a run in memory.
#[derive(Debug)]
pub(super) enum Message {
    /// It begins.
    Begin,
    /// Its rows hold something: inputs, or timers whose time has come.
    Look,
    /// A call has ended.
    Called { step: StepId, attempt: u32, outcome: Result<Value, Failure> },
    /// A call needs a yes.
    NeedsYes { step: StepId, attempt: u32, plan: PlanId },
}

/// One run's. Either the run lies in it, or somebody is at work on it.
#[derive(Debug)]
pub(super) struct Mailbox {
    slot: Mutex<Slot>,
    /// Fires when this process has the run no more.
    pub(super) left: CancellationToken,
}

/// Messages are bounded by what the run has open: calls, and one look.
#[derive(Debug, Default)]
struct Slot {
    messages: VecDeque<Message>,
    run: Option<Box<Owned>>,
}

impl Mailbox {
    /// For a run on which its maker is at work.
    pub(super) fn new(left: CancellationToken, messages: Vec<Message>) -> Self {
        Self { slot: Mutex::new(Slot { messages: messages.into(), run: None }), left }
    }

    /// Leaves a message; whoever gets the run has to work on it.
    fn post(&self, message: Message) -> Option<Box<Owned>> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            matches!(message, Message::Look) && slot.messages.iter().any(|other| matches!(other, Message::Look));
        if !is_known {
            slot.messages.push_back(message);
        }
        slot.run.take()
    }

    /// The messages for whoever is at work; without any, the run is laid down.
    pub(super) fn next(&self, run: Box<Owned>) -> Option<(Box<Owned>, VecDeque<Message>)> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.messages.is_empty() {
            slot.run = Some(run);
            return None;
        }
        Some((run, std::mem::take(&mut slot.messages)))
    }

    fn has_messages(&self) -> bool {
        !self.slot.lock().unwrap_or_else(PoisonError::into_inner).messages.is_empty()
    }
}

/// All runs in memory.
#[derive(Debug, Default)]
pub(super) struct Desk {
    mailboxes: Mutex<HashMap<RunKey, Arc<Mailbox>>>,
}

/// Where a message went.
#[derive(Debug)]
pub(super) enum Posted {
    /// The run is not in memory.
    Nowhere,
    /// Whoever is at work takes it.
    Taken,
    /// Nobody is at work: the run, for whoever has posted.
    Yours(Arc<Mailbox>, Box<Owned>),
}

impl Desk {
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Puts a run's mailbox up; false if there is one.
    pub(super) fn add(&self, key: &RunKey, mailbox: &Arc<Mailbox>) -> bool {
        let mut mailboxes = self.lock();
        let is_new = !mailboxes.contains_key(key);
        if is_new {
            mailboxes.insert(key.clone(), Arc::clone(mailbox));
        }
        is_new
    }

    /// Puts a run's mailbox up in place of any other: its row says that it is this one's.
    pub(super) fn put(&self, key: &RunKey, mailbox: &Arc<Mailbox>) {
        if let Some(before) = self.lock().insert(key.clone(), Arc::clone(mailbox)) {
            before.left.cancel();
        }
    }

    pub(super) fn post(&self, key: &RunKey, message: Message) -> Posted {
        let Some(mailbox) = self.lock().get(key).cloned() else { return Posted::Nowhere };
        match mailbox.post(message) {
            Some(run) => Posted::Yours(mailbox, run),
            None => Posted::Taken,
        }
    }

    /// Takes a run's mailbox down; returns whether messages were left in it.
    pub(super) fn remove(&self, key: &RunKey, mailbox: &Arc<Mailbox>) -> bool {
        let mut mailboxes = self.lock();
        if mailboxes.get(key).is_some_and(|other| Arc::ptr_eq(other, mailbox)) {
            mailboxes.remove(key);
        }
        drop(mailboxes);
        mailbox.left.cancel();
        mailbox.has_messages()
    }

    /// Takes all of them down: they are somebody else's.
    pub(super) fn clear(&self) {
        for (_, mailbox) in self.lock().drain() {
            mailbox.left.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunKey, Arc<Mailbox>>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
