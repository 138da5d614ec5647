//! Contacts, one row each.

use std::collections::BTreeMap;

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::Value;
use sqlx::FromRow;

use crate::sandbox::dnd::DndSettings;
use crate::sandbox::filter::Column;
use crate::sandbox::store::search::Source;
use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Contact {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) company_name: Option<String>,
    pub(crate) address1: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) gender: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) date_of_birth: Option<String>,
    pub(crate) assigned_to: Option<String>,
    /// 0 or 1.
    pub(crate) is_dnd: i64,
    #[sqlx(try_from = "String")]
    pub(crate) dnd_settings: Document<DndSettings>,
    #[sqlx(try_from = "String")]
    pub(crate) tags: Document<Vec<String>>,
    /// Value by field id.
    #[sqlx(try_from = "String")]
    pub(crate) custom_fields: Document<BTreeMap<String, Value>>,
    pub(crate) added_at_ms: UnixMillis,
    pub(crate) updated_at_ms: UnixMillis,
}

impl Contact {
    /// First and last name, or what there is of them.
    pub(crate) fn name(&self) -> String {
        let names: Vec<&str> = [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        names.join(" ")
    }
}

const COLUMNS: &str = "select c.location_id, c.id, c.first_name, c.last_name, c.email, c.phone, c.company_name, \
    c.address1, c.city, c.state, c.country, c.postal_code, c.website, c.timezone, c.gender, c.source, \
    c.date_of_birth, c.assigned_to, c.is_dnd, c.dnd_settings, c.tags, c.custom_fields, c.added_at_ms, c.updated_at_ms";

pub(crate) const SOURCE: Source = Source {
    columns: COLUMNS,
    from: "from contacts c",
    location_id: "c.location_id",
    id: "c.id",
    haystack: "(c.full_name_lower || ' ' || coalesce(c.email_lower, '') || ' ' || coalesce(c.phone, '') || ' ' || \
        lower(coalesce(c.company_name, '')))",
};

/// The column of a field of `POST /contacts/search`. `contact_name`, and the names in their own case, have none:
/// the vendor refuses them (highlevel-api-docs issue 170).
pub(crate) fn column(field: &str) -> Option<Column> {
    let column = match field {
        "id" => Column::Exact("c.id"),
        "firstNameLowerCase" => Column::Text("c.first_name_lower"),
        "lastNameLowerCase" => Column::Text("c.last_name_lower"),
        "email" => Column::Text("c.email_lower"),
        "phone" => Column::Exact("c.phone"),
        "companyName" => Column::Text("c.company_name"),
        "address" => Column::Text("c.address1"),
        "city" => Column::Text("c.city"),
        "state" => Column::Text("c.state"),
        "country" => Column::Text("c.country"),
        "postalCode" => Column::Text("c.postal_code"),
        "website" => Column::Text("c.website"),
        "timezone" => Column::Text("c.timezone"),
        "source" => Column::Text("c.source"),
        "assignedTo" => Column::Exact("c.assigned_to"),
        "dateOfBirth" => Column::Exact("c.date_of_birth"),
        "dnd" => Column::Flag("c.is_dnd"),
        "dateAdded" => Column::Instant("c.added_at_ms"),
        "dateUpdated" => Column::Instant("c.updated_at_ms"),
        "tags" => Column::Json { document: "c.tags", path: "$".to_owned() },
        _ => return custom_field_path(field.strip_prefix("customFields.")?, "c.custom_fields"),
    };
    Some(column)
}

/// Only letters and digits go into the path, as the vendor's ids consist of nothing else.
pub(crate) fn custom_field_path(id: &str, document: &'static str) -> Option<Column> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| Column::Json { document, path: format!("$.\"{id}\"") })
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Contact>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" from contacts c where c.id = ").push_bind(id.to_owned());
    sql.build_query_as().fetch_optional(connection).await.map_err(failed)
}

