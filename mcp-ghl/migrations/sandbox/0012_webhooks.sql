-- One row: whether changes are kept at all, and the seed of the key that signs webhooks (32 bytes in base64).
create table emulator (
    one bigint not null primary key check (one = 1),
    is_watching bigint not null,
    webhook_seed text
);

insert into emulator (one, is_watching) values (1, 0);

-- What has happened and is not yet told. Triggers write it in the transaction of the change itself, so that no handler
-- can forget to; the facts are in the form that webhooks have.
create table changes (
    position integer primary key autoincrement,
    event text not null,
    location_id text not null,
    facts text not null
);

-- What was told to whom, and what waits to be told again.
create table deliveries (
    position integer primary key autoincrement,
    webhook_id text not null,
    event text not null,
    location_id text not null,
    -- Empty where nobody listens.
    url text not null,
    body text not null,
    happened_at_ms bigint not null,
    attempts bigint not null,
    -- waiting, delivered, refused, unreachable or unheard.
    outcome text not null,
    -- Of the last answer.
    status bigint,
    due_at_ms bigint
);

create index deliveries_by_due on deliveries (due_at_ms, position);

-- `json_patch('{}', …)` takes away what is null.
create view contact_facts as
select
    c.id,
    json_patch('{}', json_object(
        'id', c.id,
        'address1', c.address1,
        'city', c.city,
        'state', c.state,
        'companyName', c.company_name,
        'country', c.country,
        'source', c.source,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', c.added_at_ms / 1000.0, 'unixepoch'),
        'dateOfBirth', c.date_of_birth,
        'dnd', json(case c.is_dnd when 0 then 'false' else 'true' end),
        'email', c.email,
        'name', nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), ''),
        'firstName', c.first_name,
        'lastName', c.last_name,
        'phone', c.phone,
        'postalCode', c.postal_code,
        'tags', json(c.tags),
        'website', c.website,
        'attachments', json('[]'),
        'assignedTo', c.assigned_to,
        'customFields', (
            select json_group_array(json_object('id', f.key, 'value', c.custom_fields -> f.fullkey))
            from json_each(c.custom_fields) f
        )
    )) as facts
from contacts c;

create trigger contact_created after insert on contacts
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'ContactCreate', new.location_id, facts from contact_facts where id = new.id;
end;

create trigger contact_updated after update on contacts
when (select is_watching from emulator) = 1
and (
    old.first_name, old.last_name, old.email, old.phone, old.company_name, old.address1, old.city, old.state,
    old.country, old.postal_code, old.website, old.timezone, old.gender, old.source, old.date_of_birth,
    old.assigned_to, old.custom_fields
) is not (
    new.first_name, new.last_name, new.email, new.phone, new.company_name, new.address1, new.city, new.state,
    new.country, new.postal_code, new.website, new.timezone, new.gender, new.source, new.date_of_birth,
    new.assigned_to, new.custom_fields
)
begin
    insert into changes (event, location_id, facts)
    select 'ContactUpdate', new.location_id, facts from contact_facts where id = new.id;
end;

create trigger contact_tags_updated after update on contacts
when (select is_watching from emulator) = 1 and old.tags <> new.tags
begin
    insert into changes (event, location_id, facts)
    select 'ContactTagUpdate', new.location_id, facts from contact_facts where id = new.id;
end;

create trigger contact_dnd_updated after update on contacts
when (select is_watching from emulator) = 1
and (old.is_dnd <> new.is_dnd or old.dnd_settings <> new.dnd_settings)
begin
    insert into changes (event, location_id, facts)
    select
        'ContactDndUpdate',
        new.location_id,
        json_patch(facts, json_object('dndSettings', json_patch('{}', json_object(
            'SMS', new.dnd_settings -> '$.sms',
            'Call', new.dnd_settings -> '$.call',
            'Email', new.dnd_settings -> '$.email',
            'GMB', new.dnd_settings -> '$.gmb',
            'FB', new.dnd_settings -> '$.fb',
            'WhatsApp', new.dnd_settings -> '$.whats_app'
        ))))
    from contact_facts
    where id = new.id;
end;

