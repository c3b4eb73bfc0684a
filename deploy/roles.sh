#!/bin/sh
# Run by the image of PostgreSQL in compose.yaml, once, on an empty volume.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -v owner_password="$(cat /run/secrets/owner_password)" \
  -v app_password="$(cat /run/secrets/app_password)" -f /roles.sql
