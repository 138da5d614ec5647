//! Telling those who follow records that they changed: one stream for each subscription of the modern era, the session
//! itself for the older ones.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::RoleServer;
use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, SubscriptionContext};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::resource::{Change, Changes, Follow, TOOLS};

/// Serves a modern subscription until it, or the process, ends.
pub(super) async fn serve(
    changes: &Changes,
    caller: &Caller,
    subscription: &SubscriptionContext,
    stopping: &CancellationToken,
) {
    let accepted = subscription.accepted();
    let tools = (accepted.tools_list_changed == Some(true)).then(|| TOOLS.to_owned());
    let accepted: HashSet<String> = accepted.resource_subscriptions.iter().flatten().cloned().chain(tools).collect();
    let _follows: Vec<Follow> = accepted.iter().map(|uri| changes.follow(caller.tenant(), uri.clone())).collect();
    let mut changes = changes.listen();
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = subscription.cancelled() => return,
            () = stopping.cancelled() => return,
        };
        let Some(uris) = concerned(change, caller, accepted.iter()) else { return };
        for uri in uris {
            let sink = subscription.sink();
            let told = match uri.as_str() {
                TOOLS => sink.notify_tool_list_changed().await,
                _ => sink.notify_resource_updated(uri).await,
            };
            if told.is_err() {
                return;
            }
        }
    }
}

/// What one session of an older era follows. Clones are the same session.
#[derive(Debug, Clone, Default)]
pub(super) struct Following {
    followed: Arc<Mutex<Followed>>,
}

#[derive(Debug, Default)]
struct Followed {
    uris: HashMap<String, Follow>,
    has_teller: bool,
}

impl Following {
    /// Follows an address; true for the first one, which needs somebody to [`Following::tell`].
    pub(super) fn add(&self, changes: &Changes, caller: &Caller, uri: String) -> bool {
        let follow = changes.follow(caller.tenant(), uri.clone());
        let mut followed = self.lock();
        followed.uris.insert(uri, follow);
        !std::mem::replace(&mut followed.has_teller, true)
    }

    pub(super) fn remove(&self, uri: &str) {
        self.lock().uris.remove(uri);
    }

    /// Tells the session until it, or the process, ends.
    pub(super) async fn tell(
        &self,
        changes: &Changes,
        caller: &Caller,
        peer: &Peer<RoleServer>,
        stopping: &CancellationToken,
    ) {
        let mut changes = changes.listen();
        while !peer.is_transport_closed() {
            let change = tokio::select! {
                change = changes.recv() => change,
                () = stopping.cancelled() => return,
            };
            let Some(uris) = concerned(change, caller, self.lock().uris.keys()) else { return };
            for uri in uris {
                let told = match uri.as_str() {
                    TOOLS => peer.notify_tool_list_changed().await,
                    _ => peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await,
                };
                if told.is_err() {
                    return;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The followed addresses that a piece of news is about; `None` when there will be no more.
fn concerned<'a>(
    news: Result<Change, RecvError>,
    caller: &Caller,
    mut followed: impl Iterator<Item = &'a String>,
) -> Option<Vec<String>> {
    match news {
        Ok(change) if change.tenant == *caller.tenant() && followed.any(|uri| *uri == change.uri) => {
            Some(vec![change.uri])
        }
        Ok(_) => Some(Vec::new()),
        // Too slow to hear each one: any of them may have changed.
        Err(RecvError::Lagged(_)) => Some(followed.cloned().collect()),
        Err(RecvError::Closed) => None,
    }
}
