"""Unpacks the wanted members of a wheel and prints how many bytes are written so far.

    python3 unpack.py WHEEL FOLDER PATTERN...

Python 3.6 or newer; the standard library only. zipfile checks each member's CRC-32.
"""

import fnmatch
import os
import sys
import zipfile

CHUNK = 8 << 20


def unpack(wheel, folder, patterns):
    written = 0
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            name = member.filename
            wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
            if name.endswith("/") or not wanted:
                continue
            target = os.path.join(folder, *name.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                for chunk in iter(lambda: source.read(CHUNK), b""):
                    sink.write(chunk)
                    written += len(chunk)
                    print(written, flush=True)
            os.chmod(target, (member.external_attr >> 16) & 0o777 or 0o644)


unpack(sys.argv[1], sys.argv[2], sys.argv[3:])
