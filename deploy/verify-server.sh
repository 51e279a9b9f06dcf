#!/usr/bin/env bash
# Checks the programs with real ClickHouse servers: see --help.
set -euo pipefail

usage() {
    cat << 'TEXT'
Checks voc-processor and voc-query with real ClickHouse servers, and prints PASS, FAIL or "not checked" for each check.

    deploy/verify-server.sh [VERSION]...

starts, with Docker, a cluster of two ClickHouse servers and a Keeper of each version (CLICKHOUSE_VERSION, by default
24.8, the oldest that is supported), and removes it at the end. It takes about ten minutes a version. The images of
this release are used, as deploy/docker/README.md builds them, or the programs that VOC_PROCESSOR and VOC_QUERY name.

    deploy/verify-server.sh --server HOST:PORT [OPTION]...

checks, without Docker, what can be checked with one server: it makes databases and users of its own, and removes them.
The port is that of the native protocol. VOC_PROCESSOR and VOC_QUERY must name the programs.

    --user NAME          user with all rights (default: default); CLICKHOUSE_PASSWORD is the password
    --password PASSWORD  the password, if it may be seen by other users of the machine
    --database PREFIX    with which the names of databases and users begin (default: voc_verify)
    --backup PLACE       where to back up to, such as "Disk('backups', 'voc-verify')" (default: the server's memory)
    --secure-port PORT   port of the native protocol with TLS, to check that, too
    --ca-file FILE       authority that has signed the server's certificate

Either way curl, openssl and awk are needed. Without Docker a client is, too: clickhouse-client, or a command that takes
its options and that CLICKHOUSE_CLIENT names, as verify-server/client.py, with a Python that has clickhouse-driver.

The status is 0 if no check failed.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

fail() {
    echo "verify-server.sh: $*" >&2
    exit 2
}

# --- What to check

mode=docker server_address='' secure_port='' ca_file='' backup_place='' prefix=voc_verify
admin=default admin_password=${CLICKHOUSE_PASSWORD:-}
unset CLICKHOUSE_PASSWORD
versions=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --help | -h)
            usage
            exit 0
            ;;
        --server | --user | --password | --database | --backup | --secure-port | --ca-file)
            [[ $# -gt 1 ]] || fail "$1 needs a value; --help explains it"
            case $1 in
                --server) mode=server server_address=$2 ;;
                --user) admin=$2 ;;
                --password) admin_password=$2 ;;
                --database) prefix=$2 ;;
                --backup) backup_place=$2 ;;
                --secure-port) secure_port=$2 ;;
                --ca-file) ca_file=$2 ;;
            esac
            shift 2
            ;;
        -*) fail "there is no option $1; --help lists them" ;;
        *)
            versions+=("$1")
            shift
            ;;
    esac
done

