-- What this server has changed in an account, and how each change is taken back.

create table ghl_changes (
    tenant_id     text   not null,
    -- chg_ and a UUIDv7: sorts by time.
    change_id     text   not null,
    at_ms         bigint not null,
    -- Who changed it.
    subject       text   not null,
    tool          text   not null,
    location_id   text   not null,
    location_name text,
    record_kind   text   not null,
    record_id     text   not null,
    -- The contact that it is about, if any.
    contact_id    text,
    -- One line for people, with names.
    summary       text   not null,
    -- done, partly, undone
    state         text   not null,
    -- How many reversals there are, 0 where it cannot be taken back; and how many of them are made.
    steps         bigint not null,
    steps_made    bigint not null,
    -- The reversals as JSON, sealed: they hold what stood in the records before.
    sealed        text   not null,
    -- Whoever takes it back has it alone until then.
    busy_until_ms bigint not null,
    undone_by     text,
    undone_at_ms  bigint,
    -- The change that this one took back, if it is the taking back of one.
    undoes        text,
    primary key (tenant_id, change_id)
);

create index ghl_changes_by_subject on ghl_changes (tenant_id, subject, change_id);
create index ghl_changes_by_record on ghl_changes (tenant_id, record_id, change_id);
create index ghl_changes_by_age on ghl_changes (at_ms);
