//! Funnels and websites, or one of them with its pages.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::funnel::{Funnel, FunnelPage, Step};
use crate::names::{Named, Wanted, find};
use crate::tools::toolset;

pub(crate) struct ListFunnels;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in the name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Name or id: this one, with its pages.
    funnel: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<Row>,
    /// How many match in all.
    total: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// Opaque id.
    id: String,
    /// What it is called.
    name: String,
    /// Funnel or website.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// How many steps it has.
    step_count: usize,
    /// How many pages it has.
    page_count: usize,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// In their order, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepRow>>,
    /// Pages that belong to no step of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_pages: Vec<PageRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StepRow {
    /// What it is called.
    name: String,
    /// Behind the funnel's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// More than one while variants are tried.
    pages: Vec<PageRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PageRow {
    /// Opaque id.
    id: String,
    /// What it is called.
    name: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl Tool for ListFunnels {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_funnels";
    const TITLE: &'static str = "List funnels";
    const DESCRIPTION: &'static str =
        "Funnels and websites of a location with how many pages they have, or one with all its pages.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::FUNNELS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let mut all = deps.client.funnels(&site).await?;
        let location = LocationAnswer::of(&site);
        if let Some(text) = &args.funnel {
            let funnel = find(Wanted { noun: "funnel", text: text.trim() }, &all)?;
            let pages = deps.client.funnel_pages(&site, &funnel.id).await?;
            let page = Page { items: vec![Row::with_pages(funnel, &pages)], next_cursor: None };
            return Ok(Output { location, page, total: 1 });
        }
        if let Some(words) = &args.query {
            let words = words.trim().to_lowercase();
            all.retain(|funnel| funnel.name.to_lowercase().contains(&words));
        }
        let page = question.cut(&all, cursor.as_deref(), args.limit)?.map(Row::of);
        Ok(Output { location, page, total: all.len() })
    }
}

impl Row {
    fn of(funnel: &Funnel) -> Self {
        Self {
            id: funnel.id.to_string(),
            name: line(&funnel.name),
            kind: funnel.kind.as_deref().map(line),
            step_count: funnel.steps.len(),
            page_count: funnel.steps.iter().map(|step| step.pages).sum(),
            updated_at: funnel.updated_at.clone(),
            steps: None,
            other_pages: Vec::new(),
        }
    }

    fn with_pages(funnel: &Funnel, pages: &[FunnelPage]) -> Self {
        let of_step = |step: &Step| {
            let is_its = |page: &&FunnelPage| page.step_id.as_ref() == Some(&step.id);
            StepRow {
                name: line(&step.name),
                path: step.path.as_deref().map(line),
                pages: pages.iter().filter(is_its).map(PageRow::of).collect(),
            }
        };
        let is_other =
            |page: &&FunnelPage| page.step_id.as_ref().is_none_or(|id| funnel.steps.iter().all(|step| step.id != *id));
        Self {
            page_count: pages.len(),
            steps: Some(funnel.steps.iter().map(of_step).collect()),
            other_pages: pages.iter().filter(is_other).map(PageRow::of).collect(),
            ..Self::of(funnel)
        }
    }
}

impl PageRow {
    fn of(page: &FunnelPage) -> Self {
        Self { id: page.id.to_string(), name: line(&page.name), updated_at: page.updated_at.clone() }
    }
}

impl Named for Funnel {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}