create trigger contact_deleted before delete on contacts
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'ContactDelete', old.location_id, facts from contact_facts where id = old.id;
end;

create view note_facts as
select
    n.id,
    json_object(
        'id', n.id,
        'body', n.body,
        'contactId', n.contact_id,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', n.added_at_ms / 1000.0, 'unixepoch')
    ) as facts
from notes n;

create trigger note_created after insert on notes
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'NoteCreate', new.location_id, facts from note_facts where id = new.id;
end;

create trigger note_updated after update on notes
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'NoteUpdate', new.location_id, facts from note_facts where id = new.id;
end;

-- What goes with its contact goes in silence: whether the vendor tells it is not known.
create trigger note_deleted before delete on notes
when (select is_watching from emulator) = 1
and exists (select 1 from contacts where location_id = old.location_id and id = old.contact_id)
begin
    insert into changes (event, location_id, facts)
    select 'NoteDelete', old.location_id, facts from note_facts where id = old.id;
end;

create view task_facts as
select
    t.id,
    json_patch('{}', json_object(
        'id', t.id,
        'assignedTo', t.assigned_to,
        'body', t.body,
        'contactId', t.contact_id,
        'title', t.title,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', t.added_at_ms / 1000.0, 'unixepoch'),
        'dueDate', strftime('%Y-%m-%dT%H:%M:%fZ', t.due_at_ms / 1000.0, 'unixepoch')
    )) as facts
from tasks t;

create trigger task_created after insert on tasks
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'TaskCreate', new.location_id, facts from task_facts where id = new.id;
end;

-- The vendor has no event for a task that changes otherwise.
create trigger task_completed after update on tasks
when (select is_watching from emulator) = 1 and old.is_completed = 0 and new.is_completed <> 0
begin
    insert into changes (event, location_id, facts)
    select 'TaskComplete', new.location_id, facts from task_facts where id = new.id;
end;

create trigger task_deleted before delete on tasks
when (select is_watching from emulator) = 1
and exists (select 1 from contacts where location_id = old.location_id and id = old.contact_id)
begin
    insert into changes (event, location_id, facts)
    select 'TaskDelete', old.location_id, facts from task_facts where id = old.id;
end;

create view opportunity_facts as
select
    o.id,
    json_patch('{}', json_object(
        'id', o.id,
        'assignedTo', o.assigned_to,
        'contactId', o.contact_id,
        'monetaryValue', o.monetary_value,
        'name', o.name,
        'pipelineId', o.pipeline_id,
        'pipelineStageId', o.stage_id,
        'source', o.source,
        'status', o.status,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', o.created_at_ms / 1000.0, 'unixepoch')
    )) as facts
from opportunities o;

create trigger opportunity_created after insert on opportunities
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'OpportunityCreate', new.location_id, facts from opportunity_facts where id = new.id;
end;

-- The general event first, then the special ones.
create trigger opportunity_updated after update on opportunities
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select e.event, new.location_id, facts
    from opportunity_facts, (
        select 1 as position, 'OpportunityUpdate' as event, (
            old.name, old.pipeline_id, old.stage_id, old.contact_id, old.status, old.source, old.monetary_value,
            old.assigned_to, old.lost_reason_id, old.forecast_close_date, old.forecast_probability, old.custom_fields
        ) is not (
            new.name, new.pipeline_id, new.stage_id, new.contact_id, new.status, new.source, new.monetary_value,
            new.assigned_to, new.lost_reason_id, new.forecast_close_date, new.forecast_probability, new.custom_fields
        ) as is_due
        union all
        select 2, 'OpportunityStageUpdate', old.stage_id <> new.stage_id
        union all
        select 3, 'OpportunityStatusUpdate', old.status <> new.status
        union all
        select 4, 'OpportunityMonetaryValueUpdate', old.monetary_value <> new.monetary_value
        union all
        select 5, 'OpportunityAssignedToUpdate', old.assigned_to is not new.assigned_to
    ) e
    where id = new.id and e.is_due
    order by e.position;
end;

create trigger opportunity_deleted before delete on opportunities
when (select is_watching from emulator) = 1
and exists (select 1 from contacts where location_id = old.location_id and id = old.contact_id)
begin
    insert into changes (event, location_id, facts)
    select 'OpportunityDelete', old.location_id, facts from opportunity_facts where id = old.id;
