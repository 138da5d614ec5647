//! What people get wrong, and what they are told.

use super::flaws;
use crate::workflow::flaw::{Flaw, Mark};
use crate::workflow::read::read;

/// Everything but `document`, what is said of it, and what would be right.
const CANNOT_WORK: &[(&str, &str, &str)] = &[
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
];

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
    for (rest, said, expected) in CANNOT_WORK {
        let flaws = flaws(rest);
        let fits = |flaw: &Flaw| flaw.problem.contains(said) && flaw.expected.contains(expected);
        assert!(flaws.iter().any(fits), "{rest}: {flaws:#?}");
    }
}

#[test]
fn a_fault_within_a_list_stands_where_it_stands() {
    let flaws = flaws("do:\n- a:\n    set:\n      list:\n        - fine\n        - ${ .a + }\n");
    assert_eq!(flaws.len(), 1, "{flaws:#?}");
    assert_eq!((flaws[0].mark, flaws[0].pointer.as_str()), (Mark { line: 7, column: 11 }, "/do/0/a/set/list/1"));
}
