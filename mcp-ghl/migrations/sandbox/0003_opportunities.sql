create table pipelines (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    name text not null,
    position bigint not null,
    primary key (location_id, id)
);

-- The chance to win is a percentage, 0 to 100.
create table stages (
    location_id text not null,
    id text not null unique,
    pipeline_id text not null,
    name text not null,
    position bigint not null,
    win_probability double precision not null,
    primary key (location_id, id),
    foreign key (location_id, pipeline_id) references pipelines (location_id, id) on delete cascade
);

create table lost_reasons (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    name text not null,
    added_at_ms bigint not null,
    primary key (location_id, id)
);

-- The vendor's monetary value is a decimal number of the location's currency, not minor units.
create table opportunities (
    location_id text not null,
    id text not null unique,
    name text not null,
    pipeline_id text not null,
    stage_id text not null,
    contact_id text not null,
    status text not null,
    source text,
    monetary_value double precision not null,
    assigned_to text,
    lost_reason_id text,
    forecast_close_date text,
    forecast_probability double precision,
    custom_fields text not null,
    status_changed_at_ms bigint not null,
    stage_changed_at_ms bigint not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    primary key (location_id, id),
    foreign key (location_id, contact_id) references contacts (location_id, id) on delete cascade,
    foreign key (location_id, stage_id) references stages (location_id, id)
);

create index opportunities_by_stage on opportunities (location_id, pipeline_id, stage_id);
create index opportunities_by_contact on opportunities (location_id, contact_id);
create index opportunities_by_created on opportunities (location_id, created_at_ms, id);
