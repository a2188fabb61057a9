r"""The script that reads a machine: POSIX sh, for dash, busybox and the bash 3 of macOS.

It changes nothing, needs neither root nor additional programs, and does not read the machine's names. It prints
sections, each after a line with the mark and its name. Most sections are lines of NAME<TAB>VALUE, the others are a
file or the output of a program, unchanged. The last section is "end".

The braces make the shell read the whole script before it runs any of it: no program can consume the rest of it, and
an incomplete script does not run. Files of /proc/sys are read by programs, because the `read` of dash and busybox
reads single bytes, and those files return only one byte to such a call. The machine's own name is read only to leave it
out of the entries of /etc/hosts.
"""

from __future__ import annotations

SCRIPT = r"""
{
part() { printf '\n%s %s\n' "$M" "$1"; }
fact() { [ -z "$2" ] || printf '%s\t%s\n' "$1" "$2"; }
line() { if [ -f "$2" ] && [ -r "$2" ]; then fact "$1" "$(head -n 1 "$2")"; fi; }
have() { command -v "$1" >/dev/null 2>&1; }
first() { for f in "$@"; do if [ -f "$f" ] && [ -r "$f" ]; then cat "$f"; break; fi; done; }
age() {
  for f in "$@"; do if [ -f "$f" ]; then
    if [ -n "$(find "$f" -mtime -1)" ]; then fact last_run 'within a day'
    elif [ -n "$(find "$f" -mtime -7)" ]; then fact last_run 'within a week'
    else fact last_run 'more than a week ago'; fi; break
  fi; done
}
killed() {
  [ "$1" -lt 129 ] || { part killed; printf '%s was killed by signal %s\n' "$2" "$(($1 - 128))"; }
}

works() { have "$1" && [ "$2" != "$3" ] && { part killed; printf '%s does not work\n' "$1"; }; }
works date "$(case $(date +%s) in '' | *[!0-9]*) ;; *) echo 1 ;; esac)" 1
works uname "$(case $(uname -srm) in *' '*' '*) echo 1 ;; esac)" 1
works cat "$(echo a | cat)" a; works head "$(echo a | head -n 1)" a; works tail "$(echo a | tail -n 1)" a
works tr "$(echo a | tr a b)" b; works grep "$(echo a | grep -E a)" a; works sed "$(echo a | sed 's/a/b/')" b
works awk "$(echo a b | awk '{ print $2 }')" b; works cksum "$(echo a | cksum)" '2418082923 2'

part now; date +%s

part session
for n in TZ LC_ALL LC_CTYPE LANG LC_COLLATE LC_MONETARY LC_NUMERIC LC_TIME KUBERNETES_SERVICE_HOST; do
  eval "fact $n \"\${$n-}\""
done
for n in http_proxy https_proxy all_proxy HTTPS_PROXY HTTP_PROXY ALL_PROXY; do
  eval "[ -z \"\${$n-}\" ] || fact proxy $n"  # an address may hold a password
done
for n in LD_PRELOAD OPENSSL_CONF SSL_CERT_FILE SSL_CERT_DIR; do
  eval "fact $n \"\${$n-}\""
done
[ -z "${TZ+set}" ] || fact TZ_SET yes
zone=${TZ-}; zone=${zone#:}
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin
fact nofile "$(ulimit -Sn)"
fact nofile_hard "$(ulimit -Hn)"
fact umask "$(umask)"

part limits; [ -r /proc/self/limits ] && cat /proc/self/limits; killed $? 'cat /proc/self/limits'

part uname; uname -srm
part os-release; first /etc/os-release /usr/lib/os-release
part sw_vers; have sw_vers && sw_vers
part system
line debian_version /etc/debian_version
line selinux /sys/fs/selinux/enforce
line fips /proc/sys/crypto/fips_enabled
line crypto_policy /etc/crypto-policies/state/current

part zone
if [ -n "${TZ+set}" ]; then
  case $zone in /*) file=$zone ;; *) file=/usr/share/zoneinfo/${zone:-Etc/UTC} ;; esac
else
  file=/etc/localtime
  fact link "$(readlink /etc/localtime)"
  line name /etc/timezone
fi
if [ -f "$file" ] && [ -r "$file" ]; then fact rule "$(tail -n 1 "$file" | tr -d '\000')"
else fact missing "$file"; fi

part locale; for f in /etc/default/locale /etc/locale.conf; do [ -r "$f" ] && cat "$f" && break; done

part libc
have getconf && fact glibc "$(getconf GNU_LIBC_VERSION)"
for f in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.* /lib/*/ld-linux-*.so.*; do
  [ -x "$f" ] && fact loader "$("$f" --version | head -n 1)" && break
done
for f in /lib/ld-musl-*; do
  [ -x "$f" ] && fact musl "$("$f" 2>&1 | grep -i '^version')" && break
done
for f in /usr/lib/libicuuc.so.* /usr/lib/*/libicuuc.so.* /usr/lib64/libicuuc.so.* \
  /opt/homebrew/opt/icu4c*/lib/libicuuc.*.dylib /usr/local/opt/icu4c*/lib/libicuuc.*.dylib; do
  [ -e "$f" ] && fact icu "$f"
done

part openssl
have openssl && fact version "$(openssl version)"
for f in /usr/lib/*/libcrypto.so.* /usr/lib64/libcrypto.so.* /usr/lib/libcrypto.so.* /lib/*/libcrypto.so.* \
  /lib/libcrypto.so.*; do
  [ -f "$f" ] && [ -r "$f" ] &&
    fact library "$(sed -n 's/.*\(OpenSSL [0-9][0-9.]*[a-z]*\) [ 0-9][0-9]* [A-Z][a-z]* 20.*/\1/p' "$f" | head -n 1)"
done
for f in /etc/ssl/openssl.cnf /etc/pki/tls/openssl.cnf; do
  [ -r "$f" ] && break
done
[ -r "$f" ] && grep -E '^[[:space:]]*((Min|Max)Protocol|Cipher(String|suites)|Groups|Curves|Options)[[:space:]]*=' "$f"

[ -d /proc/sys ] && part procfs
part sysctl; cd /proc/sys && grep '' /dev/null vm/overcommit_memory vm/overcommit_ratio vm/swappiness \
  vm/max_map_count net/core/somaxconn fs/file-max net/ipv4/ip_local_port_range net/ipv4/tcp_keepalive_time \
  net/ipv4/tcp_max_syn_backlog net/ipv6/conf/all/disable_ipv6 net/ipv4/tcp_keepalive_intvl \
  net/ipv4/tcp_keepalive_probes net/ipv4/tcp_tw_reuse net/ipv4/tcp_fin_timeout net/ipv4/tcp_syncookies \
  net/ipv4/tcp_retries2 net/ipv4/tcp_syn_retries net/ipv4/tcp_congestion_control net/ipv4/tcp_rmem net/ipv4/tcp_wmem \
  net/ipv4/ip_forward net/ipv4/ip_unprivileged_port_start net/core/rmem_max net/core/wmem_max \
  net/core/netdev_max_backlog net/core/default_qdisc kernel/pid_max kernel/threads-max kernel/shmmax kernel/shmall \
  kernel/sem kernel/msgmax kernel/randomize_va_space kernel/panic fs/nr_open fs/aio-max-nr \
  fs/inotify/max_user_watches fs/inotify/max_user_instances fs/inotify/max_queued_events vm/dirty_ratio \
  vm/dirty_background_ratio vm/nr_hugepages vm/zone_reclaim_mode user/max_user_namespaces vm/dirty_bytes \
  vm/dirty_background_bytes vm/dirty_expire_centisecs vm/dirty_writeback_centisecs vm/min_free_kbytes \
  vm/vfs_cache_pressure vm/panic_on_oom vm/oom_kill_allocating_task net/ipv4/tcp_slow_start_after_idle \
  net/ipv4/tcp_mtu_probing net/ipv4/tcp_timestamps net/ipv4/tcp_sack net/ipv4/tcp_window_scaling \
  net/ipv4/tcp_fastopen net/ipv4/tcp_max_tw_buckets net/ipv4/tcp_ecn net/ipv4/tcp_synack_retries \
  net/ipv4/tcp_orphan_retries net/ipv4/tcp_notsent_lowat net/ipv4/tcp_abort_on_overflow \
  net/ipv4/conf/all/rp_filter net/ipv4/ip_nonlocal_bind net/ipv4/neigh/default/gc_thresh3 \
  net/netfilter/nf_conntrack_max net/unix/max_dgram_qlen net/ipv6/bindv6only net/core/rmem_default \
  net/core/wmem_default kernel/shmmni kernel/msgmnb kernel/msgmni kernel/numa_balancing \
  kernel/sched_autogroup_enabled kernel/panic_on_oops kernel/hung_task_panic kernel/yama/ptrace_scope \
  kernel/unprivileged_bpf_disabled kernel/perf_event_paranoid kernel/dmesg_restrict kernel/core_pattern \
  kernel/keys/maxkeys fs/protected_hardlinks fs/protected_symlinks fs/suid_dumpable fs/pipe-max-size fs/mqueue/msg_max
killed $? 'the program that reads /proc/sys'
cd /
part darwin
[ -d /proc/sys ] || { have sysctl &&
  sysctl hw.ncpu hw.memsize kern.maxfiles kern.ipc.somaxconn vm.swapusage kern.hv_vmm_present; killed $? sysctl; }

part memory
line thp /sys/kernel/mm/transparent_hugepage/enabled
line defrag /sys/kernel/mm/transparent_hugepage/defrag
have nproc && fact cpus "$(nproc)"
have getconf && fact cpus "$(getconf _NPROCESSORS_ONLN)"
[ -r /proc/cpuinfo ] && fact flags "$(grep -m 1 '^flags' /proc/cpuinfo)"
[ -r /proc/cmdline ] && fact boot "$(tr ' ' '\n' </proc/cmdline |
  grep -E '^(mitigations|nosmt|nopti|numa|ipv6\.disable|selinux|apparmor|isolcpus|hugepages|cgroup_[a-z]*)(=|$)' |
  sort | tr '\n' ' ')"
[ -r /proc/meminfo ] && grep -E '^(MemTotal|SwapTotal):' /proc/meminfo

part cgroup
g=
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  fact version 2
  while IFS=: read -r a b c; do [ "$a" = 0 ] && g=$c; done </proc/self/cgroup
  while :; do
    line memory "/sys/fs/cgroup$g/memory.max"
    line cpu "/sys/fs/cgroup$g/cpu.max"
    case $g in */*) g=${g%/*} ;; *) break ;; esac
  done
elif [ -d /sys/fs/cgroup/memory ]; then
  fact version 1
  line memory /sys/fs/cgroup/memory/memory.limit_in_bytes
  line quota /sys/fs/cgroup/cpu/cpu.cfs_quota_us
  line period /sys/fs/cgroup/cpu/cpu.cfs_period_us
fi

part mounts; if [ -r /proc/mounts ]; then grep ' / ' /proc/mounts; else mount; fi; killed $? 'the list of mounts'

part machine
[ -e /.dockerenv ] && fact container docker
[ -n "$PARITY_IMAGE" ] && fact image "$PARITY_IMAGE"
[ -e /run/.containerenv ] && fact container podman
line container /run/systemd/container
have systemd-detect-virt && fact detected "$(systemd-detect-virt)"
line vendor /sys/class/dmi/id/sys_vendor
line product /sys/class/dmi/id/product_name
line hypervisor /sys/hypervisor/type
[ -r /proc/cpuinfo ] && grep -m 1 -q '^flags.* hypervisor' /proc/cpuinfo && fact flag yes
[ -r /proc/1/cgroup ] && fact cgroup "$(grep -o -E 'docker|kubepods|libpod|lxc' /proc/1/cgroup | head -n 1)"

part trust
have cksum && {
own() { for f in "$@"; do [ -f "$f" ] && [ -r "$f" ] && cksum <"$f"; done; }
own=$(own /usr/local/share/ca-certificates/*.crt /usr/local/share/ca-certificates/*/*.crt \
  /etc/pki/ca-trust/source/anchors/* | sort -u)
fact own "$(printf '%s' "$own" | grep -c .)"
[ -n "$own" ] && fact digest "$(printf '%s' "$own" | cksum)"
}
for f in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
  [ -r "$f" ] && fact bundle "$(grep -c 'BEGIN .*CERTIFICATE' "$f")" && break
done

[ -r /etc/hosts ] && have awk && part names &&
  awk -v own="$(cat /proc/sys/kernel/?ostname)" '{ sub(/#.*/, "") } NF > 1 {
  for (i = 2; i <= NF; i++)
    if (($i !~ /^(localhost|ip6-|broadcasthost)/ || $1 !~ /^(127\.|255\.|::1$|f[ef])/) &&
      $i != own && index($i, own ".") != 1) print $1, tolower($i)
}' /etc/hosts
part resolv; [ -r /etc/resolv.conf ] && grep -E '^(nameserver|options|search|domain)' /etc/resolv.conf
[ -r /etc/resolv.conf ] && part resolvable
part nsswitch; [ -r /etc/nsswitch.conf ] && grep -E '^[[:space:]]*(hosts|passwd|group):' /etc/nsswitch.conf
part gai; [ -r /etc/gai.conf ] && grep -E '^[[:space:]]*[a-z]' /etc/gai.conf

part ntp
[ -e /run/systemd/timesync/synchronized ] && fact ntp systemd-timesyncd
for f in /run/chrony/chronyd.pid /run/chronyd.pid; do [ -e "$f" ] && fact ntp chrony; done
for f in /run/ntpd.pid /var/run/ntpd.pid; do [ -e "$f" ] && fact ntp ntpd; done

part vagrant
[ -d /vagrant ] && fact trace /vagrant
[ -d /home/vagrant ] && fact trace /home/vagrant
line built /etc/vagrant_box_build_time

part chef
for f in /etc/chef /etc/cinc; do [ -d "$f" ] && fact trace "$f"; done
for f in /opt/chef/version-manifest.txt /opt/cinc/version-manifest.txt; do line version "$f"; done
age /var/chef/cache/chef-client-running.pid /var/cinc/cache/cinc-client-running.pid

part puppet
for f in /etc/puppetlabs /etc/puppet; do [ -d "$f" ] && fact trace "$f"; done
line version /opt/puppetlabs/puppet/VERSION
for f in /opt/puppetlabs/puppet/public /var/cache/puppet/public /opt/puppetlabs/puppet/cache/state \
  /var/cache/puppet/state /var/lib/puppet/state; do
  f=$f/last_run_summary.yaml
  if [ -r "$f" ]; then age "$f"; grep -E '^  (puppet|failed|failed_to_restart|failure):' "$f"; break; fi
done

ended() { [ "$2" = 0 ] || { part unlisted; printf '%s ends with code %s\n' "$1" "$2"; }; }
if have dpkg-query; then
  part dpkg; dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\n'
  ended dpkg-query $?
elif [ -e /lib/apk/db/installed ] || [ -e /usr/lib/apk/db/installed ]; then
  part apk; for f in /lib/apk/db/installed /usr/lib/apk/db/installed; do
    [ -r "$f" ] && grep '^[PV]:' "$f" && break
  done
  ended "the list of apk" $?
elif have rpm && { [ -e /var/lib/rpm/rpmdb.sqlite ] || [ -e /var/lib/rpm/Packages ] ||
  [ -e /var/lib/rpm/Packages.db ] || [ -d /usr/lib/sysimage/rpm ]; }; then
  part rpm; rpm -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n'
  ended rpm $?
else
  for f in pacman emerge xbps-query nix-env opkg swupd; do
    have "$f" && part unlisted && printf 'packages of %s are not read\n' "$f" && break
  done
fi
part brew
for f in /opt/homebrew/Cellar/*/* /usr/local/Cellar/*/* /home/linuxbrew/.linuxbrew/Cellar/*/*; do
  [ -d "$f" ] && printf '%s\n' "$f"
done

part closed
closed() {
  names=$1; shift
  for f in "$@"; do
    if [ -h "$f" ] && [ ! -e "$f" ]; then
      link=$(readlink "$f"); case $link in /*) f=$link ;; *) f=${f%/*}/$link ;; esac
    fi
    if [ -e "$f" ]; then [ ! -r "$f" ] || { [ -d "$f" ] && [ ! -x "$f" ]; } || continue
    else  # a folder that may not be entered hides whether the file exists
      while [ -n "$f" ] && [ ! -e "$f" ]; do f=${f%/*}; done
      [ ! -x "${f:-/}" ] || continue
    fi
    fact "$names" "$f cannot be read"; break
  done
}
lacks() {
  names=$1; file=$2; shift 2
  [ ! -e "$file" ] || for f in "$@"; do have "$f" || { fact "$names" "the command $f is missing"; break; }; done
}
[ -n "$(first /etc/os-release /usr/lib/os-release)" ] || closed 'product version' /etc/os-release /usr/lib/os-release
closed 'timezone*' "$file"
closed system_locale /etc/default/locale /etc/locale.conf
closed 'openssl.*' /etc/ssl/openssl.cnf /etc/pki/tls/openssl.cnf
closed crypto_policy /etc/crypto-policies/state/current
closed 'hosts_file*' /etc/hosts
closed 'resolver.*' /etc/resolv.conf
closed nsswitch.hosts /etc/nsswitch.conf
for d in /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors; do
  closed ca.own "$d" "$d"/*/ "$d"/*.crt "$d"/*/*.crt
  lacks ca.own "$d" grep cksum sort
done
closed ca.bundle /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt
lacks 'hosts_file*' /etc/hosts awk
lacks 'resolver.*' /etc/resolv.conf grep
lacks nsswitch.hosts /etc/nsswitch.conf grep
lacks 'memory swap' /proc/meminfo grep

part end
:
} 2>/dev/null </dev/null
"""


def script(mark: str) -> str:
    """Return the script; ``mark`` begins the lines that separate its sections. It needs no quoting in a shell."""
    return f"M={mark}\n{SCRIPT}"
