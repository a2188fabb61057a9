"""The script that makes Apache print its build and its configuration.

Apache is its own best parser: `-t -D DUMP_CONFIG` of mod_info, loaded for this one call, prints the configuration with
includes, conditions and variables resolved. It opens no log, binds no port and starts nothing. The script does not use
Debian's wrapper apache2ctl, which makes folders: it reads the wrapper's variables from envvars. IncludeOptional passes
over folders and files that it cannot see: the script names them.
"""

from __future__ import annotations

import shlex

from parity_tui.services._webconfig import CLOSED_FOLDERS

_SCRIPT = r"""
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/apache2/bin:/opt/homebrew/bin
export LC_ALL PATH
mark=@MARK@
conf=@PATH@
sudo=@SUDO@
apache=$(command -v apache2 || command -v httpd)
if [ -z "$apache" ]; then
    printf '%s missing\n' "$mark"
    exit 0
fi
vars=${conf%/*}
vars=${vars:-/etc/apache2}/envvars
case $apache in
*/apache2) [ ! -r "$vars" ] || . "$vars" ;;
esac
# The folder is made when Apache starts; without it the check of a server that is stopped would fail.
[ -z "$APACHE_RUN_DIR" ] || [ -d "$APACHE_RUN_DIR" ] || export APACHE_RUN_DIR=/tmp
ask() { "$apache" ${conf:+-f "$conf"} "$@" 2>&1; }
# As root, Debian's wrapper reads the variables: sudo would have to trust those of this user.
program=$apache
[ -z "$sudo" ] || [ "${apache##*/}" != apache2 ] || [ ! -x "${apache}ctl" ] || program=${apache}ctl
check() { ${sudo:+sudo -n} "$program" ${conf:+-f "$conf"} "$@"; }
printf '%s version\n' "$mark"
ask -V
code=$?
[ "$code" = 0 ] || [ -n "$sudo" ] ||
    printf '\n%s failed\nApache ends with code %s when it is asked for its version\n' "$mark" "$code"
printf '\n%s package\n' "$mark"
dpkg-query -W -f '${Version}' apache2-bin 2>/dev/null || rpm -q --qf '%{VERSION}-%{RELEASE}' httpd 2>/dev/null
printf '\n%s run\n' "$mark"
run=$(check -t -D DUMP_VHOSTS -D DUMP_RUN_CFG -D DUMP_MODULES -D DUMP_INCLUDES 2>&1)
result=$?
printf '%s\n%s result %s\n' "$run" "$mark" "$result"
root=$(printf '%s\n' "$run" | sed -n 's/^ServerRoot: "\(.*\)"$/\1/p')
info=
case ${sudo:-$run} in
*info_module*) ;;
*)
    for folder in "$root/modules" /usr/lib/apache2/modules /usr/lib64/httpd/modules /usr/lib/apache2 \
        /usr/local/apache2/modules /usr/libexec/apache2 /opt/homebrew/lib/httpd/modules; do
        if [ -r "$folder/mod_info.so" ]; then
            info="LoadModule info_module $folder/mod_info.so"
            break
        fi
    done
    ;;
esac
if [ -n "$sudo" ]; then
    printf '%s sudo\n%s\n' "$mark" "$(id -un)"
    printf '%s\n' "$program${conf:+ -f $conf} -t -D DUMP_VHOSTS -D DUMP_RUN_CFG -D DUMP_MODULES -D DUMP_INCLUDES"
    printf '%s\n' "$program${conf:+ -f $conf}${info:+ -C $info} -t -D DUMP_CONFIG"
    if [ "$result" = 0 ]; then
        printf '%s config\n' "$mark"
        { error=$(check ${info:+-C "$info"} -t -D DUMP_CONFIG 2>&1 >&3 3>&-); code=$?; } 3>&1
        printf '\n%s printed %s\n\n%s error\n%s\n' "$mark" "$code" "$mark" "$error"
    fi
    printf '\n%s end\n' "$mark"
    exit 0
fi
printf '%s config\n' "$mark"
"$apache" ${conf:+-f "$conf"} ${info:+-C "$info"} -t -D DUMP_CONFIG 2>/dev/null
printf '\n%s printed %s\n' "$mark" "$?"
printf '\n%s unread\n' "$mark"
@CLOSED@
newline='
'
IFS=$newline
set -f
for source in $(printf '%s\n' "$run" | sed -n 's/^ *([0-9*]*) \(\/.*\)$/\1/p'); do
    [ -r "$source" ] || continue
    for pattern in $(sed -n \
        's/^[[:space:]]*[Ii][Nn][Cc][Ll][Uu][Dd][Ee]\([Oo][Pp][A-Za-z]*\)*[[:space:]][[:space:]]*//p' "$source" |
        sed -e 's/[[:space:]]*$//' -e "s/^[\"']//" -e "s/[\"']\$//"); do
        case $pattern in *'${'*) continue ;; /*) ;; *) pattern=$root/$pattern ;; esac
        closed "$pattern"
        set +f
        for file in $pattern; do
            if { [ -L "$file" ] && [ ! -e "$file" ]; } || { [ -e "$file" ] && [ ! -r "$file" ]; }; then
                printf '%s\n' "$file"
            fi
        done
        set -f
    done
done
printf '\n%s end\n' "$mark"
"""


def script(mark: str, path: str, sudo: bool = False) -> str:
    """Return the script.

    Args:
        mark: begins the lines that separate its sections.
        path: the main file, "" for that of Apache itself.
        sudo: whether root checks and prints the configuration.
    """
    text = _SCRIPT.replace("@CLOSED@", CLOSED_FOLDERS).replace("@SUDO@", "yes" if sudo else "")
    return text.replace("@MARK@", shlex.quote(mark)).replace("@PATH@", shlex.quote(path))
