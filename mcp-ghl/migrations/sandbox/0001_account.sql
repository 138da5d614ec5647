-- The agency and its sub-accounts. The vendor's own tenant is the location: it leads every key.
create table locations (
    id text not null primary key,
    company_id text not null,
    slug text not null,
    name text not null,
    address text not null,
    city text not null,
    state text not null,
    country text not null,
    postal_code text not null,
    website text not null,
    timezone text not null,
    email text not null,
    phone text not null,
    allows_duplicate_contact bigint not null,
    allows_duplicate_opportunity bigint not null,
    added_at_ms bigint not null
);

-- A token without a location is the agency's.
create table tokens (
    token text not null primary key,
    company_id text not null,
    location_id text references locations (id) on delete cascade
);

create table users (
    company_id text not null,
    id text not null,
    first_name text not null,
    last_name text not null,
    email text not null,
    phone text not null,
    kind text not null,
    role text not null,
    location_ids text not null,
    primary key (company_id, id)
);

create table tags (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    name text not null,
    primary key (location_id, id),
    unique (location_id, name)
);

create table custom_fields (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    model text not null,
    name text not null,
    field_key text not null,
    data_type text not null,
    placeholder text not null,
    position bigint not null,
    options text not null,
    primary key (location_id, id)
);
