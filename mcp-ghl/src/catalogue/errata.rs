//! Where the vendor's specification is empty or contradicts the vendor: what holds instead, and who says so.

use common::error::Result;

use super::Family;
use super::notation::{self, Unreadable};
use super::operation::{Operation, Place};
use super::shape::{Field, Object, Rest, Shape};

/// An id at the margin; below it `because`, the fields of the body to add or replace, which of all are required, and
/// the shapes of what stands in the path.
const FILE: (&str, &str) = ("errata.txt", include_str!("../../catalogue/errata.txt"));

/// Corrects the operations that are there.
///
/// # Errors
/// `internal` if the file of errata cannot be read.
pub(super) fn apply(families: &mut [Family]) -> Result<()> {
    let mut id = "";
    for (at, line) in FILE.1.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let Some(fact) = line.strip_prefix(' ') else {
            id = line;
            continue;
        };
        let mut operations = families.iter_mut().flat_map(|family| &mut family.operations);
        if let Some(operation) = operations.find(|operation| operation.id == id) {
            correct(operation, fact).map_err(|error| Unreadable { line: at + 1, ..error }.in_file(FILE.0))?;
        }
    }
    Ok(())
}

fn correct(operation: &mut Operation, fact: &'static str) -> Result<(), Unreadable> {
    let (key, rest) = fact.split_once(' ').unwrap_or((fact, ""));
    if key == "path" {
        for Field { name, shape, .. } in notation::fields(rest)? {
            let known = operation.parameters.iter_mut().find(|it| it.place == Place::Path && it.name == name);
            known.ok_or_else(|| Unreadable::new("a name that the path has"))?.shape = shape;
        }
        return Ok(());
    }
    let body = operation.body.as_mut().ok_or_else(|| Unreadable::new("an operation with a body"))?;
    let Shape::Object(Object { mut fields, .. }) = body.shape.resolved().clone() else {
        return Err(Unreadable::new("an operation whose body is an object"));
    };
    match key {
        "because" => return Ok(()),
        "fields" => {
            for field in notation::fields(rest)? {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => *known = field,
                    None => fields.push(field),
                }
            }
        }
        "required" => {
            let names: Vec<&str> = rest.split(' ').collect();
            for Field { name, is_required, .. } in &mut fields {
                *is_required = names.contains(&&**name);
            }
        }
        _ => return Err(Unreadable::new("`because`, `fields`, `required` or `path`")),
    }
    body.shape = Shape::Object(Object { fields, rest: Rest::None });
    Ok(())
}
