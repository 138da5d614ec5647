-- What happened, stored once, before it is acknowledged.

create table orchestrator_events (
    tenant_id     text   not null,
    -- evt_ and a UUIDv7: sorts by arrival.
    event_id      text   not null,
    source        text   not null,
    kind          text   not null,
    -- What it is the same by: the sender's id, or the digest of its raw body.
    dedupe_key    text   not null,
    received_ms   bigint not null,
    -- JSON: what came with it and is needed to read it and to prove who sent it.
    headers       text   not null,
    -- As it came.
    body          text   not null,
    -- text, base64
    body_encoding text   not null,
    -- new, routed, unrouted, failed
    state         text   not null,
    -- How often routing it has failed, and when it is tried again.
    attempts      bigint not null,
    due_ms        bigint not null,
    routed_ms     bigint,
    -- JSON: what it has started, and how many runs took it.
    outcome       text,
    -- Why routing it has failed.
    reason        text,
    primary key (tenant_id, event_id)
);

create unique index orchestrator_events_by_key on orchestrator_events (tenant_id, source, dedupe_key);

-- What is still to be routed: small, however many there are.
create index orchestrator_events_new on orchestrator_events (event_id) where state = 'new';

create index orchestrator_events_by_age on orchestrator_events (received_ms);

-- Outcomes of runs on their way to whoever wanted to be told.
create table orchestrator_callbacks (
    tenant_id   text   not null,
    -- msg_ and a UUIDv7: the same for all attempts.
    callback_id text   not null,
    run_id      text   not null,
    url         text   not null,
    -- JSON, as it is sent.
    body        text   not null,
    -- due, told, failed
    state       text   not null,
    attempts    bigint not null,
    due_ms      bigint not null,
    made_ms     bigint not null,
    -- What became of the last attempt.
    reason      text,
    primary key (tenant_id, callback_id)
);

create index orchestrator_callbacks_due on orchestrator_callbacks (due_ms) where state = 'due';
