//! What a process leaves of its memory: no core dump, whatever its parent and the system allow, and nothing for others of
//! its user to read while it runs.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::binary;
use tests::planted::Planted;
use tokio::process::Child;

/// A user with no rights at all.
const NOBODY: u32 = 65_534;

const PATIENCE: Duration = Duration::from_secs(20);

/// How often a running process holds each planted value, as somebody with the right to trace it sees; nothing where we
/// have not. A token that is being sent has to be there, hence no more than figures.
pub(crate) fn in_memory(planted: &Planted, process: u32) -> BTreeMap<usize, usize> {
    let mut held = BTreeMap::new();
    if std::fs::File::open(format!("/proc/{process}/mem")).is_ok() {
        for finding in planted.search_memory(process) {
            *held.entry(finding.value).or_default() += 1;
        }
    }
    held
}

/// Has a server end as by a failure that dumps core; it must not.
pub(crate) async fn abort(server: &mut Child) {
    let process = server.id().unwrap();
    assert_eq!(core_limits(process), ["0", "0"]);
    signal(process, "-ABRT");
    let status = tokio::time::timeout(PATIENCE, server.wait()).await.expect("it ends").unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false), "{status}");
}

/// How many core files there are.
pub(crate) fn cores(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    files.filter(|file| file.file_name().to_string_lossy().starts_with("core")).count()
}

/// How large a core file may be, softly and at all.
fn core_limits(process: u32) -> Vec<String> {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    core.split_whitespace().take(2).map(str::to_owned).collect()
}

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}

/// Starts a program from a parent that wants its core dump, in a folder, as nobody if we can.
fn start(folder: &Path, words: &[&str]) -> std::process::Child {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"]).args(words).current_dir(folder).env_clear();
    command.env("HOME", folder).env("PLANTED", "a-secret-in-the-environment");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    if is_root() {
        std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

/// Waits until a process is what `is_there` says.
fn until(is_there: impl Fn() -> bool) {
    let since = std::time::Instant::now();
    while !is_there() {
        assert!(since.elapsed() < PATIENCE, "it comes about in time");
        std::thread::yield_now();
    }
}

#[test]
fn where_others_dump_core_our_programs_do_not() {
    let others = folder();
    let mut other = start(others.path(), &["sleep", "60"]);
    until(|| std::fs::read_to_string(format!("/proc/{}/comm", other.id())).is_ok_and(|name| name == "sleep\n"));
    // The owner of what only the owner may read is root where a process keeps its memory to itself (proc(5)).
    let private = |process: u32| std::fs::metadata(format!("/proc/{process}/environ")).unwrap().uid() == 0;
    assert!(!private(other.id()), "a process is its user's, unless it says otherwise");
    signal(other.id(), "-ABRT");
    let status = other.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    if !status.core_dumped() {
        println!("this system dumps nobody's core: that ours is not dumped shows nothing here");
    }
    let planted = Planted::of(vec!["a-secret-in-the-environment".to_owned()]);
    if status.core_dumped() && cores(others.path()) > 0 {
        assert_ne!(planted.search_folder(others.path()), [], "and in a dump it would be found");
    }
    for (program, words) in [("mcp-ghl", ["stdio"].as_slice()), ("luminar", &["http", "--port", "0"])] {
        let ours = folder();
        let data = ours.path().join("data");
        let program = binary::path(program);
        let words = [&[program.to_str().unwrap()], words, &["--data-dir", data.to_str().unwrap()]].concat();
        for name in ["-ABRT", "-TRAP"] {
            let mut child = start(ours.path(), &words);
            let process = child.id();
            until(|| private(process));
            let reads = Command::new("sh")
                .args(["-c", &format!("cat /proc/{process}/environ || head -c 1 /proc/{process}/mem")])
                .uid(NOBODY)
                .output();
            // Only root can become somebody else to try.
            if let Ok(reads) = reads {
                assert!(!reads.status.success() && reads.stdout.is_empty(), "{program:?}: {reads:?}");
            }
            assert_eq!(core_limits(process), ["0", "0"], "{program:?}");
            signal(process, name);
            let status = child.wait().unwrap();
            assert!(status.signal().is_some() && !status.core_dumped(), "{program:?} {name}: {status}");
            assert_eq!(cores(ours.path()), 0, "{program:?} {name}");
        }
    }
}
