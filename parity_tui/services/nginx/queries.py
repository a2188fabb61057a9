"""The script that prints the build of nginx and its configuration files.

It prints the files and does not test them: `nginx -T` would open logs and need the rights to them. With `sudo = true`
it runs `sudo -n nginx -T` all the same: root reads every file, and no shell runs as root. It follows
includes as nginx does: relative to the folder of the main file, with shell globs. A folder that cannot be listed is
named: a glob in it may match any number of files.
"""

from __future__ import annotations

import shlex

from parity_tui.services._webconfig import CLOSED_FOLDERS

_SCRIPT = r"""
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/usr/local/openresty/nginx/sbin:/opt/homebrew/bin
export LC_ALL PATH
mark=@MARK@
conf=@PATH@
sudo=@SUDO@
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
code=$?
printf '%s build\n%s\n' "$mark" "$build"
[ "$code" = 0 ] || printf '%s failed nginx -V ends with code %s\n' "$mark" "$code"
option() { printf '%s\n' "$build" | sed -n "s/.* --$1=\([^ ]*\).*/\1/p"; }
named=$conf
if [ -z "$conf" ]; then
    conf=$(option conf-path)
    prefix=$(option prefix)
    conf=${conf:-conf/nginx.conf}
    case $conf in /*) ;; *) conf=${prefix:-/usr/local/nginx}/$conf ;; esac
fi
if [ -n "$sudo" ]; then
    printf '%s dump %s\n' "$mark" "$conf"
    { error=$(sudo -n "$nginx" -T ${named:+-c "$named"} 2>&1 >&3 3>&-); code=$?; } 3>&1
    printf '\n%s dumped %s\n%s\n%s\n%s\n' "$mark" "$code" "$(id -un)" "$nginx -T${named:+ -c $named}" "$error"
    printf '%s end\n' "$mark"
    exit 0
fi
dir=${conf%/*}
seen=
count=0
newline='
'
@CLOSED@
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
    cat "$1" || printf '\n%s unread %s\n' "$mark" "$1"
    IFS=$newline
    set -f
    for pattern in $(tr ';{}' '\n\n\n' <"$1" | sed -n 's/^[[:space:]]*include[[:space:]][[:space:]]*//p' |
        sed -e 's/[[:space:]]*$//' -e "s/^[\"']//" -e "s/[\"']\$//"); do
        case $pattern in /*) full=$pattern ;; *) full=$dir/$pattern ;; esac
        printf '\n%s include %s\n' "$mark" "$pattern"
        set +f
        for file in $full; do
            { [ -e "$file" ] || [ -L "$file" ]; } && printf '%s\n' "$file"
        done
        set -f
        for folder in $(closed "$full"); do
            printf '\n%s unread %s\n' "$mark" "$folder"
        done
        set +f
        for file in $full; do
            { [ -e "$file" ] || [ -L "$file" ]; } && show "$file"
        done
        set -f
    done
    printf '\n'
}
printf '%s main %s\n' "$mark" "$conf"
show "$conf"
printf '%s end\n' "$mark"
"""


def script(mark: str, path: str, sudo: bool = False) -> str:
    """Return the script.

    Args:
        mark: begins the lines that separate the sections of its output.
        path: the main file, the folder of an installation (sbin/nginx and conf/nginx.conf), or "" for the main file
            that nginx itself would read.
        sudo: whether root prints the configuration.
    """
    text = _SCRIPT.replace("@CLOSED@", CLOSED_FOLDERS).replace("@SUDO@", "yes" if sudo else "")
    return text.replace("@MARK@", shlex.quote(mark)).replace("@PATH@", shlex.quote(path))
