# The servers: how they are started, asked, and left as they were.

compose() {
    docker compose --file "$here/verify-server/compose.yaml" "$@"
}

# Runs statements in one session with a server.
sql() {
    local server=$1 text
    shift
    printf -v text '%s;\n' "$@"
    if [[ $mode == docker ]]; then
        local credentials=(--user "$sql_user")
        if [[ -n $sql_password ]]; then credentials+=(--password "$sql_password"); fi
        compose exec -T "$server" clickhouse-client "${credentials[@]}" --query "$text"
    else
        # The password of a server that is not ours is not among the arguments, which everyone on the machine may see.
        CLICKHOUSE_PASSWORD=$sql_password "${client[@]}" --host "${server_address%:*}" --port "${server_address##*:}" \
            --user "$sql_user" --query "$text"
    fi
}
sql_user=$admin sql_password=$admin_password

# Runs a command whose statements are those of another user.
as_user() {
    local sql_user=$1 sql_password=$2
    shift 2
    "$@"
}

tables_of() {
    sql "$1" "SELECT name FROM system.tables WHERE database = '$2' ORDER BY name"
}

# Waits until every server has everything.
synchronise() {
    [[ $mode == docker ]] || return 0
    local server table tables
    for server in "${servers[@]}"; do
        tables=$(tables_of "$server" "$1")
        for table in $tables; do
            sql "$server" "SYSTEM SYNC REPLICA $1.$table"
        done
    done
}

# With Docker, starts the cluster.
start_servers() {
    echo "ClickHouse $CLICKHOUSE_VERSION, two servers and a Keeper; ${VOC_PROCESSOR:-voc-processor:$images}"
    chmod 755 "$work"
    make_certificates > "$work/log/certificates" 2>&1 || fail "openssl: $(tail -n 3 "$work/log/certificates")"
    export VERIFY_TLS=$work/tls
    if ! compose up --detach --wait ch-1 ch-2 > "$work/log/up" 2>&1; then
        tail -n 20 "$work/log/up" >&2
        compose logs --tail 20 >&2
        fail "the servers did not start"
    fi
}

# Without Docker, sees that the server answers, and has nothing of the names that are used here, and dropped at the end.
find_server() {
    local names found
    echo "the server $server_address; $VOC_PROCESSOR"
    names="'$main', '$other', '$copy', '$forbidden'"
    found=$(sql ch-1 "SELECT count() FROM system.databases WHERE name IN ($names)") || fail "the server does not answer"
    [[ $found == 0 ]] ||
        fail "there are databases $main, $other, $copy or $forbidden: drop them, or name others with --database"
    # Whoever may not read them may not create them either.
    names="'$writer', '$reader', '$forbidden'"
    if found=$(sql ch-1 "SELECT count() FROM (SELECT name FROM system.users UNION ALL
        SELECT name FROM system.settings_profiles) WHERE name IN ($names)" 2> /dev/null); then
        [[ $found == 0 ]] || fail "there are users or settings profiles $writer, $reader or $forbidden: drop them, or" \
            "name others with --database"
    fi
    touch "$work/begun"
}

# Removes everything that was made, whatever happened.
clean_up() {
    local status=$?
    trap - EXIT
    set +e
    if [[ -e $work/service ]]; then stop_service; fi
    if [[ -e $work/import ]]; then kill -- "-$(cat "$work/import")" 2> /dev/null; fi
    if [[ $mode == docker ]]; then
        # A program whose client has ended may run on, and keep the network.
        docker ps --quiet --filter label=voc-verify-server | xargs -r docker rm --force > /dev/null 2>&1
        compose --profile old down --volumes --remove-orphans --timeout 1 > "$work/log/down" 2>&1 ||
            echo "the containers could not be removed: $(tail -n 1 "$work/log/down")" >&2
    elif [[ -e $work/begun ]]; then
        local database
        for database in "$main" "$other" "$copy" "$forbidden"; do
            sql ch-1 "DROP DATABASE IF EXISTS $database" || echo "the database $database is left" >&2
        done > /dev/null
        if [[ -e $work/users ]]; then drop_users; fi
    fi
    rm -rf "$work"
    exit "$status"
}
