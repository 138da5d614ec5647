//! What goes on beside the tools, put together: the inbox and its doors, the engine, schedules, and what follows from
//! runs that end.

mod after_runs;
mod run_book;
mod schedules;
mod starters;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use common::bootstrap::Foundation;
use common::error::Result;
use common::resource::Changes;
use common::tenant::TenantId;

use crate::callbacks::Callbacks;
use crate::door::{self, SignedDoor, StartDoor, WebhookDoor};
use crate::engine::hooks::EndedHooks;
use crate::engine::{Chosen, Engine, Parts};
use crate::executor::Executor;
use crate::follow_up::{FollowUp, SuccessTags};
use crate::inbox::{self, Inbox, Sources};
use crate::library::Library;
use crate::news::RunNews;
use crate::news::elsewhere::Elsewhere;
use crate::reconciler::{self, Reconciler};
use crate::router::Pump;
use crate::scheduler::Scheduler;
use crate::settings::Settings;
use crate::source::SourceKind;
use after_runs::AfterRuns;
use run_book::StoredRuns;
use schedules::KeepsSchedules;
use starters::Published;

/// What tools work with.
#[derive(Debug)]
pub(crate) struct Works {
    pub(crate) inbox: Inbox,
    pub(crate) library: Library,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) news: RunNews,
    pub(crate) follow_up: FollowUp,
    pub(crate) reconciler: Reconciler,
}

impl Works {
    /// Puts everything together and hands it to the foundation: serving processes run it. Touches nothing.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub(crate) fn assemble(foundation: &Foundation, settings: &Settings, changes: &Changes) -> Result<Self> {
        let Foundation { db, clock, .. } = foundation;
        let inbox = open_inbox(foundation, settings)?;
        let library = Library::new((db.clone(), clock.clone()), changes.clone(), &settings.retry)?;
        let news = RunNews::new(changes.clone());
        let elsewhere = Elsewhere { db: db.clone(), clock: clock.clone(), changes: changes.clone() };
        serve(foundation, "news of runs", &elsewhere, Elsewhere::run);
        let callbacks = tell_outcomes(foundation);
        let tags = success_tags(foundation, settings)?;
        let follow_up = follow_up(foundation, settings, (&inbox, tags.clone()));
        let reconciler = reconciler(foundation, settings, (&inbox, &library, tags))?;
        let after_runs = AfterRuns { callbacks: callbacks.clone(), follow_up: follow_up.clone() };
        let chosen = Chosen::new(Parts {
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
        })?;
        let old = chosen.clone();
        foundation.sweeps.add("runs", move || {
            let old = old.clone();
            async move { old.forget_old().await }
        });
        serve(foundation, "workflow engine", &chosen, Chosen::serve);
        let engine = chosen.engine();
        let pump = Pump::new(inbox.clone(), Arc::clone(&engine), Arc::new(library.clone()), &settings.inbox);
        serve(foundation, "routing of events", &pump, Pump::run);
        let scheduler =
            Scheduler::new((db.clone(), clock.clone()), Arc::clone(&engine), follow_up.clone(), &settings.schedules);
        serve(foundation, "schedules", &scheduler, Scheduler::run);
        library.tell(Arc::new(KeepsSchedules(scheduler)));
        let start = StartDoor {
            engine: Arc::clone(&engine),
            workflows: Arc::new(library.clone()),
            callbacks,
            clock: clock.clone(),
            metrics: foundation.metrics.clone(),
            body_bytes_max: settings.inbox.body_bytes_max,
        };
        let signed = SignedDoor::new(start.clone(), foundation.secrets.clone(), &settings.inbox);
        foundation.side_doors.add(door::signed_routes(signed));
        foundation.side_doors.add_gated(door::start_routes(start));
        Ok(Self { inbox, library, engine, news, follow_up, reconciler })
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

/// Whose events come from the CRM.
fn crm_sources(settings: &Settings) -> BTreeSet<(TenantId, String)> {
    let of_crm = settings.sources.iter().filter(|source| source.kind == SourceKind::GoHighLevel);
    of_crm.map(|source| (source.tenant.clone(), source.name.clone())).collect()
}

/// Successes on their way to the CRM.
fn success_tags(foundation: &Foundation, settings: &Settings) -> Result<Option<SuccessTags>> {
    let at = (foundation.db.clone(), foundation.clock.clone());
    let runs = Arc::new(StoredRuns(foundation.db.clone()));
    let crm = Arc::new(foundation.peers.clone());
    let tags = SuccessTags::new(at, crm, runs, crm_sources(settings), &settings.success_tag)?;
    if let Some(tags) = &tags {
        serve(foundation, "success tags", tags, SuccessTags::run);
        sweep(foundation, "success tags", tags, |tags| async move { tags.forget_old().await });
    }
    Ok(tags)
}

/// Failures on their way to the log and to workflows.
fn follow_up(foundation: &Foundation, settings: &Settings, (inbox, tags): (&Inbox, Option<SuccessTags>)) -> FollowUp {
    let at = (foundation.db.clone(), foundation.clock.clone());
    let runs = Arc::new(StoredRuns(foundation.db.clone()));
    let follow_up = FollowUp::new(at, inbox.clone(), runs, tags, settings.failures.clone());
    sweep(foundation, "failures", &follow_up, |follow_up| async move { follow_up.forget_old().await });
    follow_up
}

/// What is compared with the CRM at night and when asked.
fn reconciler(
    foundation: &Foundation,
    settings: &Settings,
    (inbox, library, tags): (&Inbox, &Library, Option<SuccessTags>),
) -> Result<Reconciler> {
    settings.reconciliation.check()?;
    let reconciler = Reconciler::new(reconciler::Parts {
        db: foundation.db.clone(),
        clock: foundation.clock.clone(),
        inbox: inbox.clone(),
        crm: Arc::new(foundation.peers.clone()),
        runs: Arc::new(StoredRuns(foundation.db.clone())),
        starters: Arc::new(Published(library.clone())),
        tags,
        sources: crm_sources(settings),
        events_kept_days: settings.retention.kept_days_min(),
        settings: settings.reconciliation.clone(),
    });
    serve(foundation, "reconciliation", &reconciler, Reconciler::run);
    sweep(foundation, "reconciliations", &reconciler, |reconciler| async move { reconciler.forget_old().await });
    Ok(reconciler)
}

/// Lets serving processes forget what is old.
fn sweep<T, Sweep, Sweeping>(foundation: &Foundation, rows: &'static str, what: &T, sweep: Sweep)
where
    T: Clone + Send + Sync + 'static,
    Sweep: Fn(T) -> Sweeping + Send + Sync + 'static,
    Sweeping: Future<Output = Result<u64>> + Send + 'static,
{
    let what = what.clone();
    foundation.sweeps.add(rows, move || sweep(what.clone()));
}
