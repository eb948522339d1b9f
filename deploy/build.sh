#!/bin/sh
# Put into a folder what the container image holds: opslib with what it needs to run, without what
# it is tested with; the notebooks, parameters and IAM policies; an empty reports/ for a volume.
#
#   deploy/build.sh FOLDER [COMMIT]
#
# The folder is new or empty, and stays where it is: the programs in it name it. PYTHON names the
# Python to take. COMMIT is what the manifests of its runs name; without it git is asked, if it is
# there.
set -eu

target=$(mkdir -p "$1" && cd "$1" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)
commit=${2:-$(git -C "$source" describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || true)}
python="$target/.venv/bin/python"
pip="$python -m pip --quiet --disable-pip-version-check --no-cache-dir --no-input"

if [ -n "$(ls -A "$target")" ]; then
    echo "deploy/build.sh: $target is not empty; name a new folder" >&2
    exit 2
fi

"${PYTHON:-python3}" -m venv "$target/.venv"
$pip install --no-deps --require-hashes -r "$source/requirements-runtime.lock"

package=$(mktemp -d)
trap 'rm -rf "$package"' EXIT
cp -R "$source/opslib" "$source/pyproject.toml" "$source/README.md" "$source/LICENSE" "$package"
$pip install --no-deps --no-build-isolation "$package"
$pip check
$pip uninstall --yes setuptools pip

mkdir "$target/deploy" "$target/reports"
cp -R "$source/notebooks" "$source/parameters" "$target"
cp "$source/requirements-runtime.lock" "$target/requirements.lock"
cp -R "$source/deploy/iam" "$target/deploy"
printf '%s\n' "$commit" > "$target/COMMIT"
