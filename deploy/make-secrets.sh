#!/bin/sh
# Passwords and keys for compose.yaml, as files in deploy/secrets/. What is there is kept.
set -eu
cd "$(dirname "$0")"
umask 022
# no one else reaches the files on this machine; in the containers they are read by users of their own
mkdir -p secrets
chmod 700 secrets
keep() { [ -s "secrets/$1" ] || printf '%s\n' "$2" >"secrets/$1"; }
for name in postgres_password owner_password app_password secret_key; do
  keep "$name" "$(openssl rand -hex 32)"
done
keep database_url "postgresql://matricula_app:$(cat secrets/app_password)@postgres/matricula"
keep owner_database_url "postgresql://matricula_owner:$(cat secrets/owner_password)@postgres/matricula"
keep email_url "smtp://mail.example.org:587?starttls=true"
echo "Now write your mail server into deploy/secrets/email_url."
