"""nginx: an installation in a folder of its own, with the program linked into it and one configuration file."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from parity_tui.demo.process import answers
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

_CONFIGURATION = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
{main}
events {{
    {events}
}}
http {{
    access_log off;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    {http}
    server {{
        listen {host}:{port};
        server_name {name}.test;
        root {folder}/html;
        {server}
    }}
    {sites}
}}
"""


class Nginx(Server):
    """An nginx server; its URL names its folder, which has nginx's own layout (sbin/nginx, conf/nginx.conf)."""

    product = "nginx"
    scheme = "nginx+local"
    stop_signal = signal.SIGTERM
    seconds = 15.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        main: str = "",
        events: str = "",
        http: str = "",
        server: str = "",
        sites: str = "",
    ) -> None:
        super().__init__(home, name, program)
        self.text = {"main": main, "events": events, "http": http, "server": server, "sites": sites}
        self._program = home.lend(*program.folders)[0] / program.path.relative_to(program.folders[0])

    def configure(self) -> None:
        """Write the configuration file and a page."""
        folders = ("conf", "html", "sbin", "temp")
        conf, html, programs, _ = (self.home.folder(f"{self.name}/{name}") for name in folders)
        link = programs / "nginx"
        if not link.is_symlink():
            link.symlink_to(self._program)
        values = {"folder": self.folder, "host": self.host, "port": self.port, "name": self.name.replace(".", "-")}
        self.home.write(conf / "nginx.conf", _CONFIGURATION.format(**values, **self.text))
        self.home.write(html / "index.html", f"<p>{'a page ' * 200}</p>\n")

    def command(self) -> Sequence[str]:
        """Return the program with its folder and its configuration file."""
        return [str(self._program), "-p", f"{self.folder}/", "-c", str(self.folder / "conf/nginx.conf")]

    def is_up(self) -> bool:
        """Connect: nginx logs nothing when it is ready."""
        return answers(self.port)

    def url(self, user: str = "", password: str = "", path: str = "", **query: str) -> str:
        """Return the URL that names its folder."""
        return f"{self.scheme}://{self.folder}"
