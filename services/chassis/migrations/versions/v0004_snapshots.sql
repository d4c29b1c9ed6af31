-- States of long streams, so that a load need not fold all their events; disposable, whoever loads makes them anew.
create table log.snapshots (
    stream text,
    decider integer,
    version bigint not null,
    state bytea not null,
    primary key (stream, decider)
);
grant select, insert, update, delete on log.snapshots to maplebridge_app;
