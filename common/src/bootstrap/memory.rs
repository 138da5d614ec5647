//! Keeps what the process has in memory to itself: a token that is being sent has to be there in clear, and must not
//! outlive the process in a core dump.

/// Turns core dumps off for this process and what it starts. On Linux also keeps other processes of the same user from
/// reading its memory and environment, debuggers without the right to trace anything (`CAP_SYS_PTRACE`) included.
/// To be called first thing; on Windows it does nothing, where dumps are the administrator's choice.
pub fn keep_private() {
    // A refusal is no reason not to serve: what refuses is a sandbox, and stricter than we are.
    #[cfg(unix)]
    let _ = without_core();
    // The limit alone is not asked where the kernel hands cores to a program, as systemd-coredump has it (core(5)).
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// The hard limit too: it cannot be raised again.
#[cfg(unix)]
fn without_core() -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}
