//! Where the vault's key comes from, as the settings say.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::seal::{KEY_BYTES, Key};
use crate::error::{Error, ErrorCode, Result};

/// Most bytes read of a key or passphrase.
const GIVEN_BYTES_MAX: u64 = 4096;

/// `secrets.key`: never a key or passphrase itself, only the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub enum KeySource {
    /// As `os` where the system has a key store, else as `none`. A passphrase is asked for where the vault has one.
    #[default]
    Auto,
    /// No key: nothing is put into the vault.
    None,
    /// The key store of the system.
    Os,
    /// A passphrase, asked for at the terminal.
    Passphrase,
    /// A passphrase, read from an open file descriptor.
    PassphraseFd(u32),
    /// 32 bytes, read from an open file descriptor.
    Fd(u32),
    /// 32 bytes, in a file that its owner alone may read, such as one of systemd's `LoadCredential`.
    File(PathBuf),
}

impl FromStr for KeySource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            Error::invalid_argument(
                "key",
                "does not say where the key of the vault comes from",
                "`auto`, `none`, `os`, `passphrase`, `passphrase-fd:N`, `fd:N` (N at least 3) or `file:PATH`",
                Some("\"os\""),
            )
        };
        // 0 to 2 are the protocol's and the log's.
        let descriptor = |number: &str| number.parse().ok().filter(|number| *number > 2).ok_or_else(refused);
        match (text, text.split_once(':')) {
            ("auto", _) => Ok(Self::Auto),
            ("none", _) => Ok(Self::None),
            ("os", _) => Ok(Self::Os),
            ("passphrase", _) => Ok(Self::Passphrase),
            (_, Some(("passphrase-fd", number))) => descriptor(number).map(Self::PassphraseFd),
            (_, Some(("fd", number))) => descriptor(number).map(Self::Fd),
            (_, Some(("file", path))) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(refused()),
        }
    }
}

impl TryFrom<String> for KeySource {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::None => formatter.write_str("none"),
            Self::Os => formatter.write_str("os"),
            Self::Passphrase => formatter.write_str("passphrase"),
            Self::PassphraseFd(number) => write!(formatter, "passphrase-fd:{number}"),
            Self::Fd(number) => write!(formatter, "fd:{number}"),
            Self::File(path) => write!(formatter, "file:{}", path.display()),
        }
    }
}

/// A key from a file that its owner alone may read.
pub(super) fn key_in_file(path: &Path) -> Result<Key> {
    let unreadable = |problem: &str| {
        Error::new(ErrorCode::FailedPrecondition, format!("the key file `{}` {problem}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(|source| unreadable("cannot be opened").with_source(source))?;
    // Asked of the open file, so that nobody can exchange it in between.
    let metadata = file.metadata().map_err(|source| unreadable("cannot be examined").with_source(source))?;
    if !metadata.is_file() {
        return Err(unreadable("is not a file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(unreadable("may be read by others").with_hint(format!("chmod 600 {}", path.display())));
    }
    key_in(&read(file)?)
}

/// A key from a file descriptor that the process was started with.
pub(super) fn key_in_descriptor(number: u32) -> Result<Key> {
    key_in(&read_descriptor(number)?)
}

/// A passphrase from a file descriptor that the process was started with, without the end of its line.
pub(super) fn passphrase_in_descriptor(number: u32) -> Result<SecretString> {
    let bytes = read_descriptor(number)?;
    let text = std::str::from_utf8(&bytes).map_err(|source| {
        // The cause says at which byte, not which byte.
        Error::new(ErrorCode::FailedPrecondition, format!("file descriptor {number} holds no text")).with_source(source)
    })?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

fn read_descriptor(number: u32) -> Result<Zeroizing<Vec<u8>>> {
    // The system's own names for open descriptors: taking one over by its number would need unsafe code.
    let file = std::fs::File::open(format!("/dev/fd/{number}")).map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, format!("file descriptor {number} is not open"))
            .with_hint(format!("start the program with it: `{number}< file`, or through a pipe"))
            .with_source(source)
    })?;
    read(file)
}

fn read(file: std::fs::File) -> Result<Zeroizing<Vec<u8>>> {
    // Reserved at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(GIVEN_BYTES_MAX).unwrap_or(0)));
    file.take(GIVEN_BYTES_MAX).read_to_end(&mut bytes).map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, "the key or passphrase cannot be read").with_source(source)
    })?;
    Ok(bytes)
}

/// 32 bytes as they are, as hex or as base64. Nothing shorter is stretched: that is what passphrases are for.
fn key_in(bytes: &[u8]) -> Result<Key> {
    let mut decoded = Zeroizing::new([0; KEY_BYTES]);
    let text = bytes.trim_ascii();
    let is_key = bytes.len() == KEY_BYTES && {
        decoded.copy_from_slice(bytes);
        true
    } || hex::decode_to_slice(text, decoded.as_mut_slice()).is_ok()
        || STANDARD.decode_slice(text, decoded.as_mut_slice()).is_ok_and(|length| length == KEY_BYTES);
    Key::from_bytes(decoded.as_slice()).filter(|_| is_key).ok_or_else(|| {
        Error::new(ErrorCode::FailedPrecondition, "what was given is no key").with_hint(
            "32 bytes, plain, as hex or as base64: `openssl rand -hex 32`; for words of your own there is `passphrase`",
        )
    })
}

/// Asks the person at the terminal, without showing what is typed.
pub(super) fn ask(question: &str) -> Result<SecretString> {
    let answer = rpassword::prompt_password(question).map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, "there is no terminal to ask for the passphrase")
            .with_hint("give it through a file descriptor: `secrets.key = \"passphrase-fd:3\"`")
            .with_source(source)
    })?;
    Ok(SecretString::from(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_a_key_is_read_and_written_alike() {
        for text in ["auto", "none", "os", "passphrase", "passphrase-fd:3", "fd:9", "file:/run/key"] {
            assert_eq!(text.parse::<KeySource>().unwrap().to_string(), text);
        }
        for text in ["", "OS", "fd", "fd:", "fd:0", "fd:1", "fd:2", "fd:x", "file:", "passphrase:secret", "env:X"] {
            let refused = text.parse::<KeySource>().unwrap_err();
            assert!(!refused.to_string().contains("secret\""), "{refused}");
        }
    }

    #[test]
    fn keys_are_taken_plain_in_hex_and_in_base64() {
        let key = [0x42; KEY_BYTES];
        for form in [key.to_vec(), hex::encode(key).into_bytes(), format!("{}\n", STANDARD.encode(key)).into_bytes()] {
            assert_eq!(key_in(&form).unwrap().bytes(), key);
        }
        for form in ["", "short", "0", &"g".repeat(64), &"a".repeat(33)] {
            let refused = key_in(form.as_bytes()).unwrap_err();
            assert!(form.len() < 5 || !format!("{refused:?}").contains(form), "{refused:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, hex::encode([1; KEY_BYTES])).unwrap();
        for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(key_in_file(&path).is_ok(), accepted, "{mode:o}");
        }
        assert!(key_in_file(folder.path()).is_err(), "a folder");
        assert!(key_in_file(&folder.path().join("none")).is_err(), "nothing");
    }

    #[test]
    fn a_descriptor_that_is_not_open_is_refused() {
        assert!(key_in_descriptor(9999).unwrap_err().message().contains("9999"));
    }
}
