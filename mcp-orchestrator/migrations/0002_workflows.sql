-- Definitions of workflows: every revision as it was saved, and which one counts.

create table orchestrator_definitions (
    tenant_id    text   not null,
    name         text   not null,
    -- From 1; what one says never changes.
    revision     bigint not null,
    -- As its author counts.
    version      text   not null,
    -- As it was saved.
    definition   text   not null,
    -- SHA-256 of it, in hexadecimal digits.
    digest       text   not null,
    -- For whom its runs act, as JSON.
    published_by text   not null,
    published_ms bigint not null,
    primary key (tenant_id, name, revision)
);

create index orchestrator_definitions_by_version on orchestrator_definitions (tenant_id, name, version);

create table orchestrator_workflows (
    tenant_id  text   not null,
    name       text   not null,
    -- The revision that a new run gets.
    revision   bigint not null,
    -- published, paused, removed
    state      text   not null,
    changed_ms bigint not null,
    primary key (tenant_id, name)
);
