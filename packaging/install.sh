#!/bin/sh
# Installs fraudnet from this folder on a machine without network: ./install.sh [FOLDER], .venv unless said.
# Needs Python 3.11 or newer with venv, and the system's libgomp.so.1 (Debian: libgomp1).
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
into=${1:-.venv}
python=${PYTHON:-python3}
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || {
  echo "install.sh: a file of the bundle is not the one it was packed with; copy the bundle again" >&2
  exit 76
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "install.sh: Python 3.11 or newer is needed; say which with PYTHON=/path/to/python3.11" >&2
  exit 1
}
"$python" -m venv "$into"
pip="$into/bin/python -m pip --disable-pip-version-check --quiet install --no-index --no-compile"
$pip --find-links "$here/wheels" --require-hashes -r "$here/requirements.lock"
$pip --no-deps "$here"/wheels/fraudnet-*.whl
"$into/bin/python" -c 'import lightgbm' || {
  echo "install.sh: LightGBM needs the OpenMP runtime; on Debian or Ubuntu: libgomp1" >&2
  exit 1
}
echo "installed: $into/bin/fraudnet; read docs/first-day.md"
