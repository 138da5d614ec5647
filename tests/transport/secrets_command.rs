//! `secrets` as a person meets it: values go in through a pipe and never come out; the key is where the settings say.
#![cfg(unix)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tests::binary;
use tests::planted::Planted;

/// A data folder and key files, without any key store of the system.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        for (name, digits) in [("first.key", "ab"), ("second.key", "cd")] {
            let path = scene.0.path().join(name);
            std::fs::write(&path, digits.repeat(32)).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        scene
    }

    fn data(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, key: &str, words: &[&str], input: &str) -> Output {
        let mut child = Command::new(binary::path("mcp-ghl"))
            .current_dir(self.data())
            .args(words)
            .arg("--data-dir")
            .arg(self.data().join("state"))
            .env_clear()
            .env("HOME", self.data())
            .env("XDG_RUNTIME_DIR", self.data())
            .env("LUMINAR__SECRETS__KEY", key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    }

    /// What it printed, having succeeded.
    fn says(&self, key: &str, words: &[&str], input: &str) -> String {
        let output = self.run(key, words, input);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complained, having failed.
    fn complains(&self, key: &str, words: &[&str]) -> String {
        let output = self.run(key, words, "");
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_secret_is_kept_listed_and_forgotten_without_being_shown() {
    let scene = Scene::new();
    let planted = Planted::new();
    let mut printed = String::new();
    for (number, value) in planted.values().iter().enumerate() {
        let name = format!("ghl/{number}");
        let line = format!("{value}\n");
        printed += &scene.says("file:first.key", &["secrets", "set", &name, "--tenant", "acme"], &line);
    }
    let listed = scene.says("none", &["secrets", "list", "--tenant", "acme"], "");
    assert_eq!(listed.lines().count(), planted.values().len());
    assert!(listed.contains("ghl/0\tgeneration 1\t20"), "{listed}");
    assert_eq!(scene.says("none", &["secrets", "list"], ""), "", "another tenant's");
    printed += &scene.says("file:first.key", &["secrets", "status"], "");
    printed += &scene.says("file:first.key", &["secrets", "rotate", "--to", "file:second.key"], "");
    assert!(printed.contains("it wraps 20 secrets"), "{printed}");
    assert!(scene.complains("file:first.key", &["secrets", "status"]).contains("is not the one of this vault"));
    assert!(scene.says("file:second.key", &["secrets", "status"], "").starts_with("20 sealed"));
    printed += &scene.says("none", &["secrets", "delete", "ghl/0", "--tenant", "acme"], "");
    let gone = scene.complains("none", &["secrets", "delete", "ghl/0", "--tenant", "acme"]);
    assert!(gone.contains("not_found"), "{gone}");
    assert_eq!(planted.search_bytes("what was printed", (printed + &listed + &gone).as_bytes()), []);
    assert_eq!(planted.search_folder(scene.data()), []);
}

#[test]
fn a_value_is_no_argument_and_nothing_is_no_value() {
    let scene = Scene::new();
    assert!(scene.complains("file:first.key", &["secrets", "set", "a", "value"]).contains("unexpected argument"));
    assert!(scene.complains("file:first.key", &["secrets", "set", "a"]).contains("no value on standard input"));
    assert!(scene.complains("file:first.key", &["secrets", "set", "a b"]).contains("name of a secret"));
    let refused = scene.complains("correct horse battery", &["secrets", "status"]);
    assert!(refused.contains("secrets.key") && !refused.contains("horse"), "{refused}");
}

#[test]
fn doctor_is_content_without_a_key_and_not_with_a_wrong_one() {
    let scene = Scene::new();
    let line = |text: String| text.lines().find(|line| line.contains(" secrets: ")).unwrap().to_owned();
    let content = line(scene.says("auto", &["doctor"], ""));
    assert!(content.starts_with("ok     secrets: no key, because the system has no key store here"), "{content}");
    scene.says("file:first.key", &["secrets", "set", "a"], "value");
    let wrong = scene.run("file:second.key", &["doctor"], "");
    assert!(!wrong.status.success());
    let wrong = line(String::from_utf8(wrong.stdout).unwrap());
    assert!(wrong.starts_with("FAILED secrets: the key that was given is not the one of this vault"), "{wrong}");
}
