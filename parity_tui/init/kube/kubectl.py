"""The objects of a namespace through the user's own kubectl: one call, with a deadline and a cap, errors in words."""

from __future__ import annotations

import json
import os
import re
import selectors
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from typing import Any

from parity_tui.config import ConfigError
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.foreign import foreign

RESOURCES = ("services", "endpointslices", "deployments", "statefulsets", "daemonsets", "pods")
"""no Secrets and no ConfigMaps: the values of neither are needed"""
_DEADLINE = 30.0
_MAX_BYTES = 64 * 1024 * 1024
_MAX_ERROR = 64 * 1024
_KUBE = re.compile(r"(?P<context>(?!-)[!-~]{1,300})/(?P<namespace>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)")
_LOGIN = re.compile(r"must be logged in|Unauthorized|getting credentials|provide credentials|refresh token|oidc|oauth2")
_FORBIDDEN = re.compile(r'cannot list resource "([a-z.]{1,60})"')

Object = dict[str, Any]


def objects_of(kube: str, deadline: float = _DEADLINE) -> tuple[list[Object], list[str]]:
    """Return the objects of a namespace, and a sentence for each resource that must not be listed.

    Args:
        kube: context/namespace.
        deadline: seconds for all of it.

    Raises:
        ConfigError: kubectl is missing, fails, hangs, or finds nothing.
    """
    match = _KUBE.fullmatch(kube)
    if match is None:
        raise ConfigError(f'--kube takes CONTEXT/NAMESPACE, as in prod/shop, not "{foreign(kube)}"')
    context, namespace = match["context"], match["namespace"]
    scope = (f"--context={context}", f"--namespace={namespace}")
    argv = ("kubectl", *scope, "--request-timeout=20s", "get", ",".join(RESOURCES), "--output=json")
    code, output, error = _run(argv, deadline)
    found = _items(output, context)
    text = error.decode(errors="replace")
    denied = list(dict.fromkeys(_FORBIDDEN.findall(text)))
    if code and not (found and denied):
        raise ConfigError(_in_words(text, context, namespace, denied))
    if not found:
        raise ConfigError(
            f"the namespace {namespace} of the context {context} has no Service, no workload and no pod: is it the "
            f"right one? kubectl --context={shlex.quote(context)} get namespaces"
        )
    return found, [f"you have no right to list {resource} in the namespace {namespace}" for resource in denied]


def _items(output: bytes, context: str) -> list[Object]:
    try:
        document = json.loads(output) if output.strip() else {}
    except (ValueError, RecursionError):
        raise ConfigError(f"kubectl does not answer in JSON for the context {context}") from None
    items = document.get("items") if isinstance(document, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _in_words(error: str, context: str, namespace: str, denied: list[str]) -> str:
    """Return why kubectl failed, and what to do next."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    last = foreign(lines[-1].removeprefix("error: "), 300) if lines else "it says nothing"
    if "does not exist" in last and "context" in last:
        return f"kubectl has no context {context}: `kubectl config get-contexts` lists them"
    if denied:
        return f"you have no right to list {', '.join(denied)} in the namespace {namespace} of the context {context}"
    if _LOGIN.search(error[:_MAX_ERROR]):
        command = f"kubectl --context={shlex.quote(context)} get pods"
        return f"the login of the context {context} is missing or has expired ({last}); log in: {command}"
    return f"kubectl failed for the context {context}: {last}"


def _run(argv: tuple[str, ...], deadline: float) -> tuple[int, bytes, bytes]:
    """Return exit status, output and errors of a program; nothing that it started is left. Raises ConfigError."""
    try:
        process = subprocess.Popen(  # noqa: S603 - found on PATH, as in the user's shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=child_environ(),
        )
    except FileNotFoundError:
        raise ConfigError("the command kubectl is not installed here, or not on PATH: --kube needs it") from None
    except OSError as error:
        raise ConfigError(f"kubectl cannot be started: {error.strerror}") from None
    try:
        output, error_text = _communicate(process, time.monotonic() + deadline, deadline)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode, output, error_text


def _communicate(process: subprocess.Popen[bytes], until: float, deadline: float) -> tuple[bytes, bytes]:
    """Return what a process prints until it ends. Raises ConfigError for too much, and at the deadline."""
    assert process.stdout  # noqa: S101 - both are pipes
    assert process.stderr  # noqa: S101
    parts: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as selector, process.stdout, process.stderr:
        for descriptor in parts:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, until - time.monotonic()))
            if not ready:
                raise ConfigError(f"kubectl did not end within {deadline:g} s and was ended")
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 16)
                parts[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                if len(parts[key.fd]) > _MAX_BYTES:
                    raise ConfigError(f"kubectl prints more than {_MAX_BYTES >> 20} MB: the namespace is too large")
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise ConfigError(f"kubectl did not end within {deadline:g} s and was ended") from None
        output, error = parts.values()
        return bytes(output), bytes(error[:_MAX_ERROR])
