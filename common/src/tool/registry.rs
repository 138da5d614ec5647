//! The tools of one server, and which of them a request sees.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use rmcp::model::{JsonObject, Tool as Definition};
use serde::Serialize;
use serde_json::Value;

use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, Result};
use crate::tool::{Access, Call, Job, MoreTools, Plan, ReadBack, Surface, Tool, access, added, one_line, schema};

type Inquiry<'call> = Pin<Box<dyn Future<Output = Result<ReadBack<Value>>> + Send + 'call>>;
type ReadBackHandler = Box<dyn for<'call> Fn(&'call Call, Value, UnixMillis) -> Inquiry<'call> + Send + Sync>;
type Answer<'call> = Pin<Box<dyn Future<Output = Result<Value>> + Send + 'call>>;
type Planned<'call> = Pin<Box<dyn Future<Output = Result<Plan>> + Send + 'call>>;
type Planner = Box<dyn for<'call> Fn(&'call Call, Value, Access) -> Planned<'call> + Send + Sync>;
type Classed<'call> = Pin<Box<dyn Future<Output = Result<Access>> + Send + 'call>>;
type Classifier = Box<dyn for<'call> Fn(&'call Call, Value) -> Classed<'call> + Send + Sync>;
type Handler = Box<dyn for<'call> Fn(&'call Call, Value) -> Answer<'call> + Send + Sync>;

/// The list of a server's tools, in the order in which clients see them.
pub struct Tools<Deps> {
    entries: Vec<Entry>,
    deps: Arc<Deps>,
}

impl<Deps: Send + Sync + 'static> Tools<Deps> {
    /// An empty list over what its tools will be given.
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { entries: Vec::new(), deps }
    }

    /// Adds a tool. Nothing is generated before somebody asks for it: starting costs nothing.
    #[must_use]
    pub fn with<T: Tool<Deps = Deps>>(mut self) -> Self {
        const {
            assert!(T::ACCESS.is_read() == T::ACCESS_MIN.is_read(), "a tool reads in all of its calls or in none");
        }
        let deps = Arc::clone(&self.deps);
        let handler: Handler = Box::new(move |call, arguments| {
            let deps = Arc::clone(&deps);
            Box::pin(async move { serve::<T>(&deps, call, arguments).await })
        });
        let deps = Arc::clone(&self.deps);
        let read_back: ReadBackHandler = Box::new(move |call, arguments, since_ms| {
            let deps = Arc::clone(&deps);
            Box::pin(async move { read_back::<T>(&deps, call, arguments, since_ms).await })
        });
        let deps = Arc::clone(&self.deps);
        let planner: Planner = Box::new(move |call, arguments, access| {
            let deps = Arc::clone(&deps);
            Box::pin(async move { plan::<T>(&deps, call, arguments, access).await })
        });
        let deps = Arc::clone(&self.deps);
        let classifier: Classifier = Box::new(move |call, arguments| {
            let deps = Arc::clone(&deps);
            Box::pin(async move { T::access_of(&deps, call, &decode::<T>(arguments)?).await })
        });
        self.entries.push(Entry {
            name: T::NAME,
            toolset: T::TOOLSET,
            is_usual: true,
            access: T::ACCESS,
            access_min: T::ACCESS_MIN,
            is_idempotent: T::IS_IDEMPOTENT,
            taken_as_is: T::TAKEN_AS_IS,
            is_long: T::IS_LONG,
            define: define::<T>,
            definition: OnceLock::new(),
            accepted: accepted::<T>,
            validator: OnceLock::new(),
            classifier,
            planner,
            handler,
            read_back,
        });
        self
    }

    /// The finished list.
    #[must_use]
    pub fn build(self) -> Registry {
        Registry::of(self.entries)
    }
}

impl<Deps> fmt::Debug for Tools<Deps> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.entries.iter().map(|entry| entry.name)).finish()
    }
}

async fn serve<T: Tool>(deps: &T::Deps, call: &Call, arguments: Value) -> Result<Value> {
    encode(T::call(deps, call, decode::<T>(arguments)?).await?)
}

