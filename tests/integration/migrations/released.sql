-- revisions: 0009 analytics_0002

-- services.analytics.city.exporting.EXPORTS
select position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events where starts_with(stream, $1) and position < $2 order by position desc limit $3

-- services.analytics.city.exporting.LATEST
select distinct on (stream) position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events
where position <= $1 and starts_with(stream, $2) and stream > $3
order by stream, position desc limit $4

-- services.analytics.delivery.ledger.ATTEMPTED
with kept as (
    insert into delivery.attempts values ($1, $2, $3, case when $4::text is null then 'sent' else 'failed' end, $5, $4)
)
update delivery.tasks set attempts = $2, at = $3, seconds = $5, error = $4, next_at = $6, state = $7 where id = $1

-- services.analytics.delivery.ledger.DUE
select id, about, channel, recipient, place, zh, en, attempts, created_at from delivery.tasks
where channel = $1 and next_at <= $2 order by next_at, id limit $3

-- services.analytics.delivery.ledger.ENLIST
insert into delivery.tasks (id, kind, about, place, zh, en, channel, recipient, created_at, at, next_at)
select concat_ws('~', $2::text, $1::text, channel, recipient), $3, $2, $4, $5, $6, channel, recipient, $9, $9, $10
from unnest($7::text[], $8::text[]) as due (channel, recipient)
on conflict (id) do nothing

-- services.analytics.delivery.ledger.NEXT
select min(next_at) from delivery.tasks where channel = $1

-- services.analytics.queries.POSITIONS
select projection, source, position from projections.positions where projection = any(cast($1 as text[]))

-- services.analytics.rules.worker.FORGET.0
update projections.checkpoints set position = 0, lineage = null, "offset" = null where projection = $1

-- services.analytics.rules.worker.FORGET.1
delete from projections.dead_letters where projection = $1

-- services.analytics.rules.worker.FORGET.2
delete from projections.stopped where projection = $1

-- services.analytics.rules.worker.FORGET.3
delete from windows.state where name = $1

-- services.analytics.rules.worker.HOLD
select position from projections.checkpoints where projection = $1 order by source, partition for update

-- services.chassis.eventstore.bulk.MOVE_HEAD
update log.head set position = $1, hash = $2, recorded_at = $3

-- services.chassis.eventstore.bulk.TAKE_HEAD
select position, hash, recorded_at from log.take_head()

-- services.chassis.eventstore.bulk.VERSIONS
select wanted.stream, latest.version from unnest($1::text[]) as wanted (stream) cross join lateral (
    select version from log.events where stream = wanted.stream order by version desc limit 1
) as latest

-- services.chassis.eventstore.commands.OF_PART
select actor, key, digest, stream, version, first, last, recorded_at from log.commands where first > $1 and last <= $2 order by actor, key

-- services.chassis.eventstore.commands.STRAY
select c.key from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    as c (key, stream, version, first, last)
left join log.events f on f.position = c.first
left join log.events l on l.position = c.last
where c.first > c.last + 1 or (c.first <= c.last and (
    (c.stream, c.version) is distinct from (l.stream, l.version)
    or (c.stream, c.version - c.last + c.first) is distinct from (f.stream, f.version)
))
limit 1

-- services.chassis.eventstore.export.ADD_LINEAGES
insert into log.lineages (number, lineage, began_after, system, timeline, database, at)
select known.most + each.number, each.lineage, each.began_after, 0, 0, 0, clock_timestamp()
from unnest($1::uuid[], $2::bigint[]) with ordinality each (lineage, began_after, number),
     (select max(number) as most from log.lineages) known
where not exists (select from log.lineages l where l.lineage = each.lineage)

-- services.chassis.eventstore.export.BEGIN_LINEAGE
select log.begin_lineage($1)

-- services.chassis.eventstore.export.FORGET_SNAPSHOTS
delete from log.snapshots

-- services.chassis.eventstore.export.MOVE_HEAD
update log.head set position = $1, hash = $2, recorded_at = $3

-- services.chassis.eventstore.export.STRAY
select c.key from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    as c (key, stream, version, first, last)
left join log.events f on f.position = c.first
left join log.events l on l.position = c.last
where c.first > c.last + 1 or (c.first <= c.last and (
    (c.stream, c.version) is distinct from (l.stream, l.version)
    or (c.stream, c.version - c.last + c.first) is distinct from (f.stream, f.version)
))
limit 1

-- services.chassis.eventstore.export.TAKE_HEAD
select position, hash, recorded_at from log.take_head()

-- services.chassis.eventstore.groupcommit.APPEND
select outcome, version, first, last, lineage from log.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)

