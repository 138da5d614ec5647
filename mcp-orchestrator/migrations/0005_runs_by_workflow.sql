-- The runs of one workflow, newest first: its last run, and lists of them.
create index orchestrator_runs_by_workflow on orchestrator_runs (tenant_id, workflow, created_ms);
