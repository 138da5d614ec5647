//! The embedded catalogue says what the vendor's specifications say: no more, no less, nothing else.

use std::collections::BTreeSet;
use std::path::PathBuf;

use http::Method;
use mcp_ghl::catalogue::{Catalogue, Generation, Media, Operation, Place, Shape, Token, Version};
use serde_json::{Value, json};
use tests::oracles;

use crate::facts::{self, Facts};

/// The vendor's specifications, merged per generation; `None` where they are not there.
fn specifications() -> Option<PathBuf> {
    let root = oracles::workspace();
    let found = root.ancestors().skip(1).map(|folder| folder.join("shared/specs/ghl")).find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(!oracles::is_ci(), "../shared/specs/ghl is missing");
        println!(
            "skipped: ../shared/specs/ghl is missing; the vendor's specifications are not part of this repository"
        );
    }
    found
}

#[test]
fn the_embedded_files_are_what_the_vendors_files_make() {
    let Some(folder) = specifications() else { return };
    let made = Catalogue::files(vec![folder.join("ghl-v3.json"), folder.join("ghl-v2.json")]).unwrap();
    let embedded = Catalogue::embedded_files();
    assert!(made.keys().map(String::as_str).eq(embedded.keys().copied()), "a family has come or gone");
    for (name, text) in &made {
        let differing = text.lines().zip(embedded[name.as_str()].lines()).find(|(made, embedded)| made != embedded);
        assert_eq!(differing, None, "{name}: run catalogue-writer, and read what has changed");
        assert_eq!(text.len(), embedded[name.as_str()].len(), "{name}");
    }
}

#[test]
fn there_are_627_operations_of_v3_and_40_that_only_the_dated_versions_have() {
    let catalogue = Catalogue::embedded().unwrap();
    let newest = catalogue.operations().filter(|operation| operation.generation == Generation::V3).count();
    let ids: BTreeSet<String> = catalogue.operations().map(|operation| operation.id.to_ascii_lowercase()).collect();
    assert_eq!((newest, catalogue.operations().count() - newest, ids.len()), (627, 40, 667));
}

/// The repaired specifications judge: what they were repaired from, and how, is not ours.
#[test]
fn every_operation_says_what_the_vendor_says() {
    let Some(folder) = specifications() else { return };
    let [v3, v2] = ["ghl-v3.strict.json", "ghl-v2.strict.json"].map(|name| {
        let text = std::fs::read(folder.join(name)).expect("the repaired specification is there");
        serde_json::from_slice::<Value>(&text).expect("it is JSON")
    });
    let catalogue = Catalogue::embedded().unwrap();
    let mut judged = BTreeSet::new();
    let mut differences = Vec::new();
    for (specification, generation) in [(&v3, Generation::V3), (&v2, Generation::V2)] {
        for (method, path, official) in operations(specification) {
            let Some(ours) = catalogue.by_route(&method, path).filter(|ours| ours.path == path) else {
                differences.push(format!("{method} {path} is missing"));
                continue;
            };
            if ours.generation == generation {
                judged.insert(ours.id.to_string());
                differences
                    .extend(compare(specification, official, ours).into_iter().map(|it| format!("{}: {it}", ours.id)));
            }
        }
    }
    assert_eq!(judged.len(), 667, "operations that were judged");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn operations(specification: &Value) -> impl Iterator<Item = (Method, &str, &Value)> {
    let paths = specification["paths"].as_object().expect("a specification has paths");
    paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("a path has operations");
        item.iter().map(move |(method, operation)| (method.to_uppercase().parse().unwrap(), path.as_str(), operation))
    })
}

/// Where an operation differs from the vendor's.
fn compare(root: &Value, official: &Value, ours: &Operation) -> Vec<String> {
    let mut found = Vec::new();
    let mut same = |what: &str, official: Value, ours: Value| {
        if official != ours {
            found.push(format!("{what} is {ours}, officially {official}"));
        }
    };
    same("parameters", json!(official_parameters(official, ours)), json!(our_parameters(ours)));
    same("version", json!(official_version(official)), json!(our_version(ours)));
    let (tokens, scopes) = official_security(official);
    same("tokens", json!(tokens), json!(ours.tokens.iter().map(|token| scheme(*token)).collect::<BTreeSet<_>>()));
    same("scopes", json!(scopes), json!(ours.scopes.iter().collect::<BTreeSet<_>>()));
    same("deprecated", json!(official["deprecated"] == true), json!(ours.is_deprecated));
    let body = official.get("requestBody").map(|body| (body["required"] == true, medias(body)));
    let our_body = ours.body.as_ref().map(|body| (body.is_required, body.media.content_type()));
    same("body required", json!(body.as_ref().map(|(is, _)| is)), json!(our_body.map(|(is, _)| is)));
    let is_offered = our_body.is_none_or(|(_, media)| body.is_some_and(|(_, medias)| medias.contains(&media)));
    same("media offered", json!(true), json!(is_offered));
    let (status, answer) = official_answer(official);
    same("status", json!(status), json!(ours.status.to_string()));
    let body =
        ours.body.as_ref().map(|body| (&official["requestBody"]["content"][body.media.content_type()], &body.shape));
    if let Some((content, shape)) = body {
        found.extend(differing("body", &facts::of_request(root, &content["schema"]), shape));
    }
    match (answer, &ours.answer) {
        (Some(schema), Some(shape)) => found.extend(differing("answer", &facts::of(root, schema), shape)),
        (None, None) => {}
        (official, ours) => found.push(format!("answer is {}, officially {}", ours.is_some(), official.is_some())),
    }
    for parameter in &ours.parameters {
        let place = place(parameter.place);
        let official = official["parameters"].as_array().into_iter().flatten();
        let official = official.filter(|it| it["in"] == place).find(|it| it["name"] == *parameter.name);
        let Some(schema) = official.and_then(|it| it.get("schema")) else { continue };
        // The vendor tells the shape of some beside an empty schema.
        if schema.as_object().is_some_and(|schema| schema.keys().all(|key| key == "example")) {
            continue;
        }
        found.extend(differing(&parameter.name, &facts::of_request(root, schema), &parameter.shape));
    }
    found
}

