//! What programs that we start see of our own environment.

use std::ffi::OsString;

/// What a program needs to find others and itself, as the reference clients pass it on (`getDefaultEnvironment` of
/// `@modelcontextprotocol/sdk` 1.32). Anything else may be a secret of ours.
const NAMES: [&str; 16] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    // Windows has no HOME and finds nothing without these.
    "APPDATA",
    "LOCALAPPDATA",
    "PATHEXT",
    "SYSTEMROOT",
    "TEMP",
    "USERPROFILE",
];

/// The variables of ours that they see.
pub(super) fn for_children() -> Vec<(OsString, OsString)> {
    NAMES.into_iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?))).collect()
}
