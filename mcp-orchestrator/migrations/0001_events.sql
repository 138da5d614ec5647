-- What happened, stored once, before it is acknowledged.

create table orchestrator_events (
    tenant_id   text   not null,
    -- evt_ and a UUIDv7: sorts by time.
    event_id    text   not null,
    source      text   not null,
    kind        text   not null,
    -- What it is the same by: the vendor's id, or the digest of its raw body.
    dedupe_key  text   not null,
    received_ms bigint not null,
    -- As it came, for replay.
    body        text   not null,
    -- new, routed, unrouted
    state       text   not null,
    primary key (tenant_id, event_id)
);
