#!/bin/sh
# Runs roles.sql with the passwords of the environment (PGHOST, PGUSER and PGPASSWORD say where and as whom).
set -eu
exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --set=owner_password="$O2C_OWNER_PASSWORD" --set=orders_password="$O2C_ORDERS_PASSWORD" \
    --set=receivables_password="$O2C_RECEIVABLES_PASSWORD" --set=forecast_password="$O2C_FORECAST_PASSWORD" \
    --set=backup_password="$O2C_BACKUP_PASSWORD" --file "$(dirname "$0")/roles.sql" --dbname postgres
