"""An address that a user has entered does not lend them this machine."""

import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest
import requests
from service_quality_escalation.tools import outbound

pytestmark = pytest.mark.plain


def entry(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, 443))


@pytest.fixture
def network(monkeypatch):
    """Answer for names, and note what is connected to: network("93.184.216.34")."""
    connected = []

    def connect(_socket, address):
        connected.append(address[0])
        raise ConnectionRefusedError

    def answer(*addresses, later=()):
        answers = [addresses, later or addresses]

        def look_up(host, *_arguments, **_options):
            if host in addresses + tuple(later):
                return [entry(host)]
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [entry(address) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return connected

    monkeypatch.setattr(socket.socket, "connect", connect)
    return answer


def test_public_address(network):
    connected = network("93.184.216.34")
    with pytest.raises(requests.ConnectionError):
        outbound.post("https://chat.example.com/x", b"{}", {})
    assert connected == ["93.184.216.34"]


def test_name_that_means_another_address_later(network):
    """What was looked at is what is connected to: the name is not asked again."""
    connected = network("93.184.216.34", later=("127.0.0.1",))
    with pytest.raises(requests.ConnectionError):
        outbound.post("https://rebind.example.com/x", b"{}", {})
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.0.0.1",),
        ("192.168.1.1",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("::1",),
        ("fd00::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b:1::a00:1",),
        ("fec0::1",),
        ("::10.0.0.1",),
        ("93.184.216.34", "10.0.0.1"),
    ],
)
def test_own_network(network, addresses):
    connected = network(*addresses)
    with pytest.raises(outbound.NotPublic):
        outbound.post("https://inside.example.com/x", b"{}", {})
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://localhost/",
    ],
)
def test_this_machine_by_other_names(url):
    with pytest.raises(outbound.NotPublic):
        outbound.post(url, b"{}", {})


def test_without_tls_only_inside():
    with pytest.raises(requests.RequestException):
        outbound.post("http://93.184.216.34/", b"{}", {})


class Quiet(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def encrypted(tmp_path):
    """A service with a certificate that nobody has signed: its address."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        + ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_certificates_are_checked(encrypted):
    """A certificate that nobody signed is refused, inside as well."""
    with pytest.raises(requests.exceptions.SSLError):
        outbound.post(encrypted, b"{}", {}, private=True)


class Dripping(Quiet):
    """Answers by one byte after the other, and never comes to an end."""

    def do_POST(self):
        try:
            if self.path == "/head":
                while True:
                    self._drip(b"HTTP/1.1 200 OK\r\nX: ")
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while True:
                self._drip(b"x")
        except OSError:
            pass

    def _drip(self, data):
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.1)


@pytest.fixture
def dripping():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/head", "/body"])
def test_reply_that_drips(dripping, path):
    """SLA case 33: one limit over all, as a byte now and then is no answer."""
    begin = time.monotonic()
    with pytest.raises(requests.exceptions.Timeout):
        outbound.post(dripping + path, b"{}", {}, private=True, seconds=1)
    assert time.monotonic() - begin < outbound.TIMEOUT


def test_encryption_that_drips():
    """SLA case 33: who never finishes to agree on a key is left as well."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        begin = time.monotonic()
        with pytest.raises(requests.exceptions.Timeout):
            url = f"https://127.0.0.1:{port}/"
            outbound.post(url, b"{}", {}, private=True, seconds=1)
    assert time.monotonic() - begin < outbound.TIMEOUT
