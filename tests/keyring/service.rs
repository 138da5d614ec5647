//! A real Secret Service on a bus of its own: Debian's gnome-keyring, unpacked and not installed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What Debian 12's daemon needs beside what every Debian has.
const PACKAGES: [&str; 5] = ["gnome-keyring", "libgck-1-0", "libgcr-base-3-1", "libsecret-1-0", "p11-kit"];
/// How long the daemon may take to appear on the bus.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// The daemon's files.
#[derive(Debug, Clone)]
pub(crate) struct Unpacked {
    daemon: PathBuf,
    libraries: PathBuf,
}

impl Unpacked {
    /// Finds them, or fetches them once into a folder of the build; says why not.
    pub(crate) fn find() -> Result<Self, String> {
        for program in ["dbus-daemon", "dbus-send"] {
            let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            found.map_err(|error| format!("`{program}`: {error}"))?;
        }
        let test = std::env::current_exe().map_err(|error| error.to_string())?;
        // target/<profile>/deps/<test>
        let folder = test.ancestors().nth(3).ok_or("no target folder")?.join("gnome-keyring");
        let root = folder.join("root");
        if !root.join("usr/bin/gnome-keyring-daemon").is_file() {
            fetch(&folder, &root)?;
        }
        let libraries = std::fs::read_dir(root.join("usr/lib")).map_err(|error| error.to_string())?;
        let libraries = libraries.filter_map(Result::ok).map(|entry| entry.path());
        let libraries = libraries.into_iter().find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
        Ok(Self { daemon: root.join("usr/bin/gnome-keyring-daemon"), libraries: libraries.ok_or("no libraries")? })
    }
}

fn fetch(folder: &Path, root: &Path) -> Result<(), String> {
    std::fs::create_dir_all(root).map_err(|error| error.to_string())?;
    let run = |command: &mut Command| match command.current_dir(folder).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{command:?}: {error}")),
    };
    run(Command::new("apt-get").arg("download").args(PACKAGES))?;
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())?.filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg").arg("-x").arg(entry.path()).arg(root))?;
        }
    }
    Ok(())
}

/// A message bus that starts no services by itself.
#[derive(Debug)]
pub(crate) struct Bus {
    process: Child,
    pub(crate) address: String,
}

impl Bus {
    pub(crate) fn start(folder: &Path) -> Self {
        let config = folder.join("bus.conf");
        let text = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"
            \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">
            <busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
            <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>
            <allow user=\"*\"/></policy></busconfig>";
        std::fs::write(&config, text).unwrap();
        let mut process = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }

    fn send(&self, destination: &str, path: &str, words: &[&str]) -> String {
        let output = Command::new("dbus-send")
            .arg(format!("--bus={}", self.address))
            .args(["--print-reply", "--reply-timeout=5000", &format!("--dest={destination}"), path])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// How many entries of ours the service has, asked past our code.
    pub(crate) fn entries(&self) -> usize {
        let method = "org.freedesktop.Secret.Service.SearchItems";
        let words = [method, "dict:string:string:service,luminar"];
        self.send("org.freedesktop.secrets", "/org/freedesktop/secrets", &words).matches("object path").count()
    }

    fn has_service(&self) -> bool {
        let words = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
        self.send("org.freedesktop.DBus", "/org/freedesktop/DBus", &words).contains("boolean true")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The running daemon; its entries lie in `folder` and outlive it.
#[derive(Debug)]
pub(crate) struct Service(Child);

impl Service {
    /// Unlocked by a password, which a first start thereby sets; or locked.
    pub(crate) fn start(files: &Unpacked, bus: &Bus, folder: &Path, is_unlocked: bool) -> Self {
        let mut command = Command::new(&files.daemon);
        command
            .args(["--foreground", "--components=secrets"])
            .env("LD_LIBRARY_PATH", &files.libraries)
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .env("XDG_RUNTIME_DIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if is_unlocked {
            command.arg("--unlock");
        }
        let mut process = command.spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        if is_unlocked {
            stdin.write_all(b"a password").unwrap();
        }
        drop(stdin);
        let begun = Instant::now();
        while !bus.has_service() {
            assert!(begun.elapsed() < START_PATIENCE, "gnome-keyring did not come up on the bus");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self(process)
    }

    /// Stops or continues it, as a debugger would.
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
