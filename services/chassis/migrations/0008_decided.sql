-- which table it is: a copy of it that is put back has what is written here, and is another table
alter table log.head add column made oid;
update log.head set made = 'log.head'::regclass;

drop function if exists log.append(
    text[], bigint[], integer[], text[], text[], bytea[], timestamptz, uuid[], text[], bytea[], bytea[], timestamptz[]
);
