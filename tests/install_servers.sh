#!/bin/sh
# Install the servers of the tests, without starting them. Needs root on a Debian.
set -eu
wanted="procps postgresql redis-server rabbitmq-server memcached mariadb-server percona-toolkit nginx-light apache2 haproxy socat netcat-openbsd openssh-server openssh-client openssl pgbouncer nats-server exim4-daemon-light tmux busybox zsh fish sudo"
missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "not installed:$missing; the tests that need them are skipped (on Debian, as root, they are installed)" >&2
    exit 0
fi
echo "installing$missing for the tests …"
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then # the packages must not start their servers
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086 # $missing is a list
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
