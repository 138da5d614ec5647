//! Keys that are given or derived, by processes of their own: file, file descriptor, passphrase, and moves between them.
#![cfg(unix)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use secrecy::ExposeSecret;
use tests::database::{TestDatabase, on_each_database};

/// Files of keys and passphrases, and the database that they open.
struct Scene<'a> {
    database: &'a TestDatabase,
}

impl Scene<'_> {
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.database.folder().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Starts `vault-user` with a file on descriptors 3 and 4.
    fn start(&self, files: [&str; 2], key: &str, words: &[&str]) -> Child {
        let folder = self.database.folder();
        let place = self.database.settings.url.as_ref().map(|url| url.expose_secret().to_owned());
        let script = format!("exec 3<{} 4<{}; exec \"$@\"", files[0], files[1]);
        Command::new("sh")
            .current_dir(folder)
            .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_vault-user"), key])
            .arg(place.unwrap_or_else(|| self.database.file.display().to_string()))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn run(&self, files: [&str; 2], key: &str, words: &[&str]) -> String {
        finish(self.start(files, key, words), "value")
    }
}

fn finish(mut child: Child, value: &str) -> String {
    // One that does not read its input may be gone.
    drop(child.stdin.take().unwrap().write_all(value.as_bytes()));
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_vault_opens_with_the_key_that_it_was_made_with_and_no_other() {
    on_each_database(async |database| {
        let scene = Scene { database: &database };
        scene.file("right", &"ab".repeat(32));
        scene.file("wrong", &"cd".repeat(32));
        let files = ["right", "wrong"];
        assert_eq!(scene.run(files, "fd:3", &["put", "x"]), "ok: kept");
        assert_eq!(scene.run(files, "fd:3", &["get", "x"]), "ok: value");
        assert_eq!(scene.run(files, "file:right", &["get", "x"]), "ok: value");
        for key in ["fd:4", "file:wrong"] {
            for words in [["get", "x"], ["put", "x"]] {
                let refused = scene.run(files, key, &words);
                assert!(refused.contains("the key that was given is not the one of this vault"), "{key}: {refused}");
            }
        }
        let refused = scene.run(files, "passphrase-fd:4", &["get", "x"]);
        assert!(refused.contains("`secrets.key` is `passphrase-fd:4`"), "{refused}");
        for (key, why) in [("none", "is `none`"), ("auto", "is `auto`"), ("os", "is `os`"), ("fd:9", "9 is not open")] {
            let refused = scene.run(files, key, &["get", "x"]);
            assert!(refused.starts_with("refused: failed_precondition") && refused.contains(why), "{key}: {refused}");
        }
        std::fs::set_permissions(database.folder().join("right"), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(scene.run(files, "file:right", &["get", "x"]).contains("may be read by others"));
        assert_eq!(scene.run(files, "fd:3", &["get", "x"]), "ok: value");
        assert_eq!(scene.run(files, "fd:3", &["status"]), "ok: 1 sealed; the key is given at the start");
    })
    .await;
}

#[tokio::test]
async fn a_vault_moves_from_key_to_passphrase_and_on() {
    on_each_database(async |database| {
        let scene = Scene { database: &database };
        scene.file("key", &"ab".repeat(32));
        scene.file("words", "correct horse battery\n");
        let files = ["key", "words"];
        assert_eq!(scene.run(files, "fd:3", &["put", "x"]), "ok: kept");
        assert!(scene.run(files, "fd:3", &["rotate"]).contains("was given to it"), "it has to be told the next one");
        assert!(scene.run(files, "fd:3", &["rotate", "file:key"]).contains("the one that the vault has"));
        assert_eq!(scene.run(files, "fd:3", &["rotate", "passphrase-fd:4"]), "ok: 1 secrets");
        assert_eq!(scene.run(files, "passphrase-fd:4", &["get", "x"]), "ok: value");
        assert!(scene.run(files, "fd:3", &["get", "x"]).contains("as a passphrase"));
        assert_eq!(scene.run(files, "passphrase-fd:4", &["rotate"]), "ok: 1 secrets");
        assert_eq!(scene.run(files, "passphrase-fd:4", &["get", "x"]), "ok: value");
        scene.file("words", "correct horse batters\n");
        assert!(scene.run(files, "passphrase-fd:4", &["get", "x"]).contains("not the passphrase of this vault"));
        // Nobody is asked where nobody is.
        assert!(scene.run(files, "auto", &["get", "x"]).contains("passphrase-fd:3"));
    })
    .await;
}

#[tokio::test]
async fn a_short_passphrase_and_a_short_key_make_no_vault() {
    let database = TestDatabase::sqlite();
    let scene = Scene { database: &database };
    scene.file("short", "horse");
    for key in ["passphrase-fd:3", "fd:3", "file:short"] {
        assert!(scene.run(["short", "short"], key, &["put", "x"]).starts_with("refused: "), "{key}");
        assert!(scene.run(["short", "short"], key, &["status"]).starts_with("ok: none yet"), "{key}");
    }
}

/// Each would draw a salt of its own: two vaults, of which only one opens.
#[tokio::test]
async fn processes_that_make_the_vault_at_once_make_one() {
    on_each_database(async |database| {
        let scene = Scene { database: &database };
        scene.file("words", "correct horse battery");
        let files = ["words", "words"];
        let names = ["of/0", "of/1", "of/2", "of/3"];
        let makers: Vec<_> = names.iter().map(|name| scene.start(files, "passphrase-fd:3", &["put", name])).collect();
        for (maker, name) in makers.into_iter().zip(names) {
            assert_eq!(finish(maker, name), "ok: kept");
        }
        for name in names {
            assert_eq!(scene.run(files, "passphrase-fd:3", &["get", name]), format!("ok: {name}"));
        }
    })
    .await;
}
