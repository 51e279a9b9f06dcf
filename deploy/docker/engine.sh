#!/bin/sh
# Fetches the embedded engine with npm, as pinned in the source of `cargo xtask engine`: engine.sh SOURCE FOLDER
set -eu
source=$1
folder=$2
pinned() {
    sed -n "s/^ *$1: \"\(.*\)\",\$/\1/p" "$source"
}
mkdir -p "$folder"
fetched=$(mktemp -d)
cd "$fetched"
npm pack --loglevel=warn "$(pinned name)@$(pinned version)"
hash=$(pinned integrity | sed 's/^sha512-//' | base64 -d | od -An -v -tx1 | tr -d ' \n')
echo "$hash  $(echo ./*.tgz)" | sha512sum -c -
tar -xzf ./*.tgz --strip-components=1 -C "$folder" package/libchdb.so
rm -r "$fetched"
