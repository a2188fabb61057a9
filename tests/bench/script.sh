#!/bin/bash
# The manual way: read every server in turn with its own client, and compare with diff.
# Arguments: KIND ENVIRONMENT SERVICE PORT USER PASSWORD MANAGEMENT for each server.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { # KIND PORT USER PASSWORD MANAGEMENT
    case $1 in
    postgres) PGPASSWORD=$4 psql -XAtq -h 127.0.0.1 -p "$2" -U "$3" -d postgres -c 'SELECT name, setting FROM pg_settings' ;;
    redis) redis-cli -h 127.0.0.1 -p "$2" INFO server && redis-cli -h 127.0.0.1 -p "$2" CONFIG GET '*' | paste - - ;;
    memcached)
        exec 3<>"/dev/tcp/127.0.0.1/$2"
        printf 'stats settings\r\nquit\r\n' >&3
        cat <&3
        exec 3>&-
        ;;
    rabbitmq) curl -sf -u "$3:$4" "http://127.0.0.1:$5/api/nodes" "http://127.0.0.1:$5/api/policies" | tr , '\n' ;;
    esac
}
services=
while [ $# -ge 7 ]; do
    ask "$1" "$4" "$5" "$6" "$7" | sort >"$work/$3.$2"
    case " $services " in *" $3 "*) ;; *) services="$services $3" ;; esac
    shift 7
done
for service in $services; do
    set -- "$work/$service".*
    first=$1
    shift
    for other; do diff "$first" "$other" || true; done
done
