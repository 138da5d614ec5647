-- Runs, what they wait for, what came for them, and the processes that keep them going.

-- A process that keeps runs going; no tenant's.
create table orchestrator_workers (
    -- wrk_ and a UUIDv7
    worker_id      text   not null,
    -- Renewed while it lives; its runs are taken over afterwards.
    alive_until_ms bigint not null,
    -- Since when it counts as dead for good; it takes another id if it comes back.
    buried_ms      bigint,
    primary key (worker_id)
);

create table orchestrator_runs (
    tenant_id         text   not null,
    -- run_ and 32 hexadecimal digits
    run_id            text   not null,
    workflow          text   not null,
    -- The revision of the definition, that it stays on.
    workflow_revision bigint not null,
    -- The event or other key that it was started by.
    started_by        text,
    input             text   not null,
    -- For whom its calls are made, as JSON.
    acting            text   not null,
    callback          text,
    -- The run and wait that wait for it.
    parent_run_id     text,
    parent_wait_id    text,
    -- running, waiting, completed, failed, cancelled
    status            text   not null,
    -- The worker that has it in memory; without one and `running`, any worker may take it.
    owner             text,
    -- One more with each change; whoever writes names the one that it read.
    revision          bigint not null,
    -- Where it stands, as JSON; absent until it has begun.
    state             text,
    -- The calls under way and those that wait for a yes, as JSON.
    calls             text   not null,
    -- How it ended, as JSON.
    outcome           text,
    created_ms        bigint not null,
    updated_ms        bigint not null,
    ended_ms          bigint,
    primary key (tenant_id, run_id)
);

create index orchestrator_runs_owned on orchestrator_runs (owner) where owner is not null;
create index orchestrator_runs_queued on orchestrator_runs (created_ms) where owner is null and status = 'running';
create index orchestrator_runs_ended on orchestrator_runs (ended_ms) where ended_ms is not null;
create index orchestrator_runs_listed on orchestrator_runs (tenant_id, created_ms);

-- The trace: one row for each attempt at a step, written again when that is over.
create table orchestrator_steps (
    tenant_id text   not null,
    run_id    text   not null,
    -- Unique in its run; another one for each passage of a loop.
    step_id   text   not null,
    -- Where it stands in the definition (RFC 6901).
    pointer   text   not null,
    name      text   not null,
    -- call, set, wait …
    kind      text   not null,
    attempt   bigint not null,
    -- running, waiting, completed, failed, retrying, skipped, cancelled, compensated
    status    text   not null,
    -- What happened, in one line.
    summary   text   not null,
    input     text,
    output    text,
    failure   text,
    began_ms  bigint not null,
    ended_ms  bigint,
    primary key (tenant_id, run_id, step_id, attempt)
);

-- What runs wait for, besides calls and other runs.
create table orchestrator_waits (
    tenant_id text   not null,
    run_id    text   not null,
    wait_id   text   not null,
    -- timer, event, approval
    kind      text   not null,
    -- When it is due: a timer's end, the next look at an approval, or its end.
    due_ms    bigint,
    -- event: the filter (see below); approval: the plan.
    subject   text,
    -- event: what its first correlation has to be.
    event_key text,
    -- event: what is listened for; approval: what is asked. JSON.
    detail    text   not null,
    primary key (tenant_id, run_id, wait_id)
);

create index orchestrator_waits_due on orchestrator_waits (due_ms) where due_ms is not null;
create index orchestrator_waits_subject on orchestrator_waits (tenant_id, subject, event_key) where subject is not null;

-- Every filter that a run has ever listened with: what an event is held against, before any run is looked at.
create table orchestrator_filters (
    tenant_id         text   not null,
    -- The kind of event, or `*` where that is not exact.
    event_kind        text   not null,
    workflow          text   not null,
    workflow_revision bigint not null,
    -- Where it stands in the definition (RFC 6901).
    pointer           text   not null,
    primary key (tenant_id, event_kind, workflow, workflow_revision, pointer)
);

-- What came for a run from outside, once, whether it is in a worker's memory or not. Kept while the run goes on, so
-- that the same event is not taken again by a later wait.
create table orchestrator_inputs (
    tenant_id   text   not null,
    run_id      text   not null,
    -- The event's id, or what else it is the same by.
    input_id    text   not null,
    -- JSON
    input       text   not null,
    received_ms bigint not null,
    -- 1 once the run has gone on with it.
    is_consumed bigint not null,
    primary key (tenant_id, run_id, input_id)
);

create index orchestrator_inputs_open on orchestrator_inputs (tenant_id, run_id) where is_consumed = 0;
