"""The script that prints what an nginx is and what its configuration says, and what it prints taken apart.

The files are printed, not tested: `nginx -T` would open logs and need the rights to them. Includes are followed
as nginx does it: relative to the folder of the main file, with the globs of the shell.
"""

from __future__ import annotations

import shlex

from msgspec import Struct, field

_SCRIPT = r"""
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/usr/local/openresty/nginx/sbin:/opt/homebrew/bin
export LC_ALL PATH
mark=@MARK@
conf=@PATH@
if [ -d "$conf" ]; then
    nginx=$conf/sbin/nginx
    conf=$conf/conf/nginx.conf
else
    nginx=$(command -v nginx || command -v openresty || command -v angie)
fi
if [ ! -x "$nginx" ]; then
    printf '%s missing %s\n' "$mark" "$nginx"
    exit 0
fi
build=$("$nginx" -V 2>&1)
printf '%s build\n%s\n' "$mark" "$build"
told() { printf '%s\n' "$build" | sed -n "s/.* --$1=\([^ ]*\).*/\1/p"; }
if [ -z "$conf" ]; then
    conf=$(told conf-path)
    prefix=$(told prefix)
    conf=${conf:-conf/nginx.conf}
    case $conf in /*) ;; *) conf=${prefix:-/usr/local/nginx}/$conf ;; esac
fi
dir=${conf%/*}
seen=
count=0
newline='
'
# Print a file and all that it includes; a name that only looks like an include does no harm.
show() {
    case $seen in *"$newline$1$newline"*) return ;; esac
    seen=$seen$newline$1$newline
    count=$((count + 1))
    if [ "$count" -gt 1000 ] || [ ! -r "$1" ] || [ ! -f "$1" ]; then
        printf '%s unread %s\n' "$mark" "$1"
        return
    fi
    printf '%s file %s\n' "$mark" "$1"
    cat "$1"
    IFS=$newline
    set -f
    for pattern in $(tr ';{}' '\n\n\n' <"$1" | sed -n 's/^[[:space:]]*include[[:space:]][[:space:]]*//p' |
        sed -e 's/[[:space:]]*$//' -e "s/^[\"']//" -e "s/[\"']\$//"); do
        case $pattern in /*) full=$pattern ;; *) full=$dir/$pattern ;; esac
        printf '\n%s include %s\n' "$mark" "$pattern"
        set +f
        for file in $full; do
            [ -e "$file" ] && printf '%s\n' "$file"
        done
        for file in $full; do
            [ -e "$file" ] && show "$file"
        done
        set -f
    done
    printf '\n'
}
printf '%s main %s\n' "$mark" "$conf"
show "$conf"
printf '%s end\n' "$mark"
"""


class Printed(Struct):
    """What the script has printed."""

    build: str = ""
    """the words of `nginx -V`"""
    main: str = ""
    """the name of the main file"""
    files: dict[str, str] = field(default_factory=dict)
    """texts by the names of the files"""
    includes: dict[str, list[str]] = field(default_factory=dict)
    """the files that a pattern stands for"""
    unread: list[str] = field(default_factory=list)
    """files that cannot be read"""
    missing: str | None = None
    """where nginx was looked for, in vain"""
    whole: bool = False
    """whether the script came to its end"""


def script(mark: str, path: str) -> str:
    """Return the script; ``mark`` begins the lines that part one thing from the next, ``path`` is the main file,
    the folder of an installation (sbin/nginx and conf/nginx.conf), or "" for where nginx itself looks.
    """
    return _SCRIPT.replace("@MARK@", shlex.quote(mark)).replace("@PATH@", shlex.quote(path))


def printed(text: str, mark: str) -> Printed:
    r"""Take apart what the script has printed.

    >>> it = printed("# main /a\n# file /a\nevents {}\n\n# end\n", "#")
    >>> it.main, it.files, it.whole
    ('/a', {'/a': 'events {}\n\n'}, True)
    """
    result = Printed()
    for part in f"\n{text}".split(f"\n{mark} ")[1:]:
        head, _, body = part.partition("\n")
        word, _, name = head.partition(" ")
        match word:
            case "build":
                result.build = body
            case "main":
                result.main = name
            case "file":
                result.files[name] = f"{body}\n"
            case "include":
                result.includes[name] = [line for line in body.split("\n") if line]
            case "unread":
                result.unread.append(name)
            case "missing":
                result.missing = name
            case "end":
                result.whole = True
    return result
