-- What goes with its contact is told as any other deletion: the vendor's documents say `whenever a note is deleted` of all
-- these events, and name no exception (highlevel-api-docs, `docs/webhook events`, 2026-06-19).
drop trigger note_deleted;
create trigger note_deleted before delete on notes
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'NoteDelete', old.location_id, facts from note_facts where id = old.id;
end;

drop trigger task_deleted;
create trigger task_deleted before delete on tasks
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'TaskDelete', old.location_id, facts from task_facts where id = old.id;
end;

drop trigger opportunity_deleted;
create trigger opportunity_deleted before delete on opportunities
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'OpportunityDelete', old.location_id, facts from opportunity_facts where id = old.id;
end;

drop trigger appointment_deleted;
create trigger appointment_deleted before delete on appointments
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select 'AppointmentDelete', old.location_id, facts from appointment_facts where id = old.id;
end;

-- What waits for its time, by it.
create index messages_scheduled on messages (scheduled_at_ms) where status = 'scheduled';

create view message_facts as
select
    m.id,
    case m.direction when 'inbound' then 'InboundMessage' else 'OutboundMessage' end as event,
    json_patch('{}', json_object(
        'attachments', json(m.attachments),
        'body', m.body,
        'contactId', v.contact_id,
        'contentType', 'text/plain',
        'conversationId', m.conversation_id,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', m.added_at_ms / 1000.0, 'unixepoch'),
        'direction', m.direction,
        'messageType', case m.kind
            when 'TYPE_FACEBOOK' then 'FB'
            when 'TYPE_INSTAGRAM' then 'IG'
            when 'TYPE_WHATSAPP' then 'WhatsApp'
            when 'TYPE_LIVE_CHAT' then 'Live_Chat'
            else substr(m.kind, 6)
        end,
        'messageId', m.id,
        'source', case m.direction when 'outbound' then m.source end,
        'userId', m.user_id,
        'status', case m.direction when 'inbound' then 'delivered' else m.status end
    )) as facts
from messages m
join conversations v on v.location_id = m.location_id and v.id = m.conversation_id
-- A thread of emails tells nothing; each email in it does.
where m.kind <> 'TYPE_EMAIL' and m.status <> 'scheduled';

drop trigger message_created;
create trigger message_created after insert on messages
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select event, new.location_id, facts from message_facts where id = new.id;
end;

-- Its time has come.
create trigger message_sent after update on messages
when (select is_watching from emulator) = 1 and old.status = 'scheduled' and new.status <> 'scheduled'
begin
    insert into changes (event, location_id, facts)
    select event, new.location_id, facts from message_facts where id = new.id;
end;

create view email_facts as
select
    e.id,
    case e.direction when 'inbound' then 'InboundMessage' else 'OutboundMessage' end as event,
    json_patch('{}', json_object(
        'attachments', json(e.attachments),
        'body', e.body,
        'contactId', v.contact_id,
        'conversationId', v.id,
        'dateAdded', strftime('%Y-%m-%dT%H:%M:%fZ', e.added_at_ms / 1000.0, 'unixepoch'),
        'direction', e.direction,
        'messageType', 'Email',
        'emailMessageId', e.id,
        'from', e.sender,
        'threadId', e.message_id,
        'subject', e.subject,
        'to', json(e.recipients),
        'source', case e.direction when 'outbound' then e.source end
    )) as facts
from emails e
join messages m on m.location_id = e.location_id and m.id = e.message_id
join conversations v on v.location_id = m.location_id and v.id = m.conversation_id
where e.status <> 'scheduled';

drop trigger email_created;
create trigger email_created after insert on emails
when (select is_watching from emulator) = 1
begin
    insert into changes (event, location_id, facts)
    select event, new.location_id, facts from email_facts where id = new.id;
end;

create trigger email_sent after update on emails
when (select is_watching from emulator) = 1 and old.status = 'scheduled' and new.status <> 'scheduled'
begin
    insert into changes (event, location_id, facts)
    select event, new.location_id, facts from email_facts where id = new.id;
end;
