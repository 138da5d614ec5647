//! Every access class in every mode at every door.

use std::fmt::Write as _;

use common::plan::ApprovalMode;
use common::tool::Access;
use serde_json::json;
use tests::database::TestDatabase;

use crate::door::{Door, Inside};
use crate::person::Mood;
use crate::stage::{Stage, all_in};
use crate::tools::TOOLS;

const DONE: &str = "done at once";
const PLANNED: &str = "plan; named: done; again: conflict";
const ASKED: &str = "asked, no: permission_denied; asked, yes: done";
const WAITED: &str = "waits; named: waits; approved by another: done; again: conflict";

/// What has to happen in a cell.
fn wanted(access: Access, mode: ApprovalMode, door: Door) -> &'static str {
    match (access, mode) {
        (Access::Read, _) | (_, ApprovalMode::Auto) => DONE,
        (_, ApprovalMode::Plan) => PLANNED,
        (_, ApprovalMode::Ask) if door.asks() => ASKED,
        (_, ApprovalMode::Ask) => WAITED,
    }
}

/// One cell as it is lived through: a caller who tries everything that a model would, in order.
struct Cell<'a> {
    stage: &'a Stage,
    inside: &'a Inside,
    tool: &'a str,
    note: String,
}

impl Cell<'_> {
    /// One try, in words: whether somebody was asked, and what came of it.
    async fn attempt(&self, plan_id: Option<&str>, mood: Mood) -> (String, Option<String>) {
        let (asked, effects) = (self.inside.asked(), self.stage.world.effects(&self.note));
        let answer = self.inside.call(self.tool, json!({ "note": self.note }), plan_id, mood).await;
        let was_asked = self.inside.asked() > asked;
        let is_done = self.stage.world.effects(&self.note) > effects;
        assert_eq!(is_done, answer.code == "ok", "what happened and what was said are the same");
        let what = if is_done { "done".to_owned() } else { answer.code };
        let said = if mood == Mood::SaysYes { "yes" } else { "no" };
        (if was_asked { format!("asked, {said}: {what}") } else { what }, answer.plan_id)
    }

    async fn live(&self) -> String {
        let (first, plan_id) = self.attempt(None, Mood::SaysNo).await;
        let Some(plan_id) = plan_id else {
            return match first.as_str() {
                "done" => DONE.to_owned(),
                _ => format!("{first}; {}", self.attempt(None, Mood::SaysYes).await.0),
            };
        };
        assert_eq!((first.as_str(), self.stage.world.effects(&self.note)), ("approval_required", 0));
        let (named, _) = self.attempt(Some(&plan_id), Mood::SaysYes).await;
        if named == "done" {
            let (again, _) = self.attempt(Some(&plan_id), Mood::SaysYes).await;
            return format!("plan; named: done; again: {again}");
        }
        assert_eq!(named, "approval_required");
        self.inside.approve(self.stage, &plan_id).await;
        let (then, _) = self.attempt(Some(&plan_id), Mood::SaysYes).await;
        let (again, _) = self.attempt(Some(&plan_id), Mood::SaysYes).await;
        format!("waits; named: waits; approved by another: {then}; again: {again}")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_class_in_every_mode_at_every_door_is_as_specified() {
    let mut table = String::from("\n| class | mode | door | what happened |\n| --- | --- | --- | --- |\n");
    let mut wrong = Vec::new();
    for mode in [ApprovalMode::Ask, ApprovalMode::Plan, ApprovalMode::Auto] {
        let database = TestDatabase::sqlite();
        let mut stage = Stage::on(&database, all_in(mode));
        let address = stage.serve().await;
        for door in Door::ALL {
            let inside = door.open(&mut stage, address).await;
            for (access, tool) in TOOLS {
                let note = format!("{door} {}", access.as_str());
                let happened = Cell { stage: &stage, inside: &inside, tool, note }.live().await;
                let _ = writeln!(table, "| {:<7} | {:<4} | {door:<17} | {happened} |", access.as_str(), mode.as_str());
                if happened != wanted(access, mode, door) {
                    wrong.push(format!("{} {} {door}: {happened}", access.as_str(), mode.as_str()));
                }
            }
        }
    }
    println!("{table}");
    assert_eq!(wrong, Vec::<String>::new());
}