-- services.chassis.eventstore.headlock.END
select session.pid, pg_terminate_backend(session.pid) as ended
from pg_locks as held join pg_stat_activity as session using (pid)
where held.relation = 'log.head'::regclass and held.mode = 'RowShareLock' and held.granted
and held.database = (select oid from pg_database where datname = current_database())
and session.usename = current_user and session.wait_event = 'ClientRead'
and session.application_name <> 'maplebridge log restore'
and session.xact_start < clock_timestamp() - make_interval(secs => $1)

-- services.chassis.eventstore.headlock.HOLDERS
select session.pid, session.application_name, session.usename,
       extract(epoch from clock_timestamp() - session.xact_start)::float as seconds
from pg_locks as held join pg_stat_activity as session using (pid)
where held.relation = 'log.head'::regclass and held.mode in ('RowShareLock', 'RowExclusiveLock') and held.granted
and held.database = (select oid from pg_database where datname = current_database())
and session.wait_event_type is distinct from 'Lock' and session.pid <> pg_backend_pid()
order by session.xact_start nulls first limit 1

-- services.chassis.eventstore.headlock.PROBE
select from log.head for update

-- services.chassis.eventstore.segments.HASH_AT
select hash from log.events where position = $1

-- services.chassis.eventstore.segments.ROWS
select position, 
    int8send(position) || int8send(version) || uuid_send(id)
    || int8send((extract(epoch from effective_at) * 1000000)::bigint)
    || int8send((extract(epoch from recorded_at) * 1000000)::bigint)
    || int4send(octet_length(stream)) || int4send(octet_length(type))
    || int4send(octet_length(data)) || int4send(octet_length(metadata))
    || convert_to(stream, 'UTF8') || convert_to(type, 'UTF8') || data || metadata
 as content, hash from log.events
where position > $1 and position <= $2 order by position limit $3

-- services.chassis.eventstore.store.BEGIN_LINEAGE
select log.begin_lineage($1)

-- services.chassis.eventstore.store.FORGET_OLDER
delete from log.snapshots where stream = $1 and decider < $2

-- services.chassis.eventstore.store.HEAD
select position, hash, recorded_at, lineage from log.head

-- services.chassis.eventstore.store.KEEP
insert into log.snapshots as known select $1, $2, $3, $4 from log.head where lineage = coalesce($5, lineage)
on conflict (stream, decider) do update set version = excluded.version, state = excluded.state
where known.version < excluded.version

-- services.chassis.eventstore.store.LATEST
with latest as materialized (select version, state from log.snapshots where stream = $1 and decider = $2)
select null::bigint as position, $1 as stream, version, null::uuid as id, null as type, state as data,
       null::bytea as metadata, null::timestamptz as effective_at, null::timestamptz as recorded_at, null::bytea as hash
from latest
union all
select position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events where stream = $1 and version > coalesce((select version from latest), 0)
order by version

-- services.chassis.eventstore.store.LINEAGES
select lineage, began_after from log.lineages order by number

-- services.chassis.eventstore.store.LOAD
select position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events where stream = $1 and version > $2 order by version

-- services.chassis.eventstore.store.READ
select position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events where position > $1 order by position limit $2

-- services.chassis.eventstore.store.RECALL
select digest, stream, version, first, last, log.lineage_of(last) as lineage
from log.commands where actor = $1 and key = $2

-- services.chassis.eventstore.store.SPAN
select position, stream, version, id, type, data, metadata, effective_at, recorded_at, hash from log.events where position between $1 and $2 order by position

-- services.chassis.eventstore.verify.ROWS
select position, 
    int8send(position) || int8send(version) || uuid_send(id)
    || int8send((extract(epoch from effective_at) * 1000000)::bigint)
    || int8send((extract(epoch from recorded_at) * 1000000)::bigint)
    || int4send(octet_length(stream)) || int4send(octet_length(type))
    || int4send(octet_length(data)) || int4send(octet_length(metadata))
    || convert_to(stream, 'UTF8') || convert_to(type, 'UTF8') || data || metadata
 as content, hash from log.events
where position > $1 and position <= $2 order by position limit $3

-- services.chassis.postgres.RECOGNISE
select log.recognise()

-- services.chassis.projections.checkpoints.BACK
update projections.checkpoints set position = least(position, $3), lineage = null, "offset" = null
where projection = $1 and source = $2

-- services.chassis.projections.checkpoints.DIVIDE
insert into projections.layouts values ($1, $2, $3) on conflict do nothing

-- services.chassis.projections.checkpoints.GO_ON
delete from projections.stopped where projection = $1 and source = $2

-- services.chassis.projections.checkpoints.HELD
select partition, position, lineage, "offset" from projections.checkpoints where projection = $1 and source = $2

-- services.chassis.projections.checkpoints.LAYOUT
select began_after, partitions from projections.layouts where source = $1 order by began_after

