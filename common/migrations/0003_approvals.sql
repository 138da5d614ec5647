-- Plans that wait for somebody's yes, what was let through today, and which tenants are stopped.
-- A decision is also an event of the audit trail: kind `approved` or `refused`, with the plan's id in `details`.

create table approval_plans (
    tenant_id        text   not null,
    -- `pln_` and a UUIDv7.
    plan_id          text   not null,
    -- Whose call it is; nobody else's call is covered by it.
    subject          text   not null,
    tool             text   not null,
    -- write, send, destroy, spend
    access           text   not null,
    -- ask, plan: the mode in which it was proposed.
    mode             text   not null,
    -- SHA-256 of the canonical JSON of the arguments, never the arguments.
    arguments_digest text   not null,
    -- What a person judges, as JSON; `plan_digest` is the SHA-256 of its canonical form.
    plan             text   not null,
    plan_digest      text   not null,
    -- pending, approved, refused, spent, expired
    state            text   not null,
    created_at_ms    bigint not null,
    -- From here on it is expired, whatever its state says, unless it is refused or spent.
    expires_at_ms    bigint not null,
    -- Who said yes or no, and how; empty until then, and for plans that nobody had to decide.
    decided_by       text,
    decided_at_ms    bigint,
    spent_at_ms      bigint,
    primary key (tenant_id, plan_id)
);

-- Open plans of a tenant and of one caller.
create index approval_plans_open on approval_plans (tenant_id, state, expires_at_ms);

-- What was let through on one day, for the daily caps.
create table approval_usage (
    tenant_id  text   not null,
    -- Days since 1970-01-01, UTC.
    day_number bigint not null,
    -- `people`, `spend_calls`, or `minor:` and an ISO 4217 currency.
    unit       text   not null,
    amount     bigint not null,
    primary key (tenant_id, day_number, unit)
);

-- Tenants for whom nothing may be changed until an operator lifts it.
create table approval_stops (
    tenant_id     text   not null,
    stopped_by    text   not null,
    stopped_at_ms bigint not null,
    primary key (tenant_id)
);
