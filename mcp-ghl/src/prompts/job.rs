//! A job as a prompt: the location that is meant is found, and names are offered while a blank is typed. The text is all
//! in which jobs differ.

use std::marker::PhantomData;

use common::completion::Blank;
use common::error::Result;
use common::prompt::Prompt;
use common::tool::Call;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::client::Site;
use crate::deps::Deps;
use crate::names::Named;

/// A job at a location.
pub(super) trait Job: Send + Sync + 'static {
    /// Its blanks.
    type Args: DeserializeOwned + JsonSchema + Send + 'static;

    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;

    /// What the blank `location` holds.
    fn location(args: &Self::Args) -> Option<&str>;

    /// The job in words; `location` is the name of the one that is filled in.
    fn text(args: &Self::Args, location: Option<&str>) -> String;
}

/// The prompt of a job.
pub(super) struct Written<J>(PhantomData<J>);

impl<J: Job> Prompt for Written<J> {
    type Deps = Deps;
    type Args = J::Args;

    const NAME: &'static str = J::NAME;
    const TITLE: &'static str = J::TITLE;
    const DESCRIPTION: &'static str = J::DESCRIPTION;

    async fn render(deps: &Deps, call: &Call, args: J::Args) -> Result<String> {
        let location = location(deps, call, J::location(&args)).await?;
        Ok(J::text(&args, location.as_deref()))
    }

    /// Names that a blank may hold and that begin like what is typed: `location`, `pipeline` and `calendar` mean the same in
    /// every job. Pipelines and calendars are those of the location that is filled in, or meant where none is; none where
    /// several could be.
    ///
    /// # Errors
    /// Those of the directory.
    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        let names: Vec<String> = match blank.name {
            "location" => {
                let all = deps.directory.locations(call).await?;
                all.iter().filter(|known| known.connection.is_some()).map(|known| known.name().to_owned()).collect()
            }
            "pipeline" => {
                let Some(site) = site(deps, call, blank).await else { return Ok(Vec::new()) };
                deps.directory.pipelines(&site).await?.iter().map(|pipeline| pipeline.name.clone()).collect()
            }
            "calendar" => {
                let Some(site) = site(deps, call, blank).await else { return Ok(Vec::new()) };
                deps.directory.calendars(&site).await?.iter().map(|calendar| calendar.name.clone()).collect()
            }
            _ => return Ok(Vec::new()),
        };
        let typed = blank.typed.trim().to_lowercase();
        Ok(names.into_iter().filter(|name| name.to_lowercase().starts_with(&typed)).collect())
    }
}

/// The name of the location that a blank means; none where it is left out.
///
/// # Errors
/// Those of the directory: no such location, or several.
async fn location(deps: &Deps, call: &Call, wanted: Option<&str>) -> Result<Option<String>> {
    let Some(text) = wanted else { return Ok(None) };
    let site = deps.directory.site(call, Some(text)).await?;
    Ok(Some(site.location.name.clone().unwrap_or_else(|| site.location.id.to_string())))
}

/// None where several locations could be meant.
async fn site(deps: &Deps, call: &Call, blank: Blank<'_>) -> Option<Site> {
    deps.directory.site(call, blank.other("location")).await.ok()
}
