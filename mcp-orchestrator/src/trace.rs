//! From the lines of attempts to the steps of a trace. Pure.

use std::collections::BTreeMap;

use common::clock::UnixMillis;

use crate::interpreter::Note;
use crate::store::traces::StepLine;

/// A step by its last attempt.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    pub(crate) line: StepLine,
    /// When its first attempt began.
    pub(crate) began_ms: UnixMillis,
}

/// Each step once, in the order in which they began; those that are open come from the run itself.
pub(crate) fn fold(written: Vec<StepLine>, open: &[Note]) -> Vec<Folded> {
    let mut steps: BTreeMap<String, Folded> = BTreeMap::new();
    for line in written.into_iter().chain(open.iter().map(line)) {
        let began_ms = line.began_ms;
        match steps.get_mut(&line.step.0) {
            Some(step) => {
                step.began_ms = step.began_ms.min(began_ms);
                if line.attempt > step.line.attempt {
                    step.line = line;
                }
            }
            None => {
                steps.insert(line.step.0.clone(), Folded { line, began_ms });
            }
        }
    }
    let mut steps: Vec<Folded> = steps.into_values().collect();
    steps.sort_by_cached_key(|step| (step.began_ms, place(&step.line.step.0)));
    steps
}

/// `s3.10` stands behind `s3.9`.
fn place(step: &str) -> Vec<u64> {
    step.trim_start_matches(|letter: char| !letter.is_ascii_digit())
        .split('.')
        .map(|number| number.parse().unwrap_or(u64::MAX))
        .collect()
}

fn line(note: &Note) -> StepLine {
    StepLine {
        step: note.step.clone(),
        pointer: note.pointer.clone(),
        name: note.name.clone(),
        kind: note.kind.clone(),
        attempt: i64::from(note.attempt),
        status: note.status,
        summary: note.summary.clone(),
        began_ms: note.began_ms,
        ended_ms: note.ended_ms,
        next_ms: note.next_ms,
    }
}

/// The step that an id, a place or a name means; of several passages of a loop, the last.
pub(crate) fn meant<'a>(steps: &'a [Folded], text: &str) -> Option<&'a Folded> {
    let text = text.trim();
    let by = |is_it: &dyn Fn(&StepLine) -> bool| steps.iter().rev().find(|step| is_it(&step.line));
    by(&|line| line.step.0 == text)
        .or_else(|| by(&|line| line.pointer.0 == text))
        .or_else(|| by(&|line| line.name == text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::command::StepStatus;
    use crate::run::StepId;
    use crate::workflow::Pointer;

    fn attempt(step: &str, attempt: i64, began_ms: UnixMillis) -> StepLine {
        StepLine {
            step: StepId(step.to_owned()),
            pointer: Pointer(format!("/do/0/{step}")),
            name: format!("name of {step}"),
            kind: "call".to_owned(),
            attempt,
            status: StepStatus::Completed,
            summary: String::new(),
            began_ms,
            ended_ms: Some(began_ms + 5),
            next_ms: None,
        }
    }

    #[test]
    fn each_step_is_shown_once_by_its_last_attempt_in_the_order_of_beginning() {
        let written = vec![attempt("s10", 1, 7), attempt("s9", 2, 6), attempt("s9", 1, 1), attempt("s2", 1, 7)];
        let steps = fold(written, &[]);
        let shown: Vec<_> =
            steps.iter().map(|step| (step.line.step.0.as_str(), step.line.attempt, step.began_ms)).collect();
        assert_eq!(shown, [("s9", 2, 1), ("s2", 1, 7), ("s10", 1, 7)]);
    }

    #[test]
    fn a_step_is_meant_by_id_place_or_name() {
        let steps = fold(vec![attempt("s1", 1, 1), attempt("s2", 1, 2)], &[]);
        for text in ["s2", "/do/0/s2", " name of s2 "] {
            assert_eq!(meant(&steps, text).unwrap().line.step.0, "s2", "{text}");
        }
        assert!(meant(&steps, "s3").is_none());
    }
}
