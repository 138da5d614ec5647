//! One client, one misbehaving server, one clock.

use std::time::Duration;

use common::clock::Clock;
use common::error::Result;
use common::http::{Budget, BudgetKey, HttpClient, HttpRequest, HttpResponse, HttpSettings, RateHeaders, Repeat};
use common::tenant::TenantId;
use http::{HeaderName, Method};
use tests::faults::{Arrival, Fault, FaultyServer};
use tests::time::drive;

/// How far the clock moves at a time.
pub(crate) const STEP: Duration = Duration::from_millis(20);

pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) server: FaultyServer,
    pub(crate) client: HttpClient,
    pub(crate) tenant: TenantId,
}

impl Stage {
    pub(crate) async fn play(faults: impl IntoIterator<Item = Fault>) -> Self {
        let clock = Clock::manual(1_790_000_000_000);
        let server = FaultyServer::play(&clock, faults).await.unwrap();
        Self::of(clock, server, HttpSettings::default())
    }

    pub(crate) async fn start(script: impl FnMut(&Arrival) -> Fault + Send + 'static) -> Self {
        let clock = Clock::manual(1_790_000_000_000);
        let server = FaultyServer::start(&clock, script).await.unwrap();
        Self::of(clock, server, HttpSettings::default())
    }

    fn of(clock: Clock, server: FaultyServer, settings: HttpSettings) -> Self {
        let client = client(&clock, &server, settings);
        Self { clock, server, client, tenant: tenant("acme") }
    }

    /// The same stage with another client.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut HttpSettings)) -> Self {
        let mut settings = HttpSettings::default();
        change(&mut settings);
        self.client = client(&self.clock, &self.server, settings);
        self
    }

    pub(crate) fn get(&self, target: &str) -> HttpRequest {
        HttpRequest::new(Method::GET, self.server.url(target))
    }

    /// A request that may be sent once only.
    pub(crate) fn post(&self, target: &str) -> HttpRequest {
        HttpRequest { body: Some("{}".into()), ..HttpRequest::new(Method::POST, self.server.url(target)) }
    }

    pub(crate) fn keyed(&self, target: &str) -> HttpRequest {
        HttpRequest { repeat: Repeat::Keyed, ..self.post(target) }
    }

    /// Sends while time passes.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        drive(&self.clock, STEP, self.client.send(&self.tenant, request)).await
    }

    /// Milliseconds between consecutive arrivals.
    pub(crate) fn gaps_ms(&self) -> Vec<i64> {
        self.server.arrivals().windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).collect()
    }

    pub(crate) fn declare(&self, requests_max: u32, window: Duration) -> BudgetKey {
        let key = BudgetKey::new("vendor/location/1");
        self.client.declare_budget(&key, budget(requests_max, window));
        key
    }
}

fn client(clock: &Clock, server: &FaultyServer, mut settings: HttpSettings) -> HttpClient {
    settings.egress_allow.push(server.authority());
    settings.backoff_seed = settings.backoff_seed.or(Some(1));
    HttpClient::new(settings, clock.clone())
}

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

/// GoHighLevel's header names.
pub(crate) fn budget(requests_max: u32, window: Duration) -> Budget {
    let headers = RateHeaders {
        remaining: Some(HeaderName::from_static("x-ratelimit-remaining")),
        interval_ms: Some(HeaderName::from_static("x-ratelimit-interval-milliseconds")),
        max: Some(HeaderName::from_static("x-ratelimit-max")),
        daily_remaining: Some(HeaderName::from_static("x-ratelimit-daily-remaining")),
        daily_reset: Some(HeaderName::from_static("x-ratelimit-daily-reset")),
    };
    Budget { requests_max, window, daily_max: None, headers }
}
