//! `[orchestrator.retry]`: what is done about failed calls where a workflow says nothing.

use common::error::{Error, ErrorCode, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::workflow::presets::{self, NONE, PATIENT};
use crate::workflow::task::CallRetry;

/// `[orchestrator.retry]`: what is done about transient failures of calls that no `try` surrounds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetrySettings {
    /// `patient` (after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h), `quick` (1 s, 5 s, 30 s), `design` (every 30 min,
    /// 3 times), words such as `every 10 min, 6 times`, or `none`.
    pub preset: String,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { preset: PATIENT.to_owned() }
    }
}

impl RetrySettings {
    /// What it means for workflows.
    ///
    /// # Errors
    /// `failed_precondition` if it is no preset.
    pub(super) fn call_retry(&self) -> Result<CallRetry> {
        let preset = self.preset.trim();
        if preset == NONE {
            return Ok(CallRetry::Never);
        }
        presets::by_name(preset).map(CallRetry::By).ok_or_else(|| {
            let known = presets::NAMES.join(", ");
            Error::new(ErrorCode::FailedPrecondition, format!("`orchestrator.retry.preset`: `{preset}` is no preset"))
                .with_hint(format!("one of none, {known}, or words such as `every 30 min, 3 times`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::task::RetryPolicy;

    #[test]
    fn presets_are_known_by_name_and_in_words_and_anything_else_is_refused() {
        let of = |preset: &str| RetrySettings { preset: preset.to_owned() }.call_retry();
        assert_eq!(RetrySettings::default().call_retry().unwrap(), CallRetry::By(RetryPolicy::patient()));
        assert_eq!(of("design").unwrap(), of("every 30 min, 3 times").unwrap());
        assert_eq!(of("none").unwrap(), CallRetry::Never);
        assert_eq!(of("often").unwrap_err().code(), ErrorCode::FailedPrecondition);
    }
}
