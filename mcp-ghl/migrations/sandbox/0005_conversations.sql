-- One conversation per contact, on all channels. Its last message is kept on it, as the vendor's search shows it.
create table conversations (
    location_id text not null,
    id text not null unique,
    contact_id text not null,
    assigned_to text,
    is_starred bigint not null,
    unread_count bigint not null,
    last_kind text not null,
    last_direction text not null,
    last_body text not null,
    last_at_ms bigint not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    unique (location_id, contact_id),
    foreign key (location_id, contact_id) references contacts (location_id, id) on delete cascade
);

create index conversations_by_last on conversations (location_id, last_at_ms, id);

-- A thread of emails is one message without a body.
create table messages (
    location_id text not null,
    id text not null unique,
    conversation_id text not null,
    -- Counted from 1 in each conversation: two may come in the same millisecond.
    position bigint not null,
    kind text not null,
    direction text not null,
    status text not null,
    body text,
    source text not null,
    user_id text,
    attachments text not null,
    added_at_ms bigint not null,
    -- When it is to go out, for those that wait.
    scheduled_at_ms bigint,
    primary key (location_id, id),
    unique (location_id, conversation_id, position),
    foreign key (location_id, conversation_id) references conversations (location_id, id) on delete cascade
);

create table emails (
    location_id text not null,
    id text not null unique,
    message_id text not null,
    position bigint not null,
    direction text not null,
    status text not null,
    subject text not null,
    body text not null,
    sender text not null,
    recipients text not null,
    source text not null,
    attachments text not null,
    added_at_ms bigint not null,
    primary key (location_id, id),
    unique (location_id, message_id, position),
    foreign key (location_id, message_id) references messages (location_id, id) on delete cascade
);
