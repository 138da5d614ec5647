//! The workflows that events start, for whoever compares what they did with what they ought to have done.

use std::sync::Arc;

use common::tenant::TenantId;

use crate::engine::Answering;
use crate::library::Library;
use crate::reconciler::{Starter, Starters};
use crate::workflow::Trigger;
use crate::workflow::state::WorkflowState;

#[derive(Debug)]
pub(super) struct Published(pub(super) Library);

impl Starters for Published {
    fn starters<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Starter]>> {
        Box::pin(async move {
            let all = self.0.all(tenant).await?;
            let published = all.iter().filter(|known| known.state == WorkflowState::Published);
            let starters = published.filter_map(|known| {
                let filters: Vec<_> = known.definition.triggers.iter().filter_map(filter_of).cloned().collect();
                let (acting, since_ms) = (known.acting.clone(), known.published_ms);
                (!filters.is_empty()).then(|| Starter { workflow: known.name.clone(), filters, since_ms, acting })
            });
            Ok(starters.collect())
        })
    }
}

fn filter_of(trigger: &Trigger) -> Option<&crate::workflow::EventFilter> {
    match trigger {
        Trigger::Event(filter) => Some(filter),
        Trigger::Cron { .. } | Trigger::Every(_) => None,
    }
}
