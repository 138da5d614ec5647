-- What was asked for, by whom, and how it ended: hash chains, one per tenant and process.
-- An event is a row, except that reads of one subject with one tool and one code share a row: `details` has each.
-- Only added to. `common::audit` says what each hash covers.

create table audit_events (
    tenant_id        text   not null,
    -- `chn_` and a UUIDv7: one per tenant and process start.
    chain_id         text   not null,
    -- 1, 2, 3, … without gaps.
    sequence         bigint not null,
    -- `evt_` and a UUIDv7.
    event_id         text   not null,
    -- Of a `read`: of the first of its calls.
    at_ms            bigint not null,
    -- checkpoint, intent, outcome, read, refusal
    kind             text   not null,
    subject          text   not null,
    -- Empty for outcomes (their intent has it) and checkpoints, as is `access`.
    tool             text   not null,
    -- read, write, send, destroy, spend
    access           text   not null,
    -- SHA-256 of the canonical JSON of the arguments, never the arguments; of a checkpoint, over what it names.
    arguments_digest text,
    location_id      text,
    trace_id         text,
    -- An outcome's intent, in a chain of the same tenant.
    intent_id        text,
    -- `ok` or the error code.
    code             text,
    -- Of a `read`: of all its calls together.
    duration_ms      bigint,
    vendor_trace_id  text,
    -- How many calls the row stands for; more than 1 only where `kind` is `read`.
    calls            bigint not null default 1,
    -- Of a `read`: a JSON array with an object for each call, in the order of their ends. `at_ms`, `arguments_digest` and
    -- `duration_ms`; where there are any, `location_id`, `trace_id` and `vendor_trace_id`. Their columns are then empty.
    details          text,
    -- SHA-256 over the hash before it and every column above.
    hash             text   not null,
    primary key (tenant_id, chain_id, sequence)
);

-- The last event of each chain, moved in the same transaction as the events.
create table audit_chains (
    tenant_id text   not null,
    chain_id  text   not null,
    sequence  bigint not null,
    hash      text   not null,
    primary key (tenant_id, chain_id)
);

-- What a checkpoint (an event of `chain_id`) saw: the last event of another chain of the tenant.
create table audit_checkpoint_heads (
    tenant_id     text   not null,
    chain_id      text   not null,
    sequence      bigint not null,
    head_chain_id text   not null,
    head_sequence bigint not null,
    head_hash     text   not null,
    primary key (tenant_id, chain_id, sequence, head_chain_id)
);

create index audit_checkpoint_heads_by_head on audit_checkpoint_heads (tenant_id, head_chain_id, head_sequence);
