-- A log that was restored or failed over hands out positions a second time; each of its histories has a name.
create table log.lineages (
    number integer primary key,
    lineage uuid not null unique,
    began_after bigint not null,
    system bigint not null,
    timeline integer not null,
    database bigint not null,
    at timestamptz not null
);

-- where this log stands: the cluster, how often it was promoted or recovered, and the database in it
create function log.origin(out system bigint, out timeline integer, out database bigint) language sql as $$
    select c.system_identifier,
           -- not pg_control_checkpoint(), which tells of a promotion only after the next checkpoint
           ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer,
           d.oid::bigint
    from pg_control_system() c, pg_database d where d.datname = current_database()
$$;

insert into log.lineages
select 1, h.lineage, 0, o.system, o.timeline, o.database, now() from log.head h, log.origin() o;

-- Begins a new history after the position given, or after the last one.
create function log.begin_lineage(kept bigint default null) returns uuid language plpgsql as $$
declare
    tip log.head%rowtype;
    fresh uuid := gen_random_uuid();
begin
    select * into strict tip from log.head for update;
    insert into log.lineages
    select max(l.number) + 1, fresh, least(kept, tip.position), o.system, o.timeline, o.database, clock_timestamp()
    from log.lineages l, log.origin() o group by o.system, o.timeline, o.database;
    update log.head set lineage = fresh;
    return fresh;
end
$$;

-- Begins a new history where the log does not stand where it stood before; to be asked on every new connection.
create function log.recognise() returns boolean language plpgsql as $$
declare
    known boolean;
begin
    if pg_is_in_recovery() then
        raise exception 'the database is a standby: it takes no appends until it is promoted'
            using errcode = 'cannot_connect_now';
    end if;
    select row(l.system, l.timeline, l.database) = row(o.system, o.timeline, o.database) into strict known
    from log.head h join log.lineages l using (lineage), log.origin() o;
    if known then
        return false;
    end if;
    perform from log.head for update;
    -- a statement of its own: whoever held the lock may have begun it
    select row(l.system, l.timeline, l.database) = row(o.system, o.timeline, o.database) into strict known
    from log.head h join log.lineages l using (lineage), log.origin() o;
    if known then
        return false;
    end if;
    perform log.begin_lineage();
    return (select position > 0 from log.head);  -- of an empty log nobody has read anything
end
$$;

grant select, insert on log.lineages to maplebridge_app;

-- Who publishes the log, and how far it is published.
create schema relay;

create table relay.lease (
    one boolean primary key check (one),
    epoch bigint not null,
    owner text not null,
    expires_at timestamptz not null
);
insert into relay.lease values (true, 0, '', '-infinity');

create table relay.progress (
    one boolean primary key check (one),
    position bigint not null,
    partitions integer not null check (partitions > 0),
    generation integer not null,
    began_after bigint not null,
    before integer not null,
    before_began_after bigint not null,
    lasts bigint[] not null check (cardinality(lasts) = partitions),
    offsets bigint[] not null check (cardinality(offsets) = partitions)
);

grant usage on schema relay to maplebridge_app;
grant select, update on relay.lease to maplebridge_app;
grant select, insert, update on relay.progress to maplebridge_app;