/// The first place at which a shape says something else than a schema.
fn differing(what: &str, official: &Facts, ours: &Shape) -> Option<String> {
    let ours = ours.json_schema();
    let ours: Facts = facts::of(&ours, &ours);
    let places: BTreeSet<&String> = official.keys().chain(ours.keys()).collect();
    let place = places.into_iter().find(|place| official.get(*place) != ours.get(*place))?;
    // The repair takes null, which is only an example, for the type.
    if place.ends_with(".error.options") && official.get(place).is_some_and(|it| it.len() == 1 && it.contains("null")) {
        return None;
    }
    let (official, ours) = (official.get(place), ours.get(place));
    Some(format!("{what} at `{place}` is {ours:?}, officially {official:?}"))
}

fn is_for_the_client(parameter: &Value) -> bool {
    let name = parameter["name"].as_str().unwrap_or_default().to_ascii_lowercase();
    parameter["in"] == "header" && (name == "version" || name == "authorization")
}

/// Those of the path by what the path says: the vendor's list lacks some.
fn official_parameters(official: &Value, ours: &Operation) -> BTreeSet<(String, String, bool)> {
    let listed = official["parameters"].as_array().into_iter().flatten().filter(|it| !is_for_the_client(it));
    let listed = listed.filter(|it| it["in"] != "path").map(|it| {
        let word = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        (word("in"), word("name"), it["required"] == true)
    });
    let path = ours.path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    listed.chain(path.map(|(name, _)| ("path".to_owned(), name.to_owned(), true))).collect()
}

fn our_parameters(ours: &Operation) -> BTreeSet<(String, String, bool)> {
    let one = ours.parameters.iter();
    one.map(|it| (place(it.place).to_owned(), it.name.to_string(), it.is_required)).collect()
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    }
}

fn official_version(official: &Value) -> Option<&str> {
    let parameters = official["parameters"].as_array()?;
    parameters.iter().find(|it| it["name"] == "Version")?.pointer("/schema/enum/0")?.as_str()
}

/// What we ask for; `None` where the vendor's list does not ask for a version.
fn our_version(ours: &Operation) -> Option<&str> {
    const UNASKED: [&str; 5] = ["store", "marketplace", "phone-system", "funnels", "conversations"];
    match &ours.version {
        Version::V3 if UNASKED.contains(&&*ours.family) && is_unasked(ours) => None,
        version => Some(version.header()),
    }
}

/// The operations of v3 without a `Version` in their list (specification of 2026-06-19).
fn is_unasked(ours: &Operation) -> bool {
    match &*ours.family {
        "store" | "phone-system" => true,
        "marketplace" => ours.path.contains("/billing/"),
        "funnels" => ours.path.starts_with("/funnels/funnel/") || ours.path.starts_with("/funnels/page"),
        _ => ours.path.starts_with("/conversations/messages/email/") && ours.method != Method::PUT,
    }
}

fn official_security(official: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let schemes = official["security"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let (mut tokens, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    for (scheme, needed) in schemes {
        tokens.insert(if scheme == "bearer" { "Location-Access" } else { scheme.as_str() });
        scopes.extend(needed.as_array().into_iter().flatten().filter_map(Value::as_str));
    }
    (tokens, scopes)
}

const fn scheme(token: Token) -> &'static str {
    match token {
        Token::Location => "Location-Access",
        Token::LocationLogin => "Location-Access-Only",
        Token::Agency => "Agency-Access",
        Token::AgencyLogin => "Agency-Access-Only",
    }
}

fn medias(body: &Value) -> Vec<&str> {
    let content = body["content"].as_object().into_iter().flatten();
    content.map(|(media, _)| media.as_str()).collect()
}

fn official_answer(official: &Value) -> (&str, Option<&Value>) {
    let mut responses = official["responses"].as_object().into_iter().flatten();
    let (status, response) = responses.find(|(status, _)| status.starts_with('2')).expect("an operation can succeed");
    (status, response["content"].get(Media::Json.content_type()).and_then(|content| content.get("schema")))
}

/// The judge is shown faults.
#[test]
fn a_fact_that_is_wrong_is_told() {
    let Some(folder) = specifications() else { return };
    let text = std::fs::read(folder.join("ghl-v3.strict.json")).expect("the repaired specification is there");
    let root: Value = serde_json::from_slice(&text).expect("it is JSON");
    let (_, _, official) = operations(&root).find(|(_, path, _)| *path == "/contacts/upsert").expect("it is there");
    let right = Catalogue::embedded().unwrap().operation("contacts.upsert-contact").unwrap();
    assert_eq!(compare(&root, official, right), Vec::<String>::new());
    let mutations: [fn(&mut Operation); 6] = [
        |it| it.scopes.clear(),
        |it| it.tokens.clear(),
        |it| it.status = 204,
        |it| it.version = Version::Dated("2021-07-28".into()),
        |it| it.answer = None,
        |it| it.body.as_mut().unwrap().shape = Shape::open_object(),
    ];
    for (number, mutate) in mutations.into_iter().enumerate() {
        let mut wrong = right.clone();
        mutate(&mut wrong);
        assert_ne!(compare(&root, official, &wrong), Vec::<String>::new(), "mutation {number}");
    }
}
