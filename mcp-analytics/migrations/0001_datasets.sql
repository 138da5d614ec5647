-- Data sets and what they are made of. A load is one import of records of one kind; a version is a set of loads. Loads never
-- change once a version names them, and what no version names is removed in time.

create table analytics_datasets (
    tenant_id text not null,
    dataset_id text not null,
    name text not null,
    version bigint not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    primary key (tenant_id, dataset_id),
    unique (tenant_id, name)
);

create table analytics_loads (
    tenant_id text not null,
    load_no bigint not null,
    dataset_id text not null,
    kind text not null,
    -- staging, published, discarded
    state text not null,
    origin text not null,
    rows_kept bigint not null,
    rows_refused bigint not null,
    profile text not null,
    -- until when the source had been read, for what is read from it later
    read_until_ms bigint,
    started_ms bigint not null,
    alive_until_ms bigint not null,
    primary key (tenant_id, load_no)
);

create index analytics_loads_by_state on analytics_loads (state, alive_until_ms);

create table analytics_versions (
    tenant_id text not null,
    dataset_id text not null,
    version bigint not null,
    made_ms bigint not null,
    primary key (tenant_id, dataset_id, version)
);

create table analytics_version_loads (
    tenant_id text not null,
    dataset_id text not null,
    version bigint not null,
    kind text not null,
    load_no bigint not null,
    primary key (tenant_id, dataset_id, version, kind, load_no)
);

-- What a data set calls people, and the small number that their records carry.
create table analytics_people (
    tenant_id text not null,
    dataset_id text not null,
    customer_no bigint not null,
    customer_id text not null,
    primary key (tenant_id, dataset_id, customer_no)
);

create table analytics_customers (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    customer_no bigint not null,
    email text,
    phone text,
    name text,
    -- 1 given, 0 refused, null: nothing is known
    consent bigint,
    consent_at_ms bigint,
    since_ms bigint,
    country text,
    channel text,
    stage text,
    source text,
    primary key (tenant_id, load_no, row_no)
);

create index analytics_customers_by_person on analytics_customers (tenant_id, customer_no);

create table analytics_transactions (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    customer_no bigint not null,
    at_ms bigint not null,
    amount_minor bigint not null,
    currency text not null,
    transaction_id text,
    product text,
    channel text,
    primary key (tenant_id, load_no, row_no)
);

create table analytics_touches (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    customer_no bigint not null,
    at_ms bigint not null,
    channel text not null,
    action text,
    campaign text,
    primary key (tenant_id, load_no, row_no)
);

create table analytics_spend (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    at_ms bigint not null,
    channel text not null,
    amount_minor bigint not null,
    currency text not null,
    campaign text,
    impressions bigint,
    clicks bigint,
    primary key (tenant_id, load_no, row_no)
);

create table analytics_experiments (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    customer_no bigint not null,
    experiment text not null,
    variant text not null,
    at_ms bigint,
    converted bigint,
    amount_minor bigint,
    currency text,
    primary key (tenant_id, load_no, row_no)
);

create table analytics_funnel_steps (
    tenant_id text not null,
    load_no bigint not null,
    row_no bigint not null,
    customer_no bigint not null,
    step text not null,
    at_ms bigint not null,
    funnel text,
    primary key (tenant_id, load_no, row_no)
);
