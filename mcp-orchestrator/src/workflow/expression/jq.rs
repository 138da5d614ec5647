//! One expression: read, checked, compiled, worked out.

use common::error::{Error, ErrorCode, Fault, Result};
use jaq_core::data::JustLut;
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::Parser;
use jaq_core::load::{Arena, File, Lexer, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars};
use serde_json::Value;

use super::library;
use super::meter::{self, Limit};
use super::needs::{Needed, Needs};
use super::path::Path;
use super::syntax::Mentions;
use super::value::{Data, Metered};
use super::{EXPRESSION_CHARS_MAX, Scope, fault};
use crate::workflow::nearest::nearest;

/// Words and signs of one expression.
const TOKENS_MAX: usize = 400;
/// Words that begin something that can begin with the same again, and minus signs: the parser calls itself for each.
const PREFIXES: [&str; 7] = ["-", "try", "if", "elif", "label", "reduce", "foreach"];
const PREFIXES_MAX: usize = 40;
/// How many terms may stand within each other, the steps of a pipe included: the evaluator calls itself for each.
const TERMS_DEPTH_MAX: usize = 64;
/// How deep brackets may be nested.
const BRACKETS_MAX: usize = 40;

/// A compiled expression.
pub(super) struct Expression {
    /// What stands between the braces.
    code: String,
    /// The expression as a plain way into a value, if it is one.
    path: Option<Path>,
    filter: Filter<Data>,
    /// What it looks at of `.`.
    dot: Needed,
    /// The variables that it reads, without their `$`, in the order in which they are handed over, and what of them.
    variables: Vec<(String, Needed)>,
}

impl Expression {
    /// Compiles it; `at` is where it stands, for the fault.
    pub(super) fn compile(code: &str, known: &[&str], at: &str) -> Result<Self, Fault> {
        // A parser that gives up on what somebody has sent must not take more with it than that.
        let compiled = meter::bounded(|| Self::checked(code, known, at));
        compiled.unwrap_or_else(|limit| Err(fault::whole(at, format!("the expression {}", limit.words()), "jq")))
    }

    fn checked(code: &str, known: &[&str], at: &str) -> Result<Self, Fault> {
        let chars = code.chars().count();
        if chars > EXPRESSION_CHARS_MAX {
            let problem = format!("the expression has {chars} characters");
            return Err(fault::whole(at, problem, format!("{EXPRESSION_CHARS_MAX} at most; compute in several steps")));
        }
        check_nesting(code, at)?;
        let tokens = Lexer::new(code).lex().map_err(|errors| fault::of_lexing(at, code, &errors))?;
        check_size(&tokens, at)?;
        let term = Parser::new(&tokens).parse(Parser::term).map_err(|errors| fault::of_parsing(at, code, &errors))?;
        let mentions = Mentions::of(&term);
        if mentions.depth > TERMS_DEPTH_MAX {
            let expected = format!("{TERMS_DEPTH_MAX} levels, or steps of a pipe, at most; compute in several steps");
            return Err(fault::whole(at, "the expression is nested too deep", expected));
        }
        check_functions(&mentions, at)?;
        let variables = variables(&mentions, known, at)?;
        let filter = compiled(code, &mentions, &variables, at)?;
        let mut needs = Needs::of(&term);
        let variables = variables.into_iter().map(|name| {
            let needed = needs.variables.remove(&name).unwrap_or(Needed::All);
            (name, needed)
        });
        let variables = variables.collect();
        Ok(Self { code: code.trim().to_owned(), path: Path::of(&term), filter, dot: needs.dot, variables })
    }

    /// Its one value.
    pub(super) fn evaluate(&self, scope: Scope<'_>) -> Result<Value> {
        if let Some(found) = self.path.as_ref().and_then(|path| path.find(scope)) {
            return Ok(found.clone());
        }
        match meter::bounded(|| self.run(scope)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(problem)) => Err(self.error(problem)),
            Err(limit @ (Limit::Steps | Limit::Depth | Limit::Answer | Limit::Broken)) => {
                Err(self.error(limit.words()))
            }
        }
    }

    fn run(&self, scope: Scope<'_>) -> Result<Value, String> {
        let dot = Metered::of_needed(scope.dot, &self.dot);
        let bound = self.variables.iter().map(|(name, needed)| {
            let value = scope.bound.iter().find(|(known, _)| known == name);
            Metered::of_needed(value.map_or(&Value::Null, |(_, value)| *value), needed)
        });
        let context = Ctx::<JustLut<Metered>>::new(&self.filter.lut, Vars::new(bound));
        let mut values = self.filter.id.run((context, dot));
        let Some(first) = values.next() else { return Ok(Value::Null) };
        let first = match first.map_err(jaq_core::Exn::get_err) {
            Ok(first) => first.to_json(),
            Err(Ok(error)) => return Err(error.to_string()),
            Err(Err(_)) => return Err("breaks out of nothing".to_owned()),
        };
        if values.next().is_some() {
            return Err("gives several values; put it in `[ … ]` for a list, or in `first( … )`".to_owned());
        }
        Ok(first)
    }

    fn error(&self, problem: impl AsRef<str>) -> Error {
        const SHOWN_CHARS_MAX: usize = 120;
        let shown: String = self.code.chars().take(SHOWN_CHARS_MAX).collect();
        Error::new(ErrorCode::InvalidArgument, format!("the expression `{shown}`: {}", problem.as_ref()))
    }
}