async fn read_back<T: Tool>(
    deps: &T::Deps,
    call: &Call,
    arguments: Value,
    since_ms: UnixMillis,
) -> Result<ReadBack<Value>> {
    let args = decode::<T>(arguments)?;
    Ok(match T::read_back(deps, call, &args, since_ms).await? {
        ReadBack::Done(output) => ReadBack::Done(encode(output)?),
        ReadBack::NotDone => ReadBack::NotDone,
        ReadBack::Unknown => ReadBack::Unknown,
    })
}

/// What a person is shown of arguments that speak for themselves, in characters.
const SHOWN_ARGUMENTS_MAX: usize = 800;

async fn plan<T: Tool>(deps: &T::Deps, call: &Call, arguments: Value, access: Access) -> Result<Plan> {
    let shown = one_line(&arguments.to_string(), SHOWN_ARGUMENTS_MAX);
    let mut plan = T::plan(deps, call, &decode::<T>(arguments)?).await?;
    if plan.summary.is_empty() {
        plan.summary = format!("{} with {shown}", T::TITLE);
        plan.is_reversible = !access::is_irreversible(access);
    }
    Ok(plan)
}

fn decode<T: Tool>(arguments: Value) -> Result<T::Args> {
    serde_path_to_error::deserialize(arguments).map_err(|error| undecodable(&error))
}

fn encode(output: impl Serialize) -> Result<Value> {
    serde_json::to_value(output).map_err(|source| Error::internal("the answer could not be encoded", source))
}

/// What the schema cannot express and a type refuses, such as a malformed date.
fn undecodable(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let field = error.path().to_string().replace('.', "/");
    Error::invalid_argument(&field, "is not accepted", error.inner().to_string(), None)
}

/// What the tool takes, with the arguments that every tool of its class takes.
fn accepted<T: Tool>() -> JsonObject {
    let mut input = schema::input_schema::<T::Args>();
    added::offer(&mut input, T::ACCESS);
    input
}

fn define<T: Tool>() -> Definition {
    let input = schema::shown(&accepted::<T>());
    Definition::new(T::NAME, T::DESCRIPTION, Arc::new(input))
        .with_title(T::TITLE)
        .with_raw_output_schema(Arc::new(schema::output_schema::<T::Output>()))
        .with_annotations(access::annotations(T::ACCESS, T::TITLE, T::IS_IDEMPOTENT, T::IS_OPEN_WORLD))
}

/// One tool, ready to be called.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) toolset: &'static str,
    /// Shown where nobody has chosen toolsets.
    pub(super) is_usual: bool,
    /// What it may do at worst.
    pub(super) access: Access,
    /// What its mildest call does.
    pub(super) access_min: Access,
    pub(super) is_idempotent: bool,
    /// Arguments whose nulls are kept.
    pub(super) taken_as_is: &'static [&'static str],
    is_long: bool,
    define: fn() -> Definition,
    definition: OnceLock<Definition>,
    accepted: fn() -> JsonObject,
    validator: OnceLock<Option<(JsonObject, Validator)>>,
    classifier: Classifier,
    planner: Planner,
    handler: Handler,
    read_back: ReadBackHandler,
}

impl Entry {
    pub(super) fn definition(&self) -> &Definition {
        self.definition.get_or_init(self.define)
    }

    /// Checks arguments against the tool's own schema.
    pub(super) fn check(&self, arguments: &Value) -> Result<()> {
        let compiled = self.validator.get_or_init(|| {
            let schema = (self.accepted)();
            let validator = jsonschema::validator_for(&Value::Object(schema.clone())).ok()?;
            Some((schema, validator))
        });
        match compiled {
            Some((schema, validator)) => schema::check(validator, schema, arguments),
            None => Err(Error::new(ErrorCode::Internal, "the tool's schema cannot be compiled")),
        }
    }

    /// Whether what a call does follows from its arguments.
    pub(super) fn has_classes(&self) -> bool {
        self.access_min != self.access
    }

    /// What this call does, for a tool that [has classes](Self::has_classes).
    pub(super) async fn access_of(&self, call: &Call, arguments: Value) -> Result<Access> {
        let access = (self.classifier)(call, arguments).await?;
        if (self.access_min..=self.access).contains(&access) {
            return Ok(access);
        }
        let message = format!("a call of `{}` would do what the tool does not say", self.name);
        Err(Error::new(ErrorCode::Internal, message))
    }

