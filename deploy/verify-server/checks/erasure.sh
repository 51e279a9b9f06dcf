# Checks of erasures.

erased() {
    after imported
    local server of_customer of_others said
    of_customer=$(grep '"tenant_id":"acme"' "$work/voc.ndjson" | grep -c '"customer_id":"c-7"')
    of_others=$(grep -v '"tenant_id":"acme"' "$work/voc.ndjson" | grep -c '"customer_id":"c-7"')
    erase() {
        query ch-1 "$main" erase --tenant acme --customer c-7 --from-families voc --reason check \
            --requested-by verify-server "$@"
    }
    said=$(erase)
    contains "what would be erased" "$said" "$of_customer rows, 0 dead letters"
    said=$(erase --execute)
    contains "what was erased" "$said" "erased $of_customer rows"
    synchronise "$main"
    grep -v '"tenant_id":"acme".*"customer_id":"c-7"' "$work/voc.ndjson" > "$work/left.ndjson"
    holds_files "$main" "$work/left.ndjson"
    for server in "${servers[@]}"; do
        equal "rows of the customer, and of the other tenants' customers of this name, on $server" "$(sql "$server" \
            "SELECT countIf(tenant_id = 'acme'), countIf(tenant_id != 'acme') FROM $main.voc_events
            WHERE customer_id = 'c-7'")" "$(printf '0\t%d' "$of_others")"
        equal "records noted on $server" \
            "$(sql "$server" "SELECT count() FROM $main.erased_records FINAL")" "$of_customer"
    done
    contains "list of erasures" "$(query ch-1 "$main" erase --list)" "\"rows\":$of_customer"
    note "$of_customer rows"
}

erased_again_after_a_restore() {
    after erased
    after restored
    local program_user=$admin program_password=$admin_password
    # The copy was made before the erasure: rows come back with it, and what was noted does not.
    sql ch-1 "INSERT INTO $copy.erased_records SELECT * FROM $main.erased_records" \
        "INSERT INTO $copy.erasures SELECT * FROM $main.erasures"
    contains "what was erased again" "$(query ch-1 "$copy" erase --again --execute)" "erased again $(
        sql ch-1 "SELECT count() FROM $main.erased_records FINAL"
    ) rows"
    holds_files "$copy" "$work/left.ndjson"
}

mutation_with_a_subquery() {
    [[ $mode == docker ]] || leave "needs replicated tables"
    after erased
    # `erase` says that its subquery is deterministic; without that the server must refuse, or the check says nothing.
    refused 'allow_nondeterministic_mutations' sql ch-1 \
        "ALTER TABLE $main.voc_events DELETE WHERE source_offset IN (SELECT source_offset FROM $main.erased_records)"
}
