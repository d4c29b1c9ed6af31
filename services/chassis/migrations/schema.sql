CREATE SCHEMA log;
CREATE SCHEMA projections;
CREATE SCHEMA relay;
CREATE SCHEMA vault;
CREATE SCHEMA windows;
CREATE FUNCTION log.append_v2(streams text[], expected bigint[], lineages uuid[], counts integer[], actors text[], keys text[], digests bytea[], now timestamp with time zone, ids uuid[], types text[], payloads bytea[], metadatas bytea[], effectives timestamp with time zone[]) RETURNS TABLE(outcome text, version bigint, first bigint, last bigint, lineage uuid)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS $$
declare
    tip record;
    known log.commands%rowtype;
    current bigint;
    at_event integer := 0;
    began integer;
begin
    select * into tip from log.take_head();
    began := 0;
    tip.recorded_at := greatest(tip.recorded_at, now);
    for i in 1 .. cardinality(streams) loop
        lineage := tip.lineage;
        if keys[i] is not null then
            select * into known from log.commands c where c.actor = actors[i] and c.key = keys[i];
            if found then
                if known.digest <> digests[i] then
                    outcome := 'reused'; version := null; first := null; last := null;
                else
                    outcome := 'repeated'; version := known.version; first := known.first; last := known.last;
                    lineage := log.lineage_of(last);
                end if;
                at_event := at_event + counts[i];
                return next;
                continue;
            end if;
        end if;
        select e.version into current from log.events e where e.stream = streams[i] order by e.version desc limit 1;
        current := coalesce(current, 0);
        if expected[i] <> current or lineages[i] <> tip.lineage then
            outcome := 'conflict'; version := current; first := null; last := null;
            at_event := at_event + counts[i];
            return next;
            continue;
        end if;
        first := tip.position + 1;
        for j in at_event + 1 .. at_event + counts[i] loop
            current := current + 1;
            tip.position := tip.position + 1;
            tip.hash := sha256(
                tip.hash || int8send(tip.position) || int8send(current) || uuid_send(ids[j])
                || int8send((extract(epoch from effectives[j]) * 1000000)::bigint)
                || int8send((extract(epoch from tip.recorded_at) * 1000000)::bigint)
                || int4send(octet_length(streams[i])) || int4send(octet_length(types[j]))
                || int4send(octet_length(payloads[j])) || int4send(octet_length(metadatas[j]))
                || convert_to(streams[i], 'UTF8') || convert_to(types[j], 'UTF8') || payloads[j] || metadatas[j]
            );
            insert into log.events values (
                tip.position, streams[i], current, ids[j], types[j], payloads[j], metadatas[j],
                effectives[j], tip.recorded_at, tip.hash
            );
        end loop;
        at_event := at_event + counts[i];
        outcome := 'appended'; version := current; last := tip.position;
        if keys[i] is not null then
            insert into log.commands
            values (actors[i], keys[i], digests[i], streams[i], version, first, last, tip.recorded_at);
        end if;
        began := began + counts[i];
        return next;
    end loop;
    if began > 0 then
        update log.head set position = tip.position, hash = tip.hash, recorded_at = tip.recorded_at;
    end if;
end
$$;
CREATE FUNCTION log.begin_lineage(kept bigint DEFAULT NULL::bigint) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION log.lineage_of(place bigint) RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select l.lineage from log.lineages l where l.began_after < place or l.number = 1 order by l.number desc limit 1
$$;
CREATE FUNCTION log.origin(OUT system bigint, OUT timeline integer, OUT database bigint) RETURNS record
    LANGUAGE sql
    AS $$
    select c.system_identifier,
           -- not pg_control_checkpoint(), which tells of a promotion only after the next checkpoint
           ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer,
           d.oid::bigint
    from pg_control_system() c, pg_database d where d.datname = current_database()
$$;
CREATE FUNCTION log.recognise() RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION log.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'log.events is append-only: % is refused; record a correcting event instead', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
CREATE FUNCTION log.take_head(OUT "position" bigint, OUT hash bytea, OUT recorded_at timestamp with time zone, OUT lineage uuid) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
CREATE TABLE log.commands (
    actor text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);
