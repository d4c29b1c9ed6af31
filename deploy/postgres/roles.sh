#!/bin/sh
# Makes the two roles with their passwords where the database is new; `maplebridge migrate` makes the rest.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$MAPLEBRIDGE_OWNER_PASSWORD" --set application="$MAPLEBRIDGE_APPLICATION_PASSWORD" <<'SQL'
create role maplebridge_owner login password :'owner';
create role maplebridge_app login password :'application';
SQL
