//! Secrets planted wherever one can enter the product, and the search for them wherever one could leave it. Real
//! programs, everything logged, calls that succeed and calls that fail, a vendor that repeats what it is shown. Run with
//! `--nocapture` for the table.
#![cfg(all(test, target_os = "linux"))]

mod callers;
mod dumps;
mod login;
mod refused;
mod scene;
mod seeds;
mod vendor;
mod webhooks;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt as _;

use tests::planted::Planted;

use callers::Callers;
use scene::Scene;
use seeds::{Seeds, sha256};
use vendor::Vendor;
use webhooks::Webhooks;

const GYM: &str = "XTfrnnXMW0JsMYckhMRY";
const DENTAL: &str = "RtzBzEQ3Hh0tAFjfNGAq";

/// The emulator's app.
const APP: mcp_ghl::sandbox::DemoApp = mcp_ghl::sandbox::DEMO_APP;

/// What the operator hands over.
struct Given {
    settings: String,
    secret: String,
    pits: [String; 3],
    callers: Callers,
    webhooks: Webhooks,
}

impl Given {
    fn plant(seeds: &mut Seeds) -> Self {
        let pits = [
            seeds.plain("token of a location in the settings"),
            seeds.plain("token in the settings that the vendor refuses"),
            seeds.plain("token of an agency in the settings"),
        ];
        let secret = seeds.plain("client secret in the settings");
        let (callers, webhooks) = (Callers::plant(seeds), Webhooks::plant(seeds));
        Self { settings: String::new(), secret, pits, callers, webhooks }
    }

    /// What the emulator knows in place of what is planted.
    fn disguises(&self) -> Vec<(String, String)> {
        vec![
            (self.pits[0].clone(), "pit-demo-gym".to_owned()),
            (self.pits[2].clone(), mcp_ghl::sandbox::AGENCY_TOKEN.to_owned()),
            (self.secret.clone(), APP.client_secret.to_owned()),
        ]
    }

