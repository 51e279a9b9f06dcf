#!/bin/sh
# Makes the file system of an image for each program: root.sh FOLDER PROFILE PROGRAM...
set -eu
folder=$1
profile=$2
shift 2
case $profile in
    dev) built=target/debug ;;
    *) built=target/$profile ;;
esac

for program in "$@"; do
    root=$folder/$program
    mkdir -p "$root/etc/ssl/certs" "$root/usr/local/bin" "$root/usr/share/doc/voc" "$root/var/lib/voc" "$root/tmp"
    cp "$built/$program" "$root/usr/local/bin/"
    # Symbols are four fifths of it.
    strip --strip-all "$root/usr/local/bin/$program"

    # The libraries that the loader would find, and the loader itself, where the program expects them.
    ldd "$built/$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp --dereference "$library" "$root$library"
    done

    # The rest of the C library, for the engine, which is loaded later.
    for name in libdl.so.2 libpthread.so.0 librt.so.1; do
        libc=$(ldd "$built/$program" | awk '$1 ~ /^libc\.so/ { print $3 }')
        cp --dereference "$(dirname "$libc")/$name" "$root$(dirname "$libc")/"
    done

    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    printf 'voc:x:10001:10001::/var/lib/voc:/nonexistent\n' > "$root/etc/passwd"
    printf 'voc:x:10001:\n' > "$root/etc/group"
    printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"

    "$built/xtask" sbom --package "$program" --target "$(rustc -vV | sed -n 's/^host: //p')" \
        --output "$root/usr/share/doc/voc"
    cp LICENSE-APACHE LICENSE-MIT "$root/usr/share/doc/voc/"
    # These libraries are Debian's.
    for package in libc6 libgcc-s1 zlib1g; do
        if [ -e "/usr/share/doc/$package/copyright" ]; then
            cp "/usr/share/doc/$package/copyright" "$root/usr/share/doc/voc/$package.copyright"
        fi
    done

    chmod 1777 "$root/tmp"
    chown -R 10001:10001 "$root/var/lib/voc"
done
