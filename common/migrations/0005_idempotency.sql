-- What became of calls that carried an idempotency key, so that the same key answers with the first result.

create table idempotency_keys (
    tenant_id        text   not null,
    -- Who called: one caller's keys say nothing about another's.
    subject          text   not null,
    tool             text   not null,
    idempotency_key  text   not null,
    -- SHA-256 of the canonical JSON of the arguments: a key belongs to one call.
    arguments_digest text   not null,
    -- Who may settle the row: random, another for each attempt.
    attempt_id       text   not null,
    -- begun, answered, lost
    state            text   not null,
    -- Of the first attempt whose outcome is not known yet.
    begun_at_ms      bigint not null,
    -- An attempt that is still `begun` afterwards died on its way.
    busy_until_ms    bigint not null,
    -- The answer as JSON, once there is one.
    answer           text,
    -- The key is forgotten then.
    expires_at_ms    bigint not null,
    primary key (tenant_id, subject, tool, idempotency_key)
);

create index idempotency_keys_by_expiry on idempotency_keys (expires_at_ms);
