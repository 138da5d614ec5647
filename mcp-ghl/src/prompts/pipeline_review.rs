//! Goes through a pipeline: what stands where, what has stopped, what to do next.

use schemars::JsonSchema;
use serde::Deserialize;

use super::blanks;
use super::job::Job;

pub(crate) struct PipelineReview;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Args {
    /// Location name or id; left out, the default one.
    location: Option<String>,
    /// Pipeline name; left out, all of them.
    pipeline: Option<String>,
    /// Whose deals, by name or email; left out, everybody's.
    owner: Option<String>,
    /// Days in one stage after which a deal has stopped, such as `14`.
    stale_days: Option<String>,
}

impl Job for PipelineReview {
    type Args = Args;

    const NAME: &'static str = "pipeline_review";
    const TITLE: &'static str = "Review a pipeline";
    const DESCRIPTION: &'static str =
        "What stands in each stage, which deals have stopped, and the next step for each.";

    fn location(args: &Args) -> Option<&str> {
        args.location.as_deref()
    }

    fn text(args: &Args, location: Option<&str>) -> String {
        let known = blanks::lines(
            &[
                ("location", location),
                ("pipeline", args.pipeline.as_deref()),
                ("owner", args.owner.as_deref()),
                ("a deal has stopped after days in one stage", args.stale_days.as_deref()),
            ],
            "every pipeline of the default location; a deal has stopped after 14 days in one stage",
        );
        format!(
            "Review the pipeline with me.\n\n{known}\n\n\
             1. Call `get_account_context`. If several locations could be meant, ask me which one.\n\
             2. Call `get_pipeline_board` for each pipeline that is meant: count and value of every stage, and the largest deals.\n\
             3. Call `search_opportunities` with `status` open and `stale_days`, by value, the owner if one is named. These have \
             stopped.\n\
             4. For the ten largest of them call `get_contact` with notes, and `search_conversations` with the contact: is it us \
             who owe an answer, or them? Read before you judge.\n\
             5. Propose one next step for each: answer, call, move on, or close as lost with a reason. Change nothing yet.\n\
             6. After my yes, and only for what I name: `move_opportunity` or `upsert_opportunity` for the stage and status, \
             `save_task` with owner and due day for what a colleague has to do, `send_message` for an answer.\n\
             7. Report: a table stage, deals, value; what has stopped and since when, each with its link; what was done; what \
             is open. Say which figures the tools did not give you; add up nothing that they did not return.\n\n{}",
            blanks::ALWAYS
        )
    }
}
