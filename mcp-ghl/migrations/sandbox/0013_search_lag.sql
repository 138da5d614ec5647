-- What search showed some seconds ago, kept while search is to lag. Other tables have no past.
alter table emulator add column keeps_past bigint not null default 0;
alter table emulator add column now_ms bigint not null default 0;
alter table emulator add column searched_at_ms bigint not null default 0;

-- Since when a row is as it is; a row that is missing here has not changed since the past is kept.
create table present (
    noun text not null,
    id text not null,
    since_ms bigint not null,
    primary key (noun, id)
);

create table contacts_past as
select 0 as since_ms, 0 as until_ms, contacts.*
from contacts
where 0;

create index contacts_past_by_end on contacts_past (until_ms);

create trigger contact_begun after insert on contacts
when (select keeps_past from emulator) = 1
begin
    insert into present (noun, id, since_ms)
    values ('contact', new.id, (select now_ms from emulator))
    on conflict (noun, id) do update set since_ms = excluded.since_ms;
end;

create trigger contact_changed before update on contacts
when (select keeps_past from emulator) = 1
begin
    insert into contacts_past (
        since_ms, until_ms,
        location_id, id, first_name, last_name, first_name_lower, last_name_lower, full_name_lower, email,
        email_lower, phone, company_name, address1, city, state, country, postal_code, website, timezone, gender,
        source, date_of_birth, assigned_to, is_dnd, dnd_settings, tags, custom_fields, added_at_ms, updated_at_ms
    )
    values (
        coalesce((select since_ms from present where noun = 'contact' and id = old.id), 0),
        (select now_ms from emulator),
        old.location_id, old.id, old.first_name, old.last_name, old.first_name_lower, old.last_name_lower,
        old.full_name_lower, old.email, old.email_lower, old.phone, old.company_name, old.address1, old.city,
        old.state, old.country, old.postal_code, old.website, old.timezone, old.gender, old.source, old.date_of_birth,
        old.assigned_to, old.is_dnd, old.dnd_settings, old.tags, old.custom_fields, old.added_at_ms, old.updated_at_ms
    );

    insert into present (noun, id, since_ms)
    values ('contact', old.id, (select now_ms from emulator))
    on conflict (noun, id) do update set since_ms = excluded.since_ms;
end;

create trigger contact_ended before delete on contacts
when (select keeps_past from emulator) = 1
begin
    insert into contacts_past (
        since_ms, until_ms,
        location_id, id, first_name, last_name, first_name_lower, last_name_lower, full_name_lower, email,
        email_lower, phone, company_name, address1, city, state, country, postal_code, website, timezone, gender,
        source, date_of_birth, assigned_to, is_dnd, dnd_settings, tags, custom_fields, added_at_ms, updated_at_ms
    )
    values (
        coalesce((select since_ms from present where noun = 'contact' and id = old.id), 0),
        (select now_ms from emulator),
        old.location_id, old.id, old.first_name, old.last_name, old.first_name_lower, old.last_name_lower,
        old.full_name_lower, old.email, old.email_lower, old.phone, old.company_name, old.address1, old.city,
        old.state, old.country, old.postal_code, old.website, old.timezone, old.gender, old.source, old.date_of_birth,
        old.assigned_to, old.is_dnd, old.dnd_settings, old.tags, old.custom_fields, old.added_at_ms, old.updated_at_ms
    );

    delete from present where noun = 'contact' and id = old.id;
end;

create view contacts_then as
select
    r.location_id, r.id, r.first_name, r.last_name, r.first_name_lower, r.last_name_lower, r.full_name_lower, r.email,
    r.email_lower, r.phone, r.company_name, r.address1, r.city, r.state, r.country, r.postal_code, r.website,
    r.timezone, r.gender, r.source, r.date_of_birth, r.assigned_to, r.is_dnd, r.dnd_settings, r.tags, r.custom_fields,
    r.added_at_ms, r.updated_at_ms
from contacts r
where coalesce((select since_ms from present where noun = 'contact' and id = r.id), 0)
    <= (select searched_at_ms from emulator)
