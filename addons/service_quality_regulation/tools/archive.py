"""A ZIP archive that knows the size and the digest of each of its files."""

import hashlib
import io
import zipfile


class Archive:
    """Packs files one after the other, so that one of them is in memory at a time.

    >>> archive = Archive()
    >>> archive.add("b.txt", b"two"), archive.add("a.txt", b"one")
    (None, None)
    >>> [(file["path"], file["bytes"]) for file in archive.files()]
    [('a.txt', 3), ('b.txt', 3)]
    >>> archive.sums().split()[1::2]
    [b'a.txt', b'b.txt']
    >>> zipfile.ZipFile(io.BytesIO(archive.close())).namelist()
    ['b.txt', 'a.txt']
    """

    def __init__(self):
        self._stream = io.BytesIO()
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED)
        self._files = {}

    def add(self, path, content):
        """Pack a file.

        :param content: bytes
        """
        self._files[path] = {
            "path": path,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        self._zip.writestr(path, content)

    def files(self):
        """Return what was packed so far: list of dicts, in the order of the paths."""
        return [self._files[path] for path in sorted(self._files)]

    def sums(self):
        """Return the digests as the program ``sha256sum`` checks them, as bytes."""
        lines = (f"{file['sha256']}  {file['path']}\n" for file in self.files())
        return "".join(lines).encode()

    def close(self):
        """Return the whole archive, as bytes."""
        self._zip.close()
        return self._stream.getvalue()
