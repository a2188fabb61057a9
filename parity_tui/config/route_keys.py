"""The keys of an environment that name the route to its targets: `ssh`, `kube`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from parity_tui.config.address import check_ssh_host
from parity_tui.config.errors import InvalidValue, UnsetVariable
from parity_tui.config.targets.cluster import check_in_cluster, check_kube
from parity_tui.config.targets.this_machine import misplaced_hint, with_file_note
from parity_tui.config.toml_document import KeyPath, TomlDocument, dotted
from parity_tui.config.trust import consent
from parity_tui.config.variables import expand
from parity_tui.model import Failure, Reason, Target


class RouteKeys:
    """The routes of one environment; an unset variable in one of them fails the targets that need it."""

    def __init__(self, document: TomlDocument, environ: Mapping[str, str], path: KeyPath, ssh: str, kube: str) -> None:
        """Read the keys, and report their problems.

        Args:
            document: the file.
            environ: the variables.
            path: of the environment's table.
            ssh: as written, like `kube`; "" for none.
            kube: likewise.
        """
        self._document, self._environ, self._path = document, environ, path
        self._written_ssh, self._written_kube = ssh, kube
        self._ssh, self._no_ssh = self._value("ssh", ssh, check_ssh_host)
        self._kube, self._no_kube = self._value("kube", kube, check_kube)

    def _value(self, key: str, text: str, check: Callable[[str], None]) -> tuple[str, Failure | None]:
        """Return the value of a key, or why it has none."""
        path = (*self._path, key)
        try:
            text = expand(text, self._environ)
            if text:
                check(text)
        except UnsetVariable as unset:
            return text, Failure(Reason.CONFIG, str(unset))
        except InvalidValue as invalid:
            self._document.report(path, f"{dotted(path)} {invalid.message}")
        return text, None

    def routed(self, target: Target) -> Target:
        """Return a target with its route; what cannot be is reported. A tunnel of its service takes precedence."""
        if target.tunnel is not None:
            return target
        role = (*self._path, "services", target.service)
        if self._ssh and (misplaced := misplaced_hint(target, self._ssh)):
            self._document.report(role, f"{dotted(role)}: {misplaced}")
        try:
            check_in_cluster(target, self._kube)
        except InvalidValue as invalid:
            self._document.report(role, f"{dotted(role)}: {invalid.message}")
        if target.in_cluster:
            needed = (*target.consent, consent.of_kube(self._written_kube, self._written_ssh))
            target = replace(target, kube=self._kube, problem=target.problem or self._no_kube, consent=needed)
        if target.host and self._ssh:
            needed = (*target.consent, consent.of_ssh(self._written_ssh))
            return replace(target, ssh=self._ssh, problem=target.problem or self._no_ssh, consent=needed)
        return with_file_note(target, self._ssh) if self._ssh else target
