CREATE SCHEMA delivery;
CREATE TABLE delivery.attempts (
    task text NOT NULL,
    attempt integer NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    seconds double precision NOT NULL,
    error text,
    CONSTRAINT attempts_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'failed'::text])))
);
CREATE TABLE delivery.tasks (
    id text NOT NULL,
    about text CONSTRAINT tasks_alert_not_null NOT NULL,
    channel text NOT NULL,
    recipient text,
    place text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    at timestamp with time zone NOT NULL,
    next_at timestamp with time zone,
    seconds double precision,
    error text,
    kind text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    CONSTRAINT tasks_kind_check CHECK ((kind = ANY (ARRAY['alert'::text, 'escalation'::text, 'assignment'::text, 'promise'::text]))),
    CONSTRAINT tasks_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'failed'::text, 'sent'::text, 'given-up'::text])))
);
ALTER TABLE ONLY delivery.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (task, attempt);
ALTER TABLE ONLY delivery.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);
CREATE INDEX tasks_about ON delivery.tasks USING btree (about);
CREATE INDEX tasks_due ON delivery.tasks USING btree (channel, next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX tasks_recipient ON delivery.tasks USING btree (recipient, created_at);
ALTER TABLE ONLY delivery.attempts
    ADD CONSTRAINT attempts_task_fkey FOREIGN KEY (task) REFERENCES delivery.tasks(id);
GRANT USAGE ON SCHEMA delivery TO maplebridge_app;
GRANT SELECT,INSERT,UPDATE ON TABLE delivery.attempts TO maplebridge_app;
GRANT SELECT,INSERT,UPDATE ON TABLE delivery.tasks TO maplebridge_app;
