//! A tool of each access class; each does nothing but count.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use common::error::Result;
use common::tool::{Access, Call, Cost, Plan, Registry, Tool, Tools};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The world that the tools act on.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Every note that something was done with, in order.
    effects: Mutex<Vec<String>>,
    /// What a plan depends on besides its arguments: whom a name means.
    pub(crate) revision: AtomicU32,
    /// Whether everything that is handled is destroyed by now.
    pub(crate) is_turned: AtomicBool,
    /// How often a plan was asked for.
    pub(crate) plans: AtomicU32,
}

impl World {
    /// How often something was done with a note.
    pub(crate) fn effects(&self, note: &str) -> usize {
        self.effects.lock().unwrap().iter().filter(|done| *done == note).count()
    }

    fn affect(&self, args: Args) -> Done {
        self.effects.lock().unwrap().push(args.note.clone());
        Done { note: args.note }
    }

    fn plan(&self, verb: &str, args: &Args) -> Plan {
        self.plans.fetch_add(1, Ordering::SeqCst);
        let revision = self.revision.load(Ordering::SeqCst);
        Plan {
            summary: format!("{verb} `{}` as it was in revision {revision}", args.note),
            targets: vec!["Anna Weber".to_owned()],
            count: args.people,
            is_reversible: false,
            cost: args.amount_minor.map(|amount_minor| Cost { amount_minor, currency: "USD".to_owned() }),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Which note.
    note: String,
    /// How many people it reaches.
    #[serde(default = "one")]
    people: u32,
    /// What it costs.
    amount_minor: Option<i64>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Done {
    /// Which note.
    note: String,
}

macro_rules! tool {
    ($tool:ident, $name:literal, $access:ident) => {
        struct $tool;

        impl Tool for $tool {
            type Deps = World;
            type Args = Args;
            type Output = Done;
            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = "Does next to nothing.";
            const ACCESS: Access = Access::$access;
            const TOOLSET: &'static str = "notes";

            async fn plan(world: &World, _call: &Call, args: &Args) -> Result<Plan> {
                Ok(world.plan($name, args))
            }

            async fn call(world: &World, _call: &Call, args: Args) -> Result<Done> {
                Ok(world.affect(args))
            }
        }
    };
}

tool!(GetNote, "get_note", Read);
tool!(UpdateNote, "update_note", Write);
tool!(SendNote, "send_note", Send);
tool!(DeleteNote, "delete_note", Destroy);
tool!(BuyNote, "buy_note", Spend);

/// Does what its note says first: `send …`, `destroy …`, `spend …`, and otherwise writes.
struct HandleNote;

impl Tool for HandleNote {
    type Deps = World;
    type Args = Args;
    type Output = Done;
    const NAME: &'static str = "handle_note";
    const TITLE: &'static str = "handle_note";
    const DESCRIPTION: &'static str = "Does next to nothing.";
    const ACCESS: Access = Access::Spend;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = "notes";

    async fn access_of(world: &World, _call: &Call, args: &Args) -> Result<Access> {
        let verb = args.note.split(' ').next().unwrap_or_default();
        let meant = if world.is_turned.load(Ordering::SeqCst) { "destroy" } else { verb };
        Ok(Access::parse(meant).unwrap_or(Access::Write))
    }

    async fn plan(world: &World, _call: &Call, args: &Args) -> Result<Plan> {
        Ok(world.plan("handle_note", args))
    }

    async fn call(world: &World, _call: &Call, args: Args) -> Result<Done> {
        Ok(world.affect(args))
    }
}

/// The tool of each class, with the class.
pub(crate) const TOOLS: [(Access, &str); 5] = [
    (Access::Read, "get_note"),
    (Access::Write, "update_note"),
    (Access::Send, "send_note"),
    (Access::Destroy, "delete_note"),
    (Access::Spend, "buy_note"),
];

pub(crate) fn registry(world: &Arc<World>) -> Registry {
    Tools::new(Arc::clone(world))
        .with::<GetNote>()
        .with::<UpdateNote>()
        .with::<SendNote>()
        .with::<DeleteNote>()
        .with::<BuyNote>()
        .with::<HandleNote>()
        .build()
}
