//! The open sessions of one server, by id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::auth::Caller;
use crate::transport::legacy_sse::session::Session;

/// 128 random bits: an id says nothing and cannot be guessed, and is no good to another caller even if it leaks.
const ID_BYTES: usize = 16;

#[derive(Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Arc<Session>>>,
    sessions_max: usize,
}

impl Sessions {
    pub(super) fn new(sessions_max: usize) -> Self {
        Self { open: Mutex::default(), sessions_max }
    }

    /// Lets a session in for as long as the returned stay lives; `None` where there are too many.
    pub(super) fn admit(self: &Arc<Self>, session: Arc<Session>) -> Option<Stay> {
        let mut random = [0; ID_BYTES];
        getrandom::fill(&mut random).ok()?;
        let id = hex::encode(random);
        let mut open = self.lock();
        if open.len() >= self.sessions_max {
            return None;
        }
        open.insert(id.clone(), Arc::clone(&session));
        Some(Stay { sessions: Arc::clone(self), session, id })
    }

    /// The session of that id, if this caller opened it.
    pub(super) fn find(&self, id: &str, caller: &Caller) -> Option<Arc<Session>> {
        self.lock().get(id).filter(|session| session.is_open_to(caller)).map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session's place among the open ones. It ends when this is dropped, and this is dropped with the client's stream.
pub(super) struct Stay {
    sessions: Arc<Sessions>,
    session: Arc<Session>,
    id: String,
}

impl Stay {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.session.end();
        self.sessions.lock().remove(&self.id);
    }
}
