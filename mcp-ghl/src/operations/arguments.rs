//! What a caller gives to an operation: one flat object of names. Each value goes where the operation wants the name, and
//! who and where is meant is filled in.

use common::error::{Error, Result};
use serde_json::{Map, Value};

use super::check::{Check, Reading, unknown};
use super::paging;
use crate::catalogue::{Body, Field, Literal, Media, Object, Operation, Parameter, Place, Shape};

/// Where arguments stand in the tools' own: faults are placed by it.
pub(super) const PLACE: &str = "/arguments";

/// The name under which a body is given that is no object, or one of several.
pub(crate) const BODY: &str = "body";

/// Whom an operation is about, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) location_id: Option<&'a str>,
    pub(crate) company_id: Option<&'a str>,
}

/// The values of one call, sorted and checked.
#[derive(Debug)]
pub(crate) struct Sorted<'o> {
    pub(super) operation: &'o Operation,
    /// Values of parameters, in the operation's order.
    pub(super) parameters: Vec<(&'o Parameter, Value)>,
    /// What is sent in the body, if anything is.
    pub(super) body: Option<(&'o Body, Value)>,
    /// The names that the caller gave.
    pub(super) given: Vec<String>,
}

/// Names that are filled in, since `location` or the connection say what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    Location,
    /// `altId`, with `altType` beside it.
    Alternative,
    AlternativeKind,
    Company,
}

impl Filled {
    fn of(name: &str) -> Option<Self> {
        match name {
            "locationId" | "location_id" => Some(Self::Location),
            "altId" => Some(Self::Alternative),
            "altType" => Some(Self::AlternativeKind),
            "companyId" => Some(Self::Company),
            _ => None,
        }
    }
}

/// Whether the operation is about a location.
pub(crate) fn takes_location(operation: &Operation) -> bool {
    let says_kind = all_fields(operation).any(|field| Filled::of(&field.name) == Some(Filled::AlternativeKind));
    all_fields(operation).any(|field| match Filled::of(&field.name) {
        Some(Filled::Location) => true,
        Some(Filled::AlternativeKind) => admits_location(&field.shape),
        // Where no kind is asked for, there is one only.
        Some(Filled::Alternative) => !says_kind,
        Some(Filled::Company) | None => false,
    })
}

/// Whether the operation cannot do without a location.
pub(crate) fn requires_location(operation: &Operation) -> bool {
    takes_location(operation)
        && all_fields(operation).any(|field| requires(&field, Filled::Location, Filled::Alternative))
}

/// Whether the operation cannot do without an agency's id.
pub(crate) fn requires_company(operation: &Operation) -> bool {
    all_fields(operation).any(|field| requires(&field, Filled::Company, Filled::Company))
}

fn requires(field: &Field, this: Filled, or_that: Filled) -> bool {
    field.is_required && Filled::of(&field.name).is_some_and(|filled| filled == this || filled == or_that)
}

fn begins_page(operation: &Operation, name: &str) -> bool {
    operation.paging.as_ref().is_some_and(|paging| paging::is_position(paging, name))
}

/// What a caller has to give, without what is filled in.
pub(crate) fn asked(operation: &Operation) -> Vec<Field> {
    let has_location = takes_location(operation);
    let mut fields: Vec<Field> = Vec::new();
    for mut field in all_fields(operation) {
        // Known where an agency is connected, and asked for where not.
        field.is_required &= Filled::of(&field.name) != Some(Filled::Company);
        let is_filled = match Filled::of(&field.name) {
            Some(Filled::Location) => true,
            Some(Filled::Alternative | Filled::AlternativeKind) => has_location,
            Some(Filled::Company) | None => false,
        };
        if !is_filled && !begins_page(operation, &field.name) && !fields.iter().any(|known| known.name == field.name) {
            fields.push(field);
        }
    }
    fields
}

/// Every name that the operation knows, whatever its place.
fn all_fields(operation: &Operation) -> impl Iterator<Item = Field> {
    let parameters = operation.parameters.iter().filter(|parameter| !is_version(parameter)).map(|parameter| Field {
        name: parameter.name.clone(),
        is_required: parameter.is_required,
        shape: parameter.shape.clone(),
    });
    let of_body = operation.body.iter().flat_map(|body| {
        if let Some(object) = body_object(body) {
            return object.fields.clone();
        }
        // Of a form whose fields nobody tells, this much is known.
        let shape = if body.media == Media::Json { body.shape.clone() } else { Shape::open_object() };
        vec![Field { name: BODY.into(), is_required: body.is_required, shape }]
    });
    parameters.chain(of_body)
}

fn body_object(body: &Body) -> Option<&Object> {
    match body.shape.resolved() {
        Shape::Object(object) => Some(object),
        _ => None,
    }
}

/// One family lists the API's version among its headers.
fn is_version(parameter: &Parameter) -> bool {
    parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("version")
}

fn admits_location(shape: &Shape) -> bool {
    match shape.resolved() {
        Shape::OneOf(options) => options.iter().any(|it| matches!(it, Literal::Text(text) if text == "location")),
        _ => true,
    }
}

