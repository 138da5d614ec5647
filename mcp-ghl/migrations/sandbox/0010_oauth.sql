-- A private integration token has neither an app nor an end, and its scopes are not kept: it opens all that it reaches.
alter table tokens add column client_id text;
alter table tokens add column scopes text;
alter table tokens add column expires_at_ms bigint;

create table oauth_codes (
    code text not null primary key,
    client_id text not null,
    redirect_uri text not null,
    scopes text not null,
    company_id text not null,
    location_id text references locations (id) on delete cascade,
    expires_at_ms bigint not null
);

-- What a refresh token was exchanged for stays beside it: within the vendor's grace its second use gets the same answer.
create table oauth_refresh_tokens (
    refresh_token text not null primary key,
    client_id text not null,
    scopes text not null,
    company_id text not null,
    location_id text references locations (id) on delete cascade,
    expires_at_ms bigint not null,
    spent_at_ms bigint,
    next_access_token text,
    next_refresh_token text
);
