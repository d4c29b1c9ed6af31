-- which table it is: a copy of it that is put back has what is written here, and is another table
alter table log.head add column made oid;
update log.head set made = 'log.head'::regclass;

-- Begins a new history after the position given, or after the last one.
create or replace function log.begin_lineage(kept bigint default null) returns uuid language plpgsql as $$
declare
    tip log.head%rowtype;
    fresh uuid := gen_random_uuid();
begin
    select * into strict tip from log.head for update;
    insert into log.lineages
    select max(l.number) + 1, fresh, least(kept, tip.position), o.system, o.timeline, o.database, clock_timestamp()
    from log.lineages l, log.origin() o group by o.system, o.timeline, o.database;
    update log.head set lineage = fresh, made = 'log.head'::regclass;
    return fresh;
end
$$;

drop function if exists log.append(
    text[], bigint[], integer[], text[], text[], bytea[], timestamptz, uuid[], text[], bytea[], bytea[], timestamptz[]
);
