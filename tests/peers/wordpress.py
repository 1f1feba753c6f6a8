"""Runs WordPress as Debian has it, with its PHP and a MariaDB, from the folder they were unpacked into.

Nothing goes out: WordPress may not call anybody, has no cron, and what it mails goes nowhere. The database lets
everybody in and listens on loopback for the length of a test.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers.servers import running
from tests.postgres import free_port

CONFIG = """<?php
define('DB_NAME', 'site'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', '127.0.0.1:%d');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
EXTENSIONS = ("mysqlnd", "mysqli", "xml", "dom", "simplexml", "ctype", "tokenizer", "iconv", "xmlreader", "xmlwriter")
PATIENT = "<?php add_filter('comment_flood_filter', '__return_false', 99);"
"""Tests comment more often than every 15 seconds."""
SIGN_UP = {
    "weblog_title": "Town", "user_name": "mara", "admin_password": "a long word", "admin_password2": "a long word",
    "pw_weak": "1", "admin_email": "desk@norda.example", "blog_public": "0",
}  # fmt: skip


@dataclass
class WordPress:
    """A site at `base`. Its posts are written as its own code writes them, comments by its form."""

    base: str
    php: list[str]
    folder: Path
    processes: tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]
    started_in_s: float = 0.0

    def post(self, title: str, text: str) -> int:
        """Publish a post as an admin, whose markup WordPress leaves as it is; its number."""
        given = {"post_title": title, "post_content": text, "post_status": "publish"}
        insert = "kses_remove_filters(); echo wp_insert_post(json_decode($argv[1], true));"
        return int(self._run(insert, json.dumps(given)))

    def edit(self, number: int, text: str) -> None:
        """Give a post other words."""
        given = json.dumps({"ID": number, "post_content": text})
        self._run("wp_update_post(json_decode($argv[1], true));", given)

    def comment(self, post: int, author: str, text: str) -> None:
        """Somebody comments below a post, by its form. WordPress holds the first comment of a stranger."""
        fields = {"comment_post_ID": post, "author": author, "email": f"{author}@norda.example", "comment": text}
        self.send("/wp-comments-post.php", fields)

    def approve(self, author: str = "") -> None:
        """A moderator lets this author's held comments through, or all."""
        held = "get_comments(['status' => 'hold', 'author_email' => $argv[1]])"
        email = f"{author}@norda.example" if author else ""
        self._run(f"foreach ({held} as $each) wp_set_comment_status($each->comment_ID, 'approve');", email)

    def send(self, path: str, fields: dict[str, object]) -> str:
        """Send a form, as a browser does; the page that comes."""
        body = urllib.parse.urlencode(fields).encode()
        with urllib.request.urlopen(self.base + path, body, timeout=60) as answer:
            return str(answer.read().decode())

    def _run(self, code: str, *words: str) -> str:
        """Run this within the site's own code."""
        command = [*self.php, "-r", f"require 'wp-load.php'; {code}", "--", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.folder, timeout=60).stdout


@contextlib.contextmanager
def wordpress_site(root: Path) -> Iterator[WordPress]:
    """Install a site with its database in a folder of its own and serve it."""
    began, port, database = time.monotonic(), free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="earshot-wordpress-") as name:
        folder = Path(name) / "site"
        shutil.copytree(root / "usr/share/wordpress", folder, ignore_dangling_symlinks=True)
        (folder / "wp-config.php").unlink(missing_ok=True)
        (folder / "wp-config.php").write_text(CONFIG % database, encoding="utf-8")
        patient = folder / "wp-content" / "mu-plugins" / "patient.php"
        patient.parent.mkdir(exist_ok=True)
        patient.write_text(PATIENT, encoding="utf-8")
        php = _php(root)
        serve = [*php, "-S", f"127.0.0.1:{port}", "-t", str(folder)]
        with _mariadb(root, Path(name), database) as server:
            create = f"(new mysqli('127.0.0.1', 'root', '', '', {database}))->query('CREATE DATABASE site');"
            subprocess.run([*php, "-r", create], check=True, timeout=30)
            with running(serve, port) as process:
                site = WordPress(f"http://127.0.0.1:{port}", php, folder, (server, process))
                page = site.send("/wp-admin/install.php?step=2", dict(SIGN_UP))
                assert "Success!" in page, page
                site.started_in_s = time.monotonic() - began
                yield site


def _php(root: Path) -> list[str]:
    (program,) = (root / "usr/bin").glob("php[0-9].[0-9]")
    (modules,) = (root / "usr/lib/php").glob("20*")
    given = {"extension_dir": str(modules), "sendmail_path": "/bin/true", "memory_limit": "256M"}
    options = [f"{name}={value}" for name, value in given.items()] + [f"extension={name}" for name in EXTENSIONS]
    return [str(program), "-n", *(part for option in options for part in ("-d", option))]


@contextlib.contextmanager
def _mariadb(root: Path, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    data, share = folder / "data", root / "usr/share/mysql"
    data.mkdir()
    options = {
        "user": "root", "datadir": data, "basedir": root / "usr", "lc-messages-dir": share,
        "character-sets-dir": share / "charsets", "bind-address": "127.0.0.1", "port": port,
        "socket": folder / "socket", "pid-file": folder / "pid", "innodb-buffer-pool-size": "32M",
    }  # fmt: skip
    command = [str(root / "usr/sbin/mariadbd"), "--no-defaults", "--skip-grant-tables"]
    command += [f"--{name}={value}" for name, value in options.items()]
    libraries = {"LD_LIBRARY_PATH": str(next((root / "usr/lib").glob("*-linux-gnu")))}
    with running(command, port, env=libraries) as process:
        yield process
