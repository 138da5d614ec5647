//! Random workflows and random inputs: outcomes in any order, twice, late, with persons who cancel, retry and skip.
//! Circles have tests of their own: they end at their limit, after thousands of steps.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::workflow::task::{Approval, Backoff, Case, Emit, For, Fork, Raise, RunWorkflow};

/// How many workflows are tried. A bug that needs more than that is found by more: the seed is in every message.
const SEEDS: u64 = 1_000;
/// Inputs for each.
const INPUTS: usize = 60;

/// Makes definitions.
struct Author {
    chance: fastrand::Rng,
    tasks: usize,
}

impl Author {
    fn block(&mut self, depth: usize) -> Block {
        let length = self.chance.usize(1..=3);
        let names: Vec<_> = (0..length).map(|index| format!("t{}", self.tasks + index)).collect();
        self.tasks += length;
        names.iter().map(|name| self.task(name, &names, depth)).collect()
    }

    fn task(&mut self, name: &str, names: &[String], depth: usize) -> Task {
        let kind = self.kind(depth);
        let is_last = names.last().is_some_and(|last| last == name);
        let mut made = task(name, kind).then(if is_last { Flow::Continue } else { self.flow(names) });
        if self.chance.u8(..) < 25 {
            made.timeout = Some(Span::Fixed(MINUTE));
        }
        if self.chance.u8(..) < 25 {
            made.when = Some(template(json!(self.chance.bool())));
        }
        if self.chance.u8(..) < 40 {
            made.compensate = Some(if depth > 1 { vec![call("undo")] } else { self.block(depth + 1) });
        }
        made
    }

    fn flow(&mut self, names: &[String]) -> Flow {
        match self.chance.u8(..) {
            0..=9 => Flow::End,
            10..=24 => Flow::Exit,
            25..=34 => Flow::Task(names[names.len() - 1].clone()),
            _ => Flow::Continue,
        }
    }

    fn kind(&mut self, depth: usize) -> TaskKind {
        let simple = depth > 2;
        match self.chance.u8(..if simple { 9 } else { 16 }) {
            0 => TaskKind::Set(template(json!({ "n": self.chance.u8(..) }))),
            1..=3 => call_with("send", json!({ "what": "${ . }", "n": self.chance.u8(..3) })).kind,
            4 => TaskKind::Wait(Span::Fixed(self.chance.u32(0..3) * MINUTE)),
            5 => TaskKind::Listen(Listen { to: self.to(), read: Read::Data }),
            6 => self.small(),
            7 => {
                TaskKind::Call(Call::Approval(Approval { summary: template(json!("?")), details: None, expires: None }))
            }
            8 => TaskKind::Emit(Emit { kind: template(json!("Done")), data: None, subject: None }),
            9 => TaskKind::Do(self.block(depth + 1)),
            10 | 11 => TaskKind::For(For {
                each: "item".to_owned(),
                at: "index".to_owned(),
                items: template(json!(vec![1; self.chance.usize(..4)])),
                going_on: None,
                tasks: self.block(depth + 1),
            }),
            12 | 13 => TaskKind::Fork(Fork { branches: self.block(depth + 1), competes: self.chance.bool() }),
            _ => TaskKind::Try(Try { tasks: self.block(depth + 1), catch: self.catch(depth) }),
        }
    }

    fn small(&mut self) -> TaskKind {
        match self.chance.u8(..4) {
            0 => TaskKind::Raise(Raise {
                kind: template(json!("urn:wrong")),
                status: template(json!(500)),
                title: None,
                detail: None,
            }),
            1 => TaskKind::Run(RunWorkflow {
                name: "other".to_owned(),
                version: None,
                input: None,
                awaits: self.chance.bool(),
            }),
            _ => TaskKind::Switch(vec![Case {
                name: "way".to_owned(),
                when: Some(template(json!(self.chance.bool()))),
                then: if self.chance.bool() { Flow::Exit } else { Flow::Continue },
            }]),
        }
    }

