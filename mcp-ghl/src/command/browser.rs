//! Opening an address in the person's browser.

use std::process::{Command, Stdio};

use url::Url;

/// Asks the system to open it. Nobody waits and nothing is said if it cannot: the address stands in the terminal too.
pub(super) fn open(page: &Url) {
    let words: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        &["rundll32", "url.dll,FileProtocolHandler"]
    } else {
        &["xdg-open"]
    };
    let Some((program, flags)) = words.split_first() else { return };
    let opener = Command::new(program)
        .args(flags)
        .arg(page.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    drop(opener);
}