if [[ ${#versions[@]} -gt 1 ]]; then
    [[ $mode == docker ]] || fail "a server has one version"
    status=0
    for version in "${versions[@]}"; do
        "$0" "$version" || status=1
    done
    exit "$status"
fi

[[ -n ${VOC_PROCESSOR:-} && -n ${VOC_QUERY:-} || -z ${VOC_PROCESSOR:-}${VOC_QUERY:-} ]] ||
    fail "set both VOC_PROCESSOR and VOC_QUERY, or neither"
[[ $prefix =~ ^[a-z][a-z0-9_]*$ ]] || fail "--database: expected lower-case letters, digits and underscores"
if [[ $mode == server ]]; then
    [[ $server_address =~ ^[^:]+:[0-9]+$ ]] || fail "--server: expected HOST:PORT, found $server_address"
    [[ -n ${VOC_PROCESSOR:-} ]] || fail "set VOC_PROCESSOR and VOC_QUERY to the programs"
    if [[ -n ${CLICKHOUSE_CLIENT:-} ]]; then
        read -ra client <<< "$CLICKHOUSE_CLIENT"
    elif command -v clickhouse-client > /dev/null; then
        client=(clickhouse-client)
    else
        fail "there is no clickhouse-client; set CLICKHOUSE_CLIENT (see --help)"
    fi
    backup_place=${backup_place:-"Memory('voc-verify')"}
else
    docker info > /dev/null 2>&1 || fail "Docker does not answer; --server HOST:PORT checks one server without it"
    export CLICKHOUSE_VERSION=${versions[0]:-${CLICKHOUSE_VERSION:-24.8}}
    backup_place="Disk('backups', 'voc-verify')"
    images=${VOC_VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1)}
fi

# One database for most checks, on all servers; one for what is set up differently; one for what is restored.
readonly main=${prefix} other=${prefix}_other copy=${prefix}_copy
readonly writer=${prefix}_processor reader=${prefix}_query
readonly events=20000

# --- What the checks have in common

work=$(mktemp -d)
readonly work
mkdir -p "$work/log" "$work/ok" "$work/data" "$work/tls"

compose() {
    docker compose --file "$here/verify-server/compose.yaml" "$@"
}

# Removes everything that was made, whatever happened.
clean_up() {
    local status=$?
    trap - EXIT
    set +e
    if [[ -e $work/service ]]; then stop_service; fi
    if [[ $mode == docker ]]; then
        compose --profile old down --volumes --remove-orphans --timeout 1 > "$work/log/down" 2>&1 ||
            echo "the containers could not be removed: $(tail -n 1 "$work/log/down")" >&2
    elif [[ -e $work/begun ]]; then
        local database
        for database in "$main" "$other" "$copy"; do
            sql ch-1 "DROP DATABASE IF EXISTS $database" || echo "the database $database is left" >&2
        done > /dev/null
        if [[ -e $work/users ]]; then
            sql ch-1 "DROP USER IF EXISTS $writer, $reader" "DROP SETTINGS PROFILE IF EXISTS $reader" > /dev/null ||
                echo "the users $writer and $reader are left" >&2
            # Policies are dropped with their tables on some servers only.
            local table
            for table in voc_events user_activity_events ai_analytics_events quality_events dead_letters \
                erased_records ledger; do
                sql ch-1 "DROP ROW POLICY IF EXISTS voc_tenants, voc_all_rows ON $main.$table" > /dev/null
            done
        fi
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 unchecked=0

# Runs a function as a check. It fails with its first command that fails.
check() {
    local function=$1 name=$2 log=$work/log/$1 status
    rm -f "$work/note"
    set +e
    (
        set -e
        "$function"
    ) > "$log" 2>&1
    status=$?
    set -e
    if [[ -s $work/note ]]; then name="$name: $(cat "$work/note")"; fi
    case $status in
        0)
            passed=$((passed + 1))
            touch "$work/ok/$function"
            printf 'PASS         %s\n' "$name"
            ;;
        77)
            unchecked=$((unchecked + 1))
            printf 'not checked  %s\n' "$name"
            ;;
        *)
            failed=$((failed + 1))
            printf 'FAIL         %s\n' "$name"
            tail -n 20 "$log" | sed 's/^/             /'
            ;;
    esac
}

# Adds to the name of the check.
note() {
    printf '%s' "$*" > "$work/note"
}

# Ends a check that cannot be made, and says why.
leave() {
    note "$*"
    exit 77
}

# Ends a check that depends on one that has not passed.
after() {
    [[ -e $work/ok/$1 ]] || leave "because of a check before it"
}

equal() {
    if [[ $2 != "$3" ]]; then
        printf '%s: expected\n%s\nfound\n%s\n' "$1" "$3" "$2"
        return 1
    fi
}

contains() {
    if [[ $2 != *"$3"* ]]; then
        printf '%s: expected "%s" in\n%s\n' "$1" "$3" "$2"
        return 1
    fi
}

# Runs a command that must be refused, with a message that matches a pattern.
refused() {
    local pattern=$1 said
    shift
    if said=$("$@" 2>&1); then
        printf 'not refused: %s\n%s\n' "$*" "$said"
        return 1
    fi
    if ! grep -Eqi -- "$pattern" <<< "$said"; then
        printf 'refused, but not with "%s": %s\n%s\n' "$pattern" "$*" "$said"
        return 1
    fi
}

