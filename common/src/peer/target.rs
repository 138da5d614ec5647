//! One server as the settings have it, checked: what it is called, how it is reached, what may be asked of it.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::settings::PeerSettings;
use crate::error::{Error, ErrorCode, Result};
use crate::secrets::SecretName;

/// Longest name, in bytes.
const NAME_LENGTH_MAX: usize = 40;

/// Headers that the transport sets itself.
const OWN_HEADERS: [&str; 7] =
    ["accept", "content-length", "content-type", "host", "last-event-id", "mcp-protocol-version", "mcp-session-id"];

/// How a server is reached.
#[derive(Debug, Clone)]
pub(super) enum Way {
    Child(Program),
    Http(Address),
    LegacySse(Address),
}

impl Way {
    /// As operators know it.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Child(_) => "stdio",
            Self::Http(_) => "streamable HTTP",
            Self::LegacySse(_) => "HTTP+SSE",
        }
    }
}

/// A program to start.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) command: String,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) env_secrets: Vec<(String, SecretName)>,
}

/// A URL, and what is sent to it with each request.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) header_secrets: Vec<(HeaderName, SecretName)>,
    pub(super) bearer_secret: Option<SecretName>,
}

/// Which tools may be called.
#[derive(Debug, Clone)]
pub(super) struct AllowList(Vec<String>);

impl AllowList {
    pub(super) fn admits(&self, tool: &str) -> bool {
        self.0.iter().any(|entry| match entry.strip_suffix('*') {
            Some(beginning) => tool.starts_with(beginning),
            None => tool == entry,
        })
    }
}

/// Refuses what two servers or the suite itself are called.
///
/// # Errors
/// `failed_precondition` naming the server.
pub(super) fn check_names(servers: &[PeerSettings], reserved: &[&str]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for server in servers {
        let name = server.name.as_str();
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !starts_well || name.len() > NAME_LENGTH_MAX || !name.bytes().all(is_inner) {
            let expected = format!("1 to {NAME_LENGTH_MAX} of a-z, 0-9, `-` and `_`, beginning with a letter");
            return Err(refused(name, &format!("its name is not accepted: expected {expected}")));
        }
        if reserved.contains(&name) {
            return Err(refused(name, "that is the name of a server of this suite, which is here already"));
        }
        if !seen.insert(name) {
            return Err(refused(name, "there are two of that name"));
        }
    }
    Ok(())
}

/// How a server is reached.
///
/// # Errors
/// `failed_precondition` naming the server and what is wrong with it.
pub(super) fn way(server: &PeerSettings) -> Result<Way> {
    let for_programs = [
        ("args", server.args.is_empty()),
        ("env", server.env.is_empty()),
        ("env_secrets", server.env_secrets.is_empty()),
    ];
    let for_addresses = [
        ("headers", server.headers.is_empty()),
        ("header_secrets", server.header_secrets.is_empty()),
        ("bearer_secret", server.bearer_secret.is_none()),
        ("legacy_sse", !server.legacy_sse),
    ];
    let astray = |settings: &[(&str, bool)], of: &str| match settings.iter().find(|(_, is_empty)| !is_empty) {
        Some((key, _)) => Err(refused(&server.name, &format!("`{key}` goes with `{of}`"))),
        None => Ok(()),
    };
    match (&server.command, &server.url) {
        (Some(command), None) => {
            astray(&for_addresses, "url")?;
            program(server, command).map(Way::Child)
        }
        (None, Some(url)) => {
            astray(&for_programs, "command")?;
            let address = address(server, url)?;
            Ok(if server.legacy_sse { Way::LegacySse(address) } else { Way::Http(address) })
        }
        (Some(_), Some(_)) => Err(refused(&server.name, "it has both `command` and `url`: take one")),
        (None, None) => Err(refused(&server.name, "it has neither `command` nor `url`")),
    }
}

/// Which of its tools may be called.
///
/// # Errors
/// As [`way`].
pub(super) fn allow_list(server: &PeerSettings) -> Result<AllowList> {
    if server.allow.is_empty() {
        let problem = "`allow` does not say which tools may be called, such as [\"get_*\"] or, for all, [\"*\"]";
        return Err(refused(&server.name, problem));
    }
    let is_wrong = |entry: &&String| {
        entry.is_empty() || entry.trim_end_matches('*').len() + 1 < entry.len() || {
            entry.trim_end_matches('*').contains('*')
        }
    };
    match server.allow.iter().find(is_wrong) {
        Some(_) => Err(refused(&server.name, "`allow` takes a `*` at the end of a name only")),
        None => Ok(AllowList(server.allow.clone())),
    }
}

fn program(server: &PeerSettings, command: &str) -> Result<Program> {
    if command.trim().is_empty() {
        return Err(refused(&server.name, "`command` is empty"));
    }
    let is_relative_path = command.contains(std::path::MAIN_SEPARATOR) && Path::new(command).is_relative();
    if is_relative_path {
        return Err(refused(&server.name, "`command` has to be a name that is on the PATH, or an absolute path"));
    }
    let pairs = |key: &str, entries: &[String]| {
        let pair = |entry: &String| {
            let (name, value) = entry.split_once('=').filter(|(name, _)| !name.is_empty() && !name.contains('\0'))?;
            Some((name.to_owned(), value.to_owned()))
        };
        let found: Option<Vec<_>> = entries.iter().map(pair).collect();
        found.ok_or_else(|| refused(&server.name, &format!("`{key}` takes entries such as \"NAME=value\"")))
    };
    let mut env_secrets = Vec::new();
    for (name, secret) in pairs("env_secrets", &server.env_secrets)? {
        env_secrets.push((name, secret_name(server, "env_secrets", &secret)?));
    }
    Ok(Program { command: command.to_owned(), args: server.args.clone(), env: pairs("env", &server.env)?, env_secrets })
}

