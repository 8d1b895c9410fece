#!/usr/bin/env bash
# Removes the data of embedded servers below DIRECTORY. Usage: clean-data.sh DIRECTORY
# Refuses while a server runs there: each holds a lock on the file `lock` in its directory.
set -euo pipefail

data=${1:?usage: clean-data.sh DIRECTORY}
[ -d "$data" ] || exit 0
command -v flock >/dev/null 2>&1 || {
    echo "flock is missing: install util-linux" >&2
    exit 1
}

moved=()
while IFS= read -r -d '' file; do
    if [ "$(basename "$file")" = moved-to ]; then
        moved+=("$(cat "$file")")
    elif ! flock --nonblock "$file" true; then
        echo "a server runs in $(dirname "$file"): stop it first" >&2
        exit 1
    fi
done < <(find "$data" -type f \( -name lock -o -name moved-to \) -print0)

# Data of a root whose directories Postgres could not reach lies elsewhere, as noted there.
for directory in "${moved[@]}"; do
    case $(basename "$directory") in
    colibri-*)
        if [ -e "$directory/lock" ] && ! flock --nonblock "$directory/lock" true; then
            echo "a server runs in $directory: stop it first" >&2
            exit 1
        fi
        rm -rf "$directory"
        ;;
    esac
done
rm -rf "$data"