-- services.chassis.projections.checkpoints.LETTER
select position, stream, error from projections.dead_letters
where projection = $1 and source = $2 and position = $3

-- services.chassis.projections.checkpoints.MOVE
with step as (
    select * from unnest($3::integer[], $4::bigint[], $5::uuid[], $6::bigint[], $7::uuid[], $8::bigint[])
        as step (partition, held, held_lineage, position, lineage, "offset")
), held as (
    select mark.partition from projections.checkpoints as mark join step using (partition)
    where mark.projection = $1 and mark.source = $2
    and mark.position = step.held and mark.lineage is not distinct from step.held_lineage
    for update of mark
), moved as (
    update projections.checkpoints as mark
    set position = step.position, lineage = step.lineage, "offset" = step."offset"
    from step
    where mark.projection = $1 and mark.source = $2 and mark.partition = step.partition
    and (select count(*) from held) = cardinality($3)
    returning mark.partition
)
select (select count(*) from moved) as moved, exists (
    select from projections.dead_letters as letter where letter.projection = $1 and letter.source = $2
    and letter.stream = any($9::text[])
) as waiting

-- services.chassis.projections.checkpoints.READ
select source, partition, position, lineage,
       case when partition = 0 then array(
           select array[layout.began_after, layout.partitions] from projections.layouts as layout
           where layout.source = mark.source order by layout.began_after
       ) end as grown,
       exists (select from projections.dead_letters as letter where letter.projection = $1) as letters,
       array(select stopped.source from projections.stopped as stopped where stopped.projection = $1) as stopped
from projections.checkpoints as mark where projection = $1

-- services.chassis.projections.checkpoints.START
insert into projections.checkpoints (projection, source, partition, position, lineage)
select $1, $2, wanted.partition, coalesce(whole.position, 0), whole.lineage
from unnest($3::integer[]) as wanted (partition)
left join projections.checkpoints as whole
on whole.projection = $1 and whole.source = $2 and whole.partition = -1
on conflict do nothing

-- services.chassis.projections.checkpoints.STAYS
select from projections.checkpoints
where projection = $1 and source = $2 and partition = $3 and position = $4 and lineage is not distinct from $5

-- services.chassis.projections.checkpoints.STOP
insert into projections.stopped values ($1, $2, $3)
on conflict (projection, source) do update set reason = excluded.reason

-- services.chassis.projections.checkpoints.STOPPED
select projection, source, reason from projections.stopped order by projection, source

-- services.chassis.projections.checkpoints.WAITING
select distinct stream from projections.dead_letters
where projection = $1 and source = $2 and stream = any($3::text[])

-- services.chassis.projections.checkpoints.WAS_DIVIDED
update projections.layouts set partitions = $3 where source = $1 and partitions <> $3 and began_after = (
    select max(began_after) from projections.layouts where source = $1 and began_after < $2
)

-- services.chassis.projections.deadletters.DROP
delete from projections.dead_letters where projection = $1 and source = $2 and stream = $3

-- services.chassis.projections.deadletters.HELD
select projection, count(*) as events, array_agg(distinct stream) as streams
from projections.dead_letters group by projection order by projection

-- services.chassis.projections.deadletters.HOLD
select from projections.checkpoints where projection = $1 and source = $2 order by partition for update

-- services.chassis.projections.deadletters.LIST
select projection, source, position, stream, version, type, error from projections.dead_letters
where $1::text is null or projection = $1 order by projection, source, position

-- services.chassis.projections.deadletters.OF_STREAM
select position from projections.dead_letters
where projection = $1 and source = $2 and stream = $3 order by position for update

-- services.chassis.projections.deadletters.PUT
insert into projections.dead_letters (projection, source, position, stream, version, type, error)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- services.chassis.projections.rebuild.FORGET
delete from projections.checkpoints where projection = $1

-- services.chassis.projections.rebuild.FORGET_LETTERS
delete from projections.dead_letters where projection = $1

-- services.chassis.projections.rebuild.GO_ON
delete from projections.stopped where projection = $1

-- services.chassis.projections.rebuild.HELD
select source, partition, position, lineage from projections.checkpoints where projection = $1

-- services.chassis.projections.rebuild.HOLD
select source, partition, position, lineage from projections.checkpoints where projection = $1 order by source, partition for update

-- services.chassis.projections.rebuild.LAYOUTS
select source, began_after, partitions from projections.layouts order by source, began_after

-- services.chassis.projections.rebuild.REGISTER
insert into projections.models values ($1, $2) on conflict (name) do update set version = excluded.version

-- services.chassis.projections.rebuild.REGISTERED
select version from projections.models where name = $1

