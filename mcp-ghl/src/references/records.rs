//! Arguments that mean a custom object, a record of one, or what links two records.

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Result};

use super::{LOOKED_AT, contact, id_of, misfit_fault, only, opportunity, searchable, unknown_field};
use crate::association::{Association, Side};
use crate::client::Site;
use crate::custom_field::FieldValue;
use crate::deps::Deps;
use crate::names::{Named, Wanted, find, undecided};
use crate::object::{CustomObject, Property, Record};
use crate::record_id::RecordId;

/// The custom object that a name or key means, or the only one. The vendor's own objects have tools of their own.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates; `failed_precondition` if there is none.
pub(crate) async fn object(deps: &Deps, site: &Site, text: Option<&str>) -> Result<CustomObject> {
    let mut all = deps.client.objects(site).await?;
    all.retain(|object| !object.is_standard);
    match (text, all.as_slice()) {
        (_, []) => Err(Error::new(ErrorCode::FailedPrecondition, "this location has no custom object")
            .with_hint("custom objects are created in GoHighLevel: Settings, Objects")),
        (Some(text), _) => find(Wanted { noun: "custom object", text: text.trim() }, &all).cloned(),
        (None, [only]) => Ok(only.clone()),
        (None, several) => Err(undecided("object", several)),
    }
}

/// The record of an object that an id or name means.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates where a name means several.
pub(crate) async fn record(deps: &Deps, site: &Site, object: &CustomObject, text: &str) -> Result<Record> {
    let text = text.trim();
    if let Some(id) = id_of(text) {
        return deps.client.record(site, object, &id).await;
    }
    let words = searchable("record", text)?;
    let found = deps.client.search_records(site, object, &words, None, LOOKED_AT).await?;
    let called = found.records.into_iter().map(|record| Called { record, object }).collect();
    Ok(only("record", text, called)?.record)
}

/// Values of an object's properties, given by key, name or id.
///
/// # Errors
/// Every fault at once: unknown or ambiguous properties, values that do not fit.
pub(crate) fn record_values<'all>(
    properties: &'all [Property],
    given: &BTreeMap<String, String>,
) -> Result<Vec<(&'all Property, FieldValue)>> {
    let mut faults = Vec::new();
    let mut values = Vec::new();
    for (name, text) in given {
        match find(Wanted { noun: "field", text: name }, properties) {
            Ok(property) => match property.value_of(text) {
                Ok(value) => values.push((property, value)),
                Err(misfit) => faults.push(misfit_fault("fields", name, misfit)),
            },
            Err(error) => faults.push(unknown_field("fields", name, &error)),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(Error::invalid_arguments(faults)) }
}

/// The association that a name or key means, or the only one.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates; `failed_precondition` if there is none.
pub(crate) async fn association(deps: &Deps, site: &Site, text: Option<&str>) -> Result<Association> {
    let all = deps.client.associations(site).await?;
    match (text, all.as_slice()) {
        (_, []) => Err(Error::new(ErrorCode::FailedPrecondition, "this location has no association")
            .with_hint("associations are created in GoHighLevel: Settings, Objects")),
        (Some(text), _) => find(Wanted { noun: "association", text: text.trim() }, &all).cloned(),
        (None, [only]) => Ok(only.clone()),
        (None, several) => Err(undecided("association", several)),
    }
}

/// A record on one side of an association.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) id: RecordId,
    pub(crate) name: String,
}

/// The record that an id or name means, of the kind that stands on this side.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates where a name means several.
pub(crate) async fn linked(deps: &Deps, site: &Site, end: &Side, text: &str) -> Result<Linked> {
    match end.object_key.as_str() {
        "contact" => {
            let contact = contact(deps, site, text).await?;
            Ok(Linked { name: contact.label().to_owned(), id: contact.id })
        }
        "opportunity" => {
            let opportunity = opportunity(deps, site, text).await?;
            Ok(Linked { name: opportunity.name.unwrap_or_default(), id: opportunity.id })
        }
        "business" => {
            let all = deps.client.businesses(site).await?;
            let business = find(Wanted { noun: "business", text: text.trim() }, &all)?;
            Ok(Linked { id: business.id.clone(), name: business.name.clone() })
        }
        key => {
            let object = object(deps, site, Some(key)).await?;
            let record = record(deps, site, &object, text).await?;
            Ok(Linked { name: record.name(&object).to_owned(), id: record.id })
        }
    }
}

/// A record under the name that its object gives it.
#[derive(Debug)]
struct Called<'a> {
    record: Record,
    object: &'a CustomObject,
}

impl Named for Called<'_> {
    fn id(&self) -> &str {
        self.record.id.as_str()
    }
    fn name(&self) -> &str {
        self.record.name(self.object)
    }
}
