# The programs: voc-processor and voc-query, run with a database of a server.

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
    local -x CLICKHOUSE_PASSWORD=$program_password MAX_RETRIES=2 RETRY_DELAY=2
    if [[ -n $path ]]; then
        # The programs know all variables that begin like theirs.
        ${as_service:+exec} env -u VOC_PROCESSOR -u VOC_QUERY -u VOC_VERSION "$path" "$@"
    else
        ${as_service:+exec} docker run --rm --network voc-verify-server_default --label voc-verify-server \
            --user "$(id -u):$(id -g)" --volume "$work:$work" \
            --env CLICKHOUSE_PASSWORD --env MAX_RETRIES --env RETRY_DELAY \
            ${docker_options[@]+"${docker_options[@]}"} "$name:$images" "$@"
    fi
}

program_user=$admin program_password=$admin_password docker_options=() as_service=''

migrate() {
    local database=$1
    shift
    processor ch-1 "$database" migrate up ${on_cluster[@]+"${on_cluster[@]}"} "$@"
}