    fn write(&mut self, vendor: &Vendor) {
        let [gym, dental, agency] = &self.pits;
        let (address, id, secret) = (vendor.address, APP.client_id, &self.secret);
        let (admin, viewer) = (sha256(&self.callers.admin), sha256(&self.callers.viewer));
        self.settings = format!(
            "[log]\nlevel = 'trace'\n[secrets]\nkey = 'passphrase-fd:3'\n[http]\negress_allow = ['127.0.0.1']\n\
             [auth]\n[[auth.tokens]]\nsubject = 'one'\nsha256 = '{admin}'\ntenant = 'local'\nrole = 'admin'\n\
             [[auth.tokens]]\nsubject = 'two'\nsha256 = '{viewer}'\ntenant = 'local'\nrole = 'viewer'\n\
             [ghl]\nbase_url = 'http://{address}'\n\
             [ghl.oauth]\nclient_id = '{id}'\nclient_secret = '{secret}'\n\
             authorize_url = 'http://{address}/v2/oauth/chooselocation'\n\
             [[ghl.connections]]\ntenant = 'local'\ntoken = '{gym}'\nlocation_id = '{GYM}'\n\
             [[ghl.connections]]\ntenant = 'local'\ntoken = '{dental}'\nlocation_id = '{DENTAL}'\n\
             [[ghl.connections]]\ntenant = 'local'\ntoken = '{agency}'\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_planted_secret_is_found_anywhere() {
    let (mut scene, mut seeds) = (Scene::new(), Seeds::default());
    let mut given = Given::plant(&mut seeds);
    let vendor = Vendor::open(given.disguises()).await;
    given.write(&vendor);
    let of_ghl = scene.give("ghl.toml", &given.settings);
    let settings = scene.give("settings.toml", &(given.settings.clone() + &given.webhooks.settings()));
    scene.give("passphrase", &format!("{}\n", seeds.awkward("passphrase of the vault")));

    refused::configurations(&mut scene, &mut seeds, &given.settings).await;
    kept(&mut scene, &mut seeds, &settings).await;
    given.webhooks.keep(&mut scene, &settings).await;
    login::attempts(&mut scene, &mut seeds, &vendor, &given.settings).await;
    let (mut server, address) = scene.serve("luminar", &settings).await;
    given.webhooks.send(&mut scene, address).await;
    given.webhooks.follow(&mut scene, &vendor, (address, &given.callers.admin)).await;
    given.callers.call(&mut scene, &vendor, address).await;
    callers::over_stdio(&mut scene, &of_ghl, &vendor).await;
    for words in [
        ["doctor"].as_slice(),
        &["secrets", "status"],
        &["secrets", "list"],
        &["audit", "verify"],
        &["backup", "backup.jsonl"],
        &["approvals", "list"],
    ] {
        let command = scene.command("luminar", &settings, words);
        let (is_success, said) = scene.run(command, "").await;
        assert!(is_success || words == ["doctor"], "{words:?}: {said}");
    }
    seeds.minted(&vendor);
    let shown = given.pits.iter().chain([&given.secret]).chain(seeds.all.iter().map(|seed| &seed.value));
    assert!(shown.filter(|value| vendor.was_shown(value)).count() > 8, "the secrets were used");
    let planted = Planted::of(seeds.all.iter().map(|seed| seed.value.clone()).collect());
    let memory = dumps::in_memory(&planted, server.id().unwrap());
    dumps::abort(&mut server).await;

    let found = scene.search(&planted);
    let mut table = format!(
        "\n| place ({} secrets planted) | bytes searched | occurrences |\n| --- | ---: | ---: |\n",
        seeds.all.len()
    );
    for (place, (bytes, findings)) in &found {
        let _ = writeln!(table, "| {place} | {bytes} | {} |", findings.len());
    }
    let cores = dumps::cores(&scene.path("work"));
    let _ = writeln!(table, "| core dumps after SIGABRT, allowed by the parent | - | {cores} files |");
    println!("{table}\nplanted, and how often a running server held it for whoever may trace it:");
    for (number, seed) in seeds.all.iter().enumerate() {
        println!("{:>4}  {}", memory.get(&number).unwrap_or(&0), seed.name);
    }
    assert!(seeds.all.len() >= 20, "{}", seeds.all.len());
    assert!(found.values().all(|(bytes, _)| *bytes > 0), "everything was there to be searched");
    // Where each lies, once.
    let leaks: BTreeSet<String> = found
        .values()
        .flat_map(|(_, findings)| findings)
        .map(|finding| format!("{} as {:?} in {}", seeds.all[finding.value].name, finding.form, place(&finding.place)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert_eq!(cores, 0);
}

/// A file by its name alone.
fn place(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}

/// Values that somebody keeps in the vault.
async fn kept(scene: &mut Scene, seeds: &mut Seeds, settings: &std::path::Path) {
    for name in ["plain", "awkward"] {
        let what = format!("`secrets set`, {name}");
        let value = if name == "plain" { seeds.plain(&what) } else { seeds.awkward(&what) };
        let command = scene.command("luminar", settings, &["secrets", "set", name]);
        let (is_success, said) = scene.run(command, &value).await;
        assert!(is_success, "{said}");
    }
}

/// What is written down on purpose is found, in each place and in the forms that programs write: the search can fail.
#[tokio::test]
async fn a_secret_that_is_written_down_is_found_in_every_place() {
    use base64::Engine as _;
    let (mut scene, mut seeds) = (Scene::new(), Seeds::default());
    let value = seeds.awkward("a secret");
    let planted = Planted::of(vec![value.clone()]);
    let forms = [
        value.clone(),
        serde_json::to_string(&value).unwrap(),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        base64::engine::general_purpose::STANDARD.encode(format!("user:{value}")),
        hex::encode(&value),
    ];
    for form in &forms {
        for place in [scene::OUTPUT, scene::LOGS, scene::ANSWERS, scene::LISTING, scene::FIGURES] {
            scene.note(place, format!("around {form} it"));
        }
    }
    std::fs::write(scene.path("data/luminar.db-wal"), forms.join(" ")).unwrap();
    std::fs::write(scene.path("work/core"), forms.join(" ")).unwrap();
    std::fs::write(scene.path("logs/err"), forms.join(" ")).unwrap();
    // Everything that a machine shows of a process that was handed a secret as an argument.
    let mut holder = std::process::Command::new("sleep").arg("60").arg0(&value).spawn().unwrap();
    scene.list_processes();
    holder.kill().unwrap();
    holder.wait().unwrap();
    for (place, (_, findings)) in scene.search(&planted) {
        assert!(findings.len() >= forms.len(), "{place}: {findings:?}");
    }
}
