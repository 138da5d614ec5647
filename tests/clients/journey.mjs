// What every TypeScript client does, as journey.py says of the Python ones. Its words are explained there.
//
// Arguments: the folder of the installed packages, and the mission.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const ANSWER_SHOWN_MAX = 600;
const APPROVAL_MS_MAX = 20_000;

const [folder, written] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/`));

/** A module of an installed package, wherever this script lies. */
export const load = (name) => import(pathToFileURL(require.resolve(name)));

/** Runs a client on the mission of the command line and prints the report. */
export async function run(name, visit) {
  const mission = { ...JSON.parse(written), protocol: null, questions: [], plans: [], steps: [] };
  let failure = null;
  try {
    await visit(mission);
  } catch (error) {
    console.error(error);
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  const { protocol, questions, plans, steps } = mission;
  const { version } = JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8"));
  console.log(JSON.stringify({ version, protocol, questions, plans, steps, failure }));
}

/** Makes every step of the journey with `call(tool, arguments)`. A refusal that the step does not expect ends it. */
export async function travel(mission, call) {
  const answers = {};
  for (const step of JSON.parse(readFileSync(mission.journey, "utf8"))) {
    const args = filled(step.arguments, answers);
    let answer = await call(step.tool, args);
    const plan = waitingPlan(answer);
    if (plan) {
      execFileSync(mission.approve[0], [...mission.approve.slice(1), plan], { stdio: "ignore", timeout: APPROVAL_MS_MAX });
      mission.plans.push(plan);
      answer = await call(step.tool, { ...args, approval_plan_id: plan });
    }
    answers[step.step] = answer;
    mission.steps.push({ step: step.step, answer });
    if (answer.error?.code !== step.fails_with) {
      throw new Error(`step \`${step.step}\`, ${step.tool}: ${JSON.stringify(answer).slice(0, ANSWER_SHOWN_MAX)}`);
    }
  }
}

/** The arguments with each `{step.path}` replaced by what that step's answer holds there. */
function filled(value, answers) {
  if (Array.isArray(value)) {
    return value.map((item) => filled(item, answers));
  }
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, answers)]));
  }
  if (typeof value === "string") {
    return value.replace(/\{([^}]+)\}/g, (_, path) => path.split(".").reduce((inside, part) => inside[part], answers));
  }
  return value;
}

/** The plan that a refused call waits for, as its refusal tells whoever reads it. */
function waitingPlan({ error }) {
  return error?.code === "approval_required" ? /pln_[0-9a-f-]{36}/.exec(error.hint)?.[0] : undefined;
}
