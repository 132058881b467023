#!/bin/sh
# Packs everything that a machine without network needs into one archive: packaging/bundle.sh PYTHON ARCHIVE.
set -eu
python=$1
archive=$2
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle="$work/fraudnet-bundle"
mkdir -p "$bundle/wheels" "$(dirname -- "$archive")"
cd "$root"
"$python" -m pip --disable-pip-version-check --quiet download --require-hashes --only-binary :all: \
  -r requirements.lock -d "$bundle/wheels"
"$python" -m hatchling build -t wheel -d "$bundle/wheels" >/dev/null
cp -R docs README.md LICENSE CHANGELOG.md requirements.lock packaging/install.sh "$bundle/"
mkdir -p "$bundle/data"
cp -R data/synthetic/first-day "$bundle/data/"
(cd "$bundle" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -cf "$archive" fraudnet-bundle
echo "packed: $archive ($(du -h "$archive" | cut -f1))"
