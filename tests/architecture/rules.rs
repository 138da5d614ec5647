//! The rules of ARCHITECTURE.md that are about single files.

use crate::source::Source;

/// The longest that a file may be.
const LINES_MAX: usize = 500;

/// Names that say nothing.
const BANNED_NAMES: &[&str] =
    &["constants", "helper", "helpers", "manager", "misc", "mod", "models", "shared", "types", "util", "utils"];

/// A path that only some places may name. A place is a beginning of a file's path; `*` stands for any crate.
struct Fence {
    name: &'static [&'static str],
    places: &'static [&'static str],
    why: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        name: &["sqlx"],
        places: &[
            "common/src/audit",
            "common/src/db",
            "common/src/secrets",
            "*/src/store",
            "mcp-ghl/src/sandbox/store",
        ],
        why: "SQL lives in a store",
    },
    Fence {
        name: &["rmcp"],
        places: &[
            "common/src/peer",
            "common/src/prompt",
            "common/src/resource",
            "common/src/skill",
            "common/src/tool",
            "common/src/transport",
        ],
        why: "the SDK moves fast, so few files may know it",
    },
    Fence { name: &["restate_sdk"], places: &["mcp-orchestrator/src/engine/restate"], why: "one engine knows Restate" },
    Fence { name: &["reqwest"], places: &["common/src/http"], why: "outbound HTTP goes through common::http" },
    Fence {
        name: &["axum"],
        places: &["common/src/transport", "*/src/door", "mcp-ghl/src/sandbox"],
        why: "doors are in common::transport",
    },
    Fence {
        name: &["Caller", "local"],
        places: &["common/src/auth", "common/benches"],
        why: "who acts is established by common::auth alone",
    },
    Fence {
        name: &["std", "env"],
        places: &["common/src/bootstrap", "common/src/cli", "common/src/config"],
        why: "settings come from common::config",
    },
    Fence {
        name: &["serde_json", "Value"],
        places: &[
            "common/src/audit",
            "common/src/connector",
            "common/src/peer",
            "common/src/prompt",
            "common/src/tool",
            "common/src/transport",
            "mcp-ghl/src/catalogue",
            "mcp-ghl/src/client/replay",
            "mcp-ghl/src/client/reversals",
            // What an operation takes and answers is described by the catalogue, not by types.
            "mcp-ghl/src/operations",
            "mcp-ghl/src/reversal",
            "mcp-ghl/src/sandbox",
            // Workflows pass on what tools and events bring.
            "mcp-orchestrator/src",
        ],
        why: "JSON is a struct, except where values of any shape pass through, and in the emulator of another's API",
    },
];

/// What a server is made of besides its nouns. `operations` is the layer between two tools and the client for what has no
/// typed client: it holds a call against the catalogue, finds whose token it needs and sends it, as `references` and
/// `client/<noun>.rs` do for a noun.
const ROOMS: &[&str] = &[
    "aliases",
    "answer",
    "callable",
    "callbacks",
    "catalogue",
    "client",
    "command",
    "connections",
    "demo",
    "deps",
    "diagnosis",
    "directory",
    "door",
    "engine",
    "executor",
    "eyes",
    "follow_up",
    "inbox",
    "intake",
    "journal",
    "lib",
    "library",
    "main",
    "news",
    "oauth",
    "operations",
    "prompts",
    "reconciler",
    "references",
    "resources",
    "router",
    "sandbox",
    "scheduler",
    "settings",
    "skills",
    "store",
    "sync",
    "tools",
    "trace",
    "views",
    "works",
];

/// What a noun may know of `common`.
const WORDS: &[&str] = &["clock", "error", "page", "tenant"];

/// The words for text from outside, which live with the tools that show it.
const WORDS_FOR_OUTSIDE_TEXT: &[&str] = &["Untrusted", "one_line"];

pub(crate) fn violations(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut found: Vec<String> = Vec::new();
    found.extend(fenced(source));
    found.extend(between_servers(source));
    found.extend(between_tools(source));
    found.extend(noun_knows_too_much(source));
    if source.lines > LINES_MAX {
        found.push(format!("{path} has {} lines, more than {LINES_MAX}", source.lines));
    }
    let (_, place) = source.place();
    found.extend(
        place.iter().filter(|part| BANNED_NAMES.contains(part)).map(|part| format!("{path}: `{part}` is no name")),
    );
    if let [.., "tools", tool] = place.as_slice()
        && is_tool(tool)
        && !source.literals.contains(*tool)
    {
        found.push(format!("{path} is not named after the tool in it"));
    }
    found
}

fn fenced(source: &Source) -> impl Iterator<Item = String> {
    let outside = FENCES.iter().filter(|fence| source.names_any(fence.name) && !lies_in(&source.path, fence.places));
    outside.map(|fence| format!("{} names `{}`: {}", source.path, fence.name.join("::"), fence.why))
}

fn lies_in(path: &str, places: &[&str]) -> bool {
    let inside = path.split_once('/').map_or("", |(_, inside)| inside);
    places.iter().any(|place| {
        let (path, place) = place.strip_prefix("*/").map_or((path, *place), |place| (inside, place));
        path.strip_prefix(place).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    })
}

fn between_servers(source: &Source) -> Vec<String> {
    let (folder, _) = source.place();
    if folder.is_empty() {
        return Vec::new();
    }
    let own = folder.replace('-', "_");
    let others =
        source.names.iter().filter_map(|name| name.first()).filter(|first| first.starts_with("mcp_") && **first != own);
    others.map(|other| format!("{} names the server `{other}`", source.path)).collect()
}

fn between_tools(source: &Source) -> Vec<String> {
    let (_, place) = source.place();
    let ["tools", own, ..] = place.as_slice() else { return Vec::new() };
    if !is_tool(own) {
        return Vec::new();
    }
    let others = source.names.iter().filter(|name| match name.as_slice() {
        [first, tools, other, ..] if first == "crate" && tools == "tools" => is_tool(other) && other != own,
        // One level up from `tools/get_x.rs` is `tools`.
        [first, other, ..] if first == "super" => place.len() == 2 && is_tool(other),
        _ => false,
    });
    others
        .map(|other| format!("{} names `{}`: what two tools share is a rule or a query", source.path, other.join("::")))
        .collect()
}

/// Tools are `verb_noun`; what the list of tools itself holds has one word and, like the list, may name all of them: which
/// tool does what an operation does is known from the tools alone.
fn is_tool(name: &str) -> bool {
    name.contains('_')
}

fn noun_knows_too_much(source: &Source) -> Vec<String> {
    let (folder, place) = source.place();
    if !folder.starts_with("mcp-") || ROOMS.contains(&place[0]) {
        return Vec::new();
    }
    let too_much = source.names.iter().filter(|name| match name.as_slice() {
        [first, module, item] if first == "common" && module == "tool" => {
            !WORDS_FOR_OUTSIDE_TEXT.contains(&item.as_str())
        }
        [first, module, ..] if first == "common" => !WORDS.contains(&module.as_str()),
        [first, module, ..] if first == "crate" => ROOMS.contains(&module.as_str()),
        _ => false,
    });
    too_much.map(|name| format!("{} is a noun and names `{}`: rules are pure", source.path, name.join("::"))).collect()
}
