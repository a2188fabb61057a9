"""Rules for system, limits, provisioning tools and packages."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def _packages(severity: Severity, why: str, explained_by: str, *names: str) -> tuple[Rule, ...]:
    """Return rules of packages whose differences are folded under another setting if that one drifts."""
    return tuple(Rule(f"package.{name}", severity, why, explained_by=explained_by, derived=True) for name in names)


RULES = (
    Rule("product", _WARNING, "Paths, defaults, tools and names of packages are others."),
    Rule("version", _WARNING, "Another release brings other versions of every library and tool."),
    Rule("arch", _CRITICAL, "Binaries and images of one do not run on the other, and arithmetic can differ."),
    Rule("libc", _CRITICAL, "It sorts text: indexes and ORDER BY of one are wrong on the other; musl has limits."),
    Rule("icu", _CRITICAL, "It sorts text: indexes and ORDER BY of one are wrong on the other.", type=ValueType.SET),
    Rule("timezone", _CRITICAL, "Local times, jobs by the clock and days begin at another moment."),
    Rule("timezone.name", _INFO, "Another name, the same rule today.", explained_by="timezone", derived=True),
    Rule("clock_offset", _CRITICAL, "Tokens, certificates, locks and caches expire too early or too late."),
    Rule("ntp", _INFO, "What keeps the clock right."),
    Rule("locale", _WARNING, "Programs' output, the default encoding and sorting follow it."),
    Rule("system_locale", _WARNING, "Services and cron jobs get it: output, default encoding, sorting."),
    Rule("openssl", _WARNING, "Protocols, ciphers and what is refused as too weak."),
    Rule("openssl.*", _WARNING, "Peers with old protocols or short keys are refused by one, not by the other."),
    Rule("crypto_policy", _WARNING, "Peers with old protocols or short keys are refused by one, not by the other."),
    Rule("fips", _WARNING, "MD5 and other algorithms fail where it is on.", type=ValueType.BOOL),
    Rule("selinux", _WARNING, "Where it enforces, files and ports that work elsewhere are refused."),
    Rule("nofile", _WARNING, "Too many open files, under load only.", type=ValueType.NUMBER),
    Rule("nofile.hard", _INFO, "As far as a program may raise its own limit.", type=ValueType.NUMBER),
    Rule("cgroup_memory_limit", _WARNING, "What goes beyond is killed, and servers size themselves by it.",
         type=ValueType.SIZE, special={"max": "no limit"}),
    Rule("cgroup_cpu_limit", _WARNING, "Work is throttled beyond so many processors.", special={"max": "no limit"}),
    Rule("cgroup.version", _INFO, "Programs that know version 1 only see the memory of the whole machine."),
    Rule("memory", _INFO, "Size of the machine.", type=ValueType.SIZE, capacity=True),
    Rule("cpus", _INFO, "Size of the machine; pools and workers are counted by it.", type=ValueType.NUMBER,
         capacity=True),
    Rule("swap", _INFO, "Slow where there is some, killed where there is none.", type=ValueType.BOOL),
    Rule("transparent_hugepage", _INFO, "Pauses of Redis and other databases while pages are put together."),
    Rule("vm.overcommit_memory", _WARNING, "With 0 Redis' background save can fail for want of memory.",
         special={"0": "0 (by guess)", "1": "1 (always)", "2": "2 (never)"}),
    Rule("vm.overcommit_ratio", _INFO, "Counts where overcommit is never allowed."),
    Rule("vm.swappiness", _INFO, "How early memory of programs is swapped out."),
    Rule("vm.max_map_count", _WARNING, "Elasticsearch and its like do not start below 262144."),
    Rule("net.core.somaxconn", _WARNING, "Servers' own backlogs are cut to it: connections are lost in bursts.",
         type=ValueType.NUMBER, aliases=("kern.ipc.somaxconn",)),
    Rule("net.ipv4.tcp_max_syn_backlog", _INFO, "Half-open connections in a burst.", capacity=True),
    Rule("net.ipv4.ip_local_port_range", _INFO, "How many connections can go out to one address at a time."),
    Rule("net.ipv4.tcp_keepalive_time", _INFO, "When a dead peer is noticed; some routers forget earlier."),
    Rule("net.ipv6.conf.all.disable_ipv6", _WARNING, "localhost and names may resolve to what cannot be reached.",
         type=ValueType.BOOL),
    Rule("fs.file-max", _INFO, "Open files of the whole machine, sized to its memory.", type=ValueType.NUMBER,
         capacity=True, aliases=("kern.maxfiles",)),
    Rule("kernel", _INFO, "Features and speed of the kernel, by its branch."),
    Rule("root_filesystem", _INFO, "Speed of fsync, snapshots, upper and lower case in names of files."),
    Rule("machine", _INFO, "A container, a virtual machine and metal differ in limits, clocks and disks."),
    Rule("hardware", _INFO, "Maker and model; for a rented machine its size."),
    Rule("image", _WARNING, "The image that the machine was made from.", explained_by=""),
    Rule("docker.image", _WARNING, "The image that the container was made from.", explained_by="machine"),
    Rule("docker.digest", _WARNING, "Another build of the image, whatever its tag says.", explained_by="machine"),
    Rule("vagrant", _INFO, "Made by Vagrant, or not.", explained_by=""),
    Rule("chef", _INFO, "Kept by Chef, or not: by hand things are forgotten.", explained_by=""),
    Rule("chef.version", _INFO, "Resources and defaults of Chef differ.", explained_by="chef"),
    Rule("chef.last_run", _WARNING, "What was changed since has not arrived on the one.", explained_by="chef"),
    Rule("puppet", _INFO, "Kept by Puppet, or not: by hand things are forgotten.", explained_by=""),
    Rule("puppet.version", _INFO, "Resources and defaults of Puppet differ.", explained_by="puppet"),
    Rule("puppet.last_run", _WARNING, "What was changed since has not arrived on the one.", explained_by="puppet"),
    Rule("puppet.failures", _WARNING, "The last run left something as it was.", explained_by="puppet"),
    *_packages(_INFO, "Fixes within a version of the C library.", "libc", "libc6", "glibc", "musl"),
    *_packages(_INFO, "Fixes within a version of ICU.", "icu", "libicu", "icu-libs", "icu-data-en", "icu4c"),
    *_packages(_INFO, "Fixes within a version of OpenSSL.", "openssl", "openssl", "openssl-libs", "libssl",
               "libcrypto"),
    Rule("package.tzdata", _WARNING, "Rules of summer time change several times a year."),
    Rule("package.ca-certificates", _WARNING, "Whose certificates are trusted."),
    Rule("package.*", _WARNING, "Another version has other features, defaults and bugs."),
)  # fmt: skip