    /// What the call, of this class, would do. Nothing is changed by asking.
    pub(super) fn plan<'call>(&self, call: &'call Call, arguments: Value, access: Access) -> Planned<'call> {
        (self.planner)(call, arguments, access)
    }

    pub(super) fn call<'call>(&self, call: &'call Call, arguments: Value) -> Answer<'call> {
        (self.handler)(call, arguments)
    }

    /// What became of a call made after `since_ms` whose answer was lost.
    pub(super) fn read_back<'call>(&self, call: &'call Call, arguments: Value, since_ms: UnixMillis) -> Inquiry<'call> {
        (self.read_back)(call, arguments, since_ms)
    }
}

/// All tools of a server, by name.
#[derive(Default)]
pub struct Registry {
    entries: Vec<Entry>,
    by_name: HashMap<&'static str, usize>,
    more: Option<Arc<dyn MoreTools>>,
}

impl Registry {
    fn of(entries: Vec<Entry>) -> Self {
        let by_name = entries.iter().enumerate().map(|(index, entry)| (entry.name, index)).collect();
        Self { entries, by_name, more: None }
    }

    /// These tools, and for some tenants more, which come and go while the program runs.
    #[must_use]
    pub fn with_more(mut self, more: Arc<dyn MoreTools>) -> Self {
        self.more = Some(more);
        self
    }

    pub(crate) fn more(&self) -> Option<&dyn MoreTools> {
        self.more.as_deref()
    }

    /// These tools, and behind them those of another list, whatever they work with.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        let more = self.more.or(other.more);
        Self { more, ..Self::of(self.entries) }
    }

    /// These tools come first, in this order, and only they are shown where nobody has chosen toolsets; without this all
    /// of them are.
    #[must_use]
    pub fn usually(mut self, names: &[&str]) -> Self {
        let place = |entry: &Entry| names.iter().position(|name| *name == entry.name);
        for entry in &mut self.entries {
            entry.is_usual = place(entry).is_some();
        }
        self.entries.sort_by_key(|entry| place(entry).unwrap_or(names.len()));
        Self { more: self.more, ..Self::of(self.entries) }
    }

    /// A long tool as a job that asks nothing, if the request sees one of that name.
    pub(crate) fn long(&self, surface: &Surface, caller: &Caller, name: &str) -> Option<Job> {
        let entry = self.find(surface, caller, name).filter(|entry| entry.is_long)?;
        Some(Job { tool: entry.name, is_change: !entry.access.is_read(), may_ask: false })
    }

    pub(super) fn find(&self, surface: &Surface, caller: &Caller, name: &str) -> Option<&Entry> {
        let entry = self.by_name.get(name).and_then(|index| self.entries.get(*index))?;
        surface.shows(entry, caller).then_some(entry)
    }

    /// The definitions a request sees, always in the same order.
    pub(crate) fn definitions(&self, surface: &Surface, caller: &Caller) -> Vec<Definition> {
        let visible = self.entries.iter().filter(|entry| surface.shows(entry, caller));
        visible.map(|entry| entry.definition().clone()).collect()
    }

    /// One definition, whatever the surface: header validation needs it before the caller is known.
    #[must_use]
    pub fn definition(&self, name: &str) -> Option<Definition> {
        self.by_name.get(name).and_then(|index| self.entries.get(*index)).map(|entry| entry.definition().clone())
    }

    /// What a tool may do to the world, whatever the surface.
    pub(crate) fn access(&self, name: &str) -> Option<Access> {
        self.by_name.get(name).and_then(|index| self.entries.get(*index)).map(|entry| entry.access)
    }

    /// The toolsets there are, each once, in order.
    #[must_use]
    pub fn toolsets(&self) -> Vec<&'static str> {
        let mut toolsets: Vec<&'static str> = self.entries.iter().map(|entry| entry.toolset).collect();
        let mut seen = std::collections::HashSet::new();
        toolsets.retain(|toolset| seen.insert(*toolset));
        toolsets
    }

    /// Every name, whatever the surface.
    pub fn all_names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.name)
    }

    /// The names a request sees.
    pub(crate) fn names(&self, surface: &Surface, caller: &Caller) -> Vec<&'static str> {
        self.entries.iter().filter(|entry| surface.shows(entry, caller)).map(|entry| entry.name).collect()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.entries.iter().map(|entry| entry.name)).finish()
    }
}
