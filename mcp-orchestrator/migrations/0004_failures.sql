-- What went wrong and waits for somebody, what starts by the clock, and what the CRM and we know of each other.

-- One row for each thing that failed; failing again, it is the same row.
create table orchestrator_failures (
    tenant_id   text   not null,
    -- fail_ and 32 hexadecimal digits: the digest of kind and subject.
    failure_id  text   not null,
    -- run, retry, event, callback, schedule, tag
    kind        text   not null,
    -- The id of what failed.
    subject     text   not null,
    workflow    text,
    run_id      text,
    -- Where it stands in the definition (RFC 6901).
    step        text,
    -- What failures of one cause have in common.
    fingerprint text   not null,
    code        text   not null,
    -- Each in one line.
    reason      text   not null,
    next_step   text   not null,
    attempts    bigint not null,
    first_ms    bigint not null,
    last_ms     bigint not null,
    -- open, retried, skipped, resolved
    state       text   not null,
    primary key (tenant_id, failure_id)
);

create index orchestrator_failures_grouped on orchestrator_failures (tenant_id, state, fingerprint, last_ms);
create index orchestrator_failures_by_age on orchestrator_failures (last_ms);

-- Tags that say in the CRM that a run about a contact has succeeded, on their way there.
create table orchestrator_tags (
    tenant_id  text   not null,
    run_id     text   not null,
    workflow   text   not null,
    -- The event that the run was started by.
    started_by text   not null,
    ended_ms   bigint not null,
    -- Whom it is about and what is set, once that is known.
    contact_id text,
    tag        text,
    -- due, done, none, failed
    state      text   not null,
    attempts   bigint not null,
    -- How often it was to be set anew because it was gone.
    again      bigint not null,
    due_ms     bigint not null,
    primary key (tenant_id, run_id)
);

create index orchestrator_tags_due on orchestrator_tags (due_ms) where state = 'due';
create index orchestrator_tags_by_contact on orchestrator_tags (tenant_id, contact_id) where contact_id is not null;
create index orchestrator_tags_by_age on orchestrator_tags (ended_ms);

-- When published workflows start by themselves.
create table orchestrator_schedules (
    tenant_id    text   not null,
    workflow     text   not null,
    -- Its place among the workflow's schedules, from 0.
    number       bigint not null,
    revision     bigint not null,
    -- Five fields of cron, and an IANA zone; or a span in milliseconds, counted from `since_ms`.
    cron         text,
    zone         text,
    every_ms     bigint,
    since_ms     bigint not null,
    -- For whom its runs act, as JSON.
    acting       text   not null,
    -- The next time; none if there is none any more.
    next_due_ms  bigint,
    -- The last time that a run was started for.
    last_due_ms  bigint,
    primary key (tenant_id, workflow, number)
);

create index orchestrator_schedules_due on orchestrator_schedules (next_due_ms) where next_due_ms is not null;

-- Comparisons of the CRM with our events and effects.
create table orchestrator_reconciliations (
    tenant_id         text   not null,
    -- rec_ and 32 hexadecimal digits.
    reconciliation_id text   not null,
    -- The CRM's location as it was asked for; empty: the one that it has by default.
    location          text   not null,
    since_ms          bigint not null,
    until_ms          bigint not null,
    -- running, done, failed
    state             text   not null,
    -- While it runs: until when it is left to whoever runs it.
    alive_until_ms    bigint not null,
    contacts          bigint not null,
    events            bigint not null,
    gaps              bigint not null,
    -- Why it failed, or what it could not see.
    remark            text,
    began_ms          bigint not null,
    ended_ms          bigint,
    primary key (tenant_id, reconciliation_id)
);

create index orchestrator_reconciliations_by_age on orchestrator_reconciliations (began_ms);

-- What was found to be missing.
create table orchestrator_gaps (
    tenant_id         text   not null,
    reconciliation_id text   not null,
    -- From 1, in the order in which they were found.
    number            bigint not null,
    -- event_missing, run_missing, tag_missing
    kind              text   not null,
    -- A contact, an event, a run.
    subject           text   not null,
    workflow          text,
    -- JSON: what the repair is made of.
    detail            text   not null,
    -- found, repaired, failed
    state             text   not null,
    primary key (tenant_id, reconciliation_id, number)
);
