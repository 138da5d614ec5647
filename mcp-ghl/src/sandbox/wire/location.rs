//! A location, its tags and its custom fields in answers.

use serde::Serialize;

use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::store::locations::Location;
use crate::sandbox::store::tags::Tag;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LocationAnswer {
    id: String,
    company_id: String,
    name: String,
    address: String,
    city: String,
    state: String,
    country: String,
    postal_code: String,
    website: String,
    timezone: String,
    email: String,
    phone: String,
    business: Business,
    settings: LocationSettings,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Business {
    name: String,
    address: String,
    city: String,
    state: String,
    country: String,
    postal_code: String,
    website: String,
    timezone: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationSettings {
    allow_duplicate_contact: bool,
    allow_duplicate_opportunity: bool,
    allow_facebook_name_merge: bool,
}

impl From<Location> for LocationAnswer {
    fn from(location: Location) -> Self {
        let business = Business {
            name: location.name.clone(),
            address: location.address.clone(),
            city: location.city.clone(),
            state: location.state.clone(),
            country: location.country.clone(),
            postal_code: location.postal_code.clone(),
            website: location.website.clone(),
            timezone: location.timezone.clone(),
        };
        let settings = LocationSettings {
            allow_duplicate_contact: location.allows_duplicate_contact != 0,
            allow_duplicate_opportunity: location.allows_duplicate_opportunity != 0,
            allow_facebook_name_merge: false,
        };
        Self {
            id: location.id,
            company_id: location.company_id,
            name: location.name,
            address: location.address,
            city: location.city,
            state: location.state,
            country: location.country,
            postal_code: location.postal_code,
            website: location.website,
            timezone: location.timezone,
            email: location.email,
            phone: location.phone,
            business,
            settings,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagAnswer {
    id: String,
    name: String,
    location_id: String,
}

impl From<Tag> for TagAnswer {
    fn from(tag: Tag) -> Self {
        Self { id: tag.id, name: tag.name, location_id: tag.location_id }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomFieldAnswer {
    id: String,
    name: String,
    field_key: String,
    placeholder: String,
    data_type: String,
    position: i64,
    picklist_options: Vec<String>,
    location_id: String,
    model: String,
}

impl From<CustomField> for CustomFieldAnswer {
    fn from(field: CustomField) -> Self {
        Self {
            id: field.id,
            name: field.name,
            field_key: field.field_key,
            placeholder: field.placeholder,
            data_type: field.data_type,
            position: field.position,
            picklist_options: field.options.0,
            location_id: field.location_id,
            model: field.model,
        }
    }
}
