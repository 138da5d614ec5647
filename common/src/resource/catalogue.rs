//! The resources of one server.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{Resource as Listing, ResourceContents, ResourceTemplate};

use crate::completion::{Blank, VALUES_MAX};
use crate::error::{Error, ErrorCode, Result};
use crate::resource::{Listed, Resource, Variables, template};
use crate::tool::{Call, Surface};

const JSON: &str = "application/json";

type Pending<'call, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'call>>;

/// A resource kind without its types.
trait Kind: Send + Sync {
    fn template(&self) -> &'static str;
    fn name(&self) -> &'static str;
    fn toolset(&self) -> &'static str;
    fn described(&self) -> ResourceTemplate;
    fn fresh_for(&self) -> Duration;
    fn read<'call>(&'call self, call: &'call Call, variables: &'call Variables) -> Pending<'call, String>;
    fn list<'call>(&'call self, call: &'call Call) -> Pending<'call, Vec<Listed>>;
    fn complete<'call>(&'call self, call: &'call Call, blank: Blank<'call>) -> Pending<'call, Vec<String>>;
}

struct Bound<R: Resource> {
    deps: Arc<R::Deps>,
}

impl<R: Resource> Kind for Bound<R> {
    fn template(&self) -> &'static str {
        R::TEMPLATE
    }

    fn name(&self) -> &'static str {
        R::NAME
    }

    fn toolset(&self) -> &'static str {
        R::TOOLSET
    }

    fn described(&self) -> ResourceTemplate {
        ResourceTemplate::new(R::TEMPLATE, R::NAME)
            .with_title(R::TITLE)
            .with_description(R::DESCRIPTION)
            .with_mime_type(JSON)
    }

    fn fresh_for(&self) -> Duration {
        R::FRESH_FOR
    }

    fn read<'call>(&'call self, call: &'call Call, variables: &'call Variables) -> Pending<'call, String> {
        Box::pin(async move {
            let output = R::read(&self.deps, call, variables).await?;
            serde_json::to_string(&output)
                .map_err(|source| Error::internal("the resource could not be encoded", source))
        })
    }

    fn list<'call>(&'call self, call: &'call Call) -> Pending<'call, Vec<Listed>> {
        Box::pin(R::list(&self.deps, call))
    }

    fn complete<'call>(&'call self, call: &'call Call, blank: Blank<'call>) -> Pending<'call, Vec<String>> {
        Box::pin(R::complete(&self.deps, call, blank))
    }
}

/// The list of a server's resources.
pub struct Resources<Deps> {
    kinds: Vec<Box<dyn Kind>>,
    deps: Arc<Deps>,
}

impl<Deps: Send + Sync + 'static> Resources<Deps> {
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { kinds: Vec::new(), deps }
    }

    /// Adds a kind of resource.
    #[must_use]
    pub fn with<R: Resource<Deps = Deps>>(mut self) -> Self {
        self.kinds.push(Box::new(Bound::<R> { deps: Arc::clone(&self.deps) }));
        self
    }

    /// The finished list.
    #[must_use]
    pub fn build(self) -> Catalogue {
        Catalogue { kinds: self.kinds }
    }
}

impl<Deps> fmt::Debug for Resources<Deps> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.kinds.iter().map(|kind| kind.template())).finish()
    }
}

/// All resources of a server, by address.
#[derive(Default)]
pub struct Catalogue {
    kinds: Vec<Box<dyn Kind>>,
}

impl Catalogue {
    fn shown(&self, view: &View<'_>) -> impl Iterator<Item = &dyn Kind> {
        self.kinds
            .iter()
            .map(AsRef::as_ref)
            .filter(|kind| view.surface.shows_toolset(kind.toolset(), &view.call.caller))
    }

    pub(crate) fn templates(&self, view: &View<'_>) -> Vec<ResourceTemplate> {
        self.shown(view).map(Kind::described).collect()
    }

    pub(crate) async fn list(&self, view: &View<'_>) -> Result<Vec<Listing>> {
        let mut listings = Vec::new();
        for kind in self.shown(view) {
            for listed in kind.list(view.call).await? {
                let name = format!("{}: {}", kind.name(), listed.title);
                listings.push(Listing::new(listed.uri, name).with_title(listed.title).with_mime_type(JSON));
            }
        }
        Ok(listings)
    }

    /// Reads an address; with the content comes how long it may be kept.
    pub(crate) async fn read(&self, view: &View<'_>, uri: &str) -> Result<(ResourceContents, Duration)> {
        let mut kinds = self.shown(view);
        let found = kinds.find_map(|kind| template::parse(kind.template(), uri).map(|variables| (kind, variables)));
        let Some((kind, variables)) = found else {
            let known = self.shown(view).map(Kind::template).collect::<Vec<_>>().join(", ");
            return Err(Error::new(ErrorCode::NotFound, "no resource has this address")
                .with_hint(format!("addresses look like {known}")));
        };
        let text = kind.read(view.call, &variables).await?;
        Ok((ResourceContents::text(text, uri).with_mime_type(JSON), kind.fresh_for()))
    }

    /// Whether an address is one of ours.
    pub(crate) fn knows(&self, uri: &str) -> bool {
        self.kinds.iter().any(|kind| template::parse(kind.template(), uri).is_some())
    }

    pub(crate) async fn complete(&self, view: &View<'_>, template: &str, blank: Blank<'_>) -> Result<Vec<String>> {
        let Some(kind) = self.shown(view).find(|kind| kind.template() == template) else {
            return Err(Error::new(ErrorCode::NotFound, "no resource template has this address"));
        };
        let mut values = kind.complete(view.call, blank).await?;
        values.truncate(VALUES_MAX);
        Ok(values)
    }
}

/// Who looks, and through which surface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'call> {
    pub(crate) call: &'call Call,
    pub(crate) surface: &'call Surface,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.kinds.iter().map(|kind| kind.template())).finish()
    }
}
