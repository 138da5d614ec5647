//! The workflows that come with the program, ready to be saved: `manifests/workflows`.

/// A definition that comes with the program.
#[derive(Debug, Clone, Copy)]
pub struct Ready {
    /// Its `document.name`.
    pub name: &'static str,
    /// YAML.
    pub text: &'static str,
}

/// All of them, in the order of their names.
pub const READY: [Ready; 3] = [
    Ready { name: "booking-flow", text: include_str!("../../../manifests/workflows/booking-flow.yaml") },
    Ready { name: "lead-intake", text: include_str!("../../../manifests/workflows/lead-intake.yaml") },
    Ready { name: "no-show-recovery", text: include_str!("../../../manifests/workflows/no-show-recovery.yaml") },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::lookup::Callee;
    use crate::workflow::{Trigger, Workflow, as_json};

    #[test]
    fn every_ready_workflow_is_read_and_reads_the_same_when_printed() {
        for Ready { name, text } in READY {
            let workflow = Workflow::check(text).unwrap_or_else(|flaws| panic!("{name}: {flaws:#?}"));
            assert_eq!(workflow.name, name);
            let printed = as_json(text).expect("yaml").to_string();
            assert_eq!(Workflow::read(&printed).expect("json"), workflow, "{name}");
        }
    }

    #[test]
    fn the_booking_flow_begins_with_a_contact_and_waits_for_its_appointment() {
        let workflow = Workflow::read(READY[0].text).expect("booking flow");
        assert!(
            matches!(workflow.triggers.as_slice(), [Trigger::Event(filter)] if filter.kind.as_deref() == Some("ContactCreate"))
        );
        let (pointer, filter) = workflow.filters().next().expect("filter");
        assert_eq!(pointer.0, "/do/5/waitForBooking/fork/branches/0/booked/listen/to/one");
        assert_eq!(workflow.filter_at(&pointer), Some(filter));
        assert!(workflow.task_at(&crate::workflow::Pointer("/do/6/decide".to_owned())).is_some());
        let tools: Vec<&str> = workflow
            .calls()
            .filter_map(|call| match call.callee {
                Callee::Tool { tool, .. } => Some(tool),
                _ => None,
            })
            .collect();
        assert_eq!(tools, ["slack_post_message", "add_note", "list_payments", "add_note", "set_contact_tags"]);
    }
}
