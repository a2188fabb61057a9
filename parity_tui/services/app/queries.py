"""The questions: paths of endpoints, and the scripts for a container and for a folder."""

from __future__ import annotations

from shlex import quote

PATHS = (
    "/__version__", "/version", "/version.json", "/api/version", "/actuator/info", "/health", "/healthz", "/",
)  # fmt: skip
"""of an endpoint without a path, in this order; the last one for its headers"""

CLAIMED_PATHS = frozenset({"__version__", "version", "version.json", "api/version", "actuator/info"})
"""paths that make an http(s) URL one of this kind: they serve nothing else"""

VARIABLES = (
    "SENTRY_RELEASE", "SOURCE_VERSION", "HEROKU_BUILD_COMMIT", "CODEBUILD_RESOLVED_SOURCE_VERSION", "CIRCLE_SHA1",
    "VERCEL_GIT_COMMIT_SHA", "RENDER_GIT_COMMIT", "RAILWAY_GIT_COMMIT_SHA", "KAMAL_VERSION", "GIT_SHA",
    "SOURCE_COMMIT",
)  # fmt: skip
"""of a container; no other one leaves its host"""

LABELS = tuple(f"org.opencontainers.image.{name}" for name in ("revision", "created", "version", "source"))

_TEMPLATE = "\n".join(
    (
        *(f'label\t{name}\t{{{{json (index .Config.Labels "{name}")}}}}' for name in LABELS),
        "state\tstarted\t{{json .State.StartedAt}}",
        "state\trunning\t{{json .State.Running}}",
        "state\timage\t{{json .Image}}",
        "{{range .Config.Env}}variable\t{{json .}}\n{{end}}",
    )
)
_KEPT = rf'^(label|state){"	"}|^variable{"	"}"({"|".join(VARIABLES)})='

_CONTAINER = r"""{{
export LC_ALL=C
command -v {engine} >/dev/null 2>&1 || {{ printf 'sh: {engine}: not found\n' >&2; exit 127; }}
all=$({engine} container inspect --format {template} -- {name}) || exit
printf '%s\n' "$all" | grep -E {kept}
}} </dev/null
"""


def container_script(name: str, engine: str) -> str:
    """Return the script by which an engine prints labels, state and the listed variables of a container, no others."""
    return _CONTAINER.format(engine=engine, template=quote(_TEMPLATE), name=quote(name), kept=quote(_KEPT))


# Files are cut, and a log is read from its end: they may be of any size.
_FOLDER = r"""{{
export LC_ALL=C
cd -- {path} 2>/dev/null || {{ printf '%s missing\n' {mark}; exit 0; }}
show() {{ [ -f "$2" ] && {{ printf '\n%s %s\n' {mark} "$1"; head -c 400 -- "$2"; }}; }}
release=$(pwd -P)
printf '%s release\n%s\n' {mark} "${{release##*/}}"
show revision REVISION
show time REVISION_TIME
for log in {path}/../revisions.log "$release/../../revisions.log"; do
  if [ -f "$log" ]; then printf '\n%s log\n' {mark}; tail -n 60 -- "$log" | cut -c 1-400; break; fi
done
git=.git
if [ -f .git ]; then git=$(head -c 4000 .git | sed -n 's/^gitdir: //p'); fi
if [ -f "$git/HEAD" ]; then
  head=$(head -c 400 "$git/HEAD")
  name=$(printf '%s\n' "$head" | sed -n 's/^ref: //p')
  common=$git
  if [ -f "$git/commondir" ]; then
    common=$(head -c 4000 "$git/commondir")
    case $common in /*) ;; *) common=$git/$common ;; esac
  fi
  printf '\n%s head\n%s\n' {mark} "$head"
  if [ -n "$name" ]; then
    case $name in
      *..*|/*) ;;
      *) if [ -f "$common/$name" ]; then printf '\n%s ref\n' {mark}; head -c 400 "$common/$name"
         elif [ -f "$common/packed-refs" ]; then
           printf '\n%s ref\n' {mark}; awk -v name="$name" '$2 == name {{ print $1; exit }}' "$common/packed-refs"
         fi ;;
    esac
  fi
fi
printf '\n%s end\n' {mark}
}} </dev/null
"""


def folder_script(path: str, mark: str) -> str:
    """Return the script that prints the signs of a release in a folder; lines with ``mark`` name each part."""
    return _FOLDER.format(path=quote(path), mark=mark)
