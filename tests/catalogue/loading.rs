//! Newer specifications at run time: what they change, what stays, and what is refused.

use common::audit::Access;
use common::error::{ErrorCode, Result};
use mcp_ghl::catalogue::{Catalogue, Generation, KnownOperations, Place, Rest, Shape, Token, Version};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, Value)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, json) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, json.to_string()).unwrap();
    }
    folder
}

fn load(files: &[(&str, Value)]) -> Result<Catalogue> {
    Catalogue::with_specifications(folder(files).path())
}

/// A specification with one operation.
fn one(method: &str, path: &str, operation: Value) -> Value {
    json!({ "openapi": "3.0.0", "info": { "version": "1" }, "paths": { path: { method: operation } } })
}

fn version(value: &str) -> Value {
    json!({ "name": "Version", "in": "header", "required": true, "schema": { "type": "string", "enum": [value] } })
}

#[test]
fn what_is_the_vendors_to_write_is_answered_and_not_asked() {
    let person = json!({ "$ref": "#/components/schemas/Person" });
    let mut newer = one(
        "post",
        "/people",
        json!({
            "operationId": "create-person",
            "requestBody": { "content": { "application/json": { "schema": person } } },
            "responses": { "200": { "content": { "application/json": { "schema": {
                "type": "object", "properties": { "made": person, "before": person }
            } } } } },
        }),
    );
    newer["components"] = json!({ "schemas": { "Person": {
        "type": "object",
        "properties": { "name": { "type": "string" }, "seen": { "type": "string", "readOnly": true } },
        "required": ["name", "seen"],
    } } });
    let catalogue = load(&[("contacts-v3.json", newer)]).unwrap();
    let made = catalogue.operation("contacts.create-person").unwrap();
    assert_eq!(made.signature(), "body? {name}");
    let answer = made.answer.as_ref().unwrap().json_schema();
    assert!(answer.to_string().contains("seen"), "{answer}");
}

