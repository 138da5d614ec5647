//! What a serving process does beside answering: begun once it serves, ended when it stops.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::tasks::Tasks;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Clone)]
struct Service {
    /// What it does: `workflow engine`.
    name: &'static str,
    run: Arc<dyn Fn(CancellationToken) -> Running + Send + Sync>,
}

/// What servers have running beside their tools. Cheap to clone; all clones share one list.
#[derive(Clone, Default)]
pub struct Services {
    services: Arc<Mutex<Vec<Service>>>,
}

impl Services {
    /// Adds something that every serving process runs, until the token that it is given fires.
    pub fn add<Run, Work>(&self, name: &'static str, run: Run)
    where
        Run: Fn(CancellationToken) -> Work + Send + Sync + 'static,
        Work: Future<Output = ()> + Send + 'static,
    {
        let run: Arc<dyn Fn(CancellationToken) -> Running + Send + Sync> = Arc::new(move |stop| Box::pin(run(stop)));
        self.services.lock().unwrap_or_else(PoisonError::into_inner).push(Service { name, run });
    }

    /// Begins all of them. To be called once, inside a runtime, by whoever serves.
    pub fn start(&self, tasks: &Tasks) {
        for Service { name, run } in self.services.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            tracing::debug!("starting {name}");
            tasks.spawn(run(tasks.stopping().clone()));
        }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_list().entries(services.iter().map(|service| service.name)).finish()
    }
}
