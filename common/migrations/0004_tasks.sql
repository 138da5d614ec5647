-- Calls of long tools that outlive their request (MCP extension `io.modelcontextprotocol/tasks`, SEP-2663).
-- A row is written before its tool begins, and belongs to the caller who made the call.

create table call_tasks (
    tenant_id              text   not null,
    -- `tsk_` and 128 random bits in hexadecimal: whoever guesses is not faster than whoever asks.
    task_id                text   not null,
    subject                text   not null,
    tool                   text   not null,
    -- 1 if the tool changes anything: after an interruption its outcome is unknown.
    is_change              bigint not null,
    -- working, input_required, completed, failed, cancelled
    state                  text   not null,
    status_message         text,
    created_at_ms          bigint not null,
    updated_at_ms          bigint not null,
    -- Not answered from here on.
    expires_at_ms          bigint not null,
    poll_interval_ms       bigint not null,
    -- The process that works on it, and its last sign of life.
    owner_id               text   not null,
    heartbeat_at_ms        bigint not null,
    -- When the caller wanted it to end; the owner reads it with its next heartbeat.
    cancel_requested_at_ms bigint,
    -- JSON objects: the requests that wait for input, by key, and the answers that came.
    questions              text   not null,
    answers                text   not null,
    -- Moves with every change of the two above.
    revision               bigint not null,
    -- JSON: the tool's result where it completed, the error where it failed.
    outcome                text,
    primary key (tenant_id, task_id)
);

create index call_tasks_by_owner on call_tasks (owner_id, state);
create index call_tasks_by_state on call_tasks (state, heartbeat_at_ms);
create index call_tasks_by_expiry on call_tasks (expires_at_ms);
