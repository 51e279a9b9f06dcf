# Checks of versions and migrations.

version_is_accepted() {
    note "$(sql ch-1 'SELECT version()')"
    processor ch-1 "$main" migrate plan > /dev/null
}

version_is_refused() {
    [[ $mode == docker ]] || leave "needs Docker"
    compose --profile old up --detach --wait old
    note "$(sql old 'SELECT version()')"
    refused 'too old' processor old default migrate up
}

migrations() {
    local server before found
    migrate "$main"
    processor ch-1 "$main" migrate status ${on_cluster[@]+"${on_cluster[@]}"}
    before=$(sql ch-1 "SELECT create_table_query FROM system.tables WHERE database = '$main' ORDER BY name")
    migrate "$main"
    equal "tables after the second run" \
        "$(sql ch-1 "SELECT create_table_query FROM system.tables WHERE database = '$main' ORDER BY name")" "$before"
    for server in "${servers[@]}"; do
        equal "tables on $server" "$(tables_of "$server" "$main")" "$(tables_of ch-1 "$main")"
        found=$(sql "$server" "SELECT count() FROM $main.voc_schema_migrations FINAL")
        if [[ $found -lt 11 ]]; then
            echo "migrations noted on $server: expected 11 or more, found $found"
            return 1
        fi
    done
    note "$(tables_of ch-1 "$main" | wc -l | tr -d ' ') tables"
}

tables_are_replicated() {
    [[ $mode == docker ]] || leave "needs a cluster"
    after migrations
    local server
    for server in "${servers[@]}"; do
        equal "tables of $server that are not replicated" "$(sql "$server" \
            "SELECT count() FROM system.tables WHERE database = '$main' AND NOT startsWith(engine, 'Replicated')")" 0
        equal "tables of $server with two replicas" "$(sql "$server" \
            "SELECT table FROM system.replicas WHERE database = '$main'
            AND total_replicas = 2 AND active_replicas = 2 AND NOT is_readonly ORDER BY table")" \
            "$(tables_of ch-1 "$main")"
    done
}

tables_of_one_server_are_refused() {
    after migrations
    local database=$main program_user=$admin program_password=$admin_password
    if [[ $mode == docker ]]; then
        database=$copy
        processor ch-1 "$database" migrate up
    fi
    generate voc 10 5000000 > "$work/refused.ndjson"
    refused 'not replicated' import ch-1 "$database" voc "$work/refused.ndjson" 10 0 \
        --clickhouse-other-hosts "$(address_of "${servers[${#servers[@]} - 1]}")"
    if [[ $mode == docker ]]; then sql ch-1 "DROP DATABASE $copy SYNC"; fi
}
