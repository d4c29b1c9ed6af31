-- The log, the vault, the books of projections, and the state of window rules of one service.
do $$ begin
    if not exists (select from pg_roles where rolname = 'maplebridge_app') then
        create role maplebridge_app login;
    end if;
exception when duplicate_object or unique_violation then null;  -- made by a service beside this one
end $$;

create schema log;
create schema vault;
create schema projections;
create schema windows;

create table log.events (
    position bigint primary key,
    stream text not null,
    version bigint not null,
    id uuid not null,
    type text not null,
    data bytea not null,
    metadata bytea not null,
    effective_at timestamptz not null,
    recorded_at timestamptz not null,
    hash bytea not null
);
create index events_by_stream on log.events (stream, version);

create table log.head (
    one boolean primary key check (one),
    position bigint not null,
    hash bytea not null,
    recorded_at timestamptz not null,
    lineage uuid not null
);
insert into log.head values (true, 0, decode(repeat('00', 32), 'hex'), 'epoch', gen_random_uuid());

create table log.streams (stream text primary key, version bigint not null) with (fillfactor = 80);

create table log.commands (
    actor text,
    key text,
    digest bytea not null,
    stream text not null,
    version bigint not null,
    first bigint not null,
    last bigint not null,
    recorded_at timestamptz not null,
    primary key (actor, key)
);

-- not even the owner rewrites history
create function log.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'log.events is append-only: % is refused; record a correcting event instead', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete on log.events for each row execute function log.refuse();
create trigger never_truncated before truncate on log.events for each statement execute function log.refuse();

create table vault.keys (
    name text primary key,
    wrapped bytea,
    created_at timestamptz not null,
    erased_at timestamptz,
    check ((wrapped is null) = (erased_at is not null))
);

create table projections.models (name text primary key, version integer not null);

create table projections.checkpoints (
    projection text,
    source text,
    partition integer,
    position bigint not null,
    primary key (projection, source, partition)
);

create table projections.dead_letters (
    projection text,
    source text,
    position bigint,
    stream text not null,
    version bigint not null,
    type text not null,
    error text not null,
    primary key (projection, source, position)
);
create index dead_letters_by_stream on projections.dead_letters (projection, source, stream);

create table windows.state (
    name text,
    key bytea,
    value bytea not null,
    primary key (name, key)
);

grant usage on schema log, vault, projections, windows to maplebridge_app;
grant select, insert on log.events to maplebridge_app;
grant select, update on log.head to maplebridge_app;
grant select, insert, update on log.streams to maplebridge_app;
grant select, insert on log.commands to maplebridge_app;
grant select, insert, update on vault.keys to maplebridge_app;
grant select, insert, update, delete on all tables in schema projections to maplebridge_app;
grant select, insert, update, delete on all tables in schema windows to maplebridge_app;
