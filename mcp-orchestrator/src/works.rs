//! What goes on beside the tools, put together: the inbox and its doors, the engine, schedules, and what follows from
//! runs that end.

mod after_runs;
mod run_book;
mod schedules;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use common::bootstrap::Foundation;
use common::error::Result;
use common::resource::Changes;

use crate::callbacks::Callbacks;
use crate::door::{self, StartDoor, WebhookDoor};
use crate::engine::hooks::EndedHooks;
use crate::engine::{Embedded, Engine, Parts};
use crate::executor::Executor;
use crate::follow_up::{FollowUp, SuccessTags};
use crate::inbox::{self, Inbox, Pump, Sources};
use crate::library::Library;
use crate::news::RunNews;
use crate::scheduler::Scheduler;
use crate::settings::Settings;
use crate::source::SourceKind;
use after_runs::AfterRuns;
use run_book::StoredRuns;
use schedules::KeepsSchedules;

/// What tools work with.
#[derive(Debug)]
pub(crate) struct Works {
    pub(crate) inbox: Inbox,
    pub(crate) library: Library,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) news: RunNews,
}

impl Works {
    /// Puts everything together and hands it to the foundation: serving processes run it. Touches nothing.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub(crate) fn assemble(foundation: &Foundation, settings: &Settings, changes: &Changes) -> Result<Self> {
        let Foundation { db, clock, .. } = foundation;
        let inbox = open_inbox(foundation, settings)?;
        let library = Library::new(db.clone(), clock.clone(), changes.clone());
        let news = RunNews::new(changes.clone());
        let callbacks = tell_outcomes(foundation);
        let follow_up = follow_up(foundation, settings, &inbox)?;
        let after_runs = AfterRuns { callbacks: callbacks.clone(), follow_up: follow_up.clone() };
        let embedded = Embedded::new(Parts {
            db: db.clone(),
            clock: clock.clone(),
            tasks: foundation.tasks.clone(),
            approvals: foundation.approvals.clone(),
            inbox: inbox.clone(),
            definitions: Arc::new(library.clone()),
            calls: Arc::new(Executor {
                peers: foundation.peers.clone(),
                http: foundation.http.clone(),
                clock: clock.clone(),
            }),
            hooks: EndedHooks::new(vec![Arc::new(after_runs), Arc::new(news.clone())]),
            settings: settings.engine.clone(),
        });
        let old = embedded.clone();
        foundation.sweeps.add("runs", move || {
            let old = old.clone();
            async move { old.forget_old().await }
        });
        serve(foundation, "workflow engine", &embedded, |embedded, stop| async move { embedded.serve(stop).await });
        let engine: Arc<dyn Engine> = Arc::new(embedded);
        let pump = Pump::new(inbox.clone(), Arc::clone(&engine), Arc::new(library.clone()), &settings.inbox);
        serve(foundation, "routing of events", &pump, Pump::run);
        let scheduler =
            Scheduler::new((db.clone(), clock.clone()), Arc::clone(&engine), follow_up, &settings.schedules);
        serve(foundation, "schedules", &scheduler, Scheduler::run);
        library.tell(Arc::new(KeepsSchedules(scheduler)));
        foundation.side_doors.add_gated(door::start_routes(StartDoor {
            engine: Arc::clone(&engine),
            workflows: Arc::new(library.clone()),
            callbacks,
            clock: clock.clone(),
            metrics: foundation.metrics.clone(),
            body_bytes_max: settings.inbox.body_bytes_max,
        }));
        Ok(Self { inbox, library, engine, news })
    }
}

/// Lets serving processes run something until they stop.
fn serve<T, Run, Running>(foundation: &Foundation, name: &'static str, what: &T, run: Run)
where
    T: Clone + Send + Sync + 'static,
    Run: Fn(T, tokio_util::sync::CancellationToken) -> Running + Send + Sync + 'static,
    Running: Future<Output = ()> + Send + 'static,
{
    let what = what.clone();
    foundation.services.add(name, move |stop| run(what.clone(), stop));
}

/// The inbox, its door, and what it forgets in time.
fn open_inbox(foundation: &Foundation, settings: &Settings) -> Result<Inbox> {
    settings.retention.check()?;
    let Foundation { db, clock, .. } = foundation;
    let inbox = Inbox::new(db.clone(), clock.clone(), &foundation.tasks, &settings.inbox);
    let sources = Sources::new(&settings.sources, foundation.secrets.clone(), clock.clone())?;
    let door = WebhookDoor::new(inbox.clone(), sources, foundation.metrics.clone(), &settings.inbox);
    foundation.side_doors.add(door::webhook_routes(door));
    let (db, clock, retention) = (db.clone(), clock.clone(), settings.retention.clone());
    foundation.sweeps.add("events", move || {
        let (db, clock, retention) = (db.clone(), clock.clone(), retention.clone());
        async move { inbox::forget_old(&db, &clock, &retention).await }
    });
    Ok(inbox)
}

/// Outcomes on their way to whoever wanted to be told.
fn tell_outcomes(foundation: &Foundation) -> Callbacks {
    let Foundation { db, clock, http, secrets, .. } = foundation.clone();
    let callbacks = Callbacks::new(db, clock, http, secrets);
    serve(foundation, "callbacks", &callbacks, Callbacks::run);
    let forgetting = callbacks.clone();
    foundation.sweeps.add("callbacks", move || {
        let callbacks = forgetting.clone();
        async move { callbacks.forget_old().await }
    });
    callbacks
}

/// Failures on their way to the log and to workflows, successes on theirs to the CRM.
fn follow_up(foundation: &Foundation, settings: &Settings, inbox: &Inbox) -> Result<FollowUp> {
    let at = (foundation.db.clone(), foundation.clock.clone());
    let runs = Arc::new(StoredRuns(foundation.db.clone()));
    let of_crm = settings.sources.iter().filter(|source| source.kind == SourceKind::GoHighLevel);
    let sources: BTreeSet<_> = of_crm.map(|source| (source.tenant.clone(), source.name.clone())).collect();
    let crm = Arc::new(foundation.peers.clone());
    let tags = SuccessTags::new(at.clone(), crm, runs.clone(), sources, &settings.success_tag)?;
    if let Some(tags) = &tags {
        serve(foundation, "success tags", tags, SuccessTags::run);
    }
    let follow_up = FollowUp::new(at, inbox.clone(), runs, tags, settings.failures.clone());
    let forgetting = follow_up.clone();
    foundation.sweeps.add("failures", move || {
        let follow_up = forgetting.clone();
        async move { follow_up.forget_old().await }
    });
    Ok(follow_up)
}