#[test]
fn a_known_operation_takes_new_facts_and_keeps_our_words() {
    let newer = one(
        "post",
        "/contacts/{contactId}/tags",
        json!({
            "operationId": "add-tags",
            "summary": "Something else",
            "parameters": [version("v3")],
            "requestBody": { "required": true, "content": { "application/json": { "schema": {
                "type": "object",
                "properties": { "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 9 }, "color": { "type": "string" } },
                "required": ["tags"],
            } } } },
            "responses": { "201": {} },
            "security": [{ "Location-Access": ["contacts.write", "tags.write"] }],
        }),
    );
    let catalogue = load(&[("contacts-v3.json", newer)]).unwrap();
    let tags = catalogue.operation("contacts.add-tags").unwrap();
    let known = Catalogue::embedded().unwrap().operation("contacts.add-tags").unwrap();
    assert_eq!(tags.signature(), "path {contactId} body {tags: string[..9], color?}");
    assert_eq!(tags.scopes, ["contacts.write", "tags.write"]);
    assert_eq!((&tags.summary, tags.access, &tags.older), (&known.summary, Access::Write, &known.older));
    assert_eq!(catalogue.operations().count(), 667);
}

#[test]
fn a_new_operation_is_judged_by_the_strictest_word_in_it() {
    let spec = json!({ "openapi": "3.0.0", "paths": {
        "/widgets/": { "get": { "operationId": "list", "parameters": [
            version("v3"), { "name": "skip", "in": "query", "schema": { "type": "number" } },
            { "name": "limit", "in": "query", "schema": { "type": "number" } },
        ] }, "post": { "operationId": "create" } },
        "/widgets/search": { "post": { "operationId": "search" } },
        "/widgets/{id}/publish": { "post": { "operationId": "publish" } },
        "/widgets/{id}/cancel": { "post": { "operationId": "cancel" } },
        "/widgets/{id}/charge": { "delete": { "operationId": "uncharge" } },
        "/widgets/{id}": { "delete": { "operationId": "delete" } },
    } });
    let catalogue = load(&[("widgets-v3.json", spec)]).unwrap();
    let access = |id: &str| catalogue.operation(id).unwrap().access;
    let list = catalogue.operation("widgets.list").unwrap();
    assert_eq!((list.access, list.generation, &list.version), (Access::Read, Generation::V3, &Version::V3));
    assert_eq!(list.paging.as_ref().map(ToString::to_string).as_deref(), Some("records skip by limit"));
    assert_eq!(access("widgets.create"), Access::Write);
    assert_eq!(access("widgets.search"), Access::Write, "nobody has looked at it");
    assert_eq!(access("widgets.publish"), Access::Send);
    assert_eq!(access("widgets.cancel"), Access::Destroy);
    assert_eq!(access("widgets.delete"), Access::Destroy);
    assert_eq!(access("widgets.uncharge"), Access::Spend);
    assert_eq!(catalogue.operations().count(), 674);
    assert!(!catalogue.operation("widgets.create").unwrap().summary.is_empty());
}

#[test]
fn the_vendors_known_faults_are_read_for_what_they_mean() {
    let spec = one(
        "post",
        "/widgets/{id}/{part}",
        json!({
            "operationId": "make widget",
            "parameters": [
                { "name": "id", "in": "path", "required": false, "schema": { "type": "string" } },
                { "name": "anything", "in": "query", "schema": { "type": "any" } },
                { "name": "kind", "in": "query", "type": "string", "enum": ["a", "b"] },
                { "name": "Authorization", "in": "header", "required": true, "schema": { "type": "string" } },
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Body" } } } },
        }),
    );
    let mut spec = spec;
    spec["components"]["schemas"] = json!({ "Body": { "type": "object", "properties": {
        "born": { "type": "object", "example": "1990-09-25" },
        "value": { "type": "object", "example": 500 },
        "state": { "type": "object", "example": ["draft", "sent"] },
        "level": { "type": "number", "enum": ["high", "low"] },
        "days": { "type": "string", "enum": [["mo", "tu"]] },
        "shared": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Money" }] },
        "note": { "type": "string", "nullable": true },
        "more": { "type": "object" },
    } } });
    let common = json!({ "components": { "schemas": { "Money": { "type": "object", "properties": { "amount": { "type": "integer", "minimum": 0 } } } } } });
    let catalogue = load(&[("widgets.json", spec), ("common/common-schemas.json", common)]).unwrap();
    let widget = catalogue.operation("widgets.make-widget").unwrap();
    let wanted = "path {id, part} query {anything?: any, kind?: 'a'|'b'} body {born?, value?: number, state?: 'draft'|'sent', \
        level?: 'high'|'low', days?: 'mo'|'tu', shared?: {amount?: integer(0..)}, note?: string|null, more?: {...}}";
    assert_eq!(widget.signature(), wanted);
    assert_eq!((widget.generation, widget.version.header()), (Generation::V2, "2021-07-28"));
    assert!(widget.parameters_in(Place::Path).all(|parameter| parameter.is_required));
}

#[test]
fn schemas_may_contain_themselves_and_combine() {
    let mut spec = one(
        "put",
        "/trees/",
        json!({
            "operationId": "plant",
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Tree" } } } },
            "security": [{ "bearer": [] }, { "Agency-Access-Only": ["trees.write"] }],
        }),
    );
    spec["components"]["schemas"] = json!({
        "Tree": { "allOf": [{ "$ref": "#/components/schemas/Named" }, { "type": "object", "required": ["branches"], "properties": {
            "branches": { "type": "array", "items": { "$ref": "#/components/schemas/Branch" } },
        } }] },
        "Named": { "type": "object", "properties": { "name": { "type": "string" } }, "additionalProperties": { "type": "number" } },
        "Branch": { "type": "object", "properties": {
            "leaf": { "oneOf": [{ "type": "string" }, { "type": "number" }] },
            "branches": { "type": "array", "items": { "$ref": "#/components/schemas/Branch" } },
        } },
    });
    let catalogue = load(&[("trees-v3.json", spec)]).unwrap();
    let plant = catalogue.operation("trees.plant").unwrap();
    let body = &plant.body.as_ref().unwrap().shape;
    assert_eq!(
        plant.signature(),
        "body {name?, branches: Branch[], ...: number} where Branch = {leaf?: string|number, branches?: Branch[]}"
    );
    assert_eq!(plant.tokens, [Token::Location, Token::AgencyLogin]);
    assert!(matches!(body, Shape::Object(object) if matches!(object.rest, Rest::Of(_))));
    let validator = jsonschema::validator_for(&body.json_schema()).unwrap();
    assert!(validator.is_valid(&json!({ "branches": [{ "leaf": 1, "branches": [{ "leaf": "a" }] }], "height": 3 })));
    assert!(!validator.is_valid(&json!({ "branches": [{ "branches": [{ "leaf": true }] }] })));
    assert!(!validator.is_valid(&json!({ "name": "no branches" })));
}

#[test]
fn what_only_a_dated_version_has_keeps_its_place_beside_v3() {
    let dated = one(
        "get",
        "/contacts/{contactId}",
        json!({ "operationId": "get-contact", "parameters": [version("2021-07-28")] }),
    );
    let catalogue = load(&[("contacts.json", dated)]).unwrap();
    let contact = catalogue.operation("contacts.get-contact").unwrap();
    assert_eq!((contact.generation, &contact.version), (Generation::V3, &Version::V3), "v3's is not replaced");
}

#[test]
fn a_file_that_cannot_be_read_is_refused_by_its_name() {
    let cases = [
        ("no operation id", one("get", "/x/", json!({})), "`operationId` is missing"),
        ("a reference to nowhere", with_body(json!({ "$ref": "#/components/schemas/Gone" })), "leads nowhere"),
        ("no such type", with_body(json!({ "type": "lists" })), "`lists` is no type"),
        (
            "an unknown token",
            one("get", "/x/", json!({ "operationId": "x", "security": [{ "Cookie": [] }] })),
            "`Cookie`",
        ),
        ("not a specification", json!({ "swagger": "2.0" }), "is not OpenAPI 3"),
    ];
    for (name, json, why) in cases {
        let error = load(&[("good-v3.json", one("get", "/y/", json!({ "operationId": "y" }))), ("bad.json", json)])
            .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.code(), ErrorCode::FailedPrecondition, "{name}");
        assert!(text.contains("bad.json") && text.contains(why), "{name}: {text}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(Catalogue::with_specifications(folder.path()).is_err(), "an empty folder");
    assert!(Catalogue::with_specifications(&folder.path().join("missing")).is_err(), "no folder");
    std::fs::write(folder.path().join("torn.json"), "{\"openapi\": \"3.0").unwrap();
    let error = Catalogue::with_specifications(folder.path()).unwrap_err().to_string();
    assert!(error.contains("torn.json"), "{error}");
}

#[test]
fn a_server_goes_by_what_is_embedded_unless_it_is_given_a_folder() {
    let embedded = KnownOperations::open(None).unwrap();
    assert!(std::ptr::eq(embedded.catalogue().unwrap(), Catalogue::embedded().unwrap()));
    let folder = folder(&[("widgets-v3.json", one("get", "/widgets/", json!({ "operationId": "list" })))]);
    let own = KnownOperations::open(Some(folder.path())).unwrap();
    assert!(own.catalogue().unwrap().operation("widgets.list").is_some());
    assert!(own.catalogue().unwrap().operation("contacts.add-tags").is_some());
    assert!(KnownOperations::open(Some(&folder.path().join("missing"))).is_err(), "refused at the start");
}

fn with_body(schema: Value) -> Value {
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    one("post", "/x/", json!({ "operationId": "x", "requestBody": body }))
}
