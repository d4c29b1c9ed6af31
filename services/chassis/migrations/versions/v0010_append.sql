-- Appends the events of several commands in one round trip and one transaction, each with its own outcome.
-- One function, since a single SQL statement that waits for the head's lock would read stale versions.
-- A stream's version is that of its last event, by the index of streams: no second table has to agree with it.
-- Plans are kept as long as a connection, and the log may be empty when they are made: no scan of the whole table.
-- What was decided on a history that the log has left is a conflict, also where the versions happen to agree.
-- It has a name of its own beside the one that the release before calls: a change is another name, not another text.
create function log.append_v2(
    streams text[], expected bigint[], lineages uuid[], counts integer[],
    actors text[], keys text[], digests bytea[], now timestamptz,
    ids uuid[], types text[], payloads bytea[], metadatas bytea[], effectives timestamptz[]
) returns table (outcome text, version bigint, first bigint, last bigint, lineage uuid)
language plpgsql set enable_seqscan = off as $$
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
