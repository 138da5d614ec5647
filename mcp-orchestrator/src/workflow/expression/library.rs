//! Which functions expressions can call: jq's own, less what knows the machine, the clock or the input stream, and less
//! what is not bounded by the size of its arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jaq_core::load::parse::Def;
use jaq_core::native::Fun;

use super::functions;
use super::syntax::Mentions;
use super::value::Data;

/// A function and how many arguments it takes.
type Signature = (&'static str, usize);

/// Left out, with what to do instead.
const LEFT_OUT: [(&str, &str); 18] = [
    ("now", "`$task.startedAt` says when the step began"),
    ("env", "pass values in as input"),
    ("input", "everything is in `.`"),
    ("inputs", "everything is in `.`"),
    ("input_line_number", "everything is in `.`"),
    ("debug", "a note of the step (`metadata.note`) shows values"),
    ("debug_empty", "a note of the step (`metadata.note`) shows values"),
    ("stderr", "a note of the step (`metadata.note`) shows values"),
    ("stderr_empty", "a note of the step (`metadata.note`) shows values"),
    ("halt", "`raise` ends a run"),
    ("halt_error", "`raise` ends a run"),
    ("localtime", "`gmtime` and `strftime` count in UTC"),
    ("strflocaltime", "`gmtime` and `strftime` count in UTC"),
    ("jn", "it is not bounded"),
    ("yn", "it is not bounded"),
    ("tobytes", "texts are UTF-8"),
    ("bsearch", "`index` finds an item"),
    ("weighed", "it is internal"),
];

/// Regular expressions take time in proportion to their size times the text's: `weighed` pays for it beforehand.
const REGULAR_EXPRESSIONS: &str = r#"
def    test($re; $flags): weighed($re; $flags) | matches($re; $flags) | any;
def   match($re; $flags): weighed($re; $flags) | matches($re; $flags)[] | .[0] + { captures: .[1:] };
def capture($re; $flags): weighed($re; $flags) | matches($re; $flags)[] | capture_of_match;
def   scan_($re; $flags): weighed($re; $flags) | matches($re; $flags)[] | [.[].string] | if .[1] then .[1:] else .[0] end;
def   split($re; $flags): weighed($re; $flags) | split_($re; $flags + "g");
def   sub($re; f; $flags): weighed($re; $flags) |
  def handle: if isarray then capture_of_match | f end;
  reduce split_matches($re; $flags)[] as $x (""; . + ($x | handle));
"#;

/// Functions written in jq and how to find them.
struct Library {
    definitions: Vec<Def<&'static str>>,
    by_signature: BTreeMap<Signature, usize>,
}

/// What one expression needs.
pub(super) struct Selection {
    pub(super) definitions: Vec<Def<&'static str>>,
    pub(super) natives: Vec<Fun<Data>>,
}

/// Everything that the mentioned functions need, and nothing else: a compiled expression is a kilobyte, the whole library
/// a hundred.
pub(super) fn selection(calls: &[(&str, usize)]) -> Selection {
    let library = library();
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<(&str, usize)> = calls.to_vec();
    while let Some((name, arity)) = open.pop() {
        names.insert(name);
        let Some(place) = library.by_signature.get(&(name, arity)) else { continue };
        if wanted.insert(*place)
            && let Some(definition) = library.definitions.get(*place)
        {
            open.extend(Mentions::of(&definition.body).calls);
        }
    }
    Selection {
        definitions: wanted.iter().filter_map(|place| library.definitions.get(*place)).cloned().collect(),
        natives: natives().filter(|(name, ..)| names.contains(name)).collect(),
    }
}

/// Whether there is a function of this name with so many arguments.
pub(super) fn has(name: &str, arity: usize) -> bool {
    signatures().any(|(known, arguments)| known == name && arguments == arity)
}

/// What to do instead of calling a function that is left out on purpose.
pub(super) fn left_out(name: &str) -> Option<&'static str> {
    LEFT_OUT.iter().find(|(known, _)| *known == name).map(|(_, instead)| *instead)
}

/// Whether a function is more than a part of others.
#[cfg(test)]
pub(super) fn is_for_authors(name: &str) -> bool {
    const PARTS: [&str; 19] = [
        "capture_of_match",
        "decode_base64",
        "decode_uri",
        "encode_base64",
        "encode_uri",
        "error_empty",
        "escape_html",
        "escape_sh",
        "key_values",
        "matches",
        "max_by_or_empty",
        "min_by_or_empty",
        "path_value",
        "scan_",
        "split_",
        "split_matches",
        "totype",
        "unescape_html",
        "weighed",
    ];
    !PARTS.contains(&name)
}

/// Everything that can be called, for documentation and for guesses at misspelt names.
pub(super) fn signatures() -> impl Iterator<Item = Signature> {
    let defined = library().by_signature.keys().copied();
    defined.chain(natives().map(|(name, arguments, _)| (name, arguments.len())))
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let ours = jaq_core::load::parse(REGULAR_EXPRESSIONS, |parser| parser.defs()).unwrap_or_default();
        let definitions: Vec<Def<&'static str>> = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs())
            .filter(|definition| left_out(definition.name).is_none())
            // Calls itself for each level; ours needs less stack.
            .filter(|definition| signature(definition) != ("flatten", 1))
            .map(|theirs| ours.iter().find(|ours| signature(ours) == signature(&theirs)).cloned().unwrap_or(theirs))
            .collect();
        let by_signature =
            definitions.iter().enumerate().map(|(place, definition)| (signature(definition), place)).collect();
        Library { definitions, by_signature }
    })
}

fn signature(definition: &Def<&'static str>) -> Signature {
    (definition.name, definition.args.len())
}

fn natives() -> impl Iterator<Item = Fun<Data>> {
    let jq = jaq_core::funs().chain(jaq_std::funs());
    jq.filter(|(name, ..)| left_out(name).is_none()).chain(functions::all())
}
