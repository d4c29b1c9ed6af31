-- A task tells a person of something in the words that were sent. What was told before is known by its alert alone.
alter table delivery.tasks rename column alert to about;
alter index delivery.tasks_alert rename to tasks_about;

alter table delivery.tasks
    alter column recipient drop not null,
    add column kind text not null default 'alert' check (kind in ('alert', 'escalation', 'assignment', 'promise')),
    add column zh text not null default '',
    add column en text not null default '';
update delivery.tasks set zh = '预警 ' || about, en = 'Alert ' || about;
alter table delivery.tasks alter column kind drop default, alter column zh drop default, alter column en drop default;

create index tasks_recipient on delivery.tasks (recipient, created_at);