# Runs statements in one session with a server.
sql() {
    local server=$1 text credentials=(--user "$sql_user")
    shift
    printf -v text '%s;\n' "$@"
    if [[ -n $sql_password ]]; then credentials+=(--password "$sql_password"); fi
    if [[ $mode == docker ]]; then
        compose exec -T "$server" clickhouse-client "${credentials[@]}" --query "$text"
    else
        "${client[@]}" --host "${server_address%:*}" --port "${server_address##*:}" "${credentials[@]}" --query "$text"
    fi
}
sql_user=$admin sql_password=$admin_password

# Runs a command whose statements are those of another user.
as_user() {
    local sql_user=$1 sql_password=$2
    shift 2
    "$@"
}

# The address of a server for the programs.
address_of() {
    local plain=9000 secure=9440 host=$1
    if [[ $mode == server ]]; then
        host=${server_address%:*} plain=${server_address##*:} secure=$secure_port
    elif [[ -n ${VOC_PROCESSOR:-} ]]; then
        host=127.0.0.1
        case $1 in
            ch-1) plain=19001 secure=19441 ;;
            ch-2) plain=19002 secure=19442 ;;
            *) plain=19003 ;;
        esac
    fi
    if [[ $over_tls == yes ]]; then plain=$secure; fi
    echo "${other_name:-$host}:$plain"
}
over_tls=no other_name=''

processor() {
    program voc-processor "${VOC_PROCESSOR:-}" "$@"
}

query() {
    program voc-query "${VOC_QUERY:-}" "$@"
}

# Runs a program with a database of a server.
program() {
    local name=$1 path=$2 database=$4 address
    address=$(address_of "$3")
    shift 4
    set -- "$@" --clickhouse-host "${address%:*}" --clickhouse-port "${address##*:}" \
        --clickhouse-user "$program_user" --clickhouse-db "$database"
    local settings=(CLICKHOUSE_PASSWORD="$program_password" MAX_RETRIES=2 RETRY_DELAY=2)
    if [[ -n $path ]]; then
        # The programs know all variables that begin like theirs.
        ${as_service:+exec} env -u VOC_PROCESSOR -u VOC_QUERY -u VOC_VERSION "${settings[@]}" "$path" "$@"
    else
        ${as_service:+exec} env "${settings[@]}" docker run --rm --network voc-verify-server_default \
            --user "$(id -u):$(id -g)" --volume "$work:$work" \
            --env CLICKHOUSE_PASSWORD --env MAX_RETRIES --env RETRY_DELAY \
            ${docker_options[@]+"${docker_options[@]}"} "$name:$images" "$@"
    fi
}
program_user=$admin program_password=$admin_password docker_options=() as_service=''

# What makes tables on all servers.
if [[ $mode == docker ]]; then
    servers=(ch-1 ch-2) on_cluster=(--clickhouse-cluster voc)
else
    servers=(ch-1) on_cluster=()
fi

migrate() {
    local database=$1
    shift
    processor ch-1 "$database" migrate up ${on_cluster[@]+"${on_cluster[@]}"} "$@"
}

tables_of() {
    sql "$1" "SELECT name FROM system.tables WHERE database = '$2' ORDER BY name"
}

# Waits until every server has everything.
synchronise() {
    [[ $mode == docker ]] || return 0
    local server table
    for server in "${servers[@]}"; do
        for table in $(tables_of "$server" "$1"); do
            sql "$server" "SYSTEM SYNC REPLICA $1.$table"
        done
    done
}

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

# --- Checks of one server, or of the cluster

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

# Statements that create the users, with their passwords and names of their own.
statements_of_users() {
    local hash
    hash=$(printf %s "$password" | openssl dgst -sha256 | sed 's/.* //')
    query ch-1 "$main" setup-sql | sed -e "s/<SHA-256 of the password>/$hash/" -e 's/;$//' \
        -e "s/voc_query/$reader/g" -e "s/voc_processor/$writer/g"
}
password="verify-$RANDOM$RANDOM"

