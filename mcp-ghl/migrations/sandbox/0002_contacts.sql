-- Tags, custom values and channel settings are JSON: the vendor reads and writes them whole, and search reaches into them.
create table contacts (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    first_name text,
    last_name text,
    first_name_lower text,
    last_name_lower text,
    full_name_lower text not null,
    email text,
    email_lower text,
    phone text,
    company_name text,
    address1 text,
    city text,
    state text,
    country text,
    postal_code text,
    website text,
    timezone text,
    gender text,
    source text,
    date_of_birth text,
    assigned_to text,
    is_dnd bigint not null,
    dnd_settings text not null,
    tags text not null,
    custom_fields text not null,
    added_at_ms bigint not null,
    updated_at_ms bigint not null,
    primary key (location_id, id)
);

create index contacts_by_email on contacts (location_id, email_lower);
create index contacts_by_phone on contacts (location_id, phone);
create index contacts_by_added on contacts (location_id, added_at_ms, id);

create table notes (
    location_id text not null,
    id text not null unique,
    contact_id text not null,
    user_id text,
    title text,
    body text not null,
    color text,
    is_pinned bigint not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    foreign key (location_id, contact_id) references contacts (location_id, id) on delete cascade
);

create index notes_by_contact on notes (location_id, contact_id, added_at_ms);
