-- What is to be told to whom, and each attempt to do so.
create schema delivery;

create table delivery.tasks (
    id text primary key,
    alert text not null,
    channel text not null,
    recipient text not null,
    place text not null,
    created_at timestamptz not null,
    state text not null default 'waiting' check (state in ('waiting', 'failed', 'sent', 'given-up')),
    attempts integer not null default 0,
    at timestamptz not null,
    next_at timestamptz,
    seconds double precision,
    error text
);
create index tasks_due on delivery.tasks (channel, next_at) where next_at is not null;
create index tasks_alert on delivery.tasks (alert);

create table delivery.attempts (
    task text not null references delivery.tasks (id),
    attempt integer not null,
    at timestamptz not null,
    outcome text not null check (outcome in ('sent', 'failed')),
    seconds double precision not null,
    error text,
    primary key (task, attempt)
);

grant usage on schema delivery to maplebridge_app;
grant select, insert, update on all tables in schema delivery to maplebridge_app;
