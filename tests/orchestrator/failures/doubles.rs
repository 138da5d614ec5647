//! The far sides of what follows runs: an engine that remembers, a CRM of generated contacts, a book of runs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::auth::{Acting, Caller, Role};
use common::error::{Error, ErrorCode};
use common::peer::PeerCall;
use common::tenant::TenantId;
use mcp_orchestrator::engine::{Answering, Engine as EngineSeam, NewRun, Resume, Start};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::follow_up::{Crm as CrmSeam, RunBook, RunFacts};
use mcp_orchestrator::run::RunId;
use serde_json::{Value, json};

pub(crate) fn acting() -> Acting {
    Acting { subject: "publisher".to_owned(), role: Role::Member, scopes: Vec::new() }
}

/// Remembers what it was told to start, and fails as often as it is told to.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    pub(crate) started: Mutex<BTreeMap<RunId, NewRun>>,
    pub(crate) asked: AtomicUsize,
    pub(crate) failures: AtomicUsize,
}

fn out_of_scope<'a, T: Send + 'a>() -> Answering<'a, T> {
    Box::pin(std::future::ready(Err(Error::new(ErrorCode::FailedPrecondition, "these runs only begin"))))
}

impl EngineSeam for Engine {
    fn start<'a>(&'a self, _: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let fails = |left: usize| left.checked_sub(1);
            if self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
                return Err(Error::new(ErrorCode::UpstreamUnavailable, "the engine is away"));
            }
            let known = self.started.lock().unwrap().insert(run.run_id.clone(), run).is_some();
            Ok(if known { Start::Known } else { Start::Started })
        })
    }

    fn deliver<'a>(&'a self, _: &'a TenantId, _: &'a Event) -> Answering<'a, usize> {
        Box::pin(std::future::ready(Ok(0)))
    }

    fn signal<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: &'a Event) -> Answering<'a, ()> {
        out_of_scope()
    }

    fn cancel<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: String) -> Answering<'a, ()> {
        out_of_scope()
    }

    fn resume<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: Resume) -> Answering<'a, ()> {
        out_of_scope()
    }
}

/// The runs there are.
#[derive(Debug, Default)]
pub(crate) struct Book {
    runs: Mutex<HashMap<RunId, RunFacts>>,
}

impl Book {
    pub(crate) fn plant(&self, run: RunId, started_by: Option<&str>) {
        let facts = RunFacts { started_by: started_by.map(str::to_owned), acting: acting() };
        self.runs.lock().unwrap().insert(run, facts);
    }
}

impl RunBook for Book {
    fn find<'a>(&'a self, _: &'a TenantId, run: &'a RunId) -> Answering<'a, Option<RunFacts>> {
        let found = self.runs.lock().unwrap().get(run).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn known<'a>(&'a self, _: &'a TenantId, runs: &'a [RunId]) -> Answering<'a, HashSet<RunId>> {
        let there = self.runs.lock().unwrap();
        let known = runs.iter().filter(|run| there.contains_key(run)).cloned().collect();
        Box::pin(std::future::ready(Ok(known)))
    }
}

/// A CRM that answers in the form of mcp-ghl's tools, from generated contacts, newest first.
#[derive(Debug, Default)]
pub(crate) struct Crm {
    calls: Mutex<Vec<PeerCall>>,
    fails: Mutex<Option<ErrorCode>>,
    /// Id, when it was added as RFC 3339, and tags, newest first.
    contacts: Vec<(String, String, Vec<String>)>,
}

impl Crm {
    pub(crate) fn of(contacts: Vec<(String, String, Vec<String>)>) -> Self {
        Self { contacts, ..Self::default() }
    }

    pub(crate) fn calls(&self) -> Vec<PeerCall> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn fail(&self, how: Option<ErrorCode>) {
        *self.fails.lock().unwrap() = how;
    }

    fn page(&self, call: &PeerCall) -> Value {
        let text = |name: &str| call.arguments.get(name).and_then(Value::as_str);
        let begin: usize = text("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let limit = call.arguments["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap();
        let end = (begin + limit).min(self.contacts.len());
        let item = |(id, added_at, tags): &(String, String, Vec<String>)| {
            json!({
                "id": id, "name": format!("Name of {id}"), "email": format!("{id}@example.com"), "phone": "+49301234567",
                "company": "ACME", "tags": tags, "owner": "Ada", "source": "ad", "added_at": added_at,
            })
        };
        let items: Vec<Value> = self.contacts[begin..end].iter().map(item).collect();
        let mut page = json!({
            "location": {"id": "loc1", "name": "Main", "timezone": "UTC"}, "items": items, "total": self.contacts.len(),
            "link_form": "https://app.example.com/contacts/{id}",
        });
        if end < self.contacts.len() {
            page["next_cursor"] = json!(end.to_string());
        }
        page
    }
}

impl CrmSeam for Crm {
    fn call<'a>(&'a self, _: &'a Caller, call: PeerCall) -> Answering<'a, Value> {
        let answer = match (*self.fails.lock().unwrap(), call.tool.as_str()) {
            (Some(code), _) => Err(Error::new(code, "the CRM is away")),
            (None, "search_contacts") => Ok(self.page(&call)),
            (None, _) => Ok(json!({})),
        };
        self.calls.lock().unwrap().push(call);
        Box::pin(std::future::ready(answer))
    }
}