    fn to(&mut self) -> ListenTo {
        let filters = vec![event("A"), event("B")];
        match self.chance.u8(..3) {
            0 => ListenTo::One(event("A")),
            1 => ListenTo::Any(filters),
            _ => ListenTo::All(filters),
        }
    }

    fn catch(&mut self, depth: usize) -> Catch {
        let backoff = match self.chance.u8(..3) {
            0 => Backoff::Constant(SECOND),
            1 => Backoff::Exponential(SECOND),
            _ => Backoff::Schedule(vec![SECOND, MINUTE]),
        };
        let retry = self.chance.bool().then(|| RetryPolicy {
            attempt_duration: self.chance.bool().then_some(MINUTE),
            jitter: self.chance.bool().then_some((SECOND, MINUTE)),
            ..policy(backoff, Some(2))
        });
        Catch {
            when: (self.chance.u8(..) < 30).then(|| template(json!(false))),
            retry,
            tasks: self.chance.bool().then(|| self.block(depth + 1)),
            ..catch()
        }
    }
}

/// What an outside that makes no mistakes remembers of a run.
#[derive(Default)]
struct Outside {
    calls: BTreeSet<(StepId, u32)>,
    waits: BTreeMap<WaitId, &'static str>,
    over: Vec<Input>,
    known_calls: BTreeSet<(StepId, u32)>,
    known_waits: BTreeSet<WaitId>,
    keys: BTreeMap<String, Target>,
    has_ended: bool,
    has_failed: bool,
}

impl Outside {
    fn do_as_told(&mut self, commands: &[Command]) {
        for command in commands {
            assert!(!self.has_ended, "after its end a run wants {command:?}");
            match command {
                Command::Call(call) => {
                    let this = (call.step.clone(), call.attempt);
                    assert!(self.known_calls.insert(this.clone()), "the same attempt twice: {this:?}");
                    self.calls.insert(this);
                    let known = self.keys.entry(call.idempotency_key.clone()).or_insert_with(|| call.target.clone());
                    assert_eq!(*known, call.target, "two contents under one key");
                }
                Command::Abandon { step, attempt } => {
                    assert!(self.calls.remove(&(step.clone(), *attempt)), "abandoned what is not under way: {step:?}");
                }
                Command::Timer { wait, .. } => self.begin(wait, "timer"),
                Command::Listen { wait, .. } => self.begin(wait, "listen"),
                Command::Ask { wait, .. } => self.begin(wait, "ask"),
                Command::Child { wait, awaits: true, .. } => self.begin(wait, "child"),
                Command::Child { wait, awaits: false, .. } => assert!(self.known_waits.insert(wait.clone())),
                Command::Forget { wait } => {
                    assert!(self.waits.remove(wait).is_some(), "forgot what is not waited for: {wait:?}");
                }
                Command::Emit { .. } | Command::Note(_) => {}
                Command::End(ending) => {
                    self.has_ended = true;
                    self.has_failed = matches!(ending, Ending::Failed { .. });
                    assert!(self.calls.is_empty(), "ended with calls under way: {:?}", self.calls);
                    assert!(self.waits.is_empty(), "ended with waits: {:?}", self.waits);
                }
            }
        }
    }

    fn begin(&mut self, wait: &WaitId, kind: &'static str) {
        assert!(self.known_waits.insert(wait.clone()), "the same wait twice: {wait:?}");
        self.waits.insert(wait.clone(), kind);
    }