end;

create view appointment_facts as
select
    a.id,
    json_object('appointment', json_patch('{}', json_object(
        'id', a.id,
        'address', a.address,
        'title', a.title,
        'calendarId', a.calendar_id,
        'contactId', a.contact_id,
        'appointmentStatus', a.status,
        'assignedUserId', a.user_id,
        'users', case when a.user_id is null then json('[]') else json_array(a.user_id) end,
        'source', 'api',
        'startTime', strftime('%Y-%m-%dT%H:%M:%fZ', a.starts_at_ms / 1000.0, 'unixepoch'),
        'endTime', strftime('%Y-%m-%dT%H:%M:%fZ', a.ends_at_ms / 1000.0, 'unixepoch'),
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', a.added_at_ms / 1000.0, 'unixepoch')
    ))) as facts
from appointments a;

create trigger appointment_created after insert on appointments
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'AppointmentCreate', new.location_id, facts from appointment_facts where id = new.id;
end;

create trigger appointment_updated after update on appointments
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'AppointmentUpdate', new.location_id, facts from appointment_facts where id = new.id;
end;

create trigger appointment_deleted before delete on appointments
when (select is_watching from emulator) = 1
and exists (select 1 from contacts where location_id = old.location_id and id = old.contact_id)
begin
    insert into changes (event, location_id, facts)
    select 'AppointmentDelete', old.location_id, facts from appointment_facts where id = old.id;
end;

-- A thread of emails tells nothing; each email in it does.
create trigger message_created after insert on messages
when (select is_watching from emulator) = 1 and new.kind <> 'TYPE_EMAIL' and new.status <> 'scheduled'
begin
    insert into changes (event, location_id, facts)
    select
        case new.direction when 'inbound' then 'InboundMessage' else 'OutboundMessage' end,
        new.location_id,
        json_patch('{}', json_object(
            'attachments', json(new.attachments),
            'body', new.body,
            'contactId', v.contact_id,
            'contentType', 'text/plain',
            'conversationId', new.conversation_id,
            'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', new.added_at_ms / 1000.0, 'unixepoch'),
            'direction', new.direction,
            'messageType', case new.kind
                when 'TYPE_FACEBOOK' then 'FB'
                when 'TYPE_INSTAGRAM' then 'IG'
                when 'TYPE_WHATSAPP' then 'WhatsApp'
                when 'TYPE_LIVE_CHAT' then 'Live_Chat'
                else substr(new.kind, 6)
            end,
            'messageId', new.id,
            'source', case new.direction when 'outbound' then new.source end,
            'userId', new.user_id,
            'status', case new.direction when 'inbound' then 'delivered' else new.status end
        ))
    from conversations v
    where v.location_id = new.location_id and v.id = new.conversation_id;
end;

create trigger email_created after insert on emails
when (select is_watching from emulator) = 1 and new.status <> 'scheduled'
begin
    insert into changes (event, location_id, facts)
    select
        case new.direction when 'inbound' then 'InboundMessage' else 'OutboundMessage' end,
        new.location_id,
        json_patch('{}', json_object(
            'attachments', json(new.attachments),
            'body', new.body,
            'contactId', v.contact_id,
            'conversationId', v.id,
            'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', new.added_at_ms / 1000.0, 'unixepoch'),
            'direction', new.direction,
            'messageType', 'Email',
            'emailMessageId', new.id,
            'from', new.sender,
            'threadId', new.message_id,
            'subject', new.subject,
            'to', json(new.recipients),
            'source', case new.direction when 'outbound' then new.source end
        ))
    from messages m
    join conversations v on v.location_id = m.location_id and v.id = m.conversation_id
    where m.location_id = new.location_id and m.id = new.message_id;
end;

create trigger conversation_unread_updated after update on conversations
when (select is_watching from emulator) = 1
and (old.unread_count <> new.unread_count or old.is_starred <> new.is_starred)
begin
    insert into changes (event, location_id, facts)
    values (
        'ConversationUnreadUpdate',
        new.location_id,
        json_object(
            'id', new.id,
            'contactId', new.contact_id,
            'deleted', json('false'),
            'inbox', json(case new.unread_count when 0 then 'false' else 'true' end),
            'starred', json(case new.is_starred when 0 then 'false' else 'true' end),
            'unreadCount', new.unread_count
        )
    );
