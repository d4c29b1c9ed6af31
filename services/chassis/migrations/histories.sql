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

-- Locks the end of the log for whoever writes; where its tables were put back from a copy, another history begins first.
create or replace function log.take_head(
    out "position" bigint, out hash bytea, out recorded_at timestamptz, out lineage uuid
) language plpgsql as $$
declare
    tip log.head%rowtype;
begin
    select * into strict tip from log.head for update;
    if tip.made is distinct from 'log.head'::regclass then
        tip.lineage := log.begin_lineage();
    end if;
    "position" := tip.position; hash := tip.hash; recorded_at := tip.recorded_at; lineage := tip.lineage;
end
$$;

-- The history that a position was written in, as far as the log still has it.
create or replace function log.lineage_of(place bigint) returns uuid stable language sql as $$
    select l.lineage from log.lineages l where l.began_after < place or l.number = 1 order by l.number desc limit 1
$$;
