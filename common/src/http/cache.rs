//! Cache: a 2xx answer is reused by the same tenant for the same request, and identical requests under way share one.
//!
//! The tenant is part of the key and so are the digests of all headers and of the body: no two tenants, tokens or
//! API versions ever share an answer. A change invalidates by URL prefix; what was read before it is never served after.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Method;
use moka::Expiry;
use moka::future::Cache as Store;
use sha2::{Digest, Sha256};

use super::call::{Call, Failure};
use super::message::{HttpRequest, HttpResponse, Repeat};
use super::rate_limit::RateLimit;
use super::retry::Retry;
use super::settings::HttpSettings;
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode};
use crate::tenant::TenantId;

/// What an entry weighs besides its body and URL: key, headers, bookkeeping. A generous estimate.
const ENTRY_BYTES: usize = 2_048;

/// Invalidations remembered per tenant; older ones are remembered as "everything".
const CHANGES_MAX: usize = 32;

/// Tenants with remembered invalidations before stale ones are dropped.
const TENANTS_MAX: usize = 1_024;

pub(super) struct Cache {
    inner: Retry,
    store: Store<Key, Entry>,
    is_on: bool,
    kept_for_max: Duration,
    /// Counts invalidations, so that an answer knows which of them it has seen.
    changes: AtomicU64,
    changes_by_tenant: Mutex<HashMap<TenantId, Changes>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    method: Method,
    url: String,
    digest: [u8; 32],
}

#[derive(Clone)]
struct Entry {
    response: HttpResponse,
    /// The last invalidation before the request was sent.
    seen: u64,
    until_ms: UnixMillis,
    kept_for: Duration,
}

/// What those who wait get when there is nothing to store.
enum Passing {
    Answer(HttpResponse),
    /// The same would happen to whoever waits.
    Error(Error),
    /// The leader's own trouble, such as its deadline: whoever waits tries again.
    Nothing,
}

#[derive(Default)]
struct Changes {
    /// Everything seen before this is stale.
    floor: u64,
    recent: VecDeque<(u64, String)>,
    last_at_ms: UnixMillis,
}

