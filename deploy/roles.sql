-- The database of Matricula and its two roles (docs/operations.md, "Database roles"). As a superuser, once:
--
--   psql -v owner_password=… -v app_password=… -f deploy/roles.sql

-- owns the tables; only `matricula migrate` connects as this role
create role matricula_owner login password :'owner_password';
-- everything else; `matricula migrate` grants it what it needs
create role matricula_app login password :'app_password';
create database matricula owner matricula_owner encoding 'UTF8' template template0;
