-- Reading by partition: marks name their history of the log, and readers that must begin anew are on record.
alter table projections.checkpoints add lineage uuid, add "offset" bigint;
-- a log that is read whole is partition -1; topics count theirs from 0
update projections.checkpoints set partition = -1 where partition = 0;

-- what is read of each log at least: of all partitions where it is read by partition, else of the log whole
create view projections.positions as
select projection, source,
       coalesce(min(position) filter (where partition >= 0), min(position)) as position
from projections.checkpoints group by projection, source;

-- how many partitions a topic has, from which position on
create table projections.layouts (
    source text,
    began_after bigint,
    partitions integer not null check (partitions > 0),
    primary key (source, began_after)
);

create table projections.stopped (
    projection text,
    source text,
    reason text not null,
    primary key (projection, source)
);

grant select, insert, update, delete on all tables in schema projections to maplebridge_app;