    /// Something that may happen, and whether the run waits for it.
    fn choose(&mut self, chance: &mut fastrand::Rng) -> (Input, bool) {
        let open = self.calls.len() + self.waits.len();
        let roll = chance.u8(..);
        if roll < 4 {
            return (Input::Cancel { reason: "enough".to_owned() }, !self.has_ended);
        }
        if self.has_failed && roll < 200 {
            let input = chance.bool().then(|| json!({ "edited": chance.u8(..3) }));
            let skip = Input::Skip { output: json!("skipped") };
            return (if roll < 40 { skip } else { Input::Retry { from: None, input } }, true);
        }
        if open == 0 || (roll < 60 && !self.over.is_empty()) {
            let late = (!self.over.is_empty()).then(|| self.over[chance.usize(..self.over.len())].clone());
            return (late.unwrap_or(Input::Due { wait: WaitId("w0".to_owned()) }), false);
        }
        let chosen = chance.usize(..open);
        let input = if let Some((step, attempt)) = self.calls.iter().nth(chosen).cloned() {
            Input::Called { step, attempt, outcome: outcome(chance) }
        } else {
            let (wait, kind) = self.waits.iter().nth(chosen - self.calls.len()).unwrap();
            over(wait.clone(), kind, chance)
        };
        if let Input::Called { step, attempt, .. } = &input {
            self.calls.remove(&(step.clone(), *attempt));
        }
        self.over.push(input.clone());
        (input, true)
    }
}

/// The end of a wait.
fn over(wait: WaitId, kind: &str, chance: &mut fastrand::Rng) -> Input {
    match kind {
        "timer" => Input::Due { wait },
        "listen" => Input::Event { wait, event: json!({ "type": "A", "data": chance.u8(..) }) },
        "ask" if chance.bool() => Input::Answered { wait, answer: Answer::Yes { by: "Ada".to_owned() } },
        "ask" => Input::Answered { wait, answer: Answer::Expired },
        _ => Input::ChildEnded { wait, outcome: outcome(chance) },
    }
}

#[expect(clippy::result_large_err, reason = "the form in which outcomes are fed back")]
fn outcome(chance: &mut fastrand::Rng) -> std::result::Result<Value, Failure> {
    if chance.u8(..) < 90 { Err(failure("no")) } else { Ok(json!({ "n": chance.u8(..) })) }
}

fn live_through(seed: u64) -> (usize, bool) {
    let mut author = Author { chance: fastrand::Rng::with_seed(seed), tasks: 0 };
    let tasks = author.block(0);
    let mut chance = author.chance;
    let mut run = Drive::new(workflow(tasks));
    let mut outside = Outside::default();
    run.begin(json!({ "seed": seed }));
    outside.do_as_told(&run.commands);
    for _ in 0..INPUTS {
        assert!(outside.has_ended || !outside.calls.is_empty() || !outside.waits.is_empty(), "it waits for nothing");
        let (input, matters) = outside.choose(&mut chance);
        let is_resumption = matches!(input, Input::Retry { .. } | Input::Skip { .. });
        let (before, done) = (run.state.clone(), run.commands.len());
        run.later(SECOND);
        match run.try_feed(input.clone()) {
            Ok(_) => {}
            Err(error) => {
                assert!(is_resumption, "{error:?}");
                assert_eq!(error.code(), common::error::ErrorCode::FailedPrecondition);
                continue;
            }
        }
        if !matters {
            assert_eq!(run.state, before, "{input:?} changed something");
            assert_eq!(run.commands.len(), done, "{input:?} led to something");
        }
        if is_resumption {
            outside.has_ended = false;
            outside.has_failed = false;
        }
        outside.do_as_told(&run.commands[done..]);
    }
    (run.commands.len(), outside.has_ended)
}

#[test]
fn whatever_comes_runs_keep_their_word() {
    let mut commands = 0;
    let mut ended = 0;
    for seed in 0..SEEDS {
        let lived = std::panic::catch_unwind(|| live_through(seed));
        let Ok((led_to, has_ended)) = lived else { panic!("seed {seed}") };
        commands += led_to;
        ended += usize::from(has_ended);
    }
    println!("{SEEDS} workflows, {commands} commands, {ended} ended");
    assert!(ended > 300, "{ended} ended: the inputs are too timid");
}
