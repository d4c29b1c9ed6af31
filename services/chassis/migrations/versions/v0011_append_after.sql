-- The release that called it runs no more.
drop function log.append(
    text[], bigint[], uuid[], integer[],
    text[], text[], bytea[], timestamptz,
    uuid[], text[], bytea[], bytea[], timestamptz[]
);
