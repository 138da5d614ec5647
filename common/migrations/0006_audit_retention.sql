-- The beginnings of chains that were removed because they were old: where each chain begins instead.
-- An intent of the tool `prune_audit`, whose arguments are chain, sequence and hash, attests each row.

create table audit_prunings (
    tenant_id      text   not null,
    chain_id       text   not null,
    -- The last event removed, and its hash: the next event's predecessor.
    sequence       bigint not null,
    hash           text   not null,
    -- Only events before this instant were removed.
    before_ms      bigint not null,
    -- When the attesting intent was written; it is written again before it is removed itself.
    attested_at_ms bigint not null,
    primary key (tenant_id, chain_id)
);