fn address(server: &PeerSettings, url: &str) -> Result<Address> {
    let wrong = |problem: &str| refused(&server.name, &format!("`url` {problem}"));
    let url: Url = url.parse().map_err(|_| wrong("is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("has to begin with `https://`, or `http://` for this machine"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "carries a user name or password: keep them in the vault, as `bearer_secret` or `header_secrets`",
        ));
    }
    let split = |key: &str, entry: &str| {
        let wrong = || refused(&server.name, &format!("`{key}` takes entries such as \"X-Team: marketing\""));
        let (name, value) = entry.split_once(':').ok_or_else(wrong)?;
        let name: HeaderName = name.trim().parse().map_err(|_| wrong())?;
        if OWN_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("mcp-") {
            return Err(refused(&server.name, &format!("`{key}` holds `{name}`, which the transport sets")));
        }
        Ok((name, value.trim().to_owned()))
    };
    let mut headers = Vec::new();
    for entry in &server.headers {
        let (name, value) = split("headers", entry)?;
        if name == http::header::AUTHORIZATION {
            return Err(refused(
                &server.name,
                "`headers` holds `authorization`: keep it in the vault, as `bearer_secret`",
            ));
        }
        let value = value.parse().map_err(|_| refused(&server.name, "a value of `headers` cannot be sent"))?;
        headers.push((name, value));
    }
    let mut header_secrets = Vec::new();
    for entry in &server.header_secrets {
        let (name, secret) = split("header_secrets", entry)?;
        header_secrets.push((name, secret_name(server, "header_secrets", &secret)?));
    }
    let bearer_secret = server.bearer_secret.as_deref().map(|name| secret_name(server, "bearer_secret", name));
    Ok(Address { url, headers, header_secrets, bearer_secret: bearer_secret.transpose()? })
}

fn secret_name(server: &PeerSettings, key: &str, text: &str) -> Result<SecretName> {
    text.parse().map_err(|_| {
        // Never the text: it may be the secret itself, put where its name belongs.
        refused(&server.name, &format!("`{key}` takes the names of secrets, such as `peers/{}/token`", server.name))
            .with_hint("`secrets set NAME` keeps a secret under a name")
    })
}

fn refused(name: &str, problem: &str) -> Error {
    let name: String = name.chars().take(NAME_LENGTH_MAX).filter(|character| !character.is_control()).collect();
    Error::new(ErrorCode::FailedPrecondition, format!("the server `{name}` in `[[peers.servers]]`: {problem}"))
        .with_hint("`config --defaults` shows every setting with an example")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> PeerSettings {
        PeerSettings {
            name: name.to_owned(),
            command: Some("server".to_owned()),
            allow: vec!["*".to_owned()],
            ..PeerSettings::default()
        }
    }

    #[test]
    fn names_are_checked_against_the_suite_and_each_other() {
        check_names(&[named("crm-2"), named("everything")], &["ghl"]).unwrap();
        for (names, problem) in [
            (vec!["ghl"], "of this suite"),
            (vec!["a", "a"], "two of that name"),
            (vec![""], "its name"),
            (vec!["Big"], "its name"),
            (vec!["a b"], "its name"),
        ] {
            let servers: Vec<_> = names.into_iter().map(named).collect();
            let refused = check_names(&servers, &["ghl"]).unwrap_err();
            assert!(refused.message().contains(problem), "{refused}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_with_its_reason() {
        let url = |url: &str| PeerSettings { command: None, url: Some(url.to_owned()), ..named("x") };
        let cases = [
            (PeerSettings { command: None, ..named("x") }, "neither"),
            (PeerSettings { url: Some("https://a.example/mcp".to_owned()), ..named("x") }, "both"),
            (PeerSettings { command: Some("./server".to_owned()), ..named("x") }, "absolute"),
            (PeerSettings { env: vec!["NOVALUE".to_owned()], ..named("x") }, "NAME=value"),
            (PeerSettings { legacy_sse: true, ..named("x") }, "goes with `url`"),
            (PeerSettings { args: vec!["stdio".to_owned()], ..url("https://a.example") }, "goes with `command`"),
            (url("ftp://a.example"), "https://"),
            (url("https://me:hunter2@a.example"), "vault"),
            (PeerSettings { headers: vec!["Authorization: Bearer x".to_owned()], ..url("https://a.example") }, "vault"),
            (PeerSettings { headers: vec!["Mcp-Session-Id: 1".to_owned()], ..url("https://a.example") }, "transport"),
            (
                PeerSettings { bearer_secret: Some("sk hunter2".to_owned()), ..url("https://a.example") },
                "names of secrets",
            ),
        ];
        for (settings, problem) in cases {
            let refused = way(&settings).unwrap_err();
            assert!(refused.message().contains(problem), "{refused}");
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn only_the_tools_on_the_list_are_admitted() {
        let with = |allow: &[&str]| PeerSettings {
            allow: allow.iter().map(|entry| (*entry).to_owned()).collect(),
            ..named("x")
        };
        let list = allow_list(&with(&["echo", "get_*"])).unwrap();
        for (tool, admitted) in [("echo", true), ("get_sum", true), ("echo2", false), ("forget_x", false), ("", false)]
        {
            assert_eq!(list.admits(tool), admitted, "{tool}");
        }
        assert!(allow_list(&with(&["*"])).unwrap().admits("anything"));
        for wrong in [&[][..], &[""], &["a*b"], &["*a"], &["a**"]] {
            assert!(allow_list(&with(wrong)).is_err(), "{wrong:?}");
        }
    }
}
