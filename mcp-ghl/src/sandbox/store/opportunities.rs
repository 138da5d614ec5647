//! Opportunities, read together with their contact and stage.

use std::collections::BTreeMap;

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::Value;
use sqlx::FromRow;

use crate::sandbox::filter::Column;
use crate::sandbox::store::contacts::custom_field_path;
use crate::sandbox::store::search::{Search, Source};
use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Opportunity {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) pipeline_id: String,
    pub(crate) stage_id: String,
    pub(crate) contact_id: String,
    /// `open`, `won`, `lost` or `abandoned`.
    pub(crate) status: String,
    pub(crate) source: Option<String>,
    pub(crate) monetary_value: f64,
    pub(crate) assigned_to: Option<String>,
    pub(crate) lost_reason_id: Option<String>,
    pub(crate) forecast_close_date: Option<String>,
    /// Percent, 0 to 100; absent means the stage's.
    pub(crate) forecast_probability: Option<f64>,
    /// Value by field id.
    #[sqlx(try_from = "String")]
    pub(crate) custom_fields: Document<BTreeMap<String, Value>>,
    pub(crate) status_changed_at_ms: UnixMillis,
    pub(crate) stage_changed_at_ms: UnixMillis,
    pub(crate) created_at_ms: UnixMillis,
    pub(crate) updated_at_ms: UnixMillis,
}

/// An opportunity with what the answers show of its contact and stage.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Card {
    #[sqlx(flatten)]
    pub(crate) opportunity: Opportunity,
    pub(crate) contact_first_name: Option<String>,
    pub(crate) contact_last_name: Option<String>,
    pub(crate) contact_company: Option<String>,
    pub(crate) contact_email: Option<String>,
    pub(crate) contact_phone: Option<String>,
    #[sqlx(try_from = "String")]
    pub(crate) contact_tags: Document<Vec<String>>,
    /// Percent: 100 when won, 0 when lost or abandoned, else the forecast or the stage's chance.
    pub(crate) effective_probability: f64,
}

/// One stage's totals over a search.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct StageTotal {
    pub(crate) stage_id: String,
    pub(crate) total_count: i64,
    pub(crate) total_value: f64,
    pub(crate) weighted_value: f64,
    pub(crate) open_value: f64,
    pub(crate) open_weighted_value: f64,
    pub(crate) won_value: f64,
}

const PROBABILITY: &str = "case o.status when 'open' then coalesce(o.forecast_probability, s.win_probability) \
    when 'won' then 100.0 else 0.0 end";

const COLUMNS: &str = "select o.location_id, o.id, o.name, o.pipeline_id, o.stage_id, o.contact_id, o.status, \
    o.source, o.monetary_value, o.assigned_to, o.lost_reason_id, o.forecast_close_date, o.forecast_probability, \
    o.custom_fields, o.status_changed_at_ms, o.stage_changed_at_ms, o.created_at_ms, o.updated_at_ms, \
    c.first_name as contact_first_name, c.last_name as contact_last_name, c.company_name as contact_company, \
    c.email as contact_email, c.phone as contact_phone, c.tags as contact_tags, \
    case o.status when 'open' then coalesce(o.forecast_probability, s.win_probability) \
    when 'won' then 100.0 else 0.0 end as effective_probability";

const FROM: &str = "from opportunities o \
    join contacts c on c.location_id = o.location_id and c.id = o.contact_id \
    join stages s on s.location_id = o.location_id and s.id = o.stage_id";

pub(crate) const SOURCE: Source = Source {
    columns: COLUMNS,
    from: FROM,
    location_id: "o.location_id",
    id: "o.id",
    haystack: "(lower(o.name) || ' ' || c.full_name_lower || ' ' || coalesce(c.email_lower, '') || ' ' || \
        coalesce(c.phone, ''))",
};

pub(crate) const PIPELINE: Column = Column::Exact("o.pipeline_id");
pub(crate) const CREATED: Column = Column::Instant("o.created_at_ms");
pub(crate) const NAME: Column = Column::Text("o.name");

