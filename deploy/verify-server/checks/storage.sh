# Checks of how long rows are kept, and where.

tables_keep_rows_as_created() {
    after imported
    contains "table of product" "$(sql ch-1 \
        "SELECT engine_full FROM system.tables WHERE database = '$main' AND name = 'ai_analytics_events'")" \
        'TTL timestamp + toIntervalDay(90)'
    equal "tables with a TTL" "$(sql ch-1 "SELECT name FROM system.tables
        WHERE database = '$main' AND position(engine_full, ' TTL ') > 0")" ai_analytics_events
    awk -v time="$(($(date +%s) - 100 * 86400))" 'BEGIN { for (i = 0; i < 10; i++)
        printf "{\"app_id\":\"old\",\"event_name\":\"x\",\"user_id\":\"u\",\"timestamp\":%s}\n", time }' \
        > "$work/expired.ndjson"
    import ch-1 "$main" product "$work/expired.ndjson" 10 0
    sql ch-1 "OPTIMIZE TABLE $main.ai_analytics_events FINAL"
    synchronise "$main"
    local server
    for server in "${servers[@]}"; do
        equal "rows of product on $server" "$(sql "$server" \
            "SELECT count(), countIf(app_id = 'old') FROM $main.ai_analytics_events")" "$(printf '2000\t0')"
    done
}

storage_policy() {
    after migrations
    local policy
    policy=$(sql ch-1 "SELECT policy_name FROM system.storage_policies GROUP BY policy_name
        ORDER BY count() DESC, policy_name LIMIT 1")
    note "$policy"
    echo "$policy" > "$work/policy"
    # As the administrator: the user for the programs has rights in one database.
    local program_user=$admin program_password=$admin_password
    migrate "$other" --clickhouse-storage-policy "$policy"
    equal "tables with the policy" "$(sql ch-1 "SELECT name FROM system.tables WHERE database = '$other'
        AND storage_policy = '$policy' AND position(create_table_query, 'storage_policy = \\'$policy\\'') > 0
        ORDER BY name")" \
        "$(printf '%s\n' ai_analytics_events dead_letters quality_events user_activity_events voc_events)"
    refused 'policy' migrate "$copy" --clickhouse-storage-policy no_such_policy
    sql ch-1 "DROP DATABASE IF EXISTS $copy${on_cluster[0]:+ ON CLUSTER voc} SYNC" > /dev/null
}

moved_to_another_volume() {
    after storage_policy
    local program_user=$admin program_password=$admin_password volume partition
    volume=$(sql ch-1 "SELECT volume_name FROM system.storage_policies WHERE policy_name = '$(cat "$work/policy")'
        AND volume_priority > 1 ORDER BY volume_priority DESC LIMIT 1")
    [[ -n $volume ]] || leave "needs a storage policy with two volumes"
    generate product 2000 0 > "$work/moved.ndjson"
    import ch-1 "$other" product "$work/moved.ndjson" 2000 0
    partition=$(sql ch-1 "SELECT min(partition_id) FROM system.parts WHERE active AND database = '$other'
        AND table = 'ai_analytics_events'")
    sql ch-1 "ALTER TABLE $other.ai_analytics_events MOVE PARTITION ID '$partition' TO VOLUME '$volume'"
    equal "disks that have the partition, and are of the volume" "$(sql ch-1 \
        "SELECT count(), min(has((SELECT any(disks) FROM system.storage_policies WHERE policy_name =
        '$(cat "$work/policy")' AND volume_name = '$volume'), disk_name)) FROM (SELECT DISTINCT disk_name
        FROM system.parts WHERE active AND database = '$other' AND table = 'ai_analytics_events'
        AND partition_id = '$partition')")" "$(printf '1\t1')"
    equal "rows" "$(sql ch-1 "SELECT count() FROM $other.ai_analytics_events")" 2000
    # A table that was created without a policy, if the policy has what it needs for that: see docs/clickhouse.md.
    if [[ $(sql ch-1 "SELECT count() FROM system.storage_policies
        WHERE policy_name = '$(cat "$work/policy")' AND volume_name = 'default'") == 1 ]]; then
        sql ch-1 "ALTER TABLE $main.quality_events MODIFY SETTING storage_policy = '$(cat "$work/policy")'"
    fi
    note "$volume"
}

another_retention() {
    after storage_policy
    local program_user=$admin program_password=$admin_password server
    processor ch-1 "$other" retention set --of-families voc --days 20 --requested-by verify-server --execute
    processor ch-1 "$other" migrate status
    generate voc 2000 0 > "$work/kept.ndjson"
    import ch-1 "$other" voc "$work/kept.ndjson" 2000 0
    sql ch-1 "OPTIMIZE TABLE $other.voc_events FINAL"
    synchronise "$other"
    for server in "${servers[@]}"; do
        equal "rows on $server that should be gone" "$(sql "$server" \
            "SELECT count() FROM $other.voc_events WHERE ts < now() - INTERVAL 21 DAY")" 0
        [[ $(sql "$server" "SELECT count() FROM $other.voc_events WHERE ts > now() - INTERVAL 19 DAY") -gt 500 ]]
        equal "rollups on $server" "$(counts_of_rollups "$server" "$other")" "$(counts_of_rows "$server" "$other")"
    done
}
