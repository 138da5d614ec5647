//! Paths of their own for tools: a REST client asks for `/api/leads` and gets what `search_contacts` answers.

/// A path that stands for a tool. Each `{name}` in it is one segment, given to the tool as the argument of that name.
#[derive(Debug, Clone, Copy)]
pub struct Alias {
    pub method: AliasMethod,
    /// Path on the port, shared by all servers: no two may take the same.
    pub path: &'static str,
    /// A tool of the same server. With [`AliasMethod::Get`] one that only reads, for anybody's link can lead to it.
    pub tool: &'static str,
    /// Where the arguments come from that are not in the path.
    pub source: AliasSource,
    /// Names on the outside that differ from the argument's: `(outside, argument)`.
    pub renamed: &'static [(&'static str, &'static str)],
}

/// How a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasMethod {
    Get,
    Post,
    Put,
    Delete,
}

impl AliasMethod {
    /// Whether a request comes with a body of JSON. That of a deletion is nobody's business (RFC 9110, section 9.3.5).
    #[must_use]
    pub const fn has_body(self) -> bool {
        match self {
            Self::Get | Self::Delete => false,
            Self::Post | Self::Put => true,
        }
    }
}

/// Where the arguments come from that are not in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasSource {
    /// `?limit=5&tags=a&tags=b`, read as the tool's schema says: numbers, booleans, lists.
    Query,
    /// A JSON object.
    Body,
}

impl Alias {
    /// A path to read from; arguments in the query.
    #[must_use]
    pub const fn get(path: &'static str, tool: &'static str) -> Self {
        Self { method: AliasMethod::Get, path, tool, source: AliasSource::Query, renamed: &[] }
    }

    /// A path to send to; arguments in the body.
    #[must_use]
    pub const fn post(path: &'static str, tool: &'static str) -> Self {
        Self { method: AliasMethod::Post, path, tool, source: AliasSource::Body, renamed: &[] }
    }

    /// A path to write over; arguments in the body.
    #[must_use]
    pub const fn put(path: &'static str, tool: &'static str) -> Self {
        Self { method: AliasMethod::Put, ..Self::post(path, tool) }
    }

    /// A path to delete; arguments in the query.
    #[must_use]
    pub const fn delete(path: &'static str, tool: &'static str) -> Self {
        Self { method: AliasMethod::Delete, ..Self::get(path, tool) }
    }

    /// The same, with its arguments in the query.
    #[must_use]
    pub const fn from_query(self) -> Self {
        Self { source: AliasSource::Query, ..self }
    }

    /// The same, with other names on the outside: `(outside, argument)`.
    #[must_use]
    pub const fn renaming(self, renamed: &'static [(&'static str, &'static str)]) -> Self {
        Self { renamed, ..self }
    }

    /// The argument that a name on the outside stands for.
    #[must_use]
    pub fn argument<'a>(&self, outside: &'a str) -> &'a str {
        self.renamed.iter().find(|(name, _)| *name == outside).map_or(outside, |(_, argument)| argument)
    }

    /// The name on the outside of an argument.
    #[must_use]
    pub fn outside<'a>(&self, argument: &'a str) -> &'a str {
        self.renamed.iter().find(|(_, name)| *name == argument).map_or(argument, |(outside, _)| outside)
    }

    /// The names in the path.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}