/// The column of a field of `POST /opportunities/search`: lower case with underscores in both generations.
pub(crate) fn column(field: &str) -> Option<Column> {
    let column = match field {
        "id" => Column::Exact("o.id"),
        "name" => NAME,
        "pipeline_id" => PIPELINE,
        "pipeline_stage_id" => Column::Exact("o.stage_id"),
        "contact_id" => Column::Exact("o.contact_id"),
        "status" => Column::Exact("o.status"),
        "source" => Column::Text("o.source"),
        "assigned_to" => Column::Exact("o.assigned_to"),
        "lost_reason_id" => Column::Exact("o.lost_reason_id"),
        "monetary_value" => Column::Number("o.monetary_value"),
        "date_added" => CREATED,
        "date_updated" => Column::Instant("o.updated_at_ms"),
        "last_stage_change_date" => Column::Instant("o.stage_changed_at_ms"),
        "last_status_change_date" => Column::Instant("o.status_changed_at_ms"),
        _ => return custom_field_path(field.strip_prefix("custom_fields.")?, "o.custom_fields"),
    };
    Some(column)
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Card>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" ").push(FROM).push(" where o.id = ").push_bind(id.to_owned());
    sql.build_query_as().fetch_optional(connection).await.map_err(failed)
}

/// The contact's opportunity in a pipeline, the oldest if there are several.
pub(crate) async fn find_in_pipeline(
    connection: &mut Connection,
    location_id: &str,
    pipeline_id: &str,
    contact_id: &str,
) -> Result<Option<Card>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" ").push(FROM).push(" where o.location_id = ").push_bind(location_id.to_owned());
    sql.push(" and o.pipeline_id = ").push_bind(pipeline_id.to_owned());
    sql.push(" and o.contact_id = ").push_bind(contact_id.to_owned());
    sql.push(" order by o.created_at_ms, o.id limit 1");
    sql.build_query_as().fetch_optional(connection).await.map_err(failed)
}

/// Sums a search up by stage, whatever page it is on.
pub(crate) async fn stage_totals(connection: &mut Connection, search: &Search) -> Result<Vec<StageTotal>> {
    let mut sql = sqlx::QueryBuilder::new("select o.stage_id, count(*) as total_count");
    for (name, value) in [
        ("total_value", "o.monetary_value".to_owned()),
        ("weighted_value", format!("o.monetary_value * {PROBABILITY} / 100.0")),
        ("open_value", "case o.status when 'open' then o.monetary_value else 0.0 end".to_owned()),
        (
            "open_weighted_value",
            format!("case o.status when 'open' then o.monetary_value * {PROBABILITY} / 100.0 else 0.0 end"),
        ),
        ("won_value", "case o.status when 'won' then o.monetary_value else 0.0 end".to_owned()),
    ] {
        sql.push(", total(").push(value).push(") as ").push(name);
    }
    search.matching(&mut sql, &SOURCE);
    sql.push(" group by o.stage_id, s.position order by s.position, o.stage_id");
    sql.build_query_as().fetch_all(connection).await.map_err(failed)
}

/// Writes an opportunity whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, opportunity: &Opportunity) -> Result<()> {
    sqlx::query(SAVE)
        .bind(&opportunity.location_id)
        .bind(&opportunity.id)
        .bind(&opportunity.name)
        .bind(&opportunity.pipeline_id)
        .bind(&opportunity.stage_id)
        .bind(&opportunity.contact_id)
        .bind(&opportunity.status)
        .bind(&opportunity.source)
        .bind(opportunity.monetary_value)
        .bind(&opportunity.assigned_to)
        .bind(&opportunity.lost_reason_id)
        .bind(&opportunity.forecast_close_date)
        .bind(opportunity.forecast_probability)
        .bind(opportunity.custom_fields.text()?)
        .bind(opportunity.status_changed_at_ms)
        .bind(opportunity.stage_changed_at_ms)
        .bind(opportunity.created_at_ms)
        .bind(opportunity.updated_at_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

const SAVE: &str = "
insert into opportunities (
    location_id, id, name, pipeline_id, stage_id, contact_id, status, source, monetary_value, assigned_to,
    lost_reason_id, forecast_close_date, forecast_probability, custom_fields, status_changed_at_ms,
    stage_changed_at_ms, created_at_ms, updated_at_ms
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (location_id, id) do update set
    name = excluded.name,
    pipeline_id = excluded.pipeline_id,
    stage_id = excluded.stage_id,
    contact_id = excluded.contact_id,
    status = excluded.status,
    source = excluded.source,
    monetary_value = excluded.monetary_value,
    assigned_to = excluded.assigned_to,
    lost_reason_id = excluded.lost_reason_id,
    forecast_close_date = excluded.forecast_close_date,
    forecast_probability = excluded.forecast_probability,
    custom_fields = excluded.custom_fields,
    status_changed_at_ms = excluded.status_changed_at_ms,
    stage_changed_at_ms = excluded.stage_changed_at_ms,
    updated_at_ms = excluded.updated_at_ms";

pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from opportunities where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