/// The lexer calls itself for every bracket, so they are counted before it sees them.
fn check_nesting(code: &str, at: &str) -> Result<(), Fault> {
    let mut depth: usize = 0;
    for character in code.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return Err(fault::whole(at, "the brackets are nested too deep", format!("{BRACKETS_MAX} levels at most")));
        }
    }
    Ok(())
}

fn check_size(tokens: &[Token<&str>], at: &str) -> Result<(), Fault> {
    let (count, prefixes) = counted(tokens);
    let expected = |most: usize| format!("{most} at most; compute in several steps");
    if count > TOKENS_MAX {
        return Err(fault::whole(at, format!("the expression has {count} words and signs"), expected(TOKENS_MAX)));
    }
    if prefixes > PREFIXES_MAX {
        let problem = format!("the expression has {prefixes} of `{}`", PREFIXES.join("`, `"));
        return Err(fault::whole(at, problem, expected(PREFIXES_MAX)));
    }
    Ok(())
}

/// How many tokens there are, those within brackets and texts included, and how many of them are prefixes.
fn counted(tokens: &[Token<&str>]) -> (usize, usize) {
    let (mut count, mut prefixes) = (0, 0);
    let mut open: Vec<&Token<&str>> = tokens.iter().collect();
    while let Some(token) = open.pop() {
        count += 1;
        prefixes += usize::from(PREFIXES.contains(&token.0));
        match &token.1 {
            Tok::Block(tokens) => open.extend(tokens),
            Tok::Str(parts) => {
                count += parts.len();
                open.extend(parts.iter().filter_map(|part| match part {
                    StrPart::Term(token) => Some(token),
                    StrPart::Str(_) | StrPart::Char(_) => None,
                }));
            }
            Tok::Word | Tok::Var | Tok::Fmt | Tok::Num | Tok::Sym => {}
        }
    }
    (count, prefixes)
}

fn check_functions(mentions: &Mentions<'_>, at: &str) -> Result<(), Fault> {
    if let Some(name) = mentions.defined.first() {
        let problem = format!("the expression defines a function `{name}` of its own");
        return Err(fault::whole(at, problem, "jq's own functions; `reduce`, `until`, `recurse` and `walk` loop"));
    }
    for (name, arity) in &mentions.calls {
        if let Some(instead) = library::left_out(name) {
            return Err(fault::whole(at, format!("`{name}` is not available in expressions"), instead));
        }
        if library::has(name, *arity) {
            continue;
        }
        let arities: Vec<usize> = library::signatures().filter(|(known, _)| known == name).map(|(_, n)| n).collect();
        if let Some(takes) = arities.first() {
            let problem = format!("`{name}` gets {arity} arguments");
            return Err(fault::whole(at, problem, format!("{takes}, separated by `;`")));
        }
        let close = nearest(name, library::signatures().map(|(known, _)| known), 1);
        let expected = match close.first() {
            Some(close) => format!("a function of jq; did you mean `{close}`?"),
            None => "a function of jq; a text stands in double quotes".to_owned(),
        };
        return Err(fault::whole(at, format!("there is no function `{name}`"), expected));
    }
    Ok(())
}

/// The variables that have to be handed over.
fn variables(mentions: &Mentions<'_>, known: &[&str], at: &str) -> Result<Vec<String>, Fault> {
    let mut variables: Vec<String> = Vec::new();
    for read in &mentions.read {
        let name = read.trim_start_matches('$');
        if mentions.bound.contains(read) || variables.iter().any(|known| known == name) {
            continue;
        }
        if !known.contains(&name) {
            let expected = match (nearest(name, known.iter().copied(), 1).first(), known) {
                (Some(close), _) => format!("a variable that is known here; did you mean `${close}`?"),
                (None, []) => "no variable: `.` is the event".to_owned(),
                (None, known) => {
                    let known: Vec<String> = known.iter().map(|name| format!("`${name}`")).collect();
                    format!("one of {}", known.join(", "))
                }
            };
            return Err(fault::whole(at, format!("there is no variable `{read}` here"), expected));
        }
        variables.push(name.to_owned());
    }
    Ok(variables)
}

fn compiled(code: &str, mentions: &Mentions<'_>, variables: &[String], at: &str) -> Result<Filter<Data>, Fault> {
    let selection = library::selection(&mentions.calls);
    let arena = Arena::default();
    let globals: Vec<String> = variables.iter().map(|name| format!("${name}")).collect();
    let modules = Loader::new(selection.definitions)
        .load(&arena, File { code, path: () })
        .map_err(|_| fault::whole(at, "the expression loads modules", "jq in one piece"))?;
    Compiler::default()
        .with_funs(selection.natives)
        .with_global_vars(globals.iter().map(String::as_str))
        .compile(modules)
        .map_err(|errors| {
            let undefined = errors.first().and_then(|(_, errors)| errors.first());
            let problem = undefined.map_or_else(
                || "the expression cannot be compiled".to_owned(),
                |(name, kind)| format!("there is no {} `{name}`", kind.as_str()),
            );
            fault::whole(at, problem, "names that are known where they stand")
        })
}
