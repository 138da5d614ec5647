//! `call`: tools of servers, HTTP, people.

use super::Reader;
use super::place::{Fields, Place, Unsupported};
use crate::workflow::expression::Template;
use crate::workflow::nearest::nearest;
use crate::workflow::source::Content;
use crate::workflow::task::{Approval, Call, HttpCall, HttpOutput, TaskKind};

const CALLS: [&str; 3] = ["mcp", "http", "approval"];
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const MCP_EXAMPLE: &str = "{server: ghl, tool: get_contact, arguments: {contact: '${ .contactId }'}}";
const HTTP_EXAMPLE: &str = "{method: get, endpoint: 'https://api.example.com/contacts/{id}'}";
const APPROVAL_EXAMPLE: &str = "{summary: '${ \"Send the offer to \\(.name)?\" }'}";
/// Calls of the DSL that we have not.
const UNSUPPORTED: [Unsupported; 4] = [
    ("asyncapi", "`emit` and `listen` for events, `call: http` for the rest"),
    ("grpc", "a tool of a server (`call: mcp`) that speaks gRPC"),
    ("openapi", "`call: http`, or a tool of a server (`call: mcp`)"),
    ("a2a", "a tool of a server (`call: mcp`)"),
];
/// How the DSL describes the server itself.
const MCP_UNSUPPORTED: [Unsupported; 6] = [
    ("method", "`tool`: steps call tools"),
    ("parameters", "`tool` and `arguments`"),
    ("transport", "`server`: the name of a server that is configured as a peer"),
    ("client", "nothing: we are the client"),
    ("protocolVersion", "nothing: it is negotiated"),
    ("timeout", "`timeout` of the step"),
];

impl Reader {
    pub(super) fn call(&mut self, place: &Place<'_>, task: &Fields<'_>) -> Option<TaskKind> {
        let name = place.text(self, "what is called", Some("mcp"))?;
        let with = |reader: &mut Self, example: &str| {
            let with = task.require(reader, "with", "what the call needs", example)?;
            with.fields(reader, "what the call needs", Some(example))
        };
        match name {
            "mcp" => {
                let with = with(self, MCP_EXAMPLE)?;
                self.tool(&with).map(TaskKind::Call)
            }
            "http" => {
                let with = with(self, HTTP_EXAMPLE)?;
                self.http(&with).map(|call| TaskKind::Call(Call::Http(Box::new(call))))
            }
            "approval" => {
                let with = with(self, APPROVAL_EXAMPLE)?;
                self.approval(&with).map(|approval| TaskKind::Call(Call::Approval(approval)))
            }
            other => {
                self.no_such_call(place, other);
                None
            }
        }
    }

    fn no_such_call(&mut self, place: &Place<'_>, name: &str) {
        if let Some((_, instead)) = UNSUPPORTED.iter().find(|(known, _)| *known == name) {
            return self.unsupported(place, &format!("`call: {name}`"), instead);
        }
        if let Some(close) = nearest(name, CALLS.into_iter(), 1).first() {
            return self.flaw_like(
                place,
                format!("there is no call `{name}`"),
                format!("did you mean `{close}`?"),
                None,
            );
        }
        let is_connector = name.split_once('.').is_some_and(|(connector, operation)| {
            let is_word = |word: &str| {
                !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            };
            is_word(connector) && is_word(operation)
        });
        if is_connector {
            return self.unsupported(
                place,
                &format!("the connector call `{name}`"),
                "`call: mcp` or `call: http`; there are no connectors yet",
            );
        }
        self.unsupported(
            place,
            &format!("the function `{name}` (functions and catalogs of the DSL)"),
            "`call: mcp`, `call: http`, `call: approval`, or `run: {workflow: …}`",
        );
    }

    fn tool(&mut self, with: &Fields<'_>) -> Option<Call> {
        with.only(self, &["server", "tool", "arguments"], &MCP_UNSUPPORTED);
        if with.has("method") || with.has("transport") {
            return None;
        }
        let server = with.require(self, "server", "the name of a server", MCP_EXAMPLE);
        let server = server.and_then(|place| self.name(&place, "ghl"));
        let tool = with.require(self, "tool", "the name of a tool", MCP_EXAMPLE);
        let tool = tool.and_then(|place| self.name(&place, "get_contact"));
        let arguments = match with.get("arguments") {
            Some(place) => self.map_template(&place, "the tool's arguments", "{contact: '${ .contactId }'}"),
            None => Template::compile(serde_json::json!({}), &[]).ok(),
        };
        Some(Call::Tool { server: server?, tool: tool?, arguments: arguments? })
    }

