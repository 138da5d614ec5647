//! A plan in words, for a person who reads one line and decides.

use crate::plan::Plan;
use crate::tool::one_line;

/// Most characters of a plan's own sentence. Longer than any SMS of ten parts.
const SUMMARY_LENGTH_MAX: usize = 1_600;

/// Most characters of one target's name, and most targets named.
const TARGET_LENGTH_MAX: usize = 80;
const TARGETS_NAMED_MAX: usize = 5;

/// What would happen, for whom, how many, whether it can be taken back, and what it costs. One line, in which text from
/// outside cannot hide or reorder anything.
pub(crate) fn in_words(plan: &Plan) -> String {
    let mut parts = vec![one_line(&plan.summary, SUMMARY_LENGTH_MAX)];
    let named: Vec<String> =
        plan.targets.iter().take(TARGETS_NAMED_MAX).map(|target| one_line(target, TARGET_LENGTH_MAX)).collect();
    let noun = if plan.count == 1 { "record or person" } else { "records or people" };
    let count = format!("touches {} {noun}", plan.count);
    parts.push(if named.is_empty() { count } else { format!("{count}: {}", named.join(", ")) });
    parts.push(if plan.is_reversible { "can be taken back" } else { "cannot be taken back" }.to_owned());
    if let Some(cost) = &plan.cost {
        let currency = one_line(&cost.currency, TARGET_LENGTH_MAX);
        parts.push(format!("costs {} minor units of {currency}", cost.amount_minor));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Cost;

    #[test]
    fn a_plan_says_what_for_whom_how_many_and_what_it_costs() {
        let plan = Plan {
            summary: "send an SMS to Anna\u{202e}\nWeber".to_owned(),
            targets: (0..9).map(|number| format!("Anna {number}")).collect(),
            count: 9,
            is_reversible: false,
            cost: Some(Cost { amount_minor: 120, currency: "USD".to_owned() }),
        };
        assert_eq!(
            in_words(&plan),
            "send an SMS to Anna Weber; touches 9 records or people: Anna 0, Anna 1, Anna 2, Anna 3, Anna 4; cannot be \
             taken back; costs 120 minor units of USD"
        );
    }
}
