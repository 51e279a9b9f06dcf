# What every check is made of: how it is run, what it says, and how it compares.

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

# What is found, and what is expected. Commands that give both are not seen to fail, so something must be expected.
equal() {
    if [[ -z $3 ]]; then
        echo "$1: nothing is expected"
        return 1
    fi
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

# Whether a message says that rights are missing. Servers send the code; clients, and the engine, add its name.
is_denied() {
    grep -Eq 'ACCESS_DENIED|Code: 497' <<< "$1"
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