/// The oldest contact with this address.
pub(crate) async fn find_by_email(
    connection: &mut Connection,
    location_id: &str,
    email: &str,
) -> Result<Option<Contact>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" from contacts c where c.location_id = ").push_bind(location_id.to_owned());
    sql.push(" and c.email_lower = ").push_bind(email.to_lowercase());
    sql.push(" order by c.added_at_ms, c.id limit 1");
    sql.build_query_as().fetch_optional(connection).await.map_err(failed)
}

/// The oldest contact with this number.
pub(crate) async fn find_by_phone(
    connection: &mut Connection,
    location_id: &str,
    phone: &str,
) -> Result<Option<Contact>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" from contacts c where c.location_id = ").push_bind(location_id.to_owned());
    sql.push(" and c.phone = ").push_bind(phone.to_owned());
    sql.push(" order by c.added_at_ms, c.id limit 1");
    sql.build_query_as().fetch_optional(connection).await.map_err(failed)
}

/// Writes a contact whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, contact: &Contact) -> Result<()> {
    sqlx::query(SAVE)
        .bind(&contact.location_id)
        .bind(&contact.id)
        .bind(&contact.first_name)
        .bind(&contact.last_name)
        .bind(contact.first_name.as_deref().map(str::to_lowercase))
        .bind(contact.last_name.as_deref().map(str::to_lowercase))
        .bind(contact.name().to_lowercase())
        .bind(&contact.email)
        .bind(contact.email.as_deref().map(str::to_lowercase))
        .bind(&contact.phone)
        .bind(&contact.company_name)
        .bind(&contact.address1)
        .bind(&contact.city)
        .bind(&contact.state)
        .bind(&contact.country)
        .bind(&contact.postal_code)
        .bind(&contact.website)
        .bind(&contact.timezone)
        .bind(&contact.gender)
        .bind(&contact.source)
        .bind(&contact.date_of_birth)
        .bind(&contact.assigned_to)
        .bind(contact.is_dnd)
        .bind(contact.dnd_settings.text()?)
        .bind(contact.tags.text()?)
        .bind(contact.custom_fields.text()?)
        .bind(contact.added_at_ms)
        .bind(contact.updated_at_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

const SAVE: &str = "
insert into contacts (
    location_id, id, first_name, last_name, first_name_lower, last_name_lower, full_name_lower, email, email_lower,
    phone, company_name, address1, city, state, country, postal_code, website, timezone, gender, source,
    date_of_birth, assigned_to, is_dnd, dnd_settings, tags, custom_fields, added_at_ms, updated_at_ms
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (location_id, id) do update set
    first_name = excluded.first_name,
    last_name = excluded.last_name,
    first_name_lower = excluded.first_name_lower,
    last_name_lower = excluded.last_name_lower,
    full_name_lower = excluded.full_name_lower,
    email = excluded.email,
    email_lower = excluded.email_lower,
    phone = excluded.phone,
    company_name = excluded.company_name,
    address1 = excluded.address1,
    city = excluded.city,
    state = excluded.state,
    country = excluded.country,
    postal_code = excluded.postal_code,
    website = excluded.website,
    timezone = excluded.timezone,
    gender = excluded.gender,
    source = excluded.source,
    date_of_birth = excluded.date_of_birth,
    assigned_to = excluded.assigned_to,
    is_dnd = excluded.is_dnd,
    dnd_settings = excluded.dnd_settings,
    tags = excluded.tags,
    custom_fields = excluded.custom_fields,
    updated_at_ms = excluded.updated_at_ms";

/// Deletes a contact with its notes and opportunities.
pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from contacts where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Renames a tag on every contact of the location, or takes it away.
pub(crate) async fn replace_tag(
    connection: &mut Connection,
    location_id: &str,
    old: &str,
    new: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "update contacts
        set tags = (
            select json_group_array(distinct case when item.value = ?1 then ?2 else item.value end)
            from json_each(contacts.tags) item
            where item.value <> ?1 or ?2 is not null
        )
        where location_id = ?3
        and exists (select 1 from json_each(contacts.tags) item where item.value = ?1)",
    )
    .bind(old)
    .bind(new)
    .bind(location_id)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