end;

create trigger location_created after insert on locations
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    values (
        'LocationCreate',
        new.id,
        json_object('id', new.id, 'companyId', new.company_id, 'name', new.name, 'email', new.email)
    );
end;

create trigger location_updated after update on locations
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    values (
        'LocationUpdate',
        new.id,
        json_object('id', new.id, 'companyId', new.company_id, 'name', new.name, 'email', new.email)
    );
end;

create trigger user_created after insert on users
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select
        'UserCreate',
        coalesce(l.value, ''),
        json_object(
            'companyId', new.company_id,
            'id', new.id,
            'firstName', new.first_name,
            'lastName', new.last_name,
            'email', new.email,
            'phone', new.phone,
            'role', new.role
        )
    from json_each(new.location_ids) l;
end;

-- An app is there from its first refresh token on; the others replace it.
create trigger app_installed after insert on oauth_refresh_tokens
when (select is_watching from emulator) = 1
and not exists (
    select 1
    from oauth_refresh_tokens
    where refresh_token <> new.refresh_token
    and client_id = new.client_id
    and company_id = new.company_id
    and location_id is new.location_id
)
begin
    insert into changes (event, location_id, facts)
    values (
        'INSTALL',
        coalesce(new.location_id, ''),
        json_object(
            'appId', substr(new.client_id, 1, instr(new.client_id || '-', '-') - 1),
            'companyId', new.company_id
        )
    );
end;

-- Which events a kind of record has, and what its id is called in them.
create table document_events (
    kind text not null primary key,
    id_name text not null,
    created text,
    updated text,
    deleted text
);

insert into document_events (kind, id_name, created, updated, deleted) values
    ('association', '$.id', 'AssociationCreate', 'AssociationUpdate', 'AssociationDelete'),
    ('invoice', '$._id', 'InvoiceCreate', 'InvoiceUpdate', 'InvoiceDelete'),
    ('object_schema', '$.id', 'ObjectSchemaCreate', 'ObjectSchemaUpdate', null),
    ('order', '$._id', 'OrderCreate', null, null),
    ('price', '$._id', 'PriceCreate', 'PriceUpdate', 'PriceDelete'),
    ('product', '$._id', 'ProductCreate', 'ProductUpdate', 'ProductDelete'),
    ('record', '$.id', 'RecordCreate', 'RecordUpdate', 'RecordDelete'),
    ('relation', '$.id', 'RelationCreate', null, 'RelationDelete');

create trigger document_created after insert on documents
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select created, new.location_id, json_set(new.body, id_name, new.id)
    from document_events
    where kind = new.kind and created is not null;
end;

create trigger document_updated after update on documents
when (select is_watching from emulator) = 1 and old.body <> new.body
begin
    insert into changes (event, location_id, facts)
    select updated, new.location_id, json_set(new.body, id_name, new.id)
    from document_events
    where kind = new.kind and updated is not null;

    insert into changes (event, location_id, facts)
    select
        case new.body ->> '$.status'
            when 'sent' then 'InvoiceSent'
            when 'paid' then 'InvoicePaid'
            when 'partially_paid' then 'InvoicePartiallyPaid'
            when 'void' then 'InvoiceVoid'
        end,
        new.location_id,
        json_set(new.body, '$._id', new.id)
    where new.kind = 'invoice'
    and old.body ->> '$.status' is not new.body ->> '$.status'
    and new.body ->> '$.status' in ('sent', 'paid', 'partially_paid', 'void');

    insert into changes (event, location_id, facts)
    select 'OrderStatusUpdate', new.location_id, json_set(new.body, '$._id', new.id)
    where new.kind = 'order' and old.body ->> '$.status' is not new.body ->> '$.status';
end;

create trigger document_deleted before delete on documents
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select deleted, old.location_id, json_set(old.body, id_name, old.id)
    from document_events
    where kind = old.kind and deleted is not null;
end;
