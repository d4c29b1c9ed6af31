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
