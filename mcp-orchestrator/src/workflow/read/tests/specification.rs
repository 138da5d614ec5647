//! Documents in the shapes of the specification's own examples (Serverless Workflow DSL 1.0.3, Apache-2.0, `examples/`),
//! in our own words.

use super::{HEAD, flaws};
use crate::workflow::read::read;

/// Their names there, and everything but `document`.
const WITHIN: &[(&str, &str)] = &[
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
    ];

/// Their names there, everything but `document`, and what is said of them.
const OUTSIDE: &[(&str, &str, &str)] = &[
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
        "task-level-catch-basic",
        "do:\n- a: {call: mcp, with: {server: s, tool: t}, catch: {as: e}}",
        "`catch` is not supported",
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
];

#[test]
fn the_examples_within_the_subset_are_read() {
    for (name, rest) in WITHIN {
        let text = format!("{HEAD}{rest}");
        if let Err(flaws) = read(&text) {
            panic!("{name}: {flaws:#?}");
        }
    }
}

#[test]
fn what_the_specification_has_and_we_have_not_is_named() {
    for (name, rest, said) in OUTSIDE {
        let flaws = flaws(rest);
        assert!(flaws.iter().any(|flaw| flaw.problem.contains(said)), "{name}: {flaws:#?}");
    }
}

#[test]
fn its_invalid_documents_are_refused() {
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
