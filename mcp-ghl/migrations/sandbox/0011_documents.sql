-- Records that the vendor reads and writes whole: links, templates, campaigns, posts, products and their like.
create table documents (
    location_id text not null references locations (id) on delete cascade,
    kind text not null,
    id text not null,
    -- The record that it hangs on; empty where it stands alone.
    parent_id text not null,
    body text not null,
    added_at_ms bigint not null,
    updated_at_ms bigint not null,
    primary key (location_id, kind, id)
);

create index documents_by_id on documents (kind, id);
create index documents_by_parent on documents (location_id, kind, parent_id, added_at_ms);
