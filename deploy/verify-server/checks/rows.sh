# Checks of what is stored, and of what is answered from it.

imported() {
    after migrations
    generate voc "$events" 0 > "$work/voc.ndjson"
    { cat "$work/voc.ndjson"; echo '{"tenant_id":"acme","event_type":"call"'; } > "$work/voc-and-a-bad-one.ndjson"
    import ch-1 "$main" voc "$work/voc-and-a-bad-one.ndjson" "$events" 1
    local family
    for family in activity product quality; do
        generate "$family" 2000 0 > "$work/$family.ndjson"
        import ch-1 "$main" "$family" "$work/$family.ndjson" 2000 0
    done
    synchronise "$main"
    local server table
    for server in "${servers[@]}"; do
        equal "rows on $server" "$(counts_of_rows "$server" "$main")" "$(counts_of_files "$work/voc.ndjson")"
        for table in user_activity_events ai_analytics_events quality_events; do
            equal "rows of $table on $server" "$(sql "$server" "SELECT count() FROM $main.$table")" 2000
        done
        equal "dead letters on $server" "$(sql "$server" "SELECT count() FROM $main.dead_letters FINAL")" 1
    done
}

accounts_balance() {
    after imported
    equal "consumed, stored, dead letters, duplicates" "$(sql ch-1 \
        "SELECT sum(arraySum(consumed)), sum(arraySum(stored)), sum(arraySum(dead_lettered)),
        sum(arraySum(duplicates)) FROM $main.ledger FINAL WHERE family = 'voc'")" \
        "$(printf '%d\t%d\t1\t0' $((events + 1)) "$events")"
}

rollups_are_used() {
    after imported
    contains "plan" "$(sql ch-1 "EXPLAIN ${rollup/DATABASE/$main}")" "hourly"
    holds_files "$main" "$work/voc.ndjson"
}

# Inserts a row under a token. Another server is given as if the connection had moved.
insert_under_token() {
    sql "$1" "INSERT INTO $other.voc_events (event_id, tenant_id, event_type, ts, source_topic, source_offset)
        SETTINGS insert_deduplication_token = 'verify', async_insert = 0
        VALUES ('00000000-0000-4000-8000-00000000000$2', 'verify', 'other', '2026-02-02 12:00:00', 'verify', $2)"
}

repeated_inserts_are_dropped() {
    after storage_policy
    insert_under_token ch-1 1
    insert_under_token "${servers[${#servers[@]} - 1]}" 2
    synchronise "$other"
    local server
    for server in "${servers[@]}"; do
        equal "rows on $server" "$(sql "$server" "SELECT count() FROM $other.voc_events WHERE tenant_id = 'verify'")" 1
    done
}

stop_service() {
    if [[ -n ${VOC_QUERY:-} ]]; then
        kill "$(cat "$work/service")"
    else
        docker rm --force voc-verify-query
    fi > /dev/null 2>&1
    rm -f "$work/service"
}

answers() {
    after imported
    local port=0 address=127.0.0.1:18001 found expected program_user=$program_user program_password=$program_password
    if [[ -e $work/ok/users ]]; then program_user=$reader program_password=$password; fi
    local docker_options=(--name voc-verify-query --publish 127.0.0.1:18001:18001 --env VOC_API_OPEN=true)
    # So that what runs in the background is the service itself, and can be ended.
    local as_service=yes
    # The port of a container is published before it listens.
    if [[ -z ${VOC_QUERY:-} ]]; then port=18001; fi
    : > "$work/log/voc-query"
    query ch-1 "$main" --http-port "$port" > "$work/log/voc-query" 2>&1 &
    echo $! > "$work/service"
    for _ in $(seq 60); do
        if ! kill -0 "$(cat "$work/service")" 2> /dev/null; then
            cat "$work/log/voc-query"
            echo "voc-query has ended"
            return 1
        fi
        if [[ $port == 0 ]]; then
            address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/log/voc-query" | head -n 1)
        fi
        if curl --silent --fail "http://$address/readyz" > /dev/null; then break; fi
        sleep 1
    done
    curl --silent --show-error --fail "http://$address/readyz"
    found=$(curl --silent --show-error --fail "http://$address/api/v1/summary.csv?days=60&tenant_id=acme")
    stop_service
    echo "$found"
    expected=$(counts_of_files "$work/voc.ndjson" | awk '$1 == "acme" { print $2 " " $3 }')
    found=$(tr -d '\r' <<< "$found" | awk -F , 'NR > 1 { print $1 " " $2 }' | LC_ALL=C sort)
    equal "summary of acme" "$found" "$expected"
    note "as $program_user"
}
