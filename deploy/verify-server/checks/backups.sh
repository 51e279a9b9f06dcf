# Checks of backups.

restored() {
    after imported
    local program_user=$admin program_password=$admin_password said table tables server
    # The tables are made first, because replicated ones cannot be restored under another name beside themselves.
    migrate "$copy"
    local statements=("BACKUP DATABASE $main TO $backup_place"
        "RESTORE DATABASE $main AS $copy EXCEPT TABLES voc_schema_migrations FROM $backup_place
        SETTINGS allow_different_table_def = 1")
    if [[ $mode == server ]]; then
        sql ch-1 "DROP DATABASE IF EXISTS $other"
        statements+=("RESTORE DATABASE $main AS $other FROM $backup_place")
    fi
    # In one session, because a backup in memory ends with it.
    if ! said=$(sql ch-1 "${statements[@]}" 2>&1); then
        echo "$said"
        if [[ $mode == server ]] &&
            grep -Eq 'CONFIG_PARAMETER|ACCESS_DENIED|ENGINE_NOT_FOUND|Code: (318|497|627)' <<< "$said"; then
            leave "the server does not back up to $backup_place"
        fi
        return 1
    fi
    note "$backup_place"
    synchronise "$copy"
    tables=$(tables_of ch-1 "$main")
    for server in "${servers[@]}"; do
        for table in $tables; do
            equal "rows of $table on $server" "$(sql "$server" "SELECT count() FROM $copy.$table FINAL")" \
                "$(sql ch-1 "SELECT count() FROM $main.$table FINAL")"
        done
    done
    processor ch-1 "$copy" migrate status ${on_cluster[@]+"${on_cluster[@]}"}
    holds_files "$copy" "$work/voc.ndjson"
}

restored_with_its_tables() {
    after restored
    [[ $mode == server ]] || leave "replicated tables cannot be restored beside themselves"
    local program_user=$admin program_password=$admin_password
    processor ch-1 "$other" migrate status
    holds_files "$other" "$work/voc.ndjson"
}
