"""Dovecot for the length of a test: a real IMAP server, encrypted, with a mailbox for whoever signs in."""

from __future__ import annotations

import atexit
import contextlib
import datetime
import getpass
import grp
import ipaddress
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.peers.servers import running
from tests.postgres import free_port

PASSWORD = "correct-horse-battery"


@cache
def dovecot_program() -> str:
    """Path of a Dovecot 2.3 (2.4 reads other settings), or an empty string. Debian keeps it where only root looks."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
    if found and not subprocess.run([found, "--version"], capture_output=True, check=True).stdout.startswith(b"2.3."):
        return ""
    return found


@dataclass(frozen=True)
class Certificate:
    """One for 127.0.0.1 that signs itself; programs trust it where SSL_CERT_FILE names it."""

    certificate: Path
    key: Path


@cache
def certificate() -> Certificate:
    """The same one for the whole session."""
    folder = Path(tempfile.mkdtemp(prefix="earshot-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "cert.pem", folder / "key.pem")
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return found


@dataclass
class Dovecot:
    """A running server. `port` is encrypted from the first byte, `starttls_port` is not."""

    port: int
    starttls_port: int
    folder: Path
    process: subprocess.Popen[bytes]
    owner: str
    delivered: int = 0

    def deliver(self, user: str, mail: bytes, at: datetime.datetime, folder: str = "") -> None:
        """Put a mail into somebody's inbox or folder, taken in at this moment, as a delivery agent does."""
        place = self.folder / "home" / user / "Maildir" / (f".{folder}" if folder else "")
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        self.delivered += 1
        written = place / "tmp" / f"{int(at.timestamp())}.N{self.delivered:06}.test"
        written.write_bytes(mail)
        os.utime(written, (at.timestamp(), at.timestamp()))
        self._own(self.folder / "home" / user)
        written.rename(place / "new" / written.name)

    def renumber(self, user: str) -> None:
        """Lose the index, as a server that is moved or mended does: the mails get new UIDs under a new UIDVALIDITY.

        Left to itself Dovecot takes the second of the day for it, which may be the same one.
        """
        place = self.folder / "home" / user / "Maildir"
        kept = (place / "dovecot-uidlist").read_text().split("\n")[0]
        for index in place.glob("dovecot*"):
            index.unlink()
        validity = next(int(word[1:]) for word in kept.split() if word.startswith("V"))
        (place / "dovecot-uidlist").write_text(f"3 V{validity + 1} N1\n")
        self._own(place)

    def _own(self, place: Path) -> None:
        if os.getuid() == 0:
            for each in (place, *place.rglob("*")):
                shutil.chown(each, self.owner, self.owner)


def _settings(folder: Path, port: int, starttls_port: int, owner: str, group: str) -> str:
    made = certificate()
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{made.certificate}
ssl_key = <{made.key}
auth_failure_delay = 0
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
mail_location = maildir:{folder}/home/%u/Maildir
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


@contextlib.contextmanager
def dovecot_server(program: str) -> Iterator[Dovecot]:
    """Run it in a folder of its own. As root it hands its work to the system's mail user; else all is ours."""
    owner, group = ("mail", "mail") if os.getuid() == 0 else (getpass.getuser(), grp.getgrgid(os.getgid()).gr_name)
    port, starttls_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="earshot-dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("run", "state", "home"):
            (folder / part).mkdir()
        (folder / "dovecot.conf").write_text(_settings(folder, port, starttls_port, owner, group))
        with running([program, "-F", "-c", str(folder / "dovecot.conf")], port) as process:
            made = Dovecot(port, starttls_port, folder, process, owner)
            made._own(folder / "home")
            yield made


@cache
def shared_dovecot() -> Dovecot:
    """One for the whole session, because it takes a second to stop; it ends with this process."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(dovecot_server(dovecot_program()))
