//! Runs the official suite and holds its verdicts against the baseline, strictly both ways.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tests::oracles;
use tokio::process::Command;

use crate::host::Host;

/// The longest that one revision may take; about 13 s on two idle cores.
const TIMEOUT: Duration = Duration::from_mins(4);

/// Scenarios of extensions that no revision's list of requirements names: skills (SEP-2640).
const EXTENSION_SCENARIOS: &[&str] =
    &["sep-2640-skills-directory", "sep-2640-skills-enumeration", "sep-2640-skills-manifest"];

/// What the suite thinks of one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passes,
    Fails,
    /// Every check was skipped: nothing was judged.
    Skips,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
            Self::Skips => "skips",
        })
    }
}

type Verdicts = BTreeMap<String, Verdict>;

/// Everything that one run found.
#[derive(Default)]
struct Judged {
    verdicts: Verdicts,
    complaints: Vec<String>,
    /// Checks that succeeded.
    checks: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    id: String,
    status: Status,
    error_message: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Success,
    Failure,
    Warning,
    Skipped,
    Info,
}

/// Judges the host by everything that a revision requires; `server` names the baseline's section.
pub(crate) async fn check(host: &Host, server: &str, revision: &str) {
    let output = tempfile::tempdir().expect("a temporary folder");
    let report = run(host, &["--requirements", revision], output.path()).await;
    for scenario in EXTENSION_SCENARIOS {
        run(host, &["--scenario", scenario, "--spec-version", revision, "--force"], output.path()).await;
    }
    host.check_health().await;
    let Judged { verdicts, complaints, checks } = read_verdicts(output.path());
    let required = required_scenarios(revision);
    let wanted = required.iter().map(String::as_str).chain(EXTENSION_SCENARIOS.iter().copied());
    let missing: Vec<_> = wanted.filter(|name| !verdicts.contains_key(*name)).collect();
    assert!(missing.is_empty(), "required scenarios that did not run: {missing:?}\n{report}");
    let expected = read_baseline(include_str!("baseline.txt"), server, revision);
    let excused: Vec<_> = required.iter().filter(|name| expected.contains_key(*name)).collect();
    assert!(excused.is_empty(), "the baseline may not excuse required scenarios: {excused:?}");
    let surprises = compare(&expected, &verdicts);
    assert!(surprises.is_empty(), "{revision}: {}\n{}", surprises.join("\n"), complaints.join("\n"));
    let passing = required.iter().filter(|name| verdicts.get(*name) == Some(&Verdict::Passes)).count();
    let all = verdicts.values().filter(|verdict| **verdict == Verdict::Passes).count();
    println!("{server}, {revision}: {passing} of {} required scenarios pass", required.len());
    println!("{server}, {revision}: {all} of all {} scenarios pass, {checks} checks", verdicts.len());
}

async fn run(host: &Host, selection: &[&str], output: &Path) -> String {
    let suite = oracles::folder().join("@modelcontextprotocol/conformance/dist/index.js");
    let mut command = Command::new(oracles::node());
    command.arg(suite).arg("server").args(selection).args(["--url", &host.url(), "-o"]).arg(output);
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let finished = tokio::time::timeout(TIMEOUT, running).await.expect("the suite ends in time").expect("node runs");
    let report = format!("{}{}", String::from_utf8_lossy(&finished.stdout), String::from_utf8_lossy(&finished.stderr));
    assert!(matches!(finished.status.code(), Some(0 | 1)), "the suite broke down: {}\n{report}", finished.status);
    report
}

/// One folder per scenario, named `server-<scenario>-<time>`, with its `checks.json`.
fn read_verdicts(output: &Path) -> Judged {
    let mut judged = Judged::default();
    for entry in output.read_dir().expect("the suite wrote its output").map(Result::unwrap) {
        let Ok(checks) = std::fs::read(entry.path().join("checks.json")) else { continue };
        let checks: Vec<Check> = serde_json::from_slice(&checks).expect("the checks are readable");
        let name = scenario_name(&entry.file_name().to_string_lossy());
        for check in checks.iter().filter(|check| matches!(check.status, Status::Failure | Status::Warning)) {
            let message = check.error_message.as_deref().unwrap_or_default();
            judged.complaints.push(format!("  {name} / {}: {:?} {message}", check.id, check.status));
        }
        judged.checks += checks.iter().filter(|check| check.status == Status::Success).count();
        judged.verdicts.insert(name, verdict(&checks));
    }
    judged
}

