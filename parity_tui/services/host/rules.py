"""What the facts of a machine mean to a comparison."""

from __future__ import annotations

from parity_tui.model import Setting, Severity, ValueType

_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def _owned(severity: Severity, why: str, under: str, *names: str) -> tuple[Setting, ...]:
    """Return rows on packages that another row tells the essence of: where that one drifts they are folded there."""
    return tuple(Setting(f"package.{name}", severity, why, under=under, derived=True) for name in names)


SETTINGS = (
    Setting("product", _WARNING, "Paths, defaults, tools and names of packages are others."),
    Setting("version", _WARNING, "Another release brings other versions of every library and tool."),
    Setting("arch", _CRITICAL, "Binaries and images of one do not run on the other, and arithmetic can differ."),
    Setting("libc", _CRITICAL, "It sorts text: indexes and ORDER BY of one are wrong on the other; musl has limits."),
    Setting("icu", _CRITICAL, "It sorts text: indexes and ORDER BY of one are wrong on the other.", type=ValueType.SET),
    Setting("timezone", _CRITICAL, "Local times, jobs by the clock and days begin at another moment."),
    Setting("timezone.name", _INFO, "Another name, the same rule today.", under="timezone", derived=True),
    Setting("clock_offset", _CRITICAL, "Tokens, certificates, locks and caches expire too early or too late."),
    Setting("ntp", _INFO, "What keeps the clock right."),
    Setting("locale", _WARNING, "Programs' output, the default encoding and sorting follow it."),
    Setting("system_locale", _WARNING, "Services and cron jobs get it: output, default encoding, sorting."),
    Setting("openssl", _WARNING, "Protocols, ciphers and what is refused as too weak."),
    Setting("openssl.*", _WARNING, "Peers with old protocols or short keys are refused by one, not by the other."),
    Setting("crypto_policy", _WARNING, "Peers with old protocols or short keys are refused by one, not by the other."),
    Setting("fips", _WARNING, "MD5 and other algorithms fail where it is on.", type=ValueType.BOOL),
    Setting("selinux", _WARNING, "Where it enforces, files and ports that work elsewhere are refused."),
    Setting("nofile", _WARNING, "Too many open files, under load only.", type=ValueType.NUMBER),
    Setting("nofile.hard", _INFO, "As far as a program may raise its own limit.", type=ValueType.NUMBER),
    Setting("cgroup_memory_limit", _WARNING, "What goes beyond is killed, and servers size themselves by it.",
            type=ValueType.SIZE, special={"max": "no limit"}),
    Setting("cgroup_cpu_limit", _WARNING, "Work is throttled beyond so many processors.", special={"max": "no limit"}),
    Setting("cgroup.version", _INFO, "Programs that know version 1 only see the memory of the whole machine."),
    Setting("memory", _INFO, "Size of the machine.", type=ValueType.SIZE, capacity=True),
    Setting("cpus", _INFO, "Size of the machine; pools and workers are counted by it.", type=ValueType.NUMBER,
            capacity=True),
    Setting("swap", _INFO, "Slow where there is some, killed where there is none.", type=ValueType.BOOL),
    Setting("transparent_hugepage", _INFO, "Pauses of Redis and other databases while pages are put together."),
    Setting("vm.overcommit_memory", _WARNING, "With 0 Redis' background save can fail for want of memory.",
            special={"0": "0 (by guess)", "1": "1 (always)", "2": "2 (never)"}),
    Setting("vm.overcommit_ratio", _INFO, "Counts where overcommit is never allowed."),
    Setting("vm.swappiness", _INFO, "How early memory of programs is swapped out."),
    Setting("vm.max_map_count", _WARNING, "Elasticsearch and its like do not start below 262144."),
    Setting("net.core.somaxconn", _WARNING, "Servers' own backlogs are cut to it: connections are lost in bursts.",
            type=ValueType.NUMBER, aliases=("kern.ipc.somaxconn",)),
    Setting("net.ipv4.tcp_max_syn_backlog", _INFO, "Half-open connections in a burst.", capacity=True),
    Setting("net.ipv4.ip_local_port_range", _INFO, "How many connections can go out to one address at a time."),
    Setting("net.ipv4.tcp_keepalive_time", _INFO, "When a dead peer is noticed; some routers forget earlier."),
    Setting("net.ipv6.conf.all.disable_ipv6", _WARNING, "localhost and names may resolve to what cannot be reached.",
            type=ValueType.BOOL),
    Setting("fs.file-max", _INFO, "Open files of the whole machine, sized to its memory.", type=ValueType.NUMBER,
            capacity=True, aliases=("kern.maxfiles",)),
    Setting("kernel", _INFO, "Features and speed of the kernel, by its branch."),
    Setting("root_filesystem", _INFO, "Speed of fsync, snapshots, upper and lower case in names of files."),
    Setting("machine", _INFO, "A container, a virtual machine and metal differ in limits, clocks and disks."),
    Setting("hardware", _INFO, "Maker and model; for a rented machine its size."),
    Setting("image", _WARNING, "The image that the machine was made from.", under=""),
    Setting("docker.image", _WARNING, "The image that the container was made from.", under="machine"),
    Setting("docker.digest", _WARNING, "Another build of the image, whatever its tag says.", under="machine"),
    Setting("vagrant", _INFO, "Made by Vagrant, or not.", under=""),
    Setting("chef", _INFO, "Kept by Chef, or not: by hand things are forgotten.", under=""),
    Setting("chef.version", _INFO, "Resources and defaults of Chef differ.", under="chef"),
    Setting("chef.last_run", _WARNING, "What was changed since has not arrived on the one.", under="chef"),
    Setting("puppet", _INFO, "Kept by Puppet, or not: by hand things are forgotten.", under=""),
    Setting("puppet.version", _INFO, "Resources and defaults of Puppet differ.", under="puppet"),
    Setting("puppet.last_run", _WARNING, "What was changed since has not arrived on the one.", under="puppet"),
    Setting("puppet.failures", _WARNING, "The last run left something as it was.", under="puppet"),
    *_owned(_INFO, "Fixes within a version of the C library.", "libc", "libc6", "glibc", "musl"),
    *_owned(_INFO, "Fixes within a version of ICU.", "icu", "libicu", "icu-libs", "icu-data-en", "icu4c"),
    *_owned(_INFO, "Fixes within a version of OpenSSL.", "openssl", "openssl", "openssl-libs", "libssl", "libcrypto"),
    Setting("package.tzdata", _WARNING, "Rules of summer time change several times a year."),
    Setting("package.ca-certificates", _WARNING, "Whose certificates are trusted."),
    Setting("package.*", _WARNING, "Another version has other features, defaults and bugs."),
)  # fmt: skip
