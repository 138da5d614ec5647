//! The vault's key in a real Secret Service, in every state that one can be in: never a second key beside an existing
//! one, no hang, and every refusal says what to do. Run with `--nocapture` for the table.
#![cfg(target_os = "linux")]

mod memory;
mod service;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::db::DatabaseSettings;
use service::{Bus, Service, Unpacked};
use sqlx::Row;
use tempfile::TempDir;

/// Longest that any call may take: the key store's five seconds, and what a busy machine adds.
const CALL_PATIENCE: Duration = Duration::from_secs(15);

/// A data folder, the session around it, and what was seen so far.
struct Scene {
    folder: TempDir,
    table: Vec<String>,
}

impl Scene {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), table: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, bus: Option<&Bus>, key: &str, database: &str, words: &[&str]) -> Child {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vault-user"))
            .args([key, self.path(database).to_str().unwrap()])
            .args(words)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .envs(bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", &bus.address)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdin.take().unwrap().write_all(b"value"));
        child
    }

    /// Runs one process and notes its answer, which must begin or contain as expected, and come in time.
    fn check(&mut self, state: &str, bus: Option<&Bus>, (key, database): (&str, &str), words: &[&str], expected: &str) {
        let begun = Instant::now();
        let output = self.start(bus, key, database, words).wait_with_output().unwrap();
        let took = begun.elapsed();
        let answer = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        let entries = bus.map_or_else(|| "-".to_owned(), |bus| bus.entries().to_string());
        let words = words.join(" ");
        self.table
            .push(format!("{state:<34} {key:<5} {words:<8.8} {:>6} ms  {entries:>7}  {answer}", took.as_millis()));
        assert!(answer.contains(expected), "{state}, {key}, {words}: {answer}, expected {expected}");
        assert!(took < CALL_PATIENCE, "{state}, {key}, {words} took {took:?}");
    }

    /// The key store's name for the key of a vault.
    async fn account(&self, database: &str) -> String {
        let db = common::db::Db::open(&DatabaseSettings::default(), &self.path(database)).await.unwrap();
        let row = sqlx::query("select vault_id, key_id from secret_vault");
        let row = row.fetch_one(db.read().await.unwrap()).await.unwrap();
        let account = format!("{}/{}", row.get::<String, _>("vault_id"), row.get::<String, _>("key_id"));
        db.close().await;
        account
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        println!("{:<34} {:<5} {:<8} {:>9}  {:>7}  answer", "state", "key", "call", "took", "entries");
        println!("{}", self.table.join("\n"));
    }
}

/// Nowhere to keep a key: an empty vault reads as empty, sealing works, keeping is refused, and nothing is made.
fn check_nowhere(scene: &mut Scene, state: &str, bus: Option<&Bus>) {
    scene.check(state, bus, ("auto", "empty.db"), &["get", "x"], "ok: nothing");
    scene.check(
        state,
        bus,
        ("auto", "empty.db"),
        &["put", "x"],
        "refused: failed_precondition: there is no key to seal",
    );
    scene.check(state, bus, ("os", "empty.db"), &["put", "x"], "refused: failed_precondition: there is no key store");
    scene.check(state, bus, ("auto", "empty.db"), &["seal"], "ok: 41");
    scene.check(state, bus, ("auto", "empty.db"), &["status"], "ok: no key, because the system has no key store here");
}

#[test]
fn without_a_bus_nothing_is_made_and_nothing_hangs() {
    check_nowhere(&mut Scene::new(), "no bus", None);
}

