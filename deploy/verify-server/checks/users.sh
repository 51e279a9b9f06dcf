# Checks of the users that `setup-sql` creates, and of their rights.

# Statements that create the users, with their passwords and names of their own.
statements_of_users() {
    local hash
    hash=$(printf %s "$password" | openssl dgst -sha256 | sed 's/.* //')
    query ch-1 "$main" setup-sql | sed -e "s/<SHA-256 of the password>/$hash/" -e '$s/;$//' \
        -e "s/voc_query/$reader/g" -e "s/voc_processor/$writer/g"
}
password=verify-$(openssl rand -hex 16)

users() {
    local server said
    statements_of_users > "$work/users.sql"
    for server in "${servers[@]}"; do
        # Whether that may be done, and whether there are no such users.
        if ! said=$(sql "$server" "CREATE USER $writer, $reader" 2>&1); then
            echo "$said"
            if is_denied "$said"; then leave "$admin may not create users here"; fi
            return 1
        fi
        touch "$work/users"
        sql "$server" "DROP USER $writer, $reader" "$(cat "$work/users.sql")"
    done
}

# Drops the users, with what belongs to them.
drop_users() {
    local policies
    sql ch-1 "DROP USER IF EXISTS $writer, $reader, $forbidden" "DROP SETTINGS PROFILE IF EXISTS $reader" > /dev/null ||
        echo "the users $writer and $reader, or $forbidden, are left" >&2
    # Policies are dropped with their tables on some servers only.
    policies=$(sed -n 's/^CREATE ROW POLICY OR REPLACE \([^ ]* ON [^ ]*\) .*/DROP ROW POLICY IF EXISTS \1;/p' \
        "$work/users.sql")
    sql ch-1 "${policies%;}" > /dev/null || echo "row policies of $reader are left" >&2
}

reader_is_held_to_tenants() {
    after imported
    after users
    local server of_acme table
    of_acme=$(grep -c '"tenant_id":"acme"' "$work/voc.ndjson")
    for server in "${servers[@]}"; do
        rows() {
            as_user "$reader" "$password" sql "$server" "SELECT count() FROM $main.voc_events $1"
        }
        equal "rows without tenants" "$(rows '')" 0
        equal "rows of acme" "$(rows "SETTINGS log_comment = '{\"tenants\":[\"acme\"]}'")" "$of_acme"
        equal "rows of others, asked about acme" \
            "$(rows "WHERE tenant_id != 'acme' SETTINGS log_comment = '{\"tenants\":[\"acme\"]}'")" 0
        equal "rows of all" "$(rows "SETTINGS log_comment = '{\"tenants\":\"*\"}'")" "$events"
        equal "rows for the administrator" "$(sql "$server" "SELECT count() FROM $main.voc_events")" "$events"
        for table in "$main.ledger" "$main.dead_letters"; do
            equal "rows of $table without tenants" \
                "$(as_user "$reader" "$password" sql "$server" "SELECT count() FROM $table")" 0
        done
    done
}

reader_cannot_write() {
    after imported
    after users
    local statement
    for statement in "INSERT INTO $main.voc_events (tenant_id) VALUES ('x')" "DROP TABLE $main.voc_events" \
        "ALTER TABLE $main.voc_events DELETE WHERE 1" "CREATE TABLE $main.x (x Int8) ENGINE = Memory" \
        "TRUNCATE TABLE $main.voc_events" "SET readonly = 0" "SET max_execution_time = 0" "SET use_query_cache = 1" \
        "SELECT count() FROM system.users" "CREATE USER $forbidden"; do
        refused 'READONLY|ACCESS_DENIED|SETTING_CONSTRAINT|Code: (164|452|497)' \
            as_user "$reader" "$password" sql ch-1 "$statement"
    done
}

writer_has_no_other_rights() {
    after users
    local statement
    for statement in "CREATE DATABASE $forbidden" "CREATE USER $forbidden" "SELECT count() FROM system.users"; do
        refused 'ACCESS_DENIED|Code: 497' as_user "$writer" "$password" sql ch-1 "$statement"
    done
}
