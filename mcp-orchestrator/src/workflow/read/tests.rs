//! Reading, judged by documents in the shapes of the specification's own examples (Serverless Workflow DSL 1.0.3,
//! Apache-2.0, `examples/`), in our own words, and by what people get wrong.

use std::time::Duration;

use serde_json::json;

use super::read;
use crate::workflow::expression::Scope;
use crate::workflow::flaw::{Flaw, Mark};
use crate::workflow::task::{Backoff, Call, Flow, ListenTo, Span, TaskKind};
use crate::workflow::{Trigger, Workflow};

const HEAD: &str = "document: {dsl: '1.0.3', namespace: test, name: sample, version: '0.1.0'}\n";

fn workflow(rest: &str) -> Workflow {
    let text = format!("{HEAD}{rest}");
    read(&text).unwrap_or_else(|flaws| panic!("{text}\n{flaws:#?}"))
}

fn flaws(rest: &str) -> Vec<Flaw> {
    let text = format!("{HEAD}{rest}");
    read(&text).expect_err(&text)
}

fn only_task(rest: &str) -> TaskKind {
    workflow(rest).tasks.remove(0).kind
}

#[test]
fn the_specifications_examples_within_the_subset_are_read() {
    for (name, rest) in [
        ("call-http-endpoint-interpolation", "
do:
- getPet: {call: http, with: {method: get, endpoint: {uri: '${ \"https://pets.example/v2/pet/\\(.petId)\" }'}}}"),
        ("call-http-shorthand-endpoint", "
do:
- getPet: {call: http, with: {method: get, endpoint: 'https://pets.example/v2/pet/{petId}'}}"),
        ("call-http-query-parameters", "
input:
  schema: {format: json, document: {type: object, required: [searchQuery], properties: {searchQuery: {type: string}}}}
do:
- search: {call: http, with: {method: get, endpoint: 'https://people.example/api/', query: {search: '${.searchQuery}'}}}"),
        ("call-http-query-headers-expressions", "
input: {schema: {format: json, document: {type: object}}}
do:
- setQueryAndHeaders: {set: {query: {search: '${.searchQuery}'}, headers: {Accept: application/json}}}
- search: {call: http, with: {method: get, endpoint: 'https://people.example/api/', headers: '${.headers}', query: '${.query}'}}"),
        ("conditional-task", "
do:
- raiseErrorIfUnderage:
    if: .customer.age < 18
    raise: {error: {type: 'https://customers.example/errors/underaged', status: 400, title: Customer is underaged}}
    then: end
- placeOrder:
    call: http
    with: {method: post, endpoint: 'https://orders.example', body: '${ .order }'}"),
        ("do-multiple", "
do:
- compareGenomes: {set: {id: '#1'}, then: countGenes}
- countGenes: {set: {number: '${ 3 + 4 }'}}"),
        ("do-single", "
do:
- compositeExample:
    do:
    - setRed: {set: {colors: '${ .colors + [\"red\"] }'}}
    - setGreen: {set: {colors: '${ .colors + [\"green\"] }'}}"),
        ("emit", "
do:
- emitEvent:
    emit:
      event:
        with:
          source: https://petstore.example
          type: com.petstore.order.placed.v1
          data: {client: {firstName: Cruella, lastName: de Vil}, items: [{breed: dalmatian, quantity: 101}]}"),
        ("for", "
do:
- checkup:
    for: {each: pet, in: .pets, at: index}
    while: .vet != null
    do:
    - waitForCheckup:
        listen: {to: {one: {with: {type: com.fake.petclinic.pets.checkup.completed.v2}}}}
        output: {as: '.pets + [{ \"id\": $pet.id }]'}"),
        ("fork", "
do:
- raiseAlarm:
    fork:
      compete: true
      branches:
      - callNurse: {call: http, with: {method: put, endpoint: 'https://hospital.example/api/v3/alert/nurses', body: {patientId: '${ .patient.fullName }', room: '${ .room.number }'}}}
      - callDoctor: {call: http, with: {method: put, endpoint: 'https://hospital.example/api/v3/alert/doctor', body: {patientId: '${ .patient.fullName }'}}}"),
        ("listen-to-all", "
do:
- callDoctor:
    listen:
      to:
        all:
        - with: {source: 'https://hospital.example', type: com.hospital.temperature, data: '${ .temperature > 38 }'}
        - with: {source: 'https://hospital.example', type: com.hospital.bpm, data: '${ .bpm < 60 or .bpm > 100 }'}"),
        ("listen-to-all read-envelope", "
do:
- callDoctor:
    listen: {to: {all: [{with: {type: com.hospital.bpm}}]}, read: envelope}"),
        ("listen-to-any", "
do:
- callDoctor:
    listen: {to: {any: [{with: {type: a, data: '${ .t > 38 }'}}, {with: {type: b}}]}}"),
        ("listen-to-one", "
do:
- waitForStartup: {listen: {to: {one: {with: {type: com.virtual-wf-powered-race.race.started.v1}}}}}
- startup: {call: http, with: {method: post, endpoint: {uri: 'https://race.example/api/v4/cars/{carId}/start'}}}"),
        ("raise-inline", "
do:
- notImplemented:
    raise: {error: {type: 'https://serverlessworkflow.io/errors/not-implemented', status: 500, title: Not Implemented, detail: '${ \"The workflow \\($workflow.definition.document.name) cannot be run\" }'}}"),
        ("raise-reusable", "
use: {errors: {notImplemented: {type: 'https://serverlessworkflow.io/errors/not-implemented', status: 500, title: Not Implemented}}}
do:
- notImplemented: {raise: {error: notImplemented}}"),
        ("run-subflow", "
do:
- registerCustomer: {run: {workflow: {namespace: test, name: register-customer, version: '0.1.0', input: {customer: '${ .user }'}}}}"),
        ("schedule-cron", "
schedule: {cron: 0 0 * * *}
do:
- backup: {call: http, with: {method: post, endpoint: 'https://db.example/backup'}}"),
        ("schedule-event-driven", "
schedule: {on: {one: {with: {type: com.fake-hospital.events.patients.heartbeat, data: '${ .bpm < 60 or .bpm > 120 }'}}}}
do:
- callNurse: {call: http, with: {method: post, endpoint: 'https://hospital.example/nurse'}}"),
        ("set", "
schedule: {on: {one: {with: {type: io.serverlessworkflow.samples.events.trivia.started.v1}}}}
do:
- initialize: {set: {startEvent: '${ $workflow.input[0] }'}}"),
        ("set with an expression", "
do:
- initialize: {set: '${ $workflow.input[0] }'}"),
        ("switch-then-string", "
do:
- processOrder:
    switch:
    - case1: {when: .orderType == \"electronic\", then: processElectronicOrder}
    - case2: {when: .orderType == \"physical\", then: processPhysicalOrder}
    - default: {then: handleUnknownOrderType}
- processElectronicOrder:
    do: [{validatePayment: {set: {validated: true}}}]
    then: exit
- processPhysicalOrder:
    do: [{checkInventory: {set: {inventory: clear}}}]
    then: exit
- handleUnknownOrderType: {do: [{log: {set: {log: warn}}}]}"),
        ("try-catch", "
do:
- tryGetPet:
    try: [{getPet: {call: http, with: {method: get, endpoint: 'https://pets.example/pet/{petId}'}}}]
    catch:
      errors: {with: {type: https://serverlessworkflow.io/spec/1.0.0/errors/communication, status: 404}}
      as: error
      do: [{notifySupport: {emit: {event: {with: {source: 'https://petstore.example', type: com.pets.failed, data: '${ $error }'}}}}}]"),
        ("try-catch-retry-inline", "
do:
- tryGetPet:
    try: [{getPet: {call: http, with: {method: get, endpoint: 'https://pets.example'}}}]
    catch:
      errors: {with: {type: https://serverlessworkflow.io/spec/1.0.0/errors/communication, status: 503}}
      retry: {delay: {seconds: 3}, backoff: {exponential: {}}, limit: {attempt: {count: 5}}}"),
        ("try-catch-retry-reusable", "
use: {retries: {default: {delay: {seconds: 3}, backoff: {exponential: {}}, limit: {attempt: {count: 5}}}}}
do:
- tryGetPet:
    try: [{getPet: {call: http, with: {method: get, endpoint: 'https://pets.example'}}}]
    catch: {errors: {with: {status: 503}}, retry: default}"),
        ("wait-duration-inline and iso8601", "
do:
- inline: {wait: {seconds: 30}}
- iso: {wait: PT30S}"),
        ("workflow timeout and use.timeouts", "
use: {timeouts: {brief: {after: PT5S}}}
timeout: {after: {minutes: 5}}
do:
- short: {wait: {seconds: 3}, timeout: brief}"),
        ("star-wars: export and context", "
input: {schema: {format: json, document: {type: object}}}
do:
- getStarWarsCharacter: {call: http, with: {method: get, endpoint: 'https://people.example/{id}', output: response}, export: {as: '{ homeworld: .content.homeworld }'}}
- getHomeworld: {call: http, with: {method: get, endpoint: '${ $context.homeworld }'}}"),
    ] {
        let text = format!("{HEAD}{rest}");
        if let Err(flaws) = read(&text) {
            panic!("{name}: {flaws:#?}");
        }
    }
}

#[test]
fn what_the_specification_has_and_we_have_not_is_named() {
    for (name, rest, said) in [
        (
            "call-asyncapi",
            "do:\n- a: {call: asyncapi, with: {document: {endpoint: 'https://x.example'}, operation: o}}",
            "`call: asyncapi` is not supported",
        ),
        (
            "call-grpc",
            "do:\n- a: {call: grpc, with: {proto: {endpoint: 'file://app/greet.proto'}, service: {name: G, host: h}, method: m}}",
            "`call: grpc` is not supported",
        ),
        (
            "call-openapi",
            "do:\n- a: {call: openapi, with: {document: {endpoint: 'https://x.example'}, operationId: o}}",
            "`call: openapi` is not supported",
        ),
        ("call-a2a", "do:\n- a: {call: a2a, with: {method: tasks/get}}", "`call: a2a` is not supported"),
        (
            "call-custom-function-cataloged",
            "do:\n- log: {call: 'log:0.5.2@global', with: {message: hi}}",
            "the function `log:0.5.2@global`",
        ),
        (
            "call-custom-function-inline",
            "use: {functions: {f: {set: {a: 1}}}}\ndo:\n- a: {set: {b: 1}}",
            "`functions` is not supported",
        ),
        (
            "call-mcp",
            "do:\n- a: {call: mcp, with: {method: tools/call, parameters: {name: n}, transport: {http: {endpoint: 'https://x.example'}}}}",
            "`transport` is not supported",
        ),
        (
            "call-http-redirect",
            "do:\n- a: {call: http, with: {method: get, endpoint: 'https://x.example', redirect: true}}",
            "`redirect` is not supported",
        ),
        (
            "authentication-bearer",
            "do:\n- a: {call: http, with: {method: get, endpoint: {uri: 'https://x.example', authentication: {bearer: {token: t}}}}}",
            "`authentication` is not supported",
        ),
        (
            "authentication-reusable",
            "use: {authentications: {sample: {basic: {username: u, password: p}}}}\ndo:\n- a: {set: {b: 1}}",
            "`authentications` is not supported",
        ),
        (
            "authentication-oauth2-secret",
            "use: {secrets: [mySecret]}\ndo:\n- a: {set: {b: 1}}",
            "`secrets` is not supported",
        ),
        (
            "listen-to-any-until-condition",
            "do:\n- a: {listen: {to: {any: [{with: {type: t}}], until: '( . | length ) == 3'}}}",
            "`until` is not supported",
        ),
        (
            "listen-to-any-until-consumed",
            "do:\n- a: {listen: {to: {any: [{with: {type: t}}], until: {one: {with: {type: u}}}}}}",
            "`until` is not supported",
        ),
        (
            "listen-to-any-forever-foreach",
            "do:\n- a: {listen: {to: {any: []}}, foreach: {item: event, do: [{b: {set: {c: 1}}}]}}",
            "`foreach` of `listen` is not supported",
        ),
        (
            "listen-to-any-filter without filters",
            "do:\n- a: {listen: {to: {any: []}}}",
            "listening for every event is not supported",
        ),
        ("listen raw", "do:\n- a: {listen: {to: {one: {with: {type: t}}}, read: raw}}", "`read: raw` is not supported"),
        (
            "accumulate-room-readings",
            "do:\n- a: {listen: {to: {all: [{with: {type: t}, correlate: {roomId: {from: .roomid}}}]}}}",
            "a correlation without `expect` is not supported",
        ),
        ("run-container", "do:\n- a: {run: {container: {image: fake-image}}}", "`container` is not supported"),
        ("run-script", "do:\n- a: {run: {script: {language: javascript, code: x}}}", "`script` is not supported"),
        ("run-shell", "do:\n- a: {run: {shell: {command: 'echo'}}}", "`shell` is not supported"),
        (
            "run-return-all",
            "do:\n- a: {run: {workflow: {namespace: n, name: x, version: '1.0.0'}, return: all}}",
            "`return` is not supported",
        ),
        (
            "mock-service-extension",
            "use: {extensions: [{mock: {extend: http, before: []}}]}\ndo:\n- a: {set: {b: 1}}",
            "`extensions` is not supported",
        ),
        (
            "catalogs",
            "use: {catalogs: {global: {endpoint: 'https://x.example'}}}\ndo:\n- a: {set: {b: 1}}",
            "`catalogs` is not supported",
        ),
        ("schedule-after", "schedule: {after: {seconds: 30}}\ndo:\n- a: {set: {b: 1}}", "`after` is not supported"),
        (
            "schedule on all",
            "schedule: {on: {all: [{with: {type: t}}]}}\ndo:\n- a: {set: {b: 1}}",
            "`all` is not supported",
        ),
        (
            "external schema",
            "input: {schema: {resource: {endpoint: 'https://x.example'}}}\ndo:\n- a: {set: {b: 1}}",
            "`resource` is not supported",
        ),
        (
            "task input schema",
            "do:\n- a: {set: {b: 1}, input: {schema: {document: {type: object}}}}",
            "`schema` is not supported",
        ),
        ("another DSL", "evaluate: {language: cel}\ndo:\n- a: {set: {b: 1}}", "`evaluate` is not supported"),
        (
            "connector",
            "do:\n- a: {call: slack.post_message, with: {text: t}}",
            "the connector call `slack.post_message` is not supported",
        ),
        (
            "until in schedule",
            "schedule: {on: {any: [{with: {type: t}}], until: x}}\ndo:\n- a: {set: {b: 1}}",
            "`until` is not supported",
        ),
    ] {
        let flaws = flaws(rest);
        assert!(flaws.iter().any(|flaw| flaw.problem.contains(said)), "{name}: {flaws:#?}");
    }
}

#[test]
fn the_specifications_invalid_documents_are_refused() {
    for (name, rest, said) in [
        ("two-tasks-in-one-item", "do:\n- one: {set: {a: 1}}\n  two: {set: {b: 1}}", "more than one key: `two`"),
        ("switch-missing-then", "do:\n- a: {switch: [{c: {when: .x}}]}", "`then` is missing"),
        (
            "extra-property-in-call",
            "do:\n- a: {call: http, foo: bar, with: {method: get, endpoint: 'https://x.example'}}",
            "there is no `foo` here",
        ),
        ("no do", "", "`do` is missing"),
        ("an old dsl", "do: {sequentially: []}", "a map stands here"),
    ] {
        let flaws = flaws(rest);
        assert!(flaws.iter().any(|flaw| flaw.problem.contains(said)), "{name}: {flaws:#?}");
    }
}

#[test]
fn every_flaw_is_told_at_once_with_its_line_and_what_would_be_right() {
    let text = "\
document:
  dsl: '1.0.0'
  namespace: test
  name: Bad Name
  version: 1.0
timout: {after: PT1H}
do:
  - first:
      call: mcp
      with:
        server: ghl
        tol: get_contact
      then: thrid
  - second:
      set: {a: '${ .a | foo }', b: 'Hi ${ .name }'}
      if: $ctx.ok
  - third:
      wait: {day: 3}
";
    let found: Vec<(usize, usize, String, String, String)> = read(text)
        .expect_err("flaws")
        .into_iter()
        .map(|flaw| (flaw.mark.line, flaw.mark.column, flaw.pointer, flaw.problem, flaw.expected))
        .collect();
    let expected = [
        (4, 9, "/document/name", "`Bad Name` is no name", "lower-case letters"),
        (5, 12, "/document/version", "a number stands here, without quotes", "in quotes"),
        (6, 1, "/timout", "there is no `timout` here", "did you mean `timeout`?"),
        (11, 9, "/do/0/first/with", "`tool` is missing", "the name of a tool"),
        (12, 9, "/do/0/first/with/tol", "there is no `tol` here", "did you mean `tool`?"),
        (15, 16, "/do/1/second/set/a", "there is no function `foo`", "a function of jq"),
        (
            15,
            36,
            "/do/1/second/set/b",
            "an expression stands in the middle of a text",
            "one `${ … }` around everything",
        ),
        (16, 11, "/do/1/second/if", "there is no variable `$ctx` here", "`$context`"),
        (18, 14, "/do/2/third/wait/day", "there is no `day` here", "did you mean `days`?"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1, found.2.as_str()), (expected.0, expected.1, expected.2), "{found:?}");
        assert!(found.3.contains(expected.3), "{found:?}");
        assert!(found.4.contains(expected.4), "{found:?}");
    }
}

#[test]
fn what_cannot_work_is_refused_beyond_its_shape() {
    for (rest, said, expected) in [
        ("do:\n- a: {set: {x: 1}, then: bb}\n- b: {set: {x: 1}}", "no task `bb` in this list", ""),
        ("do:\n- a: {set: {x: 1}, then: thrid}\n- third: {set: {x: 1}}", "no task `thrid`", "did you mean `third`?"),
        ("do:\n- a: {set: {x: 1}}\n- a: {set: {x: 2}}", "two tasks `a`", ""),
        ("do:\n- a: {set: {x: 1}, then: end}\n- b: {set: {x: 2}}", "`b` is never come to", ""),
        (
            "do:\n- a: {switch: [{c: {when: .x, then: c}}, {d: {then: end}}]}\n- b: {set: {x: 2}}\n- c: {set: {x: 2}}",
            "`b` is never come to",
            "",
        ),
        (
            "do:\n- a: {raise: {error: {type: 'https://x.example', status: 400}}}\n- b: {set: {x: 2}}",
            "`b` is never come to",
            "",
        ),
        ("do:\n- a: {switch: [{c: {then: nowhere}}]}", "no task `nowhere`", ""),
        ("do:\n- a: {switch: [{c: {then: end}}, {d: {then: end}}]}", "a default already", ""),
        (
            "do:\n- a: {fork: {branches: [{b: {set: {x: 1}, then: c}}, {c: {set: {x: 1}}}]}}",
            "a branch cannot lead to `c`",
            "",
        ),
        ("do:\n- a: {try: [{b: {set: {x: 1}}}], catch: {}}", "the catch has no effect", ""),
        (
            "do:\n- a: {try: [{b: {set: {x: 1}}}], catch: {retry: defualt}}\nuse: {retries: {default: {delay: PT1S, limit: {attempt: {count: 2}}}}}",
            "no `defualt`",
            "did you mean `default`?",
        ),
        ("do:\n- a: {try: [{b: {set: {x: 1}}}], catch: {retry: every now and then}}", "is no preset", ""),
        ("do:\n- a: {try: [{b: {set: {x: 1}}}], catch: {retry: {delay: PT1S}}}", "the retries have no end", ""),
        ("do:\n- a: {wait: {seconds: 3}, timeout: brief}", "`use.timeouts` has no `brief`", ""),
        ("do:\n- a: {raise: {error: unknown}}", "`use.errors` has no `unknown`", ""),
        ("do:\n- a: {wait: P1M}", "`P1M` is no span", "months differ"),
        ("do:\n- a: {wait: soon}", "`soon` is no span", ""),
        ("do:\n- a: {wait: {days: 5000}}", "the span is too long", ""),
        ("schedule: {cron: '61 * * * *'}\ndo:\n- a: {set: {x: 1}}", "`61`", ""),
        ("schedule: {every: PT1S}\ndo:\n- a: {set: {x: 1}}", "the span is too short", ""),
        (
            "schedule: {on: {one: {with: {type: a}, correlate: {}}}}\ndo:\n- a: {set: {x: 1}}",
            "`correlate` is not supported",
            "",
        ),
        (
            "schedule: {on: {one: {with: {data: '${ $context.x }'}}}}\ndo:\n- a: {set: {x: 1}}",
            "no variable `$context` here",
            "",
        ),
        ("do:\n- a: {set: {x: '${ $secrets.key }'}}", "no variable `$secrets`", ""),
        ("do:\n- a: {for: {each: contact, in: .x}, do: [{b: {set: {y: '${ $item }'}}}]}", "no variable `$item`", ""),
        ("do:\n- a: {for: {each: input, in: .x}, do: [{b: {set: {y: 1}}}]}", "`$input` means something else", ""),
        ("do:\n- a: {call: mcp, with: {server: '${ .s }', tool: t}}", "is no name", "fixed name"),
        ("do:\n- a: {call: http, with: {method: fetch, endpoint: 'https://x.example'}}", "no method `FETCH`", ""),
        ("do:\n- a: {call: http, with: {method: get, endpoint: 'ftp://x.example'}}", "no address of HTTP", ""),
        ("do:\n- a: {call: http, with: {method: get, endpoint: 'https://x.example/{?q}'}}", "more than a name", ""),
        ("do:\n- a: {call: htttp, with: {}}", "no call `htttp`", "did you mean `http`?"),
        ("do:\n- a: {cal: mcp, with: {}}", "no task `cal`", "did you mean `call`?"),
        ("do:\n- a: {if: .x}", "does not say what is done", ""),
        ("do:\n- a: {set: {x: 1}, wait: PT1S}", "both `set` and `wait`", ""),
        ("do: []", "there is no task", ""),
        ("do:\n- a: {set: {x: 1}, metadata: {compensate: [{b: {cal: x}}]}}", "no task `cal`", ""),
        ("document: x\ndo: []", "stands here twice", ""),
    ] {
        let flaws = flaws(rest);
        let fits = |flaw: &Flaw| flaw.problem.contains(said) && flaw.expected.contains(expected);
        assert!(flaws.iter().any(fits), "{rest}: {flaws:#?}");
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    let workflow = workflow(
        "
schedule:
  every: PT15M
  on: {any: [{with: {type: 'Contact*', data: '${ .id == \"c1\" }', subject: s1}}]}
do:
- try:
    try: [{tool: {call: mcp, with: {server: ghl, tool: get_contact, arguments: {contact: '${ .id }'}}}}]
    catch: {as: problem, when: $problem.status == 429, retry: 'every 30 min, 3 times'}
    then: exit
    metadata: {note: '${ \"read \\(.id)\" }'}
",
    );
    let [Trigger::Every(Span::Fixed(every)), Trigger::Event(filter)] = workflow.triggers.as_slice() else {
        panic!("{:?}", workflow.triggers)
    };
    assert_eq!(*every, Duration::from_secs(900));
    assert_eq!(filter.kind.as_deref(), Some("Contact*"));
    let condition = filter.condition.as_ref().expect("condition");
    for (event, holds) in [
        (json!({"data": {"id": "c1"}, "subject": "s1"}), true),
        (json!({"data": {"id": "c2"}, "subject": "s1"}), false),
        (json!({"data": {"id": "c1"}}), false),
    ] {
        assert_eq!(condition.holds(Scope { dot: &event, bound: &[] }).expect("holds"), holds, "{event}");
    }
    let task = &workflow.tasks[0];
    assert_eq!((task.name.as_str(), task.pointer.0.as_str(), &task.then), ("try", "/do/0/try", &Flow::Exit));
    let TaskKind::Try(tried) = &task.kind else { panic!("{task:?}") };
    assert_eq!(tried.tasks[0].pointer.0, "/do/0/try/try/0/tool");
    let retry = tried.catch.retry.as_ref().expect("retry");
    assert_eq!((&retry.backoff, retry.attempts_max), (&Backoff::Constant(Duration::from_secs(1_800)), Some(3)));
    let TaskKind::Call(Call::Tool { arguments, .. }) = &tried.tasks[0].kind else { panic!("{tried:?}") };
    let dot = json!({"id": 7});
    assert_eq!(arguments.render(Scope { dot: &dot, bound: &[] }).expect("arguments"), json!({"contact": 7}));
}

#[test]
fn uri_templates_are_filled_in_and_escaped() {
    let kind = only_task("do:\n- a: {call: http, with: {method: get, endpoint: 'https://x.example/{a.b}?q={q}'}}");
    let TaskKind::Call(Call::Http(call)) = kind else { panic!("{kind:?}") };
    let dot = json!({"a": {"b": "x/y"}, "q": 5});
    let uri = call.endpoint.render(Scope { dot: &dot, bound: &[] }).expect("uri");
    assert_eq!(uri, json!("https://x.example/x%2Fy?q=5"));
}

#[test]
fn correlations_keep_their_order_and_spans_may_be_computed() {
    let kind = only_task(
        "do:\n- a: {listen: {to: {one: {with: {type: t}, correlate: {z: {from: .data.z, expect: '${ .z }'}, a: {from: .data.a, expect: x}}}}}}",
    );
    let TaskKind::Listen(listen) = kind else { panic!("{kind:?}") };
    let ListenTo::One(filter) = listen.to else { panic!("{listen:?}") };
    let names: Vec<&str> = filter.correlate.iter().map(|correlation| correlation.name.as_str()).collect();
    assert_eq!(names, ["z", "a"]);
    assert!(matches!(only_task("do:\n- a: {wait: '${ .patience }'}"), TaskKind::Wait(Span::Computed(_))));
    assert!(matches!(only_task("do:\n- a: {wait: {days: '${ .days }'}}"), TaskKind::Wait(Span::Computed(_))));
}

#[test]
fn a_fault_within_a_list_stands_where_it_stands() {
    let flaws = flaws("do:\n- a:\n    set:\n      list:\n        - fine\n        - ${ .a + }\n");
    assert_eq!(flaws.len(), 1, "{flaws:#?}");
    assert_eq!((flaws[0].mark, flaws[0].pointer.as_str()), (Mark { line: 7, column: 11 }, "/do/0/a/set/list/1"));
}

mod random {
    //! Definitions that nobody wrote: whatever they are, reading ends and says where.

    use super::{HEAD, read};
    use crate::workflow::as_json;
    use crate::workflow::ready::READY;

    /// Small and the same everywhere: xorshift (Marsaglia 2003).
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 11).unwrap_or(0) % most.max(1)
        }
    }

    fn holds_for(text: &str) {
        match read(text) {
            Ok(workflow) => {
                let printed = as_json(text).expect("what is read is yaml").to_string();
                assert_eq!(read(&printed).as_ref(), Ok(&workflow), "{text}");
            }
            Err(flaws) => {
                let lines = text.lines().count() + 1;
                assert!(!flaws.is_empty(), "{text}");
                assert!(flaws.iter().all(|flaw| (1..=lines).contains(&flaw.mark.line)), "{text}: {flaws:#?}");
            }
        }
    }

    #[test]
    fn mutilated_definitions_never_break_the_reader() {
        let pieces = [
            "${ . }",
            "${",
            "}",
            "{",
            "[",
            "]",
            ":",
            "- ",
            "\n",
            "  ",
            "&a ",
            "*a",
            "!!str ",
            "|",
            ">",
            "'",
            "\"",
            "#",
            "? ",
            "~",
            "null",
            "1e999",
            "\u{feff}",
            "\u{1f600}",
            "\t",
            "\0",
            "%YAML 1.2\n",
            "---\n",
            "...\n",
            "<<",
            "do:",
            "then: end",
            "call: mcp",
            "wait: PT1S",
            "set:",
            "try:",
            "$x",
            "\\(",
            "for:",
            "in: .a",
            "as:",
            "0x",
            ".inf",
        ];
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        for round in 0..3_000 {
            let mut text: Vec<char> = READY[round % READY.len()].text.chars().collect();
            for _ in 0..=chance.below(4) {
                let at = chance.below(text.len());
                match chance.below(4) {
                    0 => drop(text.drain(at..(at + chance.below(30)).min(text.len()))),
                    1 => {
                        let piece: Vec<char> = pieces[chance.below(pieces.len())].chars().collect();
                        text.splice(at..at, piece);
                    }
                    2 => {
                        let until = (at + chance.below(60)).min(text.len());
                        let copy = text[at..until].to_vec();
                        let to = chance.below(text.len());
                        text.splice(to..to, copy);
                    }
                    _ => text.truncate(at.max(1)),
                }
            }
            holds_for(&text.into_iter().collect::<String>());
        }
    }

    #[test]
    fn random_definitions_never_break_the_reader() {
        let words = [
            "do",
            "- a",
            "- b",
            "call",
            "mcp",
            "http",
            "with",
            "set",
            "{x: 1}",
            "wait",
            "PT1S",
            "for",
            "in",
            "each",
            ".a",
            "try",
            "catch",
            "retry",
            "fork",
            "branches",
            "listen",
            "to",
            "one",
            "any",
            "type",
            "switch",
            "when",
            "then",
            "end",
            "run",
            "workflow",
            "name",
            "emit",
            "event",
            "raise",
            "error",
            "status",
            "400",
            "metadata",
            "note",
            "compensate",
            "use",
            "timeouts",
            "after",
            "output",
            "as",
            "'${ .x }'",
            "[]",
            "{}",
            "''",
            "if",
            "schedule",
            "cron",
            "'* * * * *'",
        ];
        let mut chance = Chance(0x1234_5678_9abc_def1);
        for _ in 0..3_000 {
            let mut text = HEAD.to_owned();
            for _ in 0..chance.below(14) {
                text.push_str(&"  ".repeat(chance.below(6)));
                text.push_str(words[chance.below(words.len())]);
                text.push_str([":", ": ", "", " : "][chance.below(4)]);
                if chance.below(3) == 0 {
                    text.push_str(words[chance.below(words.len())]);
                }
                text.push('\n');
            }
            holds_for(&text);
        }
    }
}
