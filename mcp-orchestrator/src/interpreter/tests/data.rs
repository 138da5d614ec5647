//! How data flow: what expressions see, and what becomes of what they give.

use super::*;

fn read(definition: &str) -> Workflow {
    let head = "document: {dsl: '1.0.3', namespace: default, name: data, version: '1.2.0', title: Data}\n";
    Workflow::check(&format!("{head}{definition}")).unwrap_or_else(|flaws| panic!("{flaws:#?}\n{definition}"))
}

/// What a workflow without calls gives.
fn output(definition: &str, input: Value) -> Value {
    let mut run = Drive::new(read(definition));
    run.begin(input);
    match run.commands.last() {
        Some(Command::End(Ending::Completed { output })) => output.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_context_is_what_was_exported_last() {
    let definition = "
do:
- a: {set: {n: 1}, export: {as: '{ kept: .n, from: $input.start }'}}
- b: {set: {n: '${ $context.kept + 1 }'}}
- c: {set: {n: '${ .n }', kept: '${ $context }'}}";
    assert_eq!(output(definition, json!({ "start": 7 })), json!({ "n": 2, "kept": { "kept": 1, "from": 7 } }));
}

#[test]
fn the_workflow_shapes_its_input_and_output() {
    let definition = "
input: {from: .order}
do:
- a: {set: {id: '${ .id }', context: '${ $context.id }', raw: '${ $workflow.input.order.id }'}}
output: {as: '{ result: ., of: $workflow.definition.document.name }'}";
    let expected = json!({ "result": { "id": 7, "context": 7, "raw": 7 }, "of": "data" });
    assert_eq!(output(definition, json!({ "order": { "id": 7 } })), expected);
}

#[test]
fn tasks_and_runs_describe_themselves() {
    let definition = "
do:
- a:
    set:
      name: ${ $task.name }
      reference: ${ $task.reference }
      began: ${ $task.startedAt.iso8601 }
      run: ${ $workflow.id }
      started: ${ $workflow.startedAt.epoch.seconds }
      runtime: ${ $runtime.name }";
    let expected = json!({
        "name": "a", "reference": "/do/0/a", "began": "2027-01-15T08:00:00Z", "run": "run_1",
        "started": 1_800_000_000, "runtime": "luminar",
    });
    assert_eq!(output(definition, json!(null)), expected);
}

#[test]
fn while_ends_a_loop_and_inner_names_hide_outer_ones() {
    let definition = "
do:
- outer:
    for: {each: n, in: '[1, 2, 3, 4]'}
    while: (.sum // 0) < 30
    do:
    - inner:
        for: {each: n, in: '[10]', at: place}
        do:
        - add: {set: {sum: '${ (.sum // 0) + $n }'}}
    - seen: {set: {sum: '${ .sum }', last: '${ $n }', at: '${ $index }'}}";
    assert_eq!(output(definition, json!({})), json!({ "sum": 30, "last": 3, "at": 2 }));
}

#[test]
fn a_branch_sees_what_the_loop_around_its_fork_binds() {
    let definition = "
do:
- each:
    for: {each: name, in: '[\"Ada\", \"Bob\"]'}
    do:
    - both:
        fork:
          branches:
          - one: {set: {seen: '${ $name }'}}
          - two: {do: [{inner: {set: {seen: '${ $name + \"!\" }'}}}]}";
    assert_eq!(output(definition, json!({})), json!([{ "seen": "Bob" }, { "seen": "Bob!" }]));
}

#[test]
fn an_expression_that_cannot_be_worked_out_fails_its_step_and_can_be_caught() {
    let definition = "
do:
- careful:
    try:
    - wrong: {set: {n: '${ .name + 1 }'}}
    catch:
      errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/expression'}}
      do:
      - tell: {set: {status: '${ $error.status }', at: '${ $error.instance }'}}";
    let expected = json!({ "status": 400, "at": "/do/0/careful/try/0/wrong" });
    assert_eq!(output(definition, json!({ "name": {} })), expected);
}

#[test]
fn a_note_says_what_happened_and_a_wrong_note_fails_nothing() {
    let definition = "
do:
- a: {set: {n: 1}, metadata: {note: '${ \"counted to \\(.n)\" }'}}
- b: {set: {n: 2}, metadata: {note: '${ .n + {} }'}}";
    let mut run = Drive::new(read(definition));
    assert_eq!(run.begin(json!(null)), ["completed {\"n\":2}"]);
    assert_eq!(run.note("s1").summary, "counted to 1");
    assert!(run.note("s2").summary.starts_with("set n (its note: "), "{}", run.note("s2").summary);
}

#[test]
fn a_step_is_undone_with_what_it_gave_and_what_was_bound_around_it() {
    let definition = "
do:
- each:
    for: {each: name, in: '[\"Ada\", \"Bob\"]'}
    do:
    - book:
        call: mcp
        with: {server: ghl, tool: book, arguments: {who: '${ $name }'}}
        metadata:
          compensate:
          - unbook:
              call: mcp
              with: {server: ghl, tool: unbook, arguments: {booking: '${ .id }', who: '${ $name }'}}
- stop: {raise: {error: {type: 'urn:stop', status: 500, title: stopped}}}";
    let mut run = Drive::new(read(definition));
    assert_eq!(run.begin(json!(null)), ["call s1.1.1 #1 ghl.book {\"who\":\"Ada\"}"]);
    assert_eq!(run.answer("s1.1.1", json!({ "id": 1 })), ["call s1.2.1 #1 ghl.book {\"who\":\"Bob\"}"]);
    let wants = run.answer("s1.2.1", json!({ "id": 2 }));
    assert_eq!(wants, ["call s1.2.1.u1.1 #1 ghl.unbook {\"booking\":2,\"who\":\"Bob\"}"]);
    let wants = run.answer("s1.2.1.u1.1", json!(null));
    assert_eq!(wants, ["call s1.1.1.u1.1 #1 ghl.unbook {\"booking\":1,\"who\":\"Ada\"}"]);
    assert_eq!(run.answer("s1.1.1.u1.1", json!(null)), ["failed stopped"]);
}

#[test]
fn events_are_listened_for_by_what_the_run_knows() {
    let definition = "
do:
- booked:
    listen:
      to:
        one:
          with: {type: AppointmentCreate}
          correlate:
            contact: {from: .data.contactId, expect: '${ $context.contact.id }'}";
    let mut run = Drive::new(read(definition));
    assert_eq!(run.begin(json!({ "contact": { "id": "c7" } })), ["listen w1 AppointmentCreate"]);
    let Some(Command::Listen { filter, .. }) = run.commands.iter().find(|one| matches!(one, Command::Listen { .. }))
    else {
        panic!()
    };
    assert_eq!((filter.key.as_deref(), &filter.expected), (Some("c7"), &vec![json!("c7")]));
    let meant = run.workflow.filter_at(&filter.filter).unwrap();
    let event = |contact| json!({ "type": "AppointmentCreate", "data": { "contactId": contact } });
    assert!(listening::fits(meant, &filter.expected, &event("c7")).unwrap());
    assert!(!listening::fits(meant, &filter.expected, &event("c8")).unwrap());
    let mut lost = Drive::new(read(definition));
    let wants = lost.begin(json!({}));
    assert_eq!(wants, ["failed `correlate.contact.expect` gave null where a value is needed"]);
}
