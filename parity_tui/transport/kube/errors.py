"""Refusals of kubectl and of the API server in words, with the rights that are missing."""

from __future__ import annotations

import re

from parity_tui.model import Output, Reason, ServiceError
from parity_tui.transport.foreign import foreign
from parity_tui.transport.kube.api import Reply

_RULES = {
    "services": ("", "services", "get"),
    "pods": ("", "pods", "get"),
    "endpointslices": ("discovery.k8s.io", "endpointslices", "list"),
    "pods/portforward": ("", "pods/portforward", "get, create"),
    "pods/exec": ("", "pods/exec", "get, create"),
}
"""resource -> API group, resource and verbs of the rule that allows all that is done with it"""
_LOG_LINE = re.compile(r"[EWIF]\d{4} [\d:.]+ +\d+ [\w./]+:\d+\] ")
"""beginning of a line of kubectl's own log"""
_KUBECONFIG = re.compile(
    r'context "[^"]*" does not exist|context was not found|loading config file|(in|invalid) configuration'
)
"""kubectl ends because of the kubeconfig: it cannot be read, or lacks the context, or a file that it names"""
_LOGIN = re.compile(r"getting credentials|provide credentials|must be logged in|Unauthorized|refresh token|oidc|oauth2")


def station(context: str) -> str:
    """Return the name of a context as a station on the way to a target."""
    return f"context {context}"


def rule(resource: str) -> str:
    """Return the rule of a Role that allows the use of a resource.

    >>> rule("pods/portforward")
    '{apiGroups: [""], resources: [pods/portforward], verbs: [get, create]}'
    """
    group, name, verbs = _RULES[resource]
    return f'{{apiGroups: ["{group}"], resources: [{name}], verbs: [{verbs}]}}'


def forbidden(context: str, namespace: str, resource: str, verb: str) -> ServiceError:
    """Return the error of a missing right."""
    words = f"no right to {verb} {resource} in the namespace {namespace}: a Role needs the rule {rule(resource)}"
    return ServiceError(Reason.FORBIDDEN, f"{station(context)}: {words}", at_the_door=True)


def is_login(text: str) -> bool:
    """Return whether a message is about the user's login at the cluster, which only the user can renew."""
    return bool(_LOGIN.search(text))


def is_kubeconfig(output: str) -> bool:
    """Return whether kubectl, by its standard error, has ended because of the kubeconfig."""
    return bool(_KUBECONFIG.search(output))


def described(context: str, reply: Reply, output: str = "") -> ServiceError:
    """Return why the API server was not reached, or did not let this user in.

    Args:
        context: of kubectl.
        reply: to a request.
        output: kubectl's standard error, with the words of its plug-ins.
    """
    where, text = station(context), " ".join(reply.text.split("\n\n")[0].split())
    if reply.status == 401 or is_login(text):
        plugin = said(output)
        why = foreign(plugin or text.removeprefix("getting credentials: "))
        return ServiceError(
            Reason.TUNNEL, f"{where}: the login at the cluster is not valid ({why}); {_advice(context)}"
        )
    if reply.status >= 500:
        return ServiceError(Reason.TUNNEL, f"{where}: no answer from the API server: {foreign(text, 300)}")
    return ServiceError(Reason.TUNNEL, f"{where}: the API server refuses ({reply.status}): {foreign(text, 300)}")


def _advice(context: str) -> str:
    return f"`kubectl --context {context} get pods` in a terminal may help"


def said(output: str) -> str:
    r"""Return the last line of kubectl's standard error that is not of its own log: the words of a plug-in.

    >>> said("Token has expired\nE1128 02:52:27.012143    2305 proxy_server.go:147] Error while proxying\n")
    'Token has expired'
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    first_log = next((number for number, line in enumerate(lines) if _LOG_LINE.match(line)), len(lines))
    return lines[first_log - 1] if first_log else ""


def describe_exit(context: str, output: str, at: str = "") -> ServiceError:
    r"""Return why kubectl ended, made of its standard error; ``at`` is the ssh host that it ran at, "" for here.

    >>> print(describe_exit("prod", 'error: context "prod" does not exist\n'))
    context prod: kubectl has no such context: see `kubectl config get-contexts`
    >>> print(describe_exit("prod", "sh: 1: exec: kubectl: not found\n", "bastion"))
    context prod: the command kubectl is not installed at bastion
    """
    where = station(context)
    if re.search(r"kubectl: (command )?not found|No such file or directory: 'kubectl'", output):
        place = f"at {at}" if at else "here"
        return ServiceError(Reason.TUNNEL, f"{where}: the command kubectl is not installed {place}")
    if re.search(r'context "[^"]*" does not exist|context was not found', output):
        return ServiceError(Reason.TUNNEL, f"{where}: kubectl has no such context: see `kubectl config get-contexts`")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = re.sub(r"^error: ", "", _LOG_LINE.sub("", lines[-1])) if lines else ""
    words = f"kubectl has ended: {foreign(last, 300)}" if last else "kubectl has ended without an error message"
    return ServiceError(Reason.TUNNEL, f"{where}: {words}")


def check_exec(kube: str, host: str, output: Output) -> None:
    """Raise ServiceError where `kubectl exec` failed, and not the script.

    Args:
        kube: context/namespace.
        host: svc/NAME or pod/NAME.
        output: of kubectl.
    """
    context, _, namespace = kube.rpartition("/")
    error = output.error.decode(errors="replace").strip()
    text = re.sub(r"^(error|Error from server \(\w+\)): ", "", error.splitlines()[-1]) if error else ""
    if "is forbidden" in error:
        raise forbidden(context, namespace, "pods/exec", "create")
    if match := re.search(r"container (\S+) is not valid for pod \S+ out of: ([^\n]+)", error):
        words = f"{host} has no container {match[1]}, but {match[2]}"
        raise ServiceError(Reason.SERVER, foreign(words))
    if re.search(r"executable file not found|no such file or directory", error) and "exec" in error:
        raise ServiceError(Reason.SERVER, f"the container of {host} has no shell")
    if re.search(r"pods? \S+ not found|NotFound", error):
        raise ServiceError(Reason.SERVER, f"the pod of {host} is gone")
    if is_login(error):
        words = f"the login at the cluster is not valid ({foreign(text)}); {_advice(context)}"
        raise ServiceError(Reason.TUNNEL, f"{station(context)}: {words}")
    if error.startswith(("error:", "Error from server", "Unable to connect")):
        raise ServiceError(Reason.SERVER, f"kubectl exec: {foreign(text, 300)}")
