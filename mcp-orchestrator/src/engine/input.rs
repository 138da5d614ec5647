//! Whether a run's input is what its workflow wants (`input.schema`): asked when it begins, whatever starts it, and before
//! that by whoever can still be told.

use common::error::{Error, Fault, Result};
use common::tool::Shape;
use serde_json::Value;

use crate::executor::failure_of;
use crate::interpreter::Failure;
use crate::workflow::Workflow;

/// Faults that a failed run names; the others are counted.
const NAMED_MAX: usize = 3;

/// Whether the input is what the workflow wants.
///
/// # Errors
/// `invalid_argument` with each fault, its place below `/input`.
pub(crate) fn check_input(workflow: &Workflow, input: &Value) -> Result<()> {
    let Some(Value::Object(schema)) = &workflow.input_schema else { return Ok(()) };
    Shape::new(schema)?.check(input).map_err(|error| {
        let faults = error.details().faults.iter().cloned();
        let faults = faults.map(|fault| Fault { field: format!("/input{}", fault.field), ..fault }).collect();
        Error::invalid_arguments(faults)
    })
}

/// Why a run cannot begin with an input; none if it can.
pub(super) fn refusal(workflow: &Workflow, input: &Value) -> Option<Failure> {
    let error = check_input(workflow, input).err()?;
    let faults = &error.details().faults;
    let named: Vec<String> = faults
        .iter()
        .take(NAMED_MAX)
        .map(|fault| format!("{} {} (expected: {})", fault.field, fault.problem, fault.expected))
        .collect();
    let more = match faults.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let title = format!("its input is not what the workflow wants: {}{more}", named.join("; "));
    let hint = "shape what starts it, or let `input.schema` say what it gets".to_owned();
    Some(Failure { title, hint: Some(hint), ..failure_of(&error) })
}
