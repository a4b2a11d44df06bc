"""Makes the registry's CUDA build of PyTorch importable on a machine without CUDA.

The registry has no CPU wheel of `torch` for Linux x86-64. The CPU half of its CUDA wheel (libtorch_cpu: the same
kernels, MKL and oneDNN as the CPU build) is all the benchmark runs, but the loader insists on every CUDA library the
other half names: 3 GB. This writes libraries of those names whose functions all answer 100, "no device".

    python cuda_stand_ins.py FOLDER     FOLDER = site-packages/torch/lib; prints the number of libraries written
"""

import pathlib
import re
import subprocess
import sys
import tempfile

NO_DEVICE = 100  # cudaErrorNoDevice


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], check=True, capture_output=True, text=True).stdout


def needed(libraries):
    """Names of the shared libraries that these ask the loader for."""
    return {n for l in libraries for n in re.findall(r"\(NEEDED\).*\[(.+?)\]", readelf("-d", l))}


def installed():
    """Names the loader already knows, from its cache."""
    listing = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^\s+(\S+) \(", listing, re.M))


def version_owners(libraries):
    """{version name: file that must define it} of everything these import with a version."""
    owners = {}
    for library in libraries:
        file = None
        for line in readelf("-V", library).splitlines():
            if match := re.search(r"File: (\S+)", line):
                file = match[1]
            elif file and (match := re.search(r"Name: (\S+)\s+Flags", line)):
                owners[match[1]] = file
    return owners


def symbols(libraries):
    """Yields (defined, name, version or None) for every global dynamic symbol."""
    for library in libraries:
        for line in readelf("--dyn-syms", library).splitlines():
            field = line.split()
            if len(field) < 8 or field[4] != "GLOBAL":
                continue
            name, _, version = field[7].partition("@")
            yield field[6] != "UND", name, version.lstrip("@") or None


def assign(libraries, missing):
    """{library: {version or None: set of function names}}: what each stand-in has to define."""
    every = list(symbols(libraries))
    owners = version_owners(libraries)
    defined = {name for is_defined, name, _ in every if is_defined}
    wanted = {library: {} for library in missing}
    catch_all = sorted(missing)[0]  # the loader searches all of them for a name without a version
    for is_defined, name, version in every:
        if is_defined or (version is None and name in defined):
            continue
        library = catch_all if version is None else owners.get(version)
        if library in wanted:
            wanted[library].setdefault(version, set()).add(name)
    return wanted


def build(folder, library, versions):
    with tempfile.TemporaryDirectory() as scratch:
        source, script = pathlib.Path(scratch, "stand_in.c"), pathlib.Path(scratch, "versions.map")
        names = sorted(set().union(*versions.values())) if versions else []
        source.write_text("".join(f"int {n}(void) {{ return {NO_DEVICE}; }}\n" for n in names))
        nodes = [(v, ns) for v, ns in versions.items() if v]
        script.write_text("".join(f"{v} {{ global: {' '.join(f'{n};' for n in sorted(ns))} }};\n" for v, ns in nodes))
        command = ["cc", "-w", "-O1", "-fno-builtin", "-shared", "-fPIC", f"-Wl,-soname,{library}"]
        if nodes:
            command.append(f"-Wl,--version-script,{script}")
        subprocess.run([*command, "-o", str(folder / library), str(source)], check=True)


def main(folder):
    libraries = sorted(str(p) for p in folder.glob("*.so*"))
    present = {p.name for p in folder.glob("*.so*")} | installed()
    missing = needed(libraries) - present
    if missing:
        for library, versions in assign(libraries, missing).items():
            build(folder, library, versions)
    print(len(missing))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