-- services.chassis.projections.rebuild.START
insert into projections.checkpoints (projection, source, partition, position) values ($1, $2, -1, 0) on conflict do nothing

-- services.chassis.projections.rebuild.TAKE_OVER
update projections.checkpoints set projection = $1 where projection = $2

-- services.chassis.projections.rebuild.TAKE_OVER_LETTERS
update projections.dead_letters set projection = $1 where projection = $2

-- services.chassis.relay.examination.IDS
select position, id from log.events where position = any($1::bigint[])

-- services.chassis.relay.lease.RAISE
update relay.lease set epoch = greatest(epoch, $3) + 1 where line = $1 and epoch = $2 returning epoch

-- services.chassis.relay.lease.RELEASE
update relay.lease set expires_at = '-infinity' where line = $1 and epoch = $2

-- services.chassis.relay.lease.RENEW
update relay.lease set expires_at = clock_timestamp() + make_interval(secs => $3)
where line = $1 and epoch = $2 returning epoch

-- services.chassis.relay.lease.TAKE
insert into relay.lease as held (line, epoch, owner, expires_at)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (line) do update set epoch = held.epoch + 1, owner = excluded.owner, expires_at = excluded.expires_at
where held.expires_at < clock_timestamp() or $4
returning epoch

-- services.chassis.relay.progress.BEGIN
insert into relay.progress
    (line, position, partitions, generation, began_after, before, before_began_after, lasts, offsets)
values ($1, 0, $2::integer, 1, 0, 0, 0, array_fill(0::bigint, array[$2]), array_fill(-1::bigint, array[$2]))
on conflict do nothing

-- services.chassis.relay.progress.LOAD
select position, partitions, generation, began_after, before, before_began_after, lasts, offsets
from relay.progress where line = $1

-- services.chassis.relay.progress.MOVE
with owned as materialized (select epoch from relay.lease where line = $1 and epoch = $2 for share)
update relay.progress
set position = $3, partitions = $4, generation = $5, began_after = $6, before = $7, before_began_after = $8, lasts = $9,
    offsets = $10
from owned where line = $1 and (position <= $3 or $11)

-- services.chassis.relay.progress.STREAMS
select position, stream from log.events
where position > $1 and position <= $2 and ($3::text[] is null or type = any($3))
order by position desc limit 5000

-- services.chassis.relay.relay.FIRST_UNSENT
select recorded_at from log.events where position = $1

-- services.chassis.relay.republish.COUNT
select count(*) from log.events where position > $1 and ($2::text[] is null or type = any($2))

-- services.chassis.vault.keys.ADD
insert into vault.keys (name, wrapped, created_at)
select name, wrapped, $3 from unnest($1::text[], $2::bytea[]) as fresh (name, wrapped)
order by name
on conflict do nothing

-- services.chassis.vault.keys.ERASE
with gone as (select name, at from unnest($1::text[], $2::timestamptz[]) as gone (name, at)),
lived as (select from vault.keys k join gone using (name) where k.wrapped is not null),
destroyed as (
    insert into vault.keys as k (name, wrapped, created_at, erased_at)
    select name, null, at, at from gone
    where not exists (select from vault.keys k where k.name = gone.name and k.wrapped is null)
    order by name
    on conflict (name) do update set wrapped = null, erased_at = excluded.erased_at where k.wrapped is not null
)
select count(*) from lived

-- services.chassis.vault.keys.ERASED
select name, erased_at from vault.keys where wrapped is null

-- services.chassis.vault.keys.FETCH
select name, wrapped from vault.keys where name = any($1::text[])

-- services.chassis.vault.sweeping.ANY_DESTROYED
select exists (select from vault.keys where wrapped is null)

-- services.chassis.windows.postgres.FETCH
select key, value from windows.state where name = $1 and key = any($2::bytea[])

-- services.chassis.windows.postgres.PUT
insert into windows.state (name, key, value)
select $1, key, value from unnest($2::bytea[], $3::bytea[]) as put (key, value)
on conflict (name, key) do update set value = excluded.value

-- services.chassis.windows.postgres.REMOVE
delete from windows.state where name = $1 and key = any($2::bytea[])

-- services.runtime.cli.doctor.UNADDRESSED
select place, count(distinct about) from delivery.tasks
where recipient is null and created_at > (select max(created_at) from delivery.tasks) - interval '7 days'
group by place order by 2 desc, 1 limit 4

-- services.runtime.imports.into_log.KNOWN
select stream from log.events where stream = any($1::text[]) and version = 1

-- services.runtime.imports.into_log.STORED
select stored.stream, stored.id, stored.data from unnest($1::text[]) as wanted (stream) cross join lateral (
    select stream, id, data from log.events where stream = wanted.stream and version = 1
) as stored
