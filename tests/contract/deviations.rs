//! Where the emulator answers like GoHighLevel and not like its specification.

use crate::prism::Verdict;

/// One known difference.
pub struct Deviation {
    /// Operation id, `*` for any.
    operation: &'static str,
    /// Place in the response, `*` for one step of it.
    place: &'static str,
    /// Begins the oracle's message.
    message: &'static str,
    /// Why the emulator is right, and who says so.
    pub reason: &'static str,
}

pub const DEVIATIONS: &[Deviation] = &[];

/// The row that covers a violation.
pub fn find(verdict: &Verdict, violation: &str) -> Option<usize> {
    let (place, message) = violation.split_once(": ")?;
    DEVIATIONS.iter().position(|row| {
        (row.operation == "*" || verdict.operation.as_deref() == Some(row.operation))
            && matches(row.place, place)
            && message.starts_with(row.message)
    })
}

fn matches(pattern: &str, place: &str) -> bool {
    let (pattern, place): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), place.split('.').collect());
    pattern.len() == place.len() && pattern.iter().zip(&place).all(|(wanted, step)| *wanted == "*" || wanted == step)
}