CREATE TABLE log.events (
    "position" bigint NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    data bytea NOT NULL,
    metadata bytea NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE log.head (
    one boolean NOT NULL,
    "position" bigint NOT NULL,
    hash bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    lineage uuid NOT NULL,
    made oid,
    CONSTRAINT head_one_check CHECK (one)
);
CREATE TABLE log.lineages (
    number integer NOT NULL,
    lineage uuid NOT NULL,
    began_after bigint NOT NULL,
    system bigint NOT NULL,
    timeline integer NOT NULL,
    database bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE log.snapshots (
    stream text NOT NULL,
    decider integer NOT NULL,
    version bigint NOT NULL,
    state bytea NOT NULL
);
CREATE TABLE projections.checkpoints (
    projection text NOT NULL,
    source text NOT NULL,
    partition integer NOT NULL,
    "position" bigint NOT NULL,
    lineage uuid,
    "offset" bigint
);
CREATE TABLE projections.dead_letters (
    projection text NOT NULL,
    source text NOT NULL,
    "position" bigint NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    error text NOT NULL
);
CREATE TABLE projections.layouts (
    source text NOT NULL,
    began_after bigint NOT NULL,
    partitions integer NOT NULL,
    CONSTRAINT layouts_partitions_check CHECK ((partitions > 0))
);
CREATE TABLE projections.models (
    name text NOT NULL,
    version integer NOT NULL
);
CREATE VIEW projections.positions AS
 SELECT projection,
    source,
    COALESCE(min("position") FILTER (WHERE (partition >= 0)), min("position")) AS "position"
   FROM projections.checkpoints
  GROUP BY projection, source;
CREATE TABLE projections.stopped (
    projection text NOT NULL,
    source text NOT NULL,
    reason text NOT NULL
);
CREATE TABLE relay.lease (
    epoch bigint NOT NULL,
    owner text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    line text DEFAULT 'events'::text NOT NULL
);
CREATE TABLE relay.progress (
    "position" bigint NOT NULL,
    partitions integer NOT NULL,
    generation integer NOT NULL,
    began_after bigint NOT NULL,
    before integer NOT NULL,
    before_began_after bigint NOT NULL,
    lasts bigint[] NOT NULL,
    offsets bigint[] NOT NULL,
    line text DEFAULT 'events'::text NOT NULL,
    CONSTRAINT progress_check CHECK ((cardinality(lasts) = partitions)),
    CONSTRAINT progress_check1 CHECK ((cardinality(offsets) = partitions)),
    CONSTRAINT progress_partitions_check CHECK ((partitions > 0))
);
CREATE TABLE vault.keys (
    name text NOT NULL,
    wrapped bytea,
    created_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT keys_check CHECK (((wrapped IS NULL) = (erased_at IS NOT NULL)))
);
CREATE TABLE windows.state (
    name text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL
);
ALTER TABLE ONLY log.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (actor, key);
ALTER TABLE ONLY log.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY log.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (one);
ALTER TABLE ONLY log.lineages
    ADD CONSTRAINT lineages_lineage_key UNIQUE (lineage);
ALTER TABLE ONLY log.lineages
    ADD CONSTRAINT lineages_pkey PRIMARY KEY (number);
ALTER TABLE ONLY log.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (stream, decider);
ALTER TABLE ONLY projections.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (projection, source, partition);
ALTER TABLE ONLY projections.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (projection, source, "position");
ALTER TABLE ONLY projections.layouts
    ADD CONSTRAINT layouts_pkey PRIMARY KEY (source, began_after);
ALTER TABLE ONLY projections.models
    ADD CONSTRAINT models_pkey PRIMARY KEY (name);
ALTER TABLE ONLY projections.stopped
    ADD CONSTRAINT stopped_pkey PRIMARY KEY (projection, source);
ALTER TABLE ONLY relay.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (line);
ALTER TABLE ONLY relay.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (line);
ALTER TABLE ONLY vault.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (name);
ALTER TABLE ONLY windows.state
    ADD CONSTRAINT state_pkey PRIMARY KEY (name, key);
CREATE UNIQUE INDEX events_by_stream ON log.events USING btree (stream, version);
CREATE INDEX dead_letters_by_stream ON projections.dead_letters USING btree (projection, source, stream);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON log.events FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON log.events FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();
GRANT USAGE ON SCHEMA log TO maplebridge_app;
GRANT USAGE ON SCHEMA projections TO maplebridge_app;
GRANT USAGE ON SCHEMA relay TO maplebridge_app;
GRANT USAGE ON SCHEMA vault TO maplebridge_app;
GRANT USAGE ON SCHEMA windows TO maplebridge_app;
GRANT SELECT,INSERT ON TABLE log.commands TO maplebridge_app;
GRANT SELECT,INSERT ON TABLE log.events TO maplebridge_app;
GRANT SELECT,UPDATE ON TABLE log.head TO maplebridge_app;
GRANT SELECT,INSERT ON TABLE log.lineages TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE log.snapshots TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.checkpoints TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.dead_letters TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.layouts TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.models TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.positions TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE projections.stopped TO maplebridge_app;
GRANT SELECT,INSERT,UPDATE ON TABLE relay.lease TO maplebridge_app;
GRANT SELECT,INSERT,UPDATE ON TABLE relay.progress TO maplebridge_app;
GRANT SELECT,INSERT,UPDATE ON TABLE vault.keys TO maplebridge_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE windows.state TO maplebridge_app;
