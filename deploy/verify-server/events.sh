# Events: how they are made and imported, and what must be stored of them.

# Writes events of a family, the first of which has this number: of the last 40 days, so of two or three months.
generate() {
    awk -v family="$1" -v count="$2" -v first="$3" -v now="$(date +%s)" 'BEGIN {
        split("acme banco norte", tenants, " ")
        for (i = first; i < first + count; i++) {
            time = sprintf("%.0f", (now - 60 - (i * 7919) % 3456000) * 1000)
            id = sprintf("\"event_id\":\"00000000-0000-4000-8000-%012d\",", i)
            if (family == "product") {
                printf "{\"app_id\":\"%s\",\"event_name\":\"watch\",\"user_id\":\"c-%d\",\"timestamp\":%s}\n",
                    tenants[i % 3 + 1], i % 50, time
            } else if (family == "activity") {
                printf "{%s\"event_type\":\"click\",\"user_id\":\"c-%d\",\"timestamp\":%s}\n", id, i % 50, time
            } else if (family == "quality") {
                printf "{%s\"event_type\":\"INSPECTION_COMPLETED\",\"inspection_id\":\"i-%d\",", id, i
                printf "\"batch_id\":\"b\",\"quality_score\":0.5,\"timestamp\":%s}\n", time
            } else {
                printf "{%s\"tenant_id\":\"%s\",\"timestamp\":%s,", id, tenants[i % 3 + 1], time
                if (i % 4 == 0) {
                    printf "\"event_type\":\"call\",\"call_id\":\"call-%d\",\"customer_id\":\"c-%d\",", i, i % 50
                    printf "\"transcript\":\"Agent: How can I help? Customer: Invoice %d is wrong, I am angry!\"}\n", i
                } else {
                    split("agent_action tool_invocation qos_metric", types, " ")
                    printf "\"event_type\":\"%s\",\"action\":\"resolve\",\"agent_id\":\"a-1\",", types[i % 4]
                    printf "\"tool_name\":\"search\",\"metric_name\":\"mos\",\"value\":4.5,"
                    printf "\"metadata\":{\"customer_id\":\"c-%d\"}}\n", i % 50
                }
            }
        }
    }'
}

# Imports a file, of whose records so many must be stored and become dead letters.
import() {
    local server=$1 database=$2 family=$3 file=$4 stored=$5 dead=$6 report
    shift 6
    report=$(processor "$server" "$database" --family "$family" --input "$file" --once \
        --data-dir "$work/data/$database-$(basename "$file")" "$@")
    contains "report of the import" "$report" "\"stored\":$stored,\"dead_lettered\":$dead,"
}

# The same in the background, in a process group of its own, which clean_up ends: its id is in this file.
import_in_background() {
    : > "$work/log/import"
    set -m
    import "$@" > "$work/log/import" 2>&1 < /dev/null &
    echo $! > "$work/import"
    set +m
}

# Waits for it; fails, and says what it said, if it failed.
await_import() {
    if ! wait "$(cat "$work/import")"; then
        cat "$work/log/import"
        return 1
    fi
    rm "$work/import"
}

# Tenants and types of generated events with their numbers.
counts_of_files() {
    sed -n -E 's/.*"tenant_id":"([^"]*)".*"event_type":"([^"]*)".*/\1 \2/p' "$@" | LC_ALL=C sort | uniq -c |
        awk '{ print $2 "\t" $3 "\t" $1 }'
}

counts_of_rows() {
    sql "$1" "SELECT tenant_id, event_type, count() FROM $2.voc_events GROUP BY tenant_id, event_type
        ORDER BY tenant_id, event_type"
}

# The same from the rollups, which the server must use.
readonly rollup="SELECT tenant_id, event_type, toStartOfHour(ts) AS hour, count() AS events FROM DATABASE.voc_events
    GROUP BY tenant_id, event_type, toStartOfHour(ts)"
counts_of_rollups() {
    sql "$1" "SELECT tenant_id, event_type, sum(events) FROM (${rollup/DATABASE/$2}) GROUP BY tenant_id, event_type
        ORDER BY tenant_id, event_type SETTINGS force_optimize_projection = 1"
}

# On every server, rows and rollups must be what these files contain.
holds_files() {
    local database=$1 server expected
    shift
    expected=$(counts_of_files "$@")
    synchronise "$database"
    for server in "${servers[@]}"; do
        equal "rows on $server" "$(counts_of_rows "$server" "$database")" "$expected"
        equal "rollups on $server" "$(counts_of_rollups "$server" "$database")" "$expected"
    done
}
