-- Roles and databases of the distributed shape, each with no more than it needs. Run once as a superuser, again without harm:
--   psql -v owner_password=... -v orders_password=... -v receivables_password=... -v forecast_password=... \
--        -v backup_password=... -f roles.sql
-- then for each service, with a URL of o2c_owner: o2c init --only-logs --appender o2c_SERVICE --reader o2c_backup
--
-- o2c_owner    owns the logs' tables; only the init job logs in as it
-- o2c_SERVICE  what a service runs as: reads and appends to its own log, makes and drops its own views and copies of other
--              logs; it can neither change nor delete a stored event, nor reach another service's database
-- o2c_backup   reads every log, for `o2c backup`
SELECT format('CREATE ROLE %I LOGIN', r) FROM unnest(ARRAY[
    'o2c_owner', 'o2c_orders', 'o2c_receivables', 'o2c_forecast', 'o2c_backup']) r
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec

ALTER ROLE o2c_owner       NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE o2c_orders      NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'orders_password';
ALTER ROLE o2c_receivables NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'receivables_password';
ALTER ROLE o2c_forecast    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'forecast_password';
ALTER ROLE o2c_backup      NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'backup_password';

SELECT format('CREATE DATABASE %I', d) FROM unnest(ARRAY['o2c_orders', 'o2c_receivables', 'o2c_forecast']) d
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = d) \gexec

REVOKE ALL ON DATABASE o2c_orders, o2c_receivables, o2c_forecast FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE o2c_orders, o2c_receivables, o2c_forecast TO o2c_owner;
-- Views are schemas of their own that the service makes, rebuilds and drops, so it may create schemas in its own database.
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE o2c_orders      TO o2c_orders;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE o2c_receivables TO o2c_receivables;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE o2c_forecast    TO o2c_forecast;
GRANT CONNECT ON DATABASE o2c_orders, o2c_receivables, o2c_forecast TO o2c_backup;
