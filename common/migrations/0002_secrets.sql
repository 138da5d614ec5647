-- Secrets: every value sealed by a key of its own, those keys wrapped by the key of the vault, which is not in here.
-- Binary columns are base64 text. `common::secrets` says what each seal covers.

-- The vault's key: where it is, and how to tell it from a wrong one. No row: no secret was ever put here.
create table secret_vault (
    -- Always 1: a database has one vault, which belongs to no tenant.
    vault          bigint not null primary key check (vault = 1),
    -- `vlt_` and a UUIDv7.
    vault_id       text   not null,
    -- `key_` and a UUIDv7; another one after each rotation.
    key_id         text   not null,
    -- os, passphrase or given
    kept_in        text   not null,
    -- How the key is derived from a passphrase; otherwise absent. Argon2id (RFC 9106).
    kdf_salt       text,
    kdf_memory_kib bigint,
    kdf_passes     bigint,
    kdf_lanes      bigint,
    made_at_ms     bigint not null,
    -- Nothing, sealed by the key, covering the columns above.
    check_sealed   text   not null,
    -- Counts the changes of all values; a value's generation is the count at its last change.
    changes        bigint not null
);

-- Keys that may lie in the key store of the system without being the vault's: just made, or just replaced.
create table secret_stray_keys (
    key_id           text   not null primary key,
    at_ms            bigint not null,
    -- 1: it is being removed, so it cannot become the vault's any more.
    is_being_removed bigint not null default 0
);

create table secret_values (
    tenant_id     text   not null,
    name          text   not null,
    generation    bigint not null,
    updated_at_ms bigint not null,
    -- The vault's key that wraps `wrapped_key`.
    key_id        text   not null,
    -- The key of this value at this generation.
    wrapped_key   text   not null,
    sealed        text   not null,
    primary key (tenant_id, name)
);

-- Who alone may change a secret for a while.
create table secret_leases (
    tenant_id text   not null,
    name      text   not null,
    -- `lse_` and a UUIDv7.
    holder_id text   not null,
    until_ms  bigint not null,
    primary key (tenant_id, name)
);