users() {
    local server said
    statements_of_users > "$work/users.sql"
    for server in "${servers[@]}"; do
        if ! said=$(sql "$server" "CREATE USER IF NOT EXISTS $writer" 2>&1) &&
            grep -q ACCESS_DENIED <<< "$said"; then
            leave "$admin may not create users here"
        fi
        touch "$work/users"
        sql "$server" "DROP USER IF EXISTS $writer"
        sql "$server" "$(sed '$!s/$/;/' "$work/users.sql")"
        # What `setup-sql` does not print: a right that only a cluster needs.
        if [[ $mode == docker ]]; then sql "$server" "GRANT CLUSTER ON *.* TO $writer"; fi
    done
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
        [[ $found -ge 11 ]]
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
        "SELECT count() FROM system.users" "CREATE USER x"; do
        refused 'READONLY|ACCESS_DENIED|SETTING_CONSTRAINT|Code: (164|452|497)' \
            as_user "$reader" "$password" sql ch-1 "$statement"
    done
}

writer_has_no_other_rights() {
    after users
    local statement
    for statement in "CREATE DATABASE ${prefix}_x" "CREATE USER x" "SELECT count() FROM system.users"; do
        refused 'ACCESS_DENIED|Code: 497' as_user "$writer" "$password" sql ch-1 "$statement"
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
    local url=http://127.0.0.1:18001 found expected program_user=$program_user program_password=$program_password
    if [[ -e $work/ok/users ]]; then program_user=$reader program_password=$password; fi
    local docker_options=(--name voc-verify-query --publish 127.0.0.1:18001:18001 --env VOC_API_OPEN=true)
    # So that what runs in the background is the service itself, and can be ended.
    local as_service=yes
    query ch-1 "$main" --http-port 18001 > "$work/log/voc-query" 2>&1 &
    echo $! > "$work/service"
    for _ in $(seq 60); do
        if curl --silent --fail "$url/readyz" > /dev/null; then break; fi
        sleep 1
    done
    curl --silent --show-error --fail "$url/readyz"
    found=$(curl --silent --show-error --fail "$url/api/v1/summary.csv?days=60&tenant_id=acme")
    stop_service
    echo "$found"
    expected=$(counts_of_files "$work/voc.ndjson" | awk '$1 == "acme" { print $2 " " $3 }')
    found=$(tr -d '\r' <<< "$found" | awk -F , 'NR > 1 { print $1 " " $2 }' | LC_ALL=C sort)
    equal "summary of acme" "$found" "$expected"
    note "as $program_user"
}

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
    sql ch-1 "ALTER TABLE $other.voc_events MODIFY TTL toDateTime(ts) + INTERVAL 20 DAY"
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

