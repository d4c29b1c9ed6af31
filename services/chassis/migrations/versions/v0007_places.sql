-- A place in a stream is taken once. The head's lock sees to it; here the database does too, for whoever errs.
create unique index events_by_place on log.events (stream, version);
drop index log.events_by_stream;
alter index log.events_by_place rename to events_by_stream;