/// `server-tools-list-2026-11-20T08-00-00-000Z` is `tools-list`.
fn scenario_name(folder: &str) -> String {
    let name = folder.strip_prefix("server-").unwrap_or(folder);
    let end = name.len().saturating_sub("-2026-11-20T08-00-00-000Z".len());
    name[..end].to_owned()
}

fn verdict(checks: &[Check]) -> Verdict {
    let any = |status: &Status| checks.iter().any(|check| check.status == *status);
    if any(&Status::Failure) || any(&Status::Warning) {
        Verdict::Fails
    } else if any(&Status::Success) {
        Verdict::Passes
    } else {
        Verdict::Skips
    }
}

/// The scenarios under `server:` in the suite's own list of requirements.
fn required_scenarios(revision: &str) -> Vec<String> {
    let list = oracles::folder().join(format!("@modelcontextprotocol/conformance/requirements/{revision}.yaml"));
    let list = std::fs::read_to_string(list).expect("the suite knows the revision");
    let scenarios: Vec<String> = list
        .lines()
        .skip_while(|line| *line != "server:")
        .skip(1)
        .map_while(|line| line.strip_prefix("  - "))
        .map(|name| name.trim().to_owned())
        .collect();
    assert!(scenarios.len() >= 30, "the list of requirements has another form than expected");
    scenarios
}

/// Lines of `server revision scenario fails|skips reason`; `*` stands for every server.
fn read_baseline(baseline: &str, server: &str, revision: &str) -> Verdicts {
    let mut expected = Verdicts::new();
    for line in baseline.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let [of_server, of_revision, scenario, verdict] = std::array::from_fn(|_| words.next().unwrap_or_default());
        assert!(words.next().is_some(), "baseline line without a reason: {line}");
        let verdict = match verdict {
            "fails" => Verdict::Fails,
            "skips" => Verdict::Skips,
            _ => panic!("a baseline line says `fails` or `skips`: {line}"),
        };
        if (of_server == "*" || of_server == server) && of_revision == revision {
            expected.insert(scenario.to_owned(), verdict);
        }
    }
    expected
}

/// Every difference between what was expected and what happened, in both directions.
fn compare(expected: &Verdicts, verdicts: &Verdicts) -> Vec<String> {
    let unheard = expected.keys().filter(|name| !verdicts.contains_key(*name));
    let unheard = unheard.map(|name| format!("`{name}` is in the baseline but did not run"));
    let surprising = verdicts.iter().filter_map(|(name, found)| {
        let wanted = expected.get(name).copied().unwrap_or(Verdict::Passes);
        (*found != wanted).then(|| format!("`{name}` {found}, the baseline says that it {wanted}"))
    });
    unheard.chain(surprising).collect()
}

#[cfg(test)]
mod tests_of_the_judge {
    use super::{Verdict, Verdicts, compare, read_baseline, scenario_name};

    const BASELINE: &str = "# why\n* 2026-07-28 tasks-lifecycle fails no tasks\nghl 2025-11-25 other skips reason\n";

    fn one(name: &str, verdict: Verdict) -> Verdicts {
        [(name.to_owned(), verdict)].into()
    }

    #[test]
    fn baseline_lines_apply_to_their_server_and_revision() {
        assert_eq!(read_baseline(BASELINE, "ghl", "2026-07-28"), one("tasks-lifecycle", Verdict::Fails));
        assert_eq!(read_baseline(BASELINE, "ghl", "2025-11-25"), one("other", Verdict::Skips));
        assert!(read_baseline(BASELINE, "analytics", "2025-11-25").is_empty());
    }

    #[test]
    fn an_unexpected_failure_is_a_surprise() {
        assert_eq!(compare(&Verdicts::new(), &one("ping", Verdict::Fails)).len(), 1);
    }

    #[test]
    fn an_unexpected_pass_is_a_surprise() {
        assert_eq!(compare(&one("ping", Verdict::Fails), &one("ping", Verdict::Passes)).len(), 1);
    }

    #[test]
    fn a_scenario_that_did_not_run_is_a_surprise() {
        assert_eq!(compare(&one("ping", Verdict::Fails), &Verdicts::new()).len(), 1);
    }

    #[test]
    fn what_was_expected_is_no_surprise() {
        assert!(compare(&one("ping", Verdict::Skips), &one("ping", Verdict::Skips)).is_empty());
    }

    #[test]
    fn scenario_names_lose_their_prefix_and_time() {
        assert_eq!(
            scenario_name("server-sep-2164-resource-not-found-2026-11-20T08-00-00-000Z"),
            "sep-2164-resource-not-found"
        );
        assert_eq!(scenario_name("server-json-schema-2020-12-2026-11-20T08-00-00-000Z"), "json-schema-2020-12");
    }
}
