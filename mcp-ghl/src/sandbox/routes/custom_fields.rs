//! Custom fields of contacts and opportunities: made, shown, changed and taken away. The list is with the location.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::documents::slug;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, Succeeded, created, json};
use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::location::CustomFieldAnswer;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/locations/{location_id}/customFields", post(create))
        .route("/locations/{location_id}/customFields/{id}", get(show).put(update).delete(delete))
}

/// Data types, and whether they are nothing without options.
const TYPES: [(&str, bool); 12] = [
    ("TEXT", false),
    ("LARGE_TEXT", false),
    ("NUMERICAL", false),
    ("PHONE", false),
    ("MONETORY", false),
    ("DATE", false),
    ("FILE_UPLOAD", false),
    ("CHECKBOX", true),
    ("SINGLE_OPTIONS", true),
    ("MULTIPLE_OPTIONS", true),
    ("RADIO", true),
    ("TEXTBOX_LIST", true),
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    custom_field: CustomFieldAnswer,
}

impl From<CustomField> for One {
    fn from(field: CustomField) -> Self {
        Self { custom_field: field.into() }
    }
}

/// What a body says of a field.
struct Given {
    name: String,
    model: Option<String>,
    placeholder: Option<String>,
    position: Option<f64>,
    options: Option<Vec<String>>,
}

impl Given {
    fn read(body: &mut Body) -> Self {
        let name = body.required_text("name");
        let model = body.choice("model", &["contact", "opportunity"]);
        let placeholder = body.text("placeholder");
        let position = body.number("position");
        // Files are not kept; how many there may be is read all the same.
        body.texts("acceptedFormat");
        body.flag("isMultipleFile");
        body.number("maxNumberOfFiles");
        let labelled = body.objects("textBoxListOptions", |option| {
            option.text("prefillValue");
            option.text("label").unwrap_or_default()
        });
        // Not in the specification; what the vendor asks for in practice, as integrators say.
        let options = body.texts("options").or(labelled);
        Self { name, model, placeholder, position, options }
    }
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let given = Given::read(&mut body);
    let data_type = body.choice("dataType", &TYPES.map(|(name, _)| name));
    let needs_options = TYPES.iter().any(|(name, needs)| *needs && data_type.as_deref() == Some(name));
    if needs_options && given.options.as_ref().is_none_or(Vec::is_empty) {
        body.fault("options", "should not be empty");
    }
    if data_type.is_none() {
        body.fault("dataType", "should not be empty");
    }
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let fields = store::custom_fields::list(&mut tx, &location_id).await?;
    let model = given.model.unwrap_or_else(|| "contact".to_owned());
    let field_key = free_key(&fields, &model, &given.name);
    let last = fields.iter().map(|field| field.position).max().unwrap_or_default();
    let field = CustomField {
        location_id,
        id: ids::fresh(),
        model,
        name: given.name,
        field_key,
        data_type: data_type.unwrap_or_default(),
        placeholder: given.placeholder.unwrap_or_default(),
        position: whole(given.position).unwrap_or(last + 50),
        options: Document(given.options.unwrap_or_default()),
    };
    store::custom_fields::insert(&mut tx, &field).await?;
    store::commit(tx).await?;
    Ok(created(One::from(field)))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(One::from(field_of(&mut connection, &call, &ids).await?)))
}

/// The type stays what it is: the specification's body has none.
async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let given = Given::read(&mut body);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let mut field = field_of(&mut tx, &call, &ids).await?;
    field.name = given.name;
    field.placeholder = given.placeholder.unwrap_or(field.placeholder);
    field.position = whole(given.position).unwrap_or(field.position);
    field.options = given.options.map_or(field.options, Document);
    store::custom_fields::update(&mut tx, &field).await?;
    store::commit(tx).await?;
    Ok(json(One::from(field)))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let field = field_of(&mut tx, &call, &ids).await?;
    store::custom_fields::delete(&mut tx, &field.location_id, &field.id).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn field_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, id): &(String, String),
) -> Result<CustomField, Refusal> {
    call.grant.require_location(location_id)?;
    let field = store::custom_fields::find(connection, location_id, id).await?;
    field.ok_or_else(|| Refusal::no_such("Custom field", id))
}

/// `contact.budget`; `contact.budget_2` where that is taken.
fn free_key(fields: &[CustomField], model: &str, name: &str) -> String {
    let first = format!("{model}.{}", slug(name));
    let others = (2..).map(|number| format!("{first}_{number}"));
    let is_free = |key: &String| fields.iter().all(|field| field.field_key != *key);
    std::iter::once(first.clone()).chain(others).find(is_free).unwrap_or(first)
}

/// A position; fractions of one mean nothing.
fn whole(position: Option<f64>) -> Option<i64> {
    format!("{:.0}", position?).parse().ok()
}
