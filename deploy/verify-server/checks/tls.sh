# Checks of TLS.

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