    /// A name that is known before any run, so that it can be checked and allowed.
    fn name(&mut self, place: &Place<'_>, example: &str) -> Option<String> {
        let name = place.text(self, "a name", Some(example))?;
        let is_name = !name.is_empty()
            && name.len() <= 128
            && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-./:".contains(character));
        if !is_name {
            let expected = "a fixed name, so that it can be checked and allowed beforehand";
            self.flaw_like(place, format!("`{name}` is no name"), expected, Some(example));
            return None;
        }
        Some(name.to_owned())
    }

    /// A map with expressions in it, or one expression that gives a map.
    pub(super) fn map_template(&mut self, place: &Place<'_>, what: &str, example: &str) -> Option<Template> {
        let is_map = match &place.node.content {
            Content::Map(_) => true,
            Content::Text(text) => text.trim_start().starts_with("${"),
            _ => false,
        };
        if !is_map {
            let problem = format!("{} stands here", place.node.kind());
            self.flaw_like(place, problem, format!("{what}: a map, or an expression"), Some(example));
            return None;
        }
        self.template(place)
    }

    fn http(&mut self, with: &Fields<'_>) -> Option<HttpCall> {
        let unsupported = [("redirect", "nothing: redirects are not followed")];
        with.only(self, &["method", "endpoint", "headers", "query", "body", "output"], &unsupported);
        let method = with.require(self, "method", "a method of HTTP", HTTP_EXAMPLE);
        let method = method.and_then(|place| self.method(&place));
        let endpoint = with.require(self, "endpoint", "a URI", HTTP_EXAMPLE);
        let endpoint = endpoint.and_then(|place| self.endpoint(&place));
        let headers = self.optional(with.get("headers"), |reader, place| {
            reader.map_template(place, "headers", "{accept: application/json}")
        });
        let query = self.optional(with.get("query"), |reader, place| {
            reader.map_template(place, "query parameters", "{limit: '10'}")
        });
        let body = self.optional(with.get("body"), Self::template);
        let output = self.optional(with.get("output"), Self::output);
        Some(HttpCall {
            method: method?,
            endpoint: endpoint?,
            headers: headers?,
            query: query?,
            body: body?,
            output: output?.unwrap_or_default(),
        })
    }

    fn method(&mut self, place: &Place<'_>) -> Option<String> {
        let expected = "get, head, post, put, patch, delete or options";
        let method = place.text(self, expected, Some("get"))?.to_uppercase();
        if !METHODS.contains(&method.as_str()) {
            self.flaw_like(place, format!("there is no method `{method}`"), expected, Some("get"));
            return None;
        }
        Some(method)
    }

    /// A URI, a URI template or an expression; or a map with `uri`.
    fn endpoint(&mut self, place: &Place<'_>) -> Option<Template> {
        let mut place = place.clone();
        if place.is_map() {
            let fields = place.fields(self, "`uri`", None)?;
            let unsupported = [("authentication", "no credentials in definitions: connections and peers hold them")];
            fields.only(self, &["uri"], &unsupported);
            place = fields.require(self, "uri", "a URI", "{uri: 'https://api.example.com/contacts'}")?;
        }
        let expected = "a URI, a URI template, or an expression";
        let example = Some("https://api.example.com/contacts/{id}");
        let text = place.text(self, expected, example)?;
        if !text.trim_start().starts_with("${")
            && !["http://", "https://"].iter().any(|scheme| text.starts_with(scheme))
        {
            self.flaw_like(&place, format!("`{text}` is no address of HTTP"), expected, example);
            return None;
        }
        let compiled = Template::compile_uri(text, &self.known());
        self.compiled(&place, compiled)
    }

    fn output(&mut self, place: &Place<'_>) -> Option<HttpOutput> {
        match place.text(self, "content, response or raw", Some("content"))? {
            "content" => Some(HttpOutput::Content),
            "response" => Some(HttpOutput::Response),
            "raw" => Some(HttpOutput::Raw),
            other => {
                self.flaw_like(
                    place,
                    format!("there is no output `{other}`"),
                    "content, response or raw",
                    Some("content"),
                );
                None
            }
        }
    }

    fn approval(&mut self, with: &Fields<'_>) -> Option<Approval> {
        with.only(self, &["summary", "details", "expires"], &[]);
        let summary = with.require(self, "summary", "one line: what a yes lets happen", APPROVAL_EXAMPLE);
        let summary = summary.and_then(|place| self.words(&place, "${ \"Send the offer to \\(.name)?\" }"));
        let details = self.optional(with.get("details"), Self::template);
        let expires = self.optional(with.get("expires"), Self::span);
        Some(Approval { summary: summary?, details: details?, expires: expires? })
    }
}