impl Cache {
    pub(super) fn new(settings: &HttpSettings, inner: Retry) -> Self {
        let store = Store::builder()
            .max_capacity(settings.cache_bytes_max)
            .weigher(|key: &Key, entry: &Entry| {
                let bytes = entry.response.body.len().saturating_add(key.url.len()).saturating_add(ENTRY_BYTES);
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .expire_after(KeptFor)
            .build();
        Self {
            inner,
            store,
            is_on: settings.cache_bytes_max > 0,
            kept_for_max: Duration::from_millis(settings.cache_for_ms_max),
            changes: AtomicU64::new(0),
            changes_by_tenant: Mutex::default(),
        }
    }

    pub(super) fn rate_limit(&self) -> &RateLimit {
        self.inner.rate_limit()
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        // Boxed, so that a hit does not pay for the size of a request under way.
        let Some(kept_for) = self.kept_for(call.request) else { return Box::pin(self.inner.send(call)).await };
        let key = Key::of(call);
        loop {
            if let Some(entry) = self.store.get(&key).await {
                if self.is_fresh(&key, &entry, call.clock.now_ms()) {
                    return Ok(HttpResponse { is_cached: true, ..entry.response });
                }
                self.store.invalidate(&key).await;
            }
            if let Some(answer) = Box::pin(self.lead_or_follow(call, &key, kept_for)).await {
                return answer;
            }
        }
    }

    /// Forgets what a tenant read under a URL prefix, at a cost that does not depend on the size of the cache.
    pub(super) fn invalidate(&self, tenant: &TenantId, url_prefix: &str, now_ms: UnixMillis) {
        let mut tenants = self.tenants();
        let change = self.changes.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if tenants.len() >= TENANTS_MAX {
            // What those changes made stale has expired by itself.
            let kept_for_ms = i64::try_from(self.kept_for_max.as_millis()).unwrap_or(i64::MAX);
            tenants.retain(|_, changes| changes.last_at_ms.saturating_add(kept_for_ms) > now_ms);
        }
        let changes = tenants.entry(tenant.clone()).or_default();
        changes.last_at_ms = now_ms;
        changes.recent.push_back((change, url_prefix.to_owned()));
        if changes.recent.len() > CHANGES_MAX
            && let Some((oldest, _)) = changes.recent.pop_front()
        {
            changes.floor = oldest;
        }
    }

    /// Sends the request, or waits for an identical one. `None`: what came is of no use here, try again.
    async fn lead_or_follow(
        &self,
        call: &Call<'_>,
        key: &Key,
        kept_for: Duration,
    ) -> Option<Result<HttpResponse, Failure>> {
        let mut own = None;
        let leading = async {
            let seen = self.changes.load(Ordering::Acquire);
            let answer = Box::pin(self.inner.send(call)).await;
            let landed = match &answer {
                Ok(response) if response.status.is_success() => {
                    let until_ms = call.clock.now_ms().saturating_add_unsigned(millis(kept_for));
                    Ok(Entry { response: response.clone(), seen, until_ms, kept_for })
                }
                Ok(response) => Err(Passing::Answer(response.clone())),
                Err(failure) => Err(Passing::of(failure)),
            };
            own = Some(answer);
            landed
        };
        let flight = self.store.try_get_with_by_ref(key, leading);
        let Some(landed) = call.within(Duration::MAX, flight).await else {
            return Some(Err(Failure::NotSent(call.out_of_time())));
        };
        if own.is_some() {
            return own;
        }
        let response = match landed {
            Ok(entry) if self.is_fresh(key, &entry, call.clock.now_ms()) => entry.response,
            Ok(_) => return None,
            Err(passing) => match &*passing {
                Passing::Answer(response) => response.clone(),
                Passing::Error(error) => return Some(Err(Failure::Unanswered(without_source(error)))),
                Passing::Nothing => return None,
            },
        };
        Some(Ok(HttpResponse { is_cached: true, ..response }))
    }

    fn kept_for(&self, request: &HttpRequest) -> Option<Duration> {
        let may_be_cached = request.method == Method::GET || request.repeat == Repeat::Idempotent;
        request.cache_for.filter(|_| self.is_on && may_be_cached).map(|wanted| wanted.min(self.kept_for_max))
    }

    fn is_fresh(&self, key: &Key, entry: &Entry, now_ms: UnixMillis) -> bool {
        if entry.until_ms <= now_ms {
            return false;
        }
        let tenants = self.tenants();
        let Some(changes) = tenants.get(&key.tenant) else { return true };
        let is_hit = |(change, prefix): &(u64, String)| *change > entry.seen && key.url.starts_with(prefix.as_str());
        entry.seen >= changes.floor && !changes.recent.iter().any(is_hit)
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Changes>> {
        self.changes_by_tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    fn of(call: &Call<'_>) -> Self {
        let request = call.request;
        let mut digest = Sha256::new();
        for (name, value) in &request.headers {
            digest.update(name.as_str());
            digest.update([0]);
            // No header value holds a line feed, so no two lists of headers look the same.
            digest.update(value.as_bytes());
            digest.update(b"\n");
        }
        digest.update(b"\n");
        if let Some(body) = &request.body {
            digest.update(body);
        }
        Self {
            tenant: call.tenant.clone(),
            method: request.method.clone(),
            url: request.url.as_str().to_owned(),
            digest: digest.finalize().into(),
        }
    }
}

impl Passing {
    fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Unanswered(error) if error.code() == ErrorCode::UpstreamUnavailable => {
                Self::Error(without_source(error))
            }
            Failure::Unusable(error) => Self::Error(without_source(error)),
            Failure::NotSent(_) | Failure::Unanswered(_) => Self::Nothing,
        }
    }
}

/// The same error for one more caller; the cause is in the leader's log.
fn without_source(error: &Error) -> Error {
    let copy = Error::new(error.code(), error.message());
    let copy = error.hint().into_iter().fold(copy, Error::with_hint);
    error.retry_after().into_iter().fold(copy, Error::with_retry_after)
}

/// Lets the store free what has expired; whether an answer is still good is decided by our own clock.
struct KeptFor;

impl Expiry<Key, Entry> for KeptFor {
    fn expire_after_create(&self, _: &Key, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.kept_for)
    }

    fn expire_after_update(&self, _: &Key, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.kept_for)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
