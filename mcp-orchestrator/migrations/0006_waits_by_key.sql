-- Who waits for an event, in the order in which they are told: with the key that it has, or with none.
drop index orchestrator_waits_subject;
create index orchestrator_waits_by_key on orchestrator_waits (tenant_id, subject, event_key, run_id, wait_id)
    where subject is not null;
