-- The history that a position was written in, as far as the log still has it.
create or replace function log.lineage_of(place bigint) returns uuid stable language sql as $$
    select l.lineage from log.lineages l where l.began_after < place or l.number = 1 order by l.number desc limit 1
$$;
