//! The specification's own conformance features (serverlessworkflow/specification, `ctk/features`), as facts: a judge that
//! we did not write. HTTP calls are answered here as the feature says that the service answers.

use super::*;

/// One scenario: its tasks (and what else stands at the top), the run's input, what calls answer, and the end.
struct Scenario {
    feature: &'static str,
    definition: &'static str,
    input: Value,
    answers: Vec<std::result::Result<Value, Failure>>,
    ends: Ends,
}

enum Ends {
    With(Value),
    /// The output has these members, and these values at these places.
    Having(&'static [&'static str], Vec<(&'static str, Value)>),
    Failing(Vec<(&'static str, Value)>),
}

fn read(definition: &str) -> Workflow {
    let head = "document: {dsl: '1.0.3', namespace: default, name: scenario, version: '1.0.0'}\n";
    Workflow::check(&format!("{head}{definition}")).unwrap_or_else(|flaws| panic!("{flaws:#?}\n{definition}"))
}

/// The end of a run whose calls are answered in turn.
fn end_of(scenario: &Scenario) -> Ending {
    let mut run = Drive::new(read(scenario.definition));
    run.begin(scenario.input.clone());
    let mut answers = scenario.answers.iter();
    let mut seen = 0;
    while seen < run.commands.len() {
        if let Command::Call(call) = run.commands[seen].clone() {
            let answer = answers.next().unwrap_or_else(|| panic!("{}: an unexpected call", scenario.feature));
            run.outcome(&call.step.0, call.attempt, answer.clone());
        }
        seen += 1;
    }
    let Some(Command::End(ending)) = run.commands.last() else { panic!("{}: no end", scenario.feature) };
    ending.clone()
}

fn not_found() -> Failure {
    Failure { status: 404, is_transient: false, ..failure("Not Found") }
}

fn pet(id: u8) -> Value {
    json!({ "id": id, "name": "Milou" })
}

const GET_PET: &str = "call: http, with: {method: get, endpoint: {uri: 'https://petstore.swagger.io/v2/pet/{petId}'}}";

/// A scenario without calls.
fn plain(feature: &'static str, definition: &'static str, input: Value, ends: Ends) -> Scenario {
    Scenario { feature, definition, input, answers: Vec::new(), ends }
}

fn colors(colors: &[&str]) -> Ends {
    Ends::With(json!({ "colors": colors }))
}

fn of_order() -> Vec<Scenario> {
    vec![
        plain(
            "flow: implicit sequence",
            r#"
do:
- setRed: {set: {colors: '${ .colors + [ "red" ] }'}}
- setGreen: {set: {colors: '${ .colors + [ "green" ] }'}}
- setBlue: {set: {colors: '${ .colors + [ "blue" ] }'}}"#,
            json!({}),
            colors(&["red", "green", "blue"]),
        ),
        plain(
            "flow: explicit sequence",
            r#"
do:
- setRed: {set: {colors: '${ .colors + [ "red" ] }'}, then: setGreen}
- setBlue: {set: {colors: '${ .colors + [ "blue" ] }'}, then: end}
- setGreen: {set: {colors: '${ .colors + [ "green" ] }'}, then: setBlue}"#,
            json!({}),
            colors(&["red", "green", "blue"]),
        ),
        plain(
            "do: sequential sub tasks",
            r#"
do:
- compositeExample:
    do:
    - setRed: {set: {colors: '${ .colors + ["red"] }'}}
    - setGreen: {set: {colors: '${ .colors + ["green"] }'}}
    - setBlue: {set: {colors: '${ .colors + ["blue"] }'}}"#,
            json!({}),
            colors(&["red", "green", "blue"]),
        ),
        plain(
            "branch: compete",
            r#"
do:
- branchWithCompete:
    fork:
      compete: true
      branches:
      - setRed: {set: {colors: '${ .colors + ["red"] }'}}
      - setGreen: {set: {colors: '${ .colors + ["green"] }'}}
      - setBlue: {set: {colors: '${ .colors + ["blue"] }'}}"#,
            json!({}),
            colors(&["red"]),
        ),
    ]
}

fn of_single_tasks() -> Vec<Scenario> {
    vec![
        plain(
            "for: each with its index",
            r"
do:
- loopColors:
    for: {each: color, in: .colors}
    do:
    - markProcessed:
        set:
          processed: '${ { colors: (.processed.colors + [ $color ]), indexes: (.processed.indexes + [ $index ])} }'",
            json!({ "colors": ["red", "green", "blue"] }),
            Ends::With(json!({ "processed": { "colors": ["red", "green", "blue"], "indexes": [0, 1, 2] } })),
        ),
        plain(
            "set",
            "
do:
- initialize: {set: {shape: circle, size: '${ .configuration.size }', fill: '${ .configuration.fill }'}}",
            json!({ "configuration": { "size": { "width": 6, "height": 6 }, "fill": { "red": 69, "green": 69 } } }),
            Ends::With(
                json!({ "shape": "circle", "size": { "width": 6, "height": 6 }, "fill": { "red": 69, "green": 69 } }),
            ),
        ),
        plain(
            "raise: inline error",
            "
do:
- raiseError:
    raise:
      error: {status: 400, type: 'https://serverlessworkflow.io/errors/types/compliance', title: Compliance Error}",
            json!({}),
            Ends::Failing(vec![
                ("/status", json!(400)),
                ("/type", json!("https://serverlessworkflow.io/errors/types/compliance")),
                ("/title", json!("Compliance Error")),
                ("/instance", json!("/do/0/raiseError")),
            ]),
        ),
        plain(
            "emit",
            r#"
do:
- emitEvent:
    emit:
      event:
        with:
          type: com.fake-source.user.greeted.v1
          data: {greetings: '${ "Hello \(.user.firstName) \(.user.lastName)!" }'}"#,
            json!({ "user": { "firstName": "John", "lastName": "Doe" } }),
            Ends::Having(
                &["id", "specversion", "time", "source", "type", "data"],
                vec![
                    ("/type", json!("com.fake-source.user.greeted.v1")),
                    ("/data", json!({ "greetings": "Hello John Doe!" })),
                ],
            ),
        ),
    ]
}

fn of_data_flow() -> Vec<Scenario> {
    vec![
        plain(
            "data flow: input filtering",
            "
do:
- setPlayerId: {input: {from: .user.claims.subject}, set: {playerId: '${ . }'}}",
            json!({ "user": { "claims": { "subject": "6AsnRgGEB0q2O7ux9JXFAw" } } }),
            Ends::With(json!({ "playerId": "6AsnRgGEB0q2O7ux9JXFAw" })),
        ),
        Scenario {
            feature: "data flow: output filtering",
            definition: "
do:
- getPet:
    call: http
    with: {method: get, endpoint: {uri: 'https://petstore.swagger.io/v2/pet/{petId}'}}
    output: {as: .id}",
            input: json!({ "petId": 1 }),
            answers: vec![Ok(pet(1))],
            ends: Ends::With(json!(1)),
        },
        Scenario {
            feature: "data flow: output that is no object",
            definition: "
do:
- getPetById1:
    call: http
    with: {method: get, endpoint: {uri: 'https://petstore.swagger.io/v2/pet/{petId}'}}
    output: {as: .id}
- getPetById2:
    call: http
    with: {method: get, endpoint: {uri: 'https://petstore.swagger.io/v2/pet/2'}}
    output: {as: '{ ids: [ $input, .id ] }'}",
            input: json!({ "petId": 1 }),
            answers: vec![Ok(pet(1)), Ok(pet(2))],
            ends: Ends::With(json!({ "ids": [1, 2] })),
        },
        caught(404),
        caught(503),
    ]
}

fn caught(status: u16) -> Scenario {
    let (definition, ends) = if status == 404 {
        let had = &["error", "error.type", "error.status", "error.title"];
        ("status: 404", Ends::Having(had, vec![("/error/instance", json!("/do/0/tryGetPet/try/0/getPet"))]))
    } else {
        ("status: 503", Ends::Failing(vec![("/status", json!(404))]))
    };
    let definition = format!(
        "
do:
- tryGetPet:
    try:
    - getPet: {{{GET_PET}}}
    catch:
      errors: {{with: {{type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication', {definition}}}}}
      as: err
      do:
      - keep: {{set: {{error: '${{ $err }}'}}}}"
    );
    let (input, answers) = (json!({ "petId": "Milou" }), vec![Err(not_found())]);
    Scenario { feature: "try", definition: definition.leak(), input, answers, ends }
}

// specification, ctk/features/switch.feature: the three scenarios share their tasks.
fn of_switches() -> Vec<Scenario> {
    let tasks = |default: &str, then: &str, last: &str| -> &'static str {
        let way = |color: &str, name: &str| format!("    - {color}: {{when: '.color == \"{color}\"', then: {name}}}\n");
        let set = |name: &str, color: &str| {
            format!("- {name}: {{set: {{colors: '${{ .colors + [ \"{color}\" ] }}'}}, then: end}}\n")
        };
        let mut text = "do:\n- switchColor:\n    switch:\n".to_owned();
        text += &(way("red", "setRed") + &way("green", "setGreen") + &way("blue", "setBlue") + default + then);
        text += &(set("setRed", "red") + &set("setGreen", "green") + &set("setBlue", "blue") + last);
        text.leak()
    };
    let custom = "- setCustomColor: {set: {colors: '${ .colors + [ $input.color ] }'}}\n";
    let scenario = |feature, definition, color: &str, ends| Scenario {
        feature,
        definition,
        input: json!({ "color": color }),
        answers: Vec::new(),
        ends,
    };
    vec![
        scenario("switch: matching case", tasks("", "", ""), "red", Ends::With(json!({ "colors": ["red"] }))),
        scenario(
            "switch: implicit default",
            tasks("", "    then: end\n", ""),
            "yellow",
            Ends::With(json!({ "color": "yellow" })),
        ),
        scenario(
            "switch: explicit default",
            tasks("    - anyOtherColor: {then: setCustomColor}\n", "", custom),
            "yellow",
            Ends::With(json!({ "colors": ["yellow"] })),
        ),
    ]
}

#[test]
fn runs_end_as_the_conformance_features_say() {
    for scenario in [of_order(), of_single_tasks(), of_data_flow(), of_switches()].into_iter().flatten() {
        let feature = scenario.feature;
        match (end_of(&scenario), scenario.ends) {
            (Ending::Completed { output }, Ends::With(expected)) => assert_eq!(output, expected, "{feature}"),
            (Ending::Completed { output }, Ends::Having(members, values)) => {
                for member in members {
                    let pointer = format!("/{}", member.replace('.', "/"));
                    assert!(output.pointer(&pointer).is_some(), "{feature}: {member}");
                }
                for (pointer, expected) in values {
                    assert_eq!(output.pointer(pointer), Some(&expected), "{feature}: {pointer}");
                }
            }
            (Ending::Failed { failure }, Ends::Failing(values)) => {
                let failure = serde_json::to_value(failure).unwrap();
                for (pointer, expected) in values {
                    assert_eq!(failure.pointer(pointer), Some(&expected), "{feature}: {pointer}");
                }
            }
            (ending, _) => panic!("{feature}: {ending:?}"),
        }
    }
}
