#!/bin/bash
# The manual way: read every server with its own client, "in turn" or "at once", and compare with diff. With RabbitMQ
# (HTTP and AMQP) three environments of five services are 18 connections.
# Arguments: MODE, then KIND ENVIRONMENT SERVICE PORT USER PASSWORD MANAGEMENT for each server.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mode=$1
shift
greet() { # PORT: print the properties of an AMQP broker
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'AMQP\0\0\011\001' >&3
    head -c "$((16#$(head -c 7 <&3 | od -An -tx1 -j3 -N4 | tr -d ' ')))" <&3 | tr -c '[:print:]' '\n'
    exec 3>&-
}
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
    mysql) mariadb -h 127.0.0.1 -P "$2" -u "$3" --skip-ssl -N -B -e 'SHOW GLOBAL VARIABLES' ;;
    rabbitmq)
        curl -sf -u "$3:$4" "http://127.0.0.1:$5/api/nodes" "http://127.0.0.1:$5/api/policies" | tr , '\n'
        greet "$2"
        ;;
    esac
}
services=
while [ $# -ge 7 ]; do
    if [ "$mode" = "at once" ]; then
        ask "$1" "$4" "$5" "$6" "$7" | sort >"$work/$3.$2" &
    else
        ask "$1" "$4" "$5" "$6" "$7" | sort >"$work/$3.$2"
    fi
    case " $services " in *" $3 "*) ;; *) services="$services $3" ;; esac
    shift 7
done
wait
for service in $services; do
    set -- "$work/$service".*
    first=$1
    shift
    for other; do diff "$first" "$other" || true; done
done
