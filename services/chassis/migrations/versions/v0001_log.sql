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

-- Appends the events of several commands in one round trip and one transaction, each with its own outcome.
-- One function, since a single SQL statement that waits for the head's lock would read stale versions.
create function log.append(
    streams text[], expected bigint[], counts integer[],
    actors text[], keys text[], digests bytea[], now timestamptz,
    ids uuid[], types text[], payloads bytea[], metadatas bytea[], effectives timestamptz[]
) returns table (outcome text, version bigint, first bigint, last bigint)
language plpgsql as $$
declare
    tip log.head%rowtype;
    known log.commands%rowtype;
    current bigint;
    at_event integer := 0;
    began integer;
begin
    select * into strict tip from log.head for update;
    began := 0;
    tip.recorded_at := greatest(tip.recorded_at, now);
    for i in 1 .. cardinality(streams) loop
        if keys[i] is not null then
            select * into known from log.commands c where c.actor = actors[i] and c.key = keys[i];
            if found then
                if known.digest <> digests[i] then
                    outcome := 'reused'; version := null; first := null; last := null;
                else
                    outcome := 'repeated'; version := known.version; first := known.first; last := known.last;
                end if;
                at_event := at_event + counts[i];
                return next;
                continue;
            end if;
        end if;
        select s.version into current from log.streams s where s.stream = streams[i];
        current := coalesce(current, 0);
        if expected[i] is not null and expected[i] <> current then
            outcome := 'conflict'; version := current; first := null; last := null;
            at_event := at_event + counts[i];
            return next;
            continue;
        end if;
        first := tip.position + 1;
        for j in at_event + 1 .. at_event + counts[i] loop
            current := current + 1;
            tip.position := tip.position + 1;
            tip.hash := sha256(
                tip.hash || int8send(tip.position) || int8send(current) || uuid_send(ids[j])
                || int8send((extract(epoch from effectives[j]) * 1000000)::bigint)
                || int8send((extract(epoch from tip.recorded_at) * 1000000)::bigint)
                || int4send(octet_length(streams[i])) || int4send(octet_length(types[j]))
                || int4send(octet_length(payloads[j])) || int4send(octet_length(metadatas[j]))
                || convert_to(streams[i], 'UTF8') || convert_to(types[j], 'UTF8') || payloads[j] || metadatas[j]
            );
            insert into log.events values (
                tip.position, streams[i], current, ids[j], types[j], payloads[j], metadatas[j],
                effectives[j], tip.recorded_at, tip.hash
            );
        end loop;
        at_event := at_event + counts[i];
        if counts[i] > 0 then
            insert into log.streams values (streams[i], current)
            on conflict (stream) do update set version = excluded.version;
        end if;
        outcome := 'appended'; version := current; last := tip.position;
        if keys[i] is not null then
            insert into log.commands
            values (actors[i], keys[i], digests[i], streams[i], version, first, last, tip.recorded_at);
        end if;
        began := began + counts[i];
        return next;
    end loop;
    if began > 0 then
        update log.head set position = tip.position, hash = tip.hash, recorded_at = tip.recorded_at;
    end if;
end
$$;
