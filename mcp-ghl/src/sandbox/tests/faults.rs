//! Faults on order, through a real port where the connection itself breaks.

use std::net::SocketAddr;
use std::time::Duration;

use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::tasks::Tasks;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Bench, NOW_MS, dental, gym};
use crate::sandbox::{Sandbox, SandboxSettings};

fn location() -> String {
    format!("/locations/{}", dental().id)
}

#[tokio::test]
async fn a_storm_of_429_lasts_as_long_as_ordered_and_says_so_in_its_headers() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "rate_limited", "duration_ms": 10_000})).await;
    for _ in 0..30 {
        let answer = bench.ask("v3", "GET", &location(), Value::Null).await;
        assert_eq!(answer.status.as_u16(), 429);
        assert_eq!(answer.headers["x-ratelimit-remaining"], "0");
        assert_ne!(answer.headers["x-ratelimit-daily-remaining"], "0");
    }
    bench.wait(Duration::from_secs(10));
    bench.call("GET", &location(), Value::Null).await;
}

#[tokio::test]
async fn a_spent_day_says_so_in_its_headers() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "daily_limit_spent"})).await;
    let answer = bench.ask("v3", "GET", &location(), Value::Null).await;
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.headers["x-ratelimit-daily-remaining"], "0");
    assert_eq!(answer.headers["x-ratelimit-daily-reset"], "86400");
}

#[tokio::test]
async fn a_seed_chooses_the_same_calls_and_about_as_many_as_likely() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let bench = Bench::new().await;
        let order = json!({"kind": "unavailable", "count": 1000, "probability": 0.3, "seed": seed});
        bench.call("POST", "/__sandbox/faults", order).await;
        let mut failed = Vec::new();
        for call in 0..100 {
            let status = bench.ask("v3", "GET", &location(), Value::Null).await.status.as_u16();
            if status == 503 {
                failed.push(call);
            }
        }
        assert!((15..=45).contains(&failed.len()), "{} of 100 failed", failed.len());
        runs.push(failed);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_fault_keeps_to_its_method_and_path() {
    let bench = Bench::new().await;
    let order = json!({"kind": "bad_gateway", "method": "get", "path": "/locations/*"});
    bench.call("POST", "/__sandbox/faults", order).await;
    bench.call("GET", &format!("{}/tags", location()), Value::Null).await;
    bench.call("POST", "/contacts/", json!({"locationId": dental().id, "email": "a@example.com"})).await;
    assert_eq!(bench.ask("v3", "GET", &location(), Value::Null).await.status.as_u16(), 502);
    bench.call("GET", &location(), Value::Null).await;
}

#[tokio::test]
async fn a_fault_may_name_its_operation() {
    let bench = Bench::new().await;
    bench
        .call("POST", "/__sandbox/faults", json!({"kind": "unavailable", "operation": "locations.get-location"}))
        .await;
    bench.call("GET", &format!("{}/tags", location()), Value::Null).await;
    assert_eq!(bench.ask("v3", "GET", &location(), Value::Null).await.status.as_u16(), 503);
    let unknown = json!({"kind": "unavailable", "operation": "locations.nope"});
    assert_eq!(bench.ask("v3", "POST", "/__sandbox/faults", unknown).await.status.as_u16(), 400);
}

#[tokio::test]
async fn faults_are_listed_and_called_off() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "server_error", "count": 5})).await;
    bench.ask("v3", "GET", &location(), Value::Null).await;
    let waiting = bench.call("GET", "/__sandbox/faults", Value::Null).await;
    assert_eq!((waiting[0]["kind"].as_str(), waiting[0]["count"].as_u64()), (Some("server_error"), Some(4)));
    bench.call("DELETE", "/__sandbox/faults", Value::Null).await;
    bench.call("GET", &location(), Value::Null).await;
}

#[tokio::test]
async fn a_slow_answer_comes_late_and_whole() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "slow", "delay_ms": 5_000})).await;
    let began_ms = bench.clock.now_ms();
    let time_passes = async {
        loop {
            tokio::task::yield_now().await;
            bench.wait(Duration::from_millis(100));
        }
    };
    let path = location();
    let answer = tokio::select! {
        answer = bench.ask("v3", "GET", &path, Value::Null) => answer,
        () = time_passes => unreachable!(),
    };
    assert_eq!((answer.status.as_u16(), answer.body["location"]["id"].as_str()), (200, Some(dental().id)));
    assert!(bench.clock.now_ms() - began_ms >= 5_000);
}

/// An emulator on a port of its own.
struct Port {
    address: SocketAddr,
    tasks: Tasks,
    _folder: tempfile::TempDir,
}

impl Port {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseSettings::default(), &folder.path().join("sandbox.db")).await.unwrap();
        let settings = SandboxSettings { test_levers: true, ..SandboxSettings::default() };
        let sandbox = Sandbox::new(db, Clock::manual(NOW_MS), settings);
        let tasks = Tasks::new();
        let address = sandbox.open(0, &tasks).await.unwrap();
        Self { address, tasks, _folder: folder }
    }

    /// What comes over the wire until the connection closes.
    async fn raw(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nversion: v3\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            gym().token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        // A reset may come as an error or as an end.
        let _ = stream.read_to_end(&mut received).await;
        String::from_utf8(received).unwrap()
    }

    async fn get(&self) -> String {
        self.raw("GET", &format!("/locations/{}", gym().id), "").await
    }

    async fn close(self) {
        assert!(self.tasks.shutdown(Duration::from_secs(5)).await);
    }
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_content_length() {
    let port = Port::open().await;
    port.raw("POST", "/__sandbox/faults", r#"{"kind": "truncated_body"}"#).await;
    let received = port.get().await;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let promised: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body.len(), promised / 2);
    port.close().await;
}

#[tokio::test]
async fn a_reset_connection_says_nothing() {
    let port = Port::open().await;
    port.raw("POST", "/__sandbox/faults", r#"{"kind": "connection_reset"}"#).await;
    assert_eq!(port.get().await, "");
    assert!(port.get().await.starts_with("HTTP/1.1 200"));
    port.close().await;
}

#[tokio::test]
async fn malformed_json_comes_whole_and_cannot_be_read() {
    let port = Port::open().await;
    port.raw("POST", "/__sandbox/faults", r#"{"kind": "malformed_json"}"#).await;
    let received = port.get().await;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
    assert!(body.starts_with("{\"location\"") && serde_json::from_str::<Value>(body).is_err());
    port.close().await;
}
