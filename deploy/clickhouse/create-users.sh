#!/bin/sh
# Creates the users of the product and of Grafana in a new ClickHouse server, with the passwords in PROCESSOR_PASSWORD,
# QUERY_PASSWORD and GRAFANA_PASSWORD. The server's image runs it when its volume is new.
set -eu

hash_of() {
    printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# users.sql is what `voc-query setup-sql` prints. The statement of a user is one line.
sed \
    -e "/CREATE USER IF NOT EXISTS voc_processor /s/<SHA-256 of the password>/$(hash_of "$PROCESSOR_PASSWORD")/" \
    -e "/CREATE USER IF NOT EXISTS voc_query /s/<SHA-256 of the password>/$(hash_of "$QUERY_PASSWORD")/" \
    "${USERS_SQL:-/voc/users.sql}" > /tmp/users.sql
cat >> /tmp/users.sql <<SQL
CREATE USER IF NOT EXISTS voc_grafana IDENTIFIED WITH sha256_hash BY '$(hash_of "$GRAFANA_PASSWORD")'
    DEFAULT DATABASE voc SETTINGS readonly = 2;
GRANT SELECT ON voc.voc_events TO voc_grafana;
GRANT SELECT ON voc.dead_letters TO voc_grafana;
GRANT SELECT ON voc.ledger TO voc_grafana;
SQL
clickhouse-client --multiquery < /tmp/users.sql
rm /tmp/users.sql
