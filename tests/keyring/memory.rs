//! What a process keeps of the secrets that went through it: what a core dump would show.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use tests::database::TestDatabase;
use tests::planted::Planted;

#[test]
fn what_was_kept_and_read_back_is_overwritten_in_memory() {
    let planted = Planted::new();
    let database = TestDatabase::sqlite();
    let key = database.folder().join("key");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut holder = Command::new(env!("CARGO_BIN_EXE_vault-user"))
        .args([&format!("file:{}", key.display()), database.file.to_str().unwrap(), "hold"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = holder.stdin.take().unwrap();
    lines.write_all(planted.values().join("\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut answer).unwrap();
    assert_eq!(answer, "ok: held\n");

    let in_memory = planted.search_memory(holder.id());
    let key_in_memory = Planted::of(vec!["ab".repeat(32)]).search_memory(holder.id());
    let listed = planted.search_listing(holder.id());
    drop(lines);
    holder.wait().unwrap();
    assert_eq!(in_memory, []);
    assert_eq!(key_in_memory, [], "the key's text");
    assert_eq!(listed, []);
    std::fs::remove_file(key).unwrap();
    assert_eq!(planted.search_folder(database.folder()), []);
}