restored() {
    after imported
    local program_user=$admin program_password=$admin_password said table server
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
        if [[ $mode == server ]] && grep -Eq 'CONFIG_PARAMETER|ACCESS_DENIED|ENGINE_NOT_FOUND' <<< "$said"; then
            leave "the server does not back up to $backup_place"
        fi
        return 1
    fi
    note "$backup_place"
    synchronise "$copy"
    for server in "${servers[@]}"; do
        for table in $(tables_of ch-1 "$main"); do
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

tls() {
    after migrations
    if [[ $mode == docker ]]; then
        local ca_file=$work/tls/ca.crt
    elif [[ -z $secure_port || -z $ca_file ]]; then
        leave "needs --secure-port and --ca-file"
    fi
    local over_tls=yes program_user=$admin program_password=$admin_password other_name=''
    local status=(processor ch-1 "$main" migrate status)
    local verified=("${status[@]}" --clickhouse-secure --clickhouse-ca-file "$ca_file")
    "${verified[@]}"
    refused 'authority is not known' "${status[@]}" --clickhouse-secure
    refused 'expects TLS' "${status[@]}"
    over_tls=no
    refused 'does not speak TLS|before TLS was agreed' "${verified[@]}"
    if [[ $mode == docker ]]; then
        over_tls=yes other_name=another-name
        if [[ -n ${VOC_PROCESSOR:-} ]]; then other_name=localhost; fi
        refused 'not for' "${verified[@]}"
    fi
}

failover() {
    [[ $mode == docker ]] || leave "needs a cluster"
    after erased
    local more=60000 import before found
    generate voc "$more" 1000000 > "$work/more.ndjson"
    before=$(sql ch-2 "SELECT count() FROM $main.voc_events")
    import ch-1 "$main" voc "$work/more.ndjson" "$more" 0 --clickhouse-other-hosts "$(address_of ch-2)" \
        --batch-size 100 --batch-max 100 > "$work/log/import" 2>&1 &
    import=$!
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
    if ! wait "$import"; then
        cat "$work/log/import"
        return 1
    fi
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
    import ch-1 "$main" voc "$work/waiting.ndjson" 2000 0 > "$work/log/import" 2>&1 &
    import=$!
    until grep -q 'alive replicas' "$work/log/import"; do
        if ! kill -0 "$import" 2> /dev/null; then
            cat "$work/log/import"
            echo "the import did not wait for the second server"
            return 1
        fi
        sleep 0.5
    done
    compose up --detach --wait ch-2
    if ! wait "$import"; then
        cat "$work/log/import"
        return 1
    fi
    holds_files "$main" "$work/left.ndjson" "$work/more.ndjson" "$work/quorum.ndjson" "$work/waiting.ndjson"
}

# --- The run

# An authority, and a certificate of it for both servers.
make_certificates() (
    cd "$work/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=voc verify' -keyout ca.key -out ca.crt
    openssl req -newkey rsa:2048 -nodes -subj '/CN=ch-1' -keyout server.key -out server.csr
    printf 'subjectAltName=DNS:ch-1,DNS:ch-2,IP:127.0.0.1\n' > names
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt
    # The server in the container is another user.
    chmod 755 . && chmod 644 server.key server.crt ca.crt
)

if [[ $mode == docker ]]; then
    echo "ClickHouse $CLICKHOUSE_VERSION, two servers and a Keeper; ${VOC_PROCESSOR:-voc-processor:$images}"
    chmod 755 "$work"
    make_certificates > "$work/log/certificates" 2>&1 || fail "openssl: $(tail -n 3 "$work/log/certificates")"
    export VERIFY_TLS=$work/tls
    if ! compose up --detach --wait ch-1 ch-2 > "$work/log/up" 2>&1; then
        tail -n 20 "$work/log/up" >&2
        compose logs --tail 20 >&2
        fail "the servers did not start"
    fi
else
    echo "the server $server_address; $VOC_PROCESSOR"
    found=$(sql ch-1 "SELECT count() FROM system.databases WHERE name IN ('$main', '$other', '$copy')") ||
        fail "the server does not answer"
    [[ $found == 0 ]] || fail "there are databases $main, $other or $copy: drop them, or name others with --database"
    touch "$work/begun"
fi

check version_is_accepted "the version of the server is accepted"
check version_is_refused "an older version is refused"
check users "setup-sql creates the users"
if [[ -e $work/ok/users ]]; then program_user=$writer program_password=$password; fi
check migrations "migrations are applied, and applied again without a change"
check tables_are_replicated "every table is replicated on both servers"
check imported "events of four families are stored, each once, on every server"
check accounts_balance "the ledger accounts for every record"
check rollups_are_used "rollups are used, and equal to the rows"
check reader_is_held_to_tenants "voc_query sees the rows of the tenants that a statement is about, and no others"
check reader_cannot_write "voc_query cannot write, nor lift its limits"
check writer_has_no_other_rights "voc_processor has no rights elsewhere"
check answers "voc-query is ready and answers"
check tables_keep_rows_as_created "product keeps rows for 90 days, other tables for good"
check storage_policy "tables are created with a storage policy"
check repeated_inserts_are_dropped "an insert that is repeated under its token is dropped"
check moved_to_another_volume "a table partition is moved to another volume"
check another_retention "another retention can be set"
check tables_of_one_server_are_refused "several servers with tables of their own are refused"
check restored "a backup is restored into another database"
check restored_with_its_tables "a backup is restored with its tables"
check erased "a customer is erased on every server"
check mutation_with_a_subquery "erasing needs, and has, the setting for replicated tables"
check erased_again_after_a_restore "what an older backup brings back is erased again"
check tls "TLS is used with the authority's file, and refused without"
check failover "a server is killed during an import, which goes on with the other"
check restarted "the servers are restarted, and have everything"
check with_a_quorum "with insert_quorum = 'auto', what is acknowledged is on both servers"

echo
echo "$passed passed, $failed failed, $unchecked not checked"
[[ $failed == 0 ]]
