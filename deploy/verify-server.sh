#!/usr/bin/env bash
# Checks the programs with real ClickHouse servers: see --help. What the checks are made of is in verify-server/, and
# the checks are in verify-server/checks/.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
    cat << 'TEXT'
Checks voc-processor and voc-query with real ClickHouse servers, and prints PASS, FAIL or "not checked" for each check.

    deploy/verify-server.sh [--at-least NUMBER] [VERSION]...

starts, with Docker, a cluster of two ClickHouse servers and a Keeper of each version (CLICKHOUSE_VERSION, by default
24.8, the oldest that is supported), and removes it at the end. The images of this release are used, as
deploy/docker/README.md builds them, or the programs that VOC_PROCESSOR and VOC_QUERY name.

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
its options, with words as in a shell, that CLICKHOUSE_CLIENT has: such as "python3 deploy/verify-server/client.py", for
which that Python needs clickhouse-driver.

The status is 0 if no check failed, and with --at-least, if so many passed.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

fail() {
    echo "verify-server.sh: $*" >&2
    exit 2
}

# Before anything is started: whoever interrupts a version wants no other one.
trap 'exit 130' INT
trap 'exit 143' TERM

# --- What to check

mode=docker server_address='' secure_port='' ca_file='' backup_place='' prefix=voc_verify at_least=0
admin=default admin_password=${CLICKHOUSE_PASSWORD:-}
unset CLICKHOUSE_PASSWORD
versions=() of_server=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --help | -h)
            usage
            exit 0
            ;;
        --at-least | --server | --user | --password | --database | --backup | --secure-port | --ca-file)
            [[ $# -gt 1 ]] || fail "$1 needs a value; --help explains it"
            case $1 in
                --at-least) at_least=$2 ;;
                --server) mode=server server_address=$2 ;;
                --user) admin=$2 ;;
                --password) admin_password=$2 ;;
                --database) prefix=$2 ;;
                --backup) backup_place=$2 ;;
                --secure-port) secure_port=$2 ;;
                --ca-file) ca_file=$2 ;;
            esac
            [[ $1 == --at-least ]] || of_server+=("$1")
            shift 2
            ;;
        -*) fail "there is no option $1; --help lists them" ;;
        *)
            versions+=("$1")
            shift
            ;;
    esac
done

[[ $at_least =~ ^[0-9]+$ ]] || fail "--at-least: expected a number, found $at_least"
if [[ $mode == docker ]]; then
    [[ ${#of_server[@]} == 0 ]] || fail "${of_server[0]} is about a server that --server names; --help explains it"
else
    [[ ${#versions[@]} == 0 ]] || fail "the server has its version: leave out ${versions[*]}, or --server"
fi
if [[ ${#versions[@]} -gt 1 ]]; then
    status=0
    for version in "${versions[@]}"; do
        "$0" --at-least "$at_least" "$version" || status=1
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
        eval "client=($CLICKHOUSE_CLIENT)"
    elif command -v clickhouse-client > /dev/null; then
        client=(clickhouse-client)
    else
        fail "there is no clickhouse-client; set CLICKHOUSE_CLIENT (see --help)"
    fi
    backup_place=${backup_place:-"Memory('voc-verify')"}
    servers=(ch-1) on_cluster=()
else
    docker info > /dev/null 2>&1 || fail "Docker does not answer; --server HOST:PORT checks one server without it"
    export CLICKHOUSE_VERSION=${versions[0]:-${CLICKHOUSE_VERSION:-24.8}}
    backup_place="Disk('backups', 'voc-verify')"
    images=${VOC_VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1)}
    # What makes tables on all servers.
    servers=(ch-1 ch-2) on_cluster=(--clickhouse-cluster voc)
fi

# One database for most checks, on all servers; one for what is set up differently; one for what is restored.
readonly main=${prefix} other=${prefix}_other copy=${prefix}_copy
readonly writer=${prefix}_processor reader=${prefix}_query
# A database and a user that nobody may create.
readonly forbidden=${prefix}_x
readonly events=20000

work=$(mktemp -d)
readonly work
mkdir -p "$work/log" "$work/ok" "$work/data" "$work/tls"

# --- What the checks are, and what they have in common

source "$here/verify-server/support.sh"
source "$here/verify-server/servers.sh"
source "$here/verify-server/programs.sh"
source "$here/verify-server/events.sh"
source "$here/verify-server/checks/tables.sh"
source "$here/verify-server/checks/users.sh"
source "$here/verify-server/checks/rows.sh"
source "$here/verify-server/checks/storage.sh"
source "$here/verify-server/checks/backups.sh"
source "$here/verify-server/checks/erasure.sh"
source "$here/verify-server/checks/tls.sh"
source "$here/verify-server/checks/cluster.sh"

# --- The run

trap clean_up EXIT
if [[ $mode == docker ]]; then start_servers; else find_server; fi

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
if [[ $passed -lt $at_least ]]; then echo "fewer passed than --at-least $at_least asks for"; fi
[[ $failed == 0 && $passed -ge $at_least ]]