union all
select
    p.location_id, p.id, p.first_name, p.last_name, p.first_name_lower, p.last_name_lower, p.full_name_lower, p.email,
    p.email_lower, p.phone, p.company_name, p.address1, p.city, p.state, p.country, p.postal_code, p.website,
    p.timezone, p.gender, p.source, p.date_of_birth, p.assigned_to, p.is_dnd, p.dnd_settings, p.tags, p.custom_fields,
    p.added_at_ms, p.updated_at_ms
from contacts_past p
where p.since_ms <= (select searched_at_ms from emulator)
and p.until_ms > (select searched_at_ms from emulator);

create table opportunities_past as
select 0 as since_ms, 0 as until_ms, opportunities.*
from opportunities
where 0;

create index opportunities_past_by_end on opportunities_past (until_ms);

create trigger opportunity_begun after insert on opportunities
when (select keeps_past from emulator) = 1
begin
    insert into present (noun, id, since_ms)
    values ('opportunity', new.id, (select now_ms from emulator))
    on conflict (noun, id) do update set since_ms = excluded.since_ms;
end;

create trigger opportunity_changed before update on opportunities
when (select keeps_past from emulator) = 1
begin
    insert into opportunities_past (
        since_ms, until_ms,
        location_id, id, name, pipeline_id, stage_id, contact_id, status, source, monetary_value, assigned_to,
        lost_reason_id, forecast_close_date, forecast_probability, custom_fields, status_changed_at_ms,
        stage_changed_at_ms, created_at_ms, updated_at_ms
    )
    values (
        coalesce((select since_ms from present where noun = 'opportunity' and id = old.id), 0),
        (select now_ms from emulator),
        old.location_id, old.id, old.name, old.pipeline_id, old.stage_id, old.contact_id, old.status, old.source,
        old.monetary_value, old.assigned_to, old.lost_reason_id, old.forecast_close_date, old.forecast_probability,
        old.custom_fields, old.status_changed_at_ms, old.stage_changed_at_ms, old.created_at_ms, old.updated_at_ms
    );

    insert into present (noun, id, since_ms)
    values ('opportunity', old.id, (select now_ms from emulator))
    on conflict (noun, id) do update set since_ms = excluded.since_ms;
end;

create trigger opportunity_ended before delete on opportunities
when (select keeps_past from emulator) = 1
begin
    insert into opportunities_past (
        since_ms, until_ms,
        location_id, id, name, pipeline_id, stage_id, contact_id, status, source, monetary_value, assigned_to,
        lost_reason_id, forecast_close_date, forecast_probability, custom_fields, status_changed_at_ms,
        stage_changed_at_ms, created_at_ms, updated_at_ms
    )
    values (
        coalesce((select since_ms from present where noun = 'opportunity' and id = old.id), 0),
        (select now_ms from emulator),
        old.location_id, old.id, old.name, old.pipeline_id, old.stage_id, old.contact_id, old.status, old.source,
        old.monetary_value, old.assigned_to, old.lost_reason_id, old.forecast_close_date, old.forecast_probability,
        old.custom_fields, old.status_changed_at_ms, old.stage_changed_at_ms, old.created_at_ms, old.updated_at_ms
    );

    delete from present where noun = 'opportunity' and id = old.id;
end;

create view opportunities_then as
select
    r.location_id, r.id, r.name, r.pipeline_id, r.stage_id, r.contact_id, r.status, r.source, r.monetary_value,
    r.assigned_to, r.lost_reason_id, r.forecast_close_date, r.forecast_probability, r.custom_fields,
    r.status_changed_at_ms, r.stage_changed_at_ms, r.created_at_ms, r.updated_at_ms
from opportunities r
where coalesce((select since_ms from present where noun = 'opportunity' and id = r.id), 0)
    <= (select searched_at_ms from emulator)
union all
select
    p.location_id, p.id, p.name, p.pipeline_id, p.stage_id, p.contact_id, p.status, p.source, p.monetary_value,
    p.assigned_to, p.lost_reason_id, p.forecast_close_date, p.forecast_probability, p.custom_fields,
    p.status_changed_at_ms, p.stage_changed_at_ms, p.created_at_ms, p.updated_at_ms
from opportunities_past p
where p.since_ms <= (select searched_at_ms from emulator)
and p.until_ms > (select searched_at_ms from emulator);
