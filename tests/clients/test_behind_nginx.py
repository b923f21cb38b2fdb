"""The configuration of nginx in docs/how-to-serve.md, on a real nginx with a certificate and a user of its own."""

import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to-serve.md"
USER, PASSWORD = "colleague", "secret of 12"
FRAME = """\
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/1;
    proxy_temp_path {folder}/2;
    fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4;
    scgi_temp_path {folder}/5;
{server}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, address):
    """The address of the proxy, and its certificate."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    # Its workers are another user's.
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", folder / "key", "-out", folder / "certificate", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *request, *files], check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True).stdout
    (folder / "users").write_text(f"{USER}:{hashed}")
    text = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "atlas.example.org": "localhost",
        "/etc/ssl/certs/atlas.pem": f"{folder}/certificate",
        "/etc/ssl/private/atlas.key": f"{folder}/key",
        "/etc/nginx/atlas.users": f"{folder}/users",
        "http://127.0.0.1:8000": address,
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, server=text))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", folder / "nginx.conf"], stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        yield f"https://localhost:{port}", folder / "certificate"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def curl(proxy, path: str, *options: str) -> tuple[int, bytes]:
    """The status and the content of an answer."""
    address, certificate = proxy
    command = ["curl", "-sg", "--cacert", certificate, "-w", "%{stderr}%{http_code}", *options, f"{address}{path}"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    return int(done.stderr.decode()[-3:]), done.stdout


ALLOWED = ("-u", f"{USER}:{PASSWORD}")


def test_nobody_without_a_password(proxy):
    for path in ("/cubes", "/files/made/dephasing.nc", "/dap/made/dephasing.dds"):
        assert curl(proxy, path)[0] == curl(proxy, path, "-u", f"{USER}:wrong")[0] == 401


def test_with_a_password_it_is_as_without_a_proxy(proxy, address, results):
    status, content = curl(proxy, "/files/made/dephasing.nc", *ALLOWED)
    assert (status, content) == (200, (results / "made/dephasing.nc").read_bytes())
    assert curl(proxy, "/files/made/dephasing.nc", *ALLOWED, "-r", "8-15") == (206, content[8:16])
    for path in (
        "/dap/made/virtual.dods?tau_phi[0:2:6]",
        "/dap/made/virtual.dods?tau_phi",
        "/cubes",
        "/dap/made/none.dds",
    ):
        direct = subprocess.run(["curl", "-sg", f"{address}{path}"], capture_output=True).stdout
        assert curl(proxy, path, *ALLOWED)[1] == direct
    assert curl(proxy, "/dap/made/none.dds", *ALLOWED)[0] == 404


def test_it_stays_read_only_and_encrypted(proxy):
    assert curl(proxy, "/cubes", *ALLOWED, "-X", "POST")[0] in (403, 405)
    plain = (proxy[0].replace("https", "http"), proxy[1])
    assert curl(plain, "/cubes", *ALLOWED)[0] == 400


def test_ncdump_with_the_password_of_its_file(proxy, tmp_path):
    address, certificate = proxy
    lines = [f"HTTP.CREDENTIALS.USERPASSWORD={USER}:{PASSWORD}", f"HTTP.SSL.CAINFO={certificate}"]
    (tmp_path / ".dodsrc").write_text("".join(f"{line}\n" for line in lines))
    command = ["ncdump", "-v", "chi", f"{address}/dap/made/dephasing"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"HOME": str(tmp_path)}, timeout=60
    )
    assert done.returncode == 0 and "chi = 0.01, 0.1, 0.3 ;" in done.stdout, done.stderr
