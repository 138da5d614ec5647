create table tasks (
    location_id text not null,
    id text not null unique,
    contact_id text not null,
    title text not null,
    body text,
    due_at_ms bigint not null,
    assigned_to text,
    is_completed bigint not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    foreign key (location_id, contact_id) references contacts (location_id, id) on delete cascade
);

create index tasks_by_contact on tasks (location_id, contact_id, added_at_ms);

-- Open hours and the team are JSON: the vendor reads and writes them whole.
create table calendars (
    location_id text not null references locations (id) on delete cascade,
    id text not null unique,
    name text not null,
    slug text not null,
    description text not null,
    position bigint not null,
    slot_minutes bigint not null,
    interval_minutes bigint not null,
    booking_days bigint not null,
    open_hours text not null,
    team text not null,
    primary key (location_id, id)
);

create table appointments (
    location_id text not null,
    id text not null unique,
    calendar_id text not null,
    contact_id text not null,
    user_id text,
    title text not null,
    status text not null,
    address text,
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    foreign key (location_id, calendar_id) references calendars (location_id, id) on delete cascade,
    foreign key (location_id, contact_id) references contacts (location_id, id) on delete cascade
);

create index appointments_by_start on appointments (location_id, starts_at_ms);
create index appointments_by_contact on appointments (location_id, contact_id, starts_at_ms);

create table appointment_notes (
    location_id text not null,
    id text not null unique,
    appointment_id text not null,
    user_id text,
    body text not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    foreign key (location_id, appointment_id) references appointments (location_id, id) on delete cascade
);
