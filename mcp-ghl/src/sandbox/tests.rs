//! The emulator through its HTTP face.

mod behaviour;
mod calendars;
mod conversations;
mod door;
mod events;
mod faults;
mod goings_out;
mod levers;
mod oauth;
mod pitfalls;
mod search;
mod seeded;
mod shapes;
mod webhooks;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use serde_json::Value;
use tower::ServiceExt;

use crate::sandbox::{DEMO_LOCATIONS, LimitSettings, Sandbox, SandboxSettings};

/// 2026-11-20T00:00:00Z.
const NOW_MS: i64 = 1_795_132_800_000;

/// An emulator on a database of its own.
struct Bench {
    sandbox: Sandbox,
    router: Router,
    clock: Clock,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Bench {
    async fn new() -> Self {
        Self::with(LimitSettings { requests_per_window: 100_000, ..LimitSettings::default() }).await
    }

    async fn with(limits: LimitSettings) -> Self {
        Self::of(SandboxSettings { test_levers: true, limits, ..SandboxSettings::default() }).await
    }

    async fn of(settings: SandboxSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseSettings::default(), &folder.path().join("sandbox.db")).await.unwrap();
        let clock = Clock::manual(NOW_MS);
        let sandbox = Sandbox::new(db, clock.clone(), settings);
        Self { router: sandbox.router(), sandbox, clock, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, headers, body }
    }

    /// A call with the dental group's token and API v3, expected to succeed.
    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.ask("v3", method, path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// A call with the dental group's token that may fail.
    async fn ask(&self, version: &str, method: &str, path: &str, body: Value) -> Answer {
        self.ask_as(dental().token, version, method, path, body).await
    }

    async fn ask_as(&self, token: &str, version: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("version", version)
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }
}

fn dental() -> super::DemoLocation {
    DEMO_LOCATIONS[0]
}

fn gym() -> super::DemoLocation {
    DEMO_LOCATIONS[1]
}
