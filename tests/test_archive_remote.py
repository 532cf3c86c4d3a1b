# ruff: noqa: ARG002  (a server is told more than it asks)
"""Archives that lie elsewhere: a real S3-compatible server and a real SFTP server, both on loopback."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from audio.errors import BadInput, BadSettings
from monitor.archive.files import Remote, Unreachable, fetched
from monitor.archive.sources import Listing

pytest.importorskip("s3fs")
paramiko = pytest.importorskip("paramiko")

# The libraries behind these servers leave their sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def wait_for(port, process):
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not come up")


@pytest.fixture(scope="module")
def s3():
    """The port of an S3-compatible server."""
    pytest.importorskip("moto.server")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**os.environ, **CREDENTIALS}, **quiet) as process:
        try:
            wait_for(port, process)
            yield port
        finally:
            process.kill()


CREDENTIALS = {"AWS_ACCESS_KEY_ID": "heard", "AWS_SECRET_ACCESS_KEY": "heard", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def bucket(s3, monkeypatch):
    """A bucket with three recordings and a manifest."""
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}"}).items():
        monkeypatch.setenv(name, value)
    import s3fs

    system = s3fs.S3FileSystem(skip_instance_cache=True)
    system.mkdir("calls")
    for name in ("2026/01/a.wav", "2026/02/b.mp3", "2026/02/notes.txt", "c.wav"):
        system.pipe_file(f"calls/{name}", name.encode())
    system.pipe_file("calls/calls.csv", b"path,agent\n2026/01/a.wav,Kim\ns3://calls/c.wav,Lee\n")
    yield system
    system.rm("calls", recursive=True)


def urls(*sources):
    listing = Listing(sources)
    return [item.source for item in listing], listing


@pytest.mark.usefixtures("bucket")
def test_a_bucket_is_listed_folder_by_folder():
    found, listing = urls("s3://calls")
    assert sorted(found) == ["s3://calls/2026/01/a.wav", "s3://calls/2026/02/b.mp3", "s3://calls/c.wav"]
    assert listing.left_out == {".txt": 1, ".csv": 1}
    assert all(item.stamp for item in Listing(["s3://calls/2026"]))


@pytest.mark.usefixtures("bucket")
def test_a_glob_a_file_and_a_manifest_of_a_bucket():
    assert urls("s3://calls/2026/*/*.wav")[0] == ["s3://calls/2026/01/a.wav"]
    assert urls("s3://calls/2026/02/notes.txt")[0] == ["s3://calls/2026/02/notes.txt"]
    items = list(Listing(["s3://calls/calls.csv"]))
    assert [(item.source, item.details.agent_name) for item in items] == [
        ("s3://calls/2026/01/a.wav", "Kim"),
        ("s3://calls/c.wav", "Lee"),
    ]


def test_the_stamp_of_an_object_changes_with_its_content(bucket):
    [before] = Listing(["s3://calls/c.wav"])
    bucket.pipe_file("calls/c.wav", b"other")
    [after] = Listing(["s3://calls/c.wav"])
    assert before.stamp != after.stamp


@pytest.mark.usefixtures("bucket")
def test_a_recording_is_fetched_with_its_hash_and_is_gone_afterwards():
    with fetched("s3://calls/2026/02/b.mp3") as (path, content):
        assert path.suffix == ".mp3"
        assert path.read_bytes() == b"2026/02/b.mp3"
        assert content == hashlib.sha256(b"2026/02/b.mp3").hexdigest()
    assert not path.exists()


@pytest.mark.usefixtures("bucket")
def test_what_is_not_in_a_bucket_is_told():
    with pytest.raises(BadInput, match=r"s3://calls/gone\.wav does not exist"), fetched("s3://calls/gone.wav"):
        pass
    assert urls("s3://calls/gone.wav")[1].problems == [
        "s3://calls/gone.wav does not exist; check the address and the credentials."
    ]


def test_a_server_that_does_not_answer_may_do_so_later(monkeypatch):
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(Unreachable, match="could not be fetched"), fetched("s3://calls/a.wav"):
        pass
    s3fs.S3FileSystem.clear_instance_cache()


class Server(paramiko.ServerInterface):
    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_password(self, username, password):
        return paramiko.AUTH_SUCCESSFUL if password == "open sesame" else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


def files_below(root):
    """An SFTP service of a folder."""

    class Files(paramiko.SFTPServerInterface):
        def _real(self, path):
            return root / path.lstrip("/")

        def list_folder(self, path):
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name)
                for entry in sorted(self._real(path).iterdir())
            ]

        def stat(self, path):
            try:
                return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        lstat = stat

        def open(self, path, flags, attr):
            try:
                handle = paramiko.SFTPHandle(flags)
                handle.readfile = self._real(path).open("rb")
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            return handle

    return Files


@pytest.fixture
def sftp(tmp_path, monkeypatch):
    """The address of an SFTP server with two recordings."""
    root = tmp_path / "root"
    (root / "calls" / "monday").mkdir(parents=True)
    (root / "calls" / "monday" / "a.wav").write_bytes(b"monday")
    (root / "calls" / "b.mp3").write_bytes(b"tuesday")
    monkeypatch.setenv("HOME", str(tmp_path))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    key, ended, transports = paramiko.RSAKey.generate(2048), threading.Event(), []

    def serve():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            transport = paramiko.Transport(connection)
            transports.append(transport)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files_below(root))
            transport.start_server(server=Server())

    thread = threading.Thread(target=serve)
    thread.start()
    from fsspec.config import conf

    monkeypatch.setitem(conf, "sftp", {"password": "open sesame", "look_for_keys": False, "allow_agent": False})
    yield f"sftp://heard@127.0.0.1:{listener.getsockname()[1]}"
    ended.set()
    thread.join()
    listener.close()
    for transport in transports:
        transport.close()


def test_an_sftp_server_is_an_archive_as_well(sftp):
    listing = Listing([f"{sftp}/calls"])
    items = list(listing)
    assert listing.problems == []
    assert sorted(item.source for item in items) == [f"{sftp}/calls/b.mp3", f"{sftp}/calls/monday/a.wav"]
    assert all(item.stamp for item in items)
    with fetched(f"{sftp}/calls/monday/a.wav") as (path, content):
        assert path.read_bytes() == b"monday"
        assert content == hashlib.sha256(b"monday").hexdigest()


def test_a_password_in_a_url_is_refused_because_it_would_be_stored():
    with pytest.raises(BadSettings, match=r"^sftp://host has a password in its URL"):
        Remote("sftp://heard:secret@host/calls")


def test_an_address_of_no_kind_is_told():
    with pytest.raises(BadSettings, match="nosuch://calls cannot be used"):
        Remote("nosuch://calls")
    assert "nosuch://calls cannot be used" in urls("nosuch://calls")[1].problems[0]


def test_a_file_url_is_a_file(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"sound")
    found, _ = urls(f"file://{tmp_path}/a.wav")
    assert found == [str(Path(tmp_path / "a.wav"))]
