//! kill -9 while senders send and repeat: what was acknowledged is there, once, under the id that was told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use tests::database::{TestDatabase, on_each_database};
use tests::http_server::HttpServer;
use tests::senders::hmac_hex;
use tests::time::is_full_run;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Kills in the default run, and with `LUMINAR_FULL=1`; on PostgreSQL a tenth.
const KILLS: (usize, usize) = (20, 1_000);
const SENDERS: usize = 16;
/// Every so often an event is sent twice although it was acknowledged.
const TWICE_EVERY: usize = 7;
/// Between two attempts at one event.
const PAUSE: Duration = Duration::from_millis(2);
const SECRET: &str = "storm";

/// What senders were told: the id under which each key was acknowledged.
#[derive(Debug, Default)]
struct Told {
    ids: Mutex<HashMap<String, String>>,
    acknowledged: AtomicUsize,
    duplicates: AtomicUsize,
    repeats: AtomicUsize,
    is_over: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_by_kills() {
    let seed = seed();
    on_each_database(async |database| storm(database, seed).await).await;
}

async fn storm(database: TestDatabase, seed: u64) {
    let mut kills = if is_full_run() { KILLS.1 } else { KILLS.0 };
    if database.settings.url.is_some() {
        kills = kills.div_ceil(10);
    }
    println!("{kills} kills, LUMINAR_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let settings = settings_file(&database);
    let (data, began) = (database.folder().to_owned(), Instant::now());
    let mut server = start(&data, &settings).await;
    let (say, address) = watch::channel(server.address);
    let told = Arc::new(Told::default());
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        senders.spawn(send_until_over(sender, address.clone(), Arc::clone(&told)));
    }
    for _ in 0..kills {
        let goal = told.acknowledged.load(Ordering::Relaxed) + random.usize(0..400);
        let pause = Duration::from_micros(random.u64(0..5_000));
        let waited = Instant::now();
        while told.acknowledged.load(Ordering::Relaxed) < goal && waited.elapsed() < Duration::from_secs(5) {
            tokio::task::yield_now().await;
        }
        std::thread::sleep(pause);
        server.kill().await;
        server = start(&data, &settings).await;
        say.send_replace(server.address);
    }
    told.is_over.store(true, Ordering::Relaxed);
    while let Some(ended) = senders.join_next().await {
        ended.unwrap();
    }
    server.kill().await;
    let rows = check(&database, &told).await;
    println!(
        "{kills} kills in {:.0?}: {} acknowledged, {rows} rows, {} answered as duplicates, {} repeated without an answer; 0 lost, 0 doubled",
        began.elapsed(),
        told.acknowledged.load(Ordering::Relaxed),
        told.duplicates.load(Ordering::Relaxed),
        told.repeats.load(Ordering::Relaxed),
    );
}

async fn start(data: &Path, settings: &Path) -> HttpServer {
    HttpServer::start("mcp-orchestrator", data, &["--config", &settings.display().to_string()]).await
}

fn settings_file(database: &TestDatabase) -> PathBuf {
    let url = database.settings.url.as_ref().map(|url| format!("[database]\nurl = \"{}\"\n", url.expose_secret()));
    let source = format!(
        "[[orchestrator.sources]]\nname = \"git\"\nkind = \"hmac\"\nsecret = \"{SECRET}\"\nid_header = \"x-github-delivery\"\n"
    );
    let file = database.folder().join("settings.toml");
    std::fs::write(&file, url.unwrap_or_default() + &source).unwrap();
    file
}

#[expect(clippy::disallowed_methods, reason = "from which seed is the runner's choice")]
fn seed() -> u64 {
    std::env::var("LUMINAR_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap())
}

/// One event after the other, each repeated until it is acknowledged, as senders with retries do.
async fn send_until_over(sender: usize, mut address: watch::Receiver<SocketAddr>, told: Arc<Told>) {
    let mut connection = None;
    for number in 0.. {
        let key = format!("{sender}-{number}");
        let times = if number % TWICE_EVERY == 0 { 2 } else { 1 };
        for _ in 0..times {
            let Some((id, is_duplicate)) = send_until_acknowledged(&mut connection, &mut address, &key, &told).await
            else {
                return;
            };
            told.duplicates.fetch_add(usize::from(is_duplicate), Ordering::Relaxed);
            let before = told.ids.lock().unwrap().insert(key.clone(), id.clone());
            assert!(before.is_none_or(|before| before == id), "`{key}` was acknowledged under two ids");
        }
        told.acknowledged.fetch_add(1, Ordering::Relaxed);
        if told.is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// The id and whether it was there already; nothing once the storm is over.
async fn send_until_acknowledged(
    connection: &mut Option<BufReader<TcpStream>>,
    address: &mut watch::Receiver<SocketAddr>,
    key: &str,
    told: &Told,
) -> Option<(String, bool)> {
    loop {
        let place = *address.borrow();
        match post(connection, place, key).await {
            Some((200, body)) => {
                let taken: serde_json::Value = serde_json::from_str(&body).unwrap();
                return Some((taken["event_id"].as_str().unwrap().to_owned(), taken["duplicate"] == true));
            }
            Some((429 | 503, _)) => {}
            Some((status, body)) => panic!("{status}: {body}"),
            None => *connection = None,
        }
        told.repeats.fetch_add(1, Ordering::Relaxed);
        if told.is_over.load(Ordering::Relaxed) {
            return None;
        }
        // Until another server is there, or a moment has passed.
        drop(tokio::time::timeout(PAUSE, address.changed()).await);
    }
}

/// The status and body of the answer, if one came whole.
async fn post(connection: &mut Option<BufReader<TcpStream>>, address: SocketAddr, key: &str) -> Option<(u16, String)> {
    let stream = match connection {
        Some(stream) => stream,
        None => connection.insert(BufReader::new(TcpStream::connect(address).await.ok()?)),
    };
    let body = format!("{{\"key\":\"{key}\",\"filling\":\"{}\"}}", "x".repeat(500));
    let headers: Vec<String> =
        hmac_hex(SECRET, key, &body).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let request = format!(
        "POST /webhooks/git/local HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.get_mut().write_all(request.as_bytes()).await.ok()?;
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if status.is_none() {
            status = Some(line.split(' ').nth(1)?.parse().ok()?);
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((status?, String::from_utf8(body).ok()?))
}

/// Every acknowledged key is there under the id that was told, and no key twice. Returns how many rows there are.
async fn check(database: &TestDatabase, told: &Told) -> usize {
    let mut at_home = database.settings.clone();
    at_home.connections_max = 1;
    let db = common::db::Db::new(&at_home, &database.folder().join("luminar.db"));
    let pool = db.read().await.unwrap();
    if database.settings.url.is_none() {
        let integrity: String = sqlx::query_scalar("pragma integrity_check").fetch_one(pool).await.unwrap();
        assert_eq!(integrity, "ok");
    }
    let rows: Vec<(String, String)> =
        sqlx::query_as("select dedupe_key, event_id from orchestrator_events").fetch_all(pool).await.unwrap();
    let mut stored = HashMap::new();
    for (key, id) in &rows {
        assert!(stored.insert(key, id).is_none(), "`{key}` is there twice");
    }
    db.close().await;
    let told = told.ids.lock().unwrap();
    let lost: Vec<_> = told.iter().filter(|(key, id)| stored.get(key) != Some(id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(!told.is_empty(), "something was acknowledged");
    rows.len()
}
