-- What was computed from a version of a data set, and for whom.

create table analytics_results (
    tenant_id text not null,
    result_id text not null,
    dataset_id text not null,
    version bigint not null,
    kind text not null,
    -- of everything that the answer depends on
    question text not null,
    made_ms bigint not null,
    body text not null,
    primary key (tenant_id, result_id)
);

create index analytics_results_by_question on analytics_results (tenant_id, question);

create table analytics_members (
    tenant_id text not null,
    result_id text not null,
    customer_no bigint not null,
    -- from 0; -1 for those in none
    segment bigint not null,
    orders bigint not null,
    spent_minor bigint not null,
    last_ms bigint not null,
    primary key (tenant_id, result_id, customer_no)
);

create index analytics_members_by_segment on analytics_members (tenant_id, result_id, segment, spent_minor);
