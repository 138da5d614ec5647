//! The tasks that work in this process: how many, and how to reach each.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::error::{Error, ErrorCode, Result};
use crate::tool::task::TaskSettings;

/// All of them, by task id.
#[derive(Debug, Default)]
pub(super) struct Running {
    seats: Mutex<HashMap<String, Seat>>,
}

#[derive(Debug)]
struct Seat {
    caller: Caller,
    cancel: CancellationToken,
    is_cancel_requested: bool,
    /// Who waits for which answer.
    waiting: HashMap<String, oneshot::Sender<Value>>,
    questions_asked: u32,
}

impl Running {
    /// Takes a seat.
    ///
    /// # Errors
    /// `rate_limited` if the caller, or everybody together, already has as many as there may be.
    pub(super) fn enter(
        &self,
        settings: &TaskSettings,
        caller: &Caller,
        task_id: &str,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let mut seats = self.lock();
        let is_same =
            |seat: &&Seat| seat.caller.tenant() == caller.tenant() && seat.caller.subject() == caller.subject();
        let own = seats.values().filter(is_same).count();
        if own >= settings.running_per_caller_max {
            let message = format!("you already have {own} tasks at work");
            return Err(Error::new(ErrorCode::RateLimited, message).with_hint("wait for one, or cancel it"));
        }
        if seats.len() >= settings.running_max {
            return Err(Error::new(ErrorCode::RateLimited, "too many tasks are at work").with_hint("try again later"));
        }
        let seat = Seat {
            caller: caller.clone(),
            cancel: cancel.clone(),
            is_cancel_requested: false,
            waiting: HashMap::new(),
            questions_asked: 0,
        };
        seats.insert(task_id.to_owned(), seat);
        Ok(())
    }

    /// Gives the seat back.
    pub(super) fn leave(&self, task_id: &str) {
        self.lock().remove(task_id);
    }

    pub(super) fn has(&self, task_id: &str) -> bool {
        self.lock().contains_key(task_id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn is_cancel_requested(&self, task_id: &str) -> bool {
        self.lock().get(task_id).is_some_and(|seat| seat.is_cancel_requested)
    }

    /// Ends the work of a task, if it is done here.
    pub(super) fn cancel(&self, task_id: &str) {
        if let Some(seat) = self.lock().get_mut(task_id) {
            seat.is_cancel_requested = true;
            seat.cancel.cancel();
        }
    }

    /// Notes who waits for an answer, under a key that the task has not used.
    pub(super) fn wait(&self, task_id: &str, answer: oneshot::Sender<Value>) -> Option<String> {
        let mut seats = self.lock();
        let seat = seats.get_mut(task_id)?;
        seat.questions_asked += 1;
        let key = format!("question_{}", seat.questions_asked);
        seat.waiting.insert(key.clone(), answer);
        Some(key)
    }

    /// Lets whoever waits for an answer know that none will come.
    pub(super) fn forget(&self, task_id: &str, key: &str) {
        if let Some(seat) = self.lock().get_mut(task_id) {
            seat.waiting.remove(key);
        }
    }

    /// Hands answers to who waits for them; those for nobody are dropped.
    pub(super) fn answer(&self, task_id: &str, answers: &Map<String, Value>) {
        if let Some(seat) = self.lock().get_mut(task_id) {
            for (key, answer) in answers {
                if let Some(waiting) = seat.waiting.remove(key) {
                    drop(waiting.send(answer.clone()));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