#[tokio::test]
async fn no_state_of_a_key_store_makes_a_second_key_or_hangs() {
    let files = match Unpacked::find() {
        Ok(files) => files,
        Err(why) => {
            // It comes from the distribution's archive, which not every machine that runs the tests can reach.
            println!("skipped: every state with a bus (no service, locked, unlocked, stopped, wrong key): {why}");
            return;
        }
    };
    let mut scene = Scene::new();
    let bus = Bus::start(scene.folder.path());
    check_nowhere(&mut scene, "no service on the bus", Some(&bus));

    let home = scene.path("home");
    std::fs::create_dir(&home).unwrap();
    let unlocked = Service::start(&files, &bus, &home, true);
    check_unlocked(&mut scene, &bus);
    check_stopped(&mut scene, &bus, &unlocked);
    drop(unlocked);

    let some = Some(&bus);
    scene.check("gone, vault", some, ("auto", "a.db"), &["get", "x"], "there is no key store of the system here");
    scene.check("gone, vault", some, ("auto", "a.db"), &["put", "x"], "there is no key store of the system here");

    let locked = Service::start(&files, &bus, &home, false);
    for (state, database) in [("locked, vault", "a.db"), ("locked, empty vault", "c.db")] {
        scene.check(state, some, ("auto", database), &["put", "x"], "the key store of the system is locked");
        assert_eq!(bus.entries(), 2, "{state}");
    }
    scene.check("locked, vault", some, ("auto", "a.db"), &["get", "x"], "the key store of the system is locked");
    scene.check("locked, vault", some, ("auto", "a.db"), &["rotate"], "the key store of the system is locked");
    scene.check("locked, vault", some, ("auto", "a.db"), &["status"], "the key store of the system is locked");
    drop(locked);

    let _unlocked = Service::start(&files, &bus, &home, true);
    scene.check("unlocked again", some, ("auto", "a.db"), &["get", "x"], "ok: value");
    assert_eq!(bus.entries(), 2, "nothing was made meanwhile");
    check_wrong_and_missing(&mut scene, &bus).await;
}

/// Four processes make one vault with one key; another folder gets a key of its own; rotations leave one each.
fn check_unlocked(scene: &mut Scene, bus: &Bus) {
    let some = Some(bus);
    scene.check("unlocked, empty vault", some, ("auto", "a.db"), &["status"], "ok: none yet; the key store");
    let makers: Vec<_> = ["x", "y", "z", "w"].map(|name| scene.start(some, "auto", "a.db", &["put", name])).into();
    for maker in makers {
        let output = maker.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "ok: kept");
    }
    assert_eq!(bus.entries(), 1, "four processes at once made one key");
    scene.check("unlocked, made by 4 at once", some, ("auto", "a.db"), &["get", "x"], "ok: value");
    scene.check("unlocked, another folder", some, ("os", "b.db"), &["put", "x"], "ok: kept");
    assert_eq!(bus.entries(), 2, "each folder has its own");
    scene.check("unlocked", some, ("auto", "a.db"), &["rotate"], "ok: 4 secrets");
    assert_eq!(bus.entries(), 2, "the old key is gone");
    for (database, name) in [("a.db", "x"), ("a.db", "w"), ("b.db", "x")] {
        scene.check("unlocked, rotated", some, ("auto", database), &["get", name], "ok: value");
    }
    scene.check("unlocked", some, ("auto", "a.db"), &["status"], "ok: 4 sealed; the key is in the key store");
}

/// A daemon that is there and says nothing.
fn check_stopped(scene: &mut Scene, bus: &Bus, service: &Service) {
    service.signal("-STOP");
    // Not through `check`: it would ask the same daemon for its entries.
    for (database, words) in [("a.db", ["get", "x"]), ("a.db", ["put", "x"]), ("d.db", ["put", "x"])] {
        let begun = Instant::now();
        let output = scene.start(Some(bus), "auto", database, &words).wait_with_output().unwrap();
        let (took, answer) = (begun.elapsed(), String::from_utf8(output.stdout).unwrap());
        let words = words.join(" ");
        scene.table.push(format!(
            "{:<34} auto  {words:<8} {:>6} ms  {:>7}  {}",
            format!("stopped, {database}"),
            took.as_millis(),
            "-",
            answer.trim()
        ));
        assert!(answer.contains("did not answer in time"), "{answer}");
        assert!(took < CALL_PATIENCE, "{took:?}");
    }
    service.signal("-CONT");
    assert_eq!(bus.entries(), 2);
}

async fn check_wrong_and_missing(scene: &mut Scene, bus: &Bus) {
    let some = Some(bus);
    let account = scene.account("a.db").await;
    scene.check("wrong key", some, ("auto", "a.db"), &["spoil", &account], "ok: spoilt");
    for words in [["get", "x"].as_slice(), &["put", "x"], &["rotate"], &["status"]] {
        scene.check("wrong key", some, ("auto", "a.db"), words, "another key under the name of this vault's");
    }
    assert_eq!(bus.entries(), 2);
    scene.check("missing key", some, ("auto", "a.db"), &["lose", &account], "ok: lost");
    for words in [["get", "x"].as_slice(), &["put", "x"], &["rotate"], &["status"]] {
        scene.check("missing key", some, ("auto", "a.db"), words, "the key of this vault is not in this key store");
    }
    assert_eq!(bus.entries(), 1, "no other was made in its place");
    scene.check("the other folder", some, ("auto", "b.db"), &["get", "x"], "ok: value");
}
