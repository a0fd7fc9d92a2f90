#!/usr/bin/env python3
"""Build the functions for Lambda and put each into a folder and a zip, with the policy beside it.

    .venv/bin/python tools/deploy/package.py --arch arm64 --policy infra/policy.toml

`make package` and `make deploy` call it. What it makes is in target/lambda/deploy: <function>/ holds
`bootstrap` and `policy.toml`, <function>.zip the same, for Terraform and the AWS CLI.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
DEPLOY = ROOT / "target" / "lambda" / "deploy"
BIN = Path(sys.executable).parent  # not resolved: in a venv this is a link, and the tools lie beside it
CARGO = os.environ.get("CARGO", "cargo")

# What Rust and cargo-lambda call AWS's architectures.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
FLAGS = {"arm64": "--arm64", "x86_64": "--x86-64"}
# The C library of Amazon Linux 2023, which provided.al2023 is.
# https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
GLIBC = (2, 34)


class CannotPackage(Exception):
    """What is missing, in one line."""


def functions() -> list[str]:
    """The packages below functions/, by name."""
    return sorted(manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml"))


def check_policy(policy: Path) -> None:
    """Refuse a policy that would keep the functions from starting."""
    if not policy.is_file():
        raise CannotPackage(f"there is no policy {policy}: name one with POLICY=path")
    command = [CARGO, "run", "--quiet", "--package", "steward", "--", "policy", "check", str(policy)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise CannotPackage(f"{policy} has errors, see above")


def compiler(arch: str, zig: Path | None) -> list[str]:
    """The flags of cargo-lambda: the host's own compiler where it can link for ARCH, else zig."""
    if zig is None and platform.machine().lower().replace("arm64", "aarch64") == MACHINES[arch]:
        return ["--compiler", "cargo"]
    if zig is None:
        raise CannotPackage(f"this machine is no {arch}: linking for it needs zig, set ZIG=1")
    target = f"{MACHINES[arch]}-unknown-linux-gnu"
    lib = subprocess.run(
        ["rustc", "--print", "target-libdir", "--target", target],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )
    if lib.returncode != 0 or not Path(lib.stdout.strip()).is_dir():
        raise CannotPackage(f"Rust has no library for {arch}: run `rustup target add {target}`")
    return []


def build(arch: str, zig: Path | None) -> None:
    """Build every function with cargo-lambda."""
    path = os.pathsep.join([*([str(zig.parent)] if zig else []), str(BIN), os.environ.get("PATH", "")])
    command = [str(BIN / "cargo-lambda"), "lambda", "build", "--release", FLAGS[arch], *compiler(arch, zig)]
    command += ["--lambda-dir", str(DEPLOY)]
    for name in functions():
        command += ["--package", name]
    if subprocess.run(command, cwd=ROOT, env=dict(os.environ, PATH=path), check=False).returncode != 0:
        raise CannotPackage("the build failed, see above")


def newest_glibc(binary: Path) -> tuple[int, int]:
    """The newest version of glibc that a binary asks for."""
    asked = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary.read_bytes())
    return max(((int(major), int(minor)) for major, minor in asked), default=(0, 0))


def pack(name: str, policy: Path) -> str:
    """Put the policy beside the binary and both into a zip; what was made, in one line."""
    folder = DEPLOY / name
    binary = folder / "bootstrap"
    asked = newest_glibc(binary)
    if asked > GLIBC:
        raise CannotPackage(
            f"{name} asks for glibc {asked[0]}.{asked[1]}, and Lambda has {GLIBC[0]}.{GLIBC[1]}: "
            "it would not start. Link with zig (ZIG=1), or build on an older system"
        )
    shutil.copyfile(policy, folder / "policy.toml")
    zipped = DEPLOY / f"{name}.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file, mode in (("bootstrap", 0o755), ("policy.toml", 0o644)):
            # A fixed time, so that the same input gives the same zip and no deployment.
            entry = zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / file).read_bytes())
    size, packed = binary.stat().st_size / 1e6, zipped.stat().st_size / 1e6
    return f"{zipped.relative_to(ROOT)}: {packed:.2f} MB, bootstrap {size:.2f} MB"


def main() -> int:
    """Package every function; 2 where something is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--arch", choices=sorted(MACHINES), default="arm64")
    parser.add_argument("--policy", type=Path, default=ROOT / "infra" / "policy.toml")
    parser.add_argument("--zig", type=Path, help="the python of a venv that has ziglang; link with it")
    options = parser.parse_args()
    try:
        check_policy(options.policy)
        build(options.arch, options.zig)
        lines = [pack(name, options.policy) for name in functions()]
    except CannotPackage as why:
        print(f"package: {why}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
