-- A log may be published on several topics: each has an owner and a progress of its own.
alter table relay.lease add column line text not null default 'events';
alter table relay.lease drop column one;
alter table relay.lease add primary key (line);
alter table relay.progress add column line text not null default 'events';
alter table relay.progress drop column one;
alter table relay.progress add primary key (line);
grant insert on relay.lease to maplebridge_app;
