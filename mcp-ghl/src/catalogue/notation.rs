//! The catalogue's notation.

use super::operation::Operation;

pub(super) fn signature(_operation: &Operation) -> String {
    todo!()
}
