"""Apache httpd: one configuration file, and the modules of its program's installation."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from parity_tui.demo.process import answers
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

MODULES = ("mpm_event", "authz_core", "dir", "mime", "alias", "headers", "rewrite")
"""Modules that are loaded by default."""

_CONFIGURATION = """\
ServerRoot "{folder}"
DefaultRuntimeDir "{folder}"
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
ServerName {name}.test
Listen {host}:{port}
{modules}
TypesConfig /dev/null
DocumentRoot "{folder}/html"
<Directory "{folder}/html">
    Require all granted
    {directory}
</Directory>
{main}
"""


class Apache(Server):
    """An Apache server; its URL names its configuration file."""

    product = "Apache httpd"
    scheme = "apache+local"
    stop_signal = signal.SIGTERM
    seconds = 15.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        main: str = "",
        directory: str = "",
        modules: Sequence[str] = MODULES,
    ) -> None:
        super().__init__(home, name, program)
        self.text = {"main": main, "directory": directory}
        self.modules = modules

    def configure(self) -> None:
        """Write the configuration file and a page."""
        modules = self.inside(self._module_folder())
        load = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in self.modules]
        folder = self.inside(self.folder)
        values = {"folder": folder, "host": self.host, "port": self.port, "name": self.name.replace(".", "-")}
        text = _CONFIGURATION.format(**values, **self.text, modules="\n".join(load))
        self.home.write(self.folder / "httpd.conf", text)
        html = self.folder / "html"
        if not html.exists():
            html.mkdir(mode=0o755)
            (html / "index.html").write_text("<p>a page</p>\n")

    def _module_folder(self) -> Path:
        top = self.program.path.parent.parent
        folders = (top / "lib/apache2/modules", top / "lib64/httpd/modules", top / "lib/httpd/modules", top / "modules")
        return next((folder for folder in folders if folder.is_dir()), folders[0])

    def command(self) -> Sequence[str]:
        """Return the program with its configuration file."""
        return [self.inside(self.program.path), "-D", "FOREGROUND", "-f", self.inside(self.folder / "httpd.conf")]

    def is_up(self) -> bool:
        """Connect: Apache logs to a file of its own."""
        return answers(self.port)

    def url(self, user: str = "", password: str = "", path: str = "", **query: str) -> str:
        """Return the URL that names its configuration file."""
        return f"{self.scheme}://{self.inside(self.folder / 'httpd.conf')}"
