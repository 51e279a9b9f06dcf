# Checks of a cluster whose servers end and begin again.

failover() {
    [[ $mode == docker ]] || leave "needs a cluster"
    after erased
    local more=60000 import before found
    generate voc "$more" 1000000 > "$work/more.ndjson"
    before=$(sql ch-2 "SELECT count() FROM $main.voc_events")
    import_in_background ch-1 "$main" voc "$work/more.ndjson" "$more" 0 \
        --clickhouse-other-hosts "$(address_of ch-2)" --batch-size 100 --batch-max 100
    import=$(cat "$work/import")
    for _ in $(seq 600); do
        found=$(sql ch-2 "SELECT count() FROM $main.voc_events")
        if [[ $found -gt $((before + 3000)) ]] || ! kill -0 "$import" 2> /dev/null; then break; fi
        sleep 0.1
    done
    compose kill ch-1
    if ! kill -0 "$import" 2> /dev/null; then
        cat "$work/log/import"
        echo "the import ended before the server was killed"
        return 1
    fi
    local ended=no
    for _ in $(seq 90); do
        if ! kill -0 "$import" 2> /dev/null; then
            ended=yes
            break
        fi
        sleep 1
    done
    # A part that ch-1 has acknowledged and ch-2 has not fetched is waited for, rather than stored a second time.
    if [[ $ended == yes ]]; then
        note "ended with the other server"
    else
        note "waited for the server that was killed"
    fi
    compose up --detach --wait ch-1
    await_import
    holds_files "$main" "$work/left.ndjson" "$work/more.ndjson"
    equal "ledger" "$(sql ch-1 "SELECT sum(arraySum(stored)) FROM $main.ledger FINAL WHERE family = 'voc'")" \
        $((events + more))
}

restarted() {
    [[ $mode == docker ]] || leave "needs a server that may be restarted"
    after failover
    compose restart ch-1 ch-2
    compose up --detach --wait ch-1 ch-2
    processor ch-1 "$main" migrate status ${on_cluster[@]+"${on_cluster[@]}"}
    holds_files "$main" "$work/left.ndjson" "$work/more.ndjson"
}

with_a_quorum() {
    [[ $mode == docker ]] || leave "needs a cluster"
    after restarted
    after users
    local server import
    for server in "${servers[@]}"; do
        sql "$server" "ALTER USER $writer SETTINGS insert_quorum = 'auto', insert_quorum_timeout = 20000"
    done
    generate voc 2000 2000000 > "$work/quorum.ndjson"
    import ch-1 "$main" voc "$work/quorum.ndjson" 2000 0
    # Without waiting for anything.
    equal "rows on ch-2" "$(counts_of_rows ch-2 "$main")" \
        "$(counts_of_files "$work/left.ndjson" "$work/more.ndjson" "$work/quorum.ndjson")"

    compose stop ch-2
    generate voc 2000 3000000 > "$work/waiting.ndjson"
    import_in_background ch-1 "$main" voc "$work/waiting.ndjson" 2000 0
    import=$(cat "$work/import")
    for _ in $(seq 120); do
        if grep -q 'alive replicas' "$work/log/import" || ! kill -0 "$import" 2> /dev/null; then break; fi
        sleep 0.5
    done
    if ! grep -q 'alive replicas' "$work/log/import"; then
        cat "$work/log/import"
        echo "the import did not wait for the second server"
        return 1
    fi
    compose up --detach --wait ch-2
    await_import
    holds_files "$main" "$work/left.ndjson" "$work/more.ndjson" "$work/quorum.ndjson" "$work/waiting.ndjson"
}
