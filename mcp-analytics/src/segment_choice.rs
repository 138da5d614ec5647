//! Which segment of a result is meant: its number, or its name.

use common::error::{Candidate, Error, ErrorCode, Result};

use crate::segment_report::SegmentReport;

/// The word for people who are in no segment.
const NONE: &str = "none";

/// The number of the segment that a text means; −1 for `none`.
///
/// # Errors
/// `not_found` with the segments there are.
pub fn segment_of(report: &SegmentReport, text: &str) -> Result<i64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(-1);
    }
    let mut numbered = (0_i64..).zip(&report.segments);
    let found =
        numbered.find(|(number, segment)| text == number.to_string() || segment.name.eq_ignore_ascii_case(text));
    found.map(|(number, _)| number).ok_or_else(|| {
        let candidates = (0_i64..).zip(&report.segments);
        let candidates =
            candidates.map(|(number, segment)| Candidate { id: number.to_string(), name: segment.name.clone() });
        Error::new(ErrorCode::NotFound, "the result has no such segment")
            .with_hint("its number or name, or `none` for people in no segment")
            .with_candidates(candidates.collect())
    })
}

/// What a segment is called; `none` for −1.
#[must_use]
pub fn name_of(report: &SegmentReport, number: i64) -> String {
    let segment = usize::try_from(number).ok().and_then(|number| report.segments.get(number));
    segment.map_or_else(|| NONE.to_owned(), |segment| segment.name.clone())
}
