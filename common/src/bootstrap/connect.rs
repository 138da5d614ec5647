//! The lines by which clients are connected, ready to be pasted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde::Serialize;

use crate::bootstrap::{Options, Program};
use crate::server::McpServer;

/// The open port, as far as clients have to know.
pub(super) struct OpenPort {
    pub(super) address: SocketAddr,
    pub(super) needs_token: bool,
    pub(super) has_rest: bool,
    pub(super) has_legacy_sse: bool,
}

/// What `http` prints once its port is open.
pub(super) fn lines(
    program: &Program,
    options: &Options,
    port: &OpenPort,
    servers: &[McpServer],
    own_path: &Path,
) -> String {
    let address = port.address;
    let mut text =
        vec![format!("Luminar {} is listening on http://{address}", env!("CARGO_PKG_VERSION")), String::new()];
    for server in servers {
        text.push(format!("  {:<24} http://{address}/{}/mcp", server.title, server.name));
    }
    if port.has_legacy_sse {
        for server in servers {
            let title = format!("{} (SSE)", server.title);
            text.push(format!("  {title:<24} http://{address}/{}/sse", server.name));
        }
    }
    if port.has_rest {
        text.push(format!("  {:<24} http://{address}/api/tools", "REST"));
        text.push(format!("  {:<24} http://{address}/openapi.json", "OpenAPI"));
    }
    text.push(format!("  {:<24} http://{address}/health", "Health"));
    text.push(format!("  {:<24} http://{address}/metrics", "Figures (Prometheus)"));
    if port.needs_token {
        text.push(String::new());
        text.push(
            "Every request needs `Authorization: Bearer <token>`; add it as a header where a line below names a URL."
                .to_owned(),
        );
    }
    for server in servers {
        let name = format!("luminar-{}", server.name);
        let url = format!("http://{address}/{}/mcp", server.name);
        let own_path = own_path.display().to_string();
        let args = stdio_args(program, options, server.name);
        let stdio = StdioEntry { command: &own_path, args: &args };
        let typed =
            format!("{} {}", quoted(&own_path), args.iter().map(|arg| quoted(arg)).collect::<Vec<_>>().join(" "));
        text.extend([
            String::new(),
            format!("Connect {}:", server.title),
            format!("  Claude Code      claude mcp add --transport http {name} {url}"),
            format!("                   claude mcp add {name} -- {typed}"),
            format!("  Claude Desktop   claude_desktop_config.json   {}", keyed("mcpServers", &name, &stdio)),
            format!("  Cursor           .cursor/mcp.json             {}", keyed("mcpServers", &name, &UrlEntry { kind: None, url: &url })),
            format!("  VS Code          .vscode/mcp.json             {}", keyed("servers", &name, &UrlEntry { kind: Some("http"), url: &url })),
            format!("  Inspector        npx @modelcontextprotocol/inspector --cli --server-url {url} --transport http --protocol-era auto --method tools/list"),
        ]);
    }
    text.join("\n")
}

/// The words behind the program's path that start one server over a pipe, on the same state and settings.
fn stdio_args(program: &Program, options: &Options, server: &str) -> Vec<String> {
    let mut args = Vec::new();
    if program.is_part_of_suite {
        args.push(server.to_owned());
    }
    args.push("stdio".to_owned());
    for (flag, path) in [("--data-dir", &options.data_dir), ("--config", &options.config)] {
        if let Some(path) = path {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            args.extend([flag.to_owned(), absolute.display().to_string()]);
        }
    }
    if !options.toolsets.is_empty() {
        args.extend(["--toolsets".to_owned(), options.toolsets.join(",")]);
    }
    for (key, value) in &options.set {
        let shown = if is_secret(key) { "…" } else { value };
        args.extend(["--set".to_owned(), format!("{key}={shown}")]);
    }
    if options.read_only {
        args.push("--read-only".to_owned());
    }
    args
}

/// Whether a setting may hold what nobody should read on a screen.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["token", "secret", "password", "passphrase", "key", "url"].iter().any(|word| key.contains(word))
}

#[derive(Serialize)]
struct StdioEntry<'a> {
    command: &'a str,
    args: &'a [String],
}

#[derive(Serialize)]
struct UrlEntry<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    url: &'a str,
}

/// One entry of a client's settings, as JSON.
fn keyed(outer: &str, name: &str, entry: &impl Serialize) -> String {
    let settings = BTreeMap::from([(outer, BTreeMap::from([(name, entry)]))]);
    serde_json::to_string(&settings).unwrap_or_default()
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+:=,@%".contains(&byte));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
