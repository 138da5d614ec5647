//! Senders that trickle: they are told to come again, and nobody waits for them.

use std::net::SocketAddr;
use std::time::Duration;

use common::clock::Clock;
use tests::database::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::inbox::stage::{NOW_MS, Stage};
use tests::senders::hmac_hex;

const SETTINGS: &str = r#"
[orchestrator.inbox]
concurrency_max = 2
body_bytes_max = 1000
body_ms = 3000

[[orchestrator.sources]]
name = "git"
kind = "hmac"
secret = "git-secret"
id_header = "x-github-delivery"
"#;

/// Begins an event of 900 bytes and sends so many of them.
async fn trickler(address: SocketAddr, bytes: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /webhooks/git/local HTTP/1.1\r\nHost: {address}\r\nContent-Length: 900\r\n\r\n");
    stream.write_all(format!("{head}{}", "x".repeat(bytes)).as_bytes()).await.unwrap();
    stream
}

async fn status(stream: &mut TcpStream) -> String {
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    String::from_utf8_lossy(&start).into_owned()
}

#[tokio::test]
async fn many_slow_senders_keep_nobody_out_and_are_given_up_in_time() {
    let clock = Clock::manual(NOW_MS);
    let stage = Stage::open(TestDatabase::sqlite(), clock.clone(), SETTINGS).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(trickler(stage.address, 5).await);
    }
    for delivery in 0..10 {
        let signed = hmac_hex("git-secret", &format!("d{delivery}"), "{}");
        let answer = stage.post("/webhooks/git/local", &signed, "{}").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    // One byte in time does not help.
    clock.advance(Duration::from_secs(2));
    for stream in &mut slow {
        stream.write_all(b"x").await.unwrap();
    }
    let told = async {
        for stream in &mut slow {
            assert_eq!(status(stream).await, "HTTP/1.1 503");
        }
    };
    tests::time::drive(&clock, Duration::from_millis(100), told).await;
    assert_eq!(stage.count().await, 10);
}

#[tokio::test]
async fn what_is_sent_in_part_takes_no_more_memory_than_the_settings_allow() {
    let stage = Stage::open(TestDatabase::sqlite(), Clock::manual(NOW_MS), SETTINGS).await;
    // Two of a thousand bytes have room at once.
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(trickler(stage.address, 899).await);
    }
    // Whichever of them came last is told so at once, while the clock stands.
    let readings = slow.iter_mut().map(|stream| Box::pin(status(stream)));
    assert_eq!(futures_util::future::select_all(readings).await.0, "HTTP/1.1 429");
}
