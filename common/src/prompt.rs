//! Prompts: jobs that a person picks from a menu, written out for the model.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use rmcp::model::{GetPromptResult, Prompt as Definition, PromptArgument, PromptMessage, Role};
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::completion::{Blank, VALUES_MAX};
use crate::error::{Error, ErrorCode, Fault, Result};
use crate::tool::Call;

/// A job in words, with blanks.
pub trait Prompt: Send + Sync + 'static {
    /// What the server gives to its prompts; the same as to its tools.
    type Deps: Send + Sync + 'static;
    /// The blanks: a struct of described `String` and `Option<String>` fields. Prompt arguments are strings (MCP).
    type Args: DeserializeOwned + JsonSchema + Send + 'static;

    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;

    /// The text that the model gets, as a message of the user.
    fn render(deps: &Self::Deps, call: &Call, args: Self::Args) -> impl Future<Output = Result<String>> + Send;

    /// Values that a blank may hold and that begin like what is typed.
    fn complete(
        _deps: &Self::Deps,
        _call: &Call,
        _blank: Blank<'_>,
    ) -> impl Future<Output = Result<Vec<String>>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

type Pending<'call, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'call>>;

/// A prompt without its types.
trait Kind: Send + Sync {
    fn name(&self) -> &'static str;
    fn definition(&self) -> Definition;
    fn render<'call>(&'call self, call: &'call Call, arguments: Map<String, Value>) -> Pending<'call, GetPromptResult>;
    fn complete<'call>(&'call self, call: &'call Call, blank: Blank<'call>) -> Pending<'call, Vec<String>>;
}

struct Bound<P: Prompt> {
    deps: Arc<P::Deps>,
}

impl<P: Prompt> Kind for Bound<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn definition(&self) -> Definition {
        Definition::new(P::NAME, Some(P::DESCRIPTION), Some(arguments::<P::Args>())).with_title(P::TITLE)
    }

    fn render<'call>(&'call self, call: &'call Call, given: Map<String, Value>) -> Pending<'call, GetPromptResult> {
        Box::pin(async move {
            let args = decode::<P::Args>(given)?;
            let text = P::render(&self.deps, call, args).await?;
            Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(P::DESCRIPTION))
        })
    }

    fn complete<'call>(&'call self, call: &'call Call, blank: Blank<'call>) -> Pending<'call, Vec<String>> {
        Box::pin(P::complete(&self.deps, call, blank))
    }
}

/// The blanks of a prompt, from the fields of its arguments.
fn arguments<T: JsonSchema>() -> Vec<PromptArgument> {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let argument = |(name, property): (&String, &Value)| {
        let description = property.get("description").and_then(Value::as_str).unwrap_or_default();
        let is_required = required.iter().any(|required| required == name);
        PromptArgument::new(name).with_description(description.replace('\n', " ")).with_required(is_required)
    };
    properties.iter().map(argument).collect()
}

fn decode<T: DeserializeOwned + JsonSchema>(given: Map<String, Value>) -> Result<T> {
    let missing = |argument: &PromptArgument| argument.required == Some(true) && !given.contains_key(&argument.name);
    let faults: Vec<Fault> = arguments::<T>()
        .into_iter()
        .filter(missing)
        .map(|argument| Fault {
            field: format!("/{}", argument.name),
            problem: "is missing".to_owned(),
            expected: argument.description.unwrap_or_default(),
            example: None,
        })
        .collect();
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    serde_path_to_error::deserialize(Value::Object(given)).map_err(|error| {
        Error::invalid_argument(&error.path().to_string(), "is not accepted", error.inner().to_string(), None)
    })
}

/// The list of a server's prompts.
pub struct Prompts<Deps> {
    kinds: Vec<Box<dyn Kind>>,
    deps: Arc<Deps>,
}

impl<Deps: Send + Sync + 'static> Prompts<Deps> {
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { kinds: Vec::new(), deps }
    }

    /// Adds a prompt.
    #[must_use]
    pub fn with<P: Prompt<Deps = Deps>>(mut self) -> Self {
        self.kinds.push(Box::new(Bound::<P> { deps: Arc::clone(&self.deps) }));
        self
    }

    /// The finished list.
    #[must_use]
    pub fn build(self) -> Menu {
        Menu { kinds: self.kinds }
    }
}

impl<Deps> fmt::Debug for Prompts<Deps> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.kinds.iter().map(|kind| kind.name())).finish()
    }
}

/// All prompts of a server, by name.
#[derive(Default)]
pub struct Menu {
    kinds: Vec<Box<dyn Kind>>,
}

impl Menu {
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    pub(crate) fn definitions(&self) -> Vec<Definition> {
        self.kinds.iter().map(|kind| kind.definition()).collect()
    }

    pub(crate) async fn render(&self, call: &Call, name: &str, given: Map<String, Value>) -> Result<GetPromptResult> {
        self.find(name)?.render(call, given).await
    }

    pub(crate) async fn complete(&self, call: &Call, name: &str, blank: Blank<'_>) -> Result<Vec<String>> {
        let mut values = self.find(name)?.complete(call, blank).await?;
        values.truncate(VALUES_MAX);
        Ok(values)
    }

    fn find(&self, name: &str) -> Result<&dyn Kind> {
        let found = self.kinds.iter().find(|kind| kind.name() == name);
        found.map(AsRef::as_ref).ok_or_else(|| {
            let known = self.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
            Error::new(ErrorCode::NotFound, "there is no prompt of this name").with_hint(format!("prompts: {known}"))
        })
    }
}

impl fmt::Debug for Menu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.kinds.iter().map(|kind| kind.name())).finish()
    }
}
