drop function if exists log.append(
    text[], bigint[], integer[], text[], text[], bytea[], timestamptz, uuid[], text[], bytea[], bytea[], timestamptz[]
);
