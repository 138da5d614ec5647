-- When a step that has failed is tried again; null where it is not.
alter table orchestrator_steps add column next_ms bigint;