/// Sorts what is given and fills in what is known.
///
/// # Errors
/// `invalid_argument` with every fault.
pub(crate) fn sort<'o>(
    operation: &'o Operation,
    arguments: &Map<String, Value>,
    about: About<'_>,
) -> Result<Sorted<'o>> {
    let mut strict = Check::new(Reading::Json);
    let mut loose = Check::new(Reading::Text);
    let filler = Filler { arguments, about, has_location: takes_location(operation) };
    filler.contradictions(operation, &mut loose);
    let mut parameters = Vec::new();
    for parameter in operation.parameters.iter().filter(|parameter| !is_version(parameter)) {
        // An address cannot say null: there it means absent.
        let given = arguments.get(&*parameter.name).filter(|value| !value.is_null()).cloned();
        let value = given.or_else(|| filler.fill(&parameter.name)).or_else(|| {
            // The vendor wants to be told that it is the first page; the caller need not.
            paging::first(operation, &parameter.name, &parameter.shape).filter(|_| parameter.is_required)
        });
        let place = format!("{PLACE}/{}", parameter.name);
        match value {
            Some(value) => {
                // Where a page begins is the vendor's own word, whatever its specification makes of it.
                if !begins_page(operation, &parameter.name) {
                    loose.value(&parameter.shape, &value, &place);
                }
                parameters.push((parameter, value));
            }
            None if parameter.is_required => loose.fault(&place, "is missing", &parameter.shape),
            None => {}
        }
    }
    let is_parameter = |name: &str| operation.parameters.iter().any(|parameter| parameter.name == name);
    let left: Map<String, Value> = arguments
        .iter()
        .filter(|(name, _)| !is_parameter(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let body = match &operation.body {
        None => {
            let known: Vec<Field> = asked(operation);
            loose.faults.extend(left.keys().map(|name| unknown(PLACE, name, known.iter().map(|field| &*field.name))));
            None
        }
        Some(body) => {
            let check = if body.media == Media::Json { &mut strict } else { &mut loose };
            filler.body(operation, body, left, check).map(|value| (body, value))
        }
    };
    let faults: Vec<_> = loose.faults.into_iter().chain(strict.faults).collect();
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults).with_hint("`find_operation` shows what the operation takes"));
    }
    Ok(Sorted { operation, parameters, body, given: arguments.keys().cloned().collect() })
}

/// Fills in who and where.
struct Filler<'a> {
    arguments: &'a Map<String, Value>,
    about: About<'a>,
    has_location: bool,
}

impl Filler<'_> {
    fn fill(&self, name: &str) -> Option<Value> {
        let known = match Filled::of(name)? {
            Filled::Alternative if self.is_other_kind() => return None,
            Filled::Alternative | Filled::AlternativeKind if !self.has_location => return None,
            Filled::Location | Filled::Alternative => self.about.location_id?,
            Filled::AlternativeKind => self.about.location_id.map(|_| "location")?,
            Filled::Company => self.about.company_id?,
        };
        Some(Value::from(known))
    }

    /// Whether the caller says that `altId` is something else than a location.
    fn is_other_kind(&self) -> bool {
        self.arguments.get("altType").is_some_and(|kind| kind.as_str() != Some("location"))
    }

    /// Another location than the one that is meant is reached by naming it, so that its own token is used.
    fn contradictions(&self, operation: &Operation, check: &mut Check) {
        let Some(location_id) = self.about.location_id else { return };
        for (name, value) in self.arguments {
            let names_location = match Filled::of(name) {
                Some(Filled::Location) => true,
                Some(Filled::Alternative) => self.has_location && !self.is_other_kind(),
                Some(Filled::AlternativeKind | Filled::Company) | None => false,
            };
            let is_known = all_fields(operation).any(|field| field.name == *name);
            if names_location && is_known && value.as_str() != Some(location_id) {
                check.faults.push(common::error::Fault {
                    field: format!("{PLACE}/{name}"),
                    problem: "is another location than the call is about".to_owned(),
                    expected: "nothing: it is filled in from `location`".to_owned(),
                    example: None,
                });
            }
        }
    }

    /// The body of what is left when the parameters have theirs; `None` if nothing has to be sent.
    fn body(
        &self,
        operation: &Operation,
        body: &Body,
        mut left: Map<String, Value>,
        check: &mut Check,
    ) -> Option<Value> {
        let Some(object) = body_object(body) else {
            let value = left.shift_remove(BODY);
            check.faults.extend(left.keys().map(|name| unknown(PLACE, name, std::iter::once(BODY))));
            match &value {
                Some(value) => check.value(&body.shape, value, &format!("{PLACE}/{BODY}")),
                None if body.is_required => check.fault(&format!("{PLACE}/{BODY}"), "is missing", &body.shape),
                None => {}
            }
            return value;
        };
        for field in &object.fields {
            let stands_in_path = operation.parameters.iter().any(|parameter| parameter.name == field.name);
            let given = self.arguments.get(&*field.name).filter(|_| stands_in_path).cloned();
            let optional_company = Filled::of(&field.name) == Some(Filled::Company) && !field.is_required;
            let filled = given
                .or_else(|| self.fill(&field.name).filter(|_| !optional_company))
                .or_else(|| paging::first(operation, &field.name, &field.shape).filter(|_| field.is_required));
            if let Some(value) = filled
                && !left.contains_key(&*field.name)
            {
                left.insert(field.name.to_string(), value);
            }
        }
        if left.is_empty() && !body.is_required {
            return None;
        }
        check.fields(object, &left, PLACE);
        Some(Value::Object(left))
    }
}
