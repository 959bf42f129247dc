# Read by the commands beside this file, which set $root: finds a Python and hands over to it.
# PYTHONTZPATH is empty so that zones come from the pinned tzdata alone, the same everywhere.
export PYTHONTZPATH=""

prepare() {
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$python" -I "$root/bin/environment.py" "$@" || exit 1
            return
        fi
    done
    echo "mockint needs Python 3.11 or newer, and none was found." >&2
    echo "Install it, or name one: PYTHON=/path/to/python3.12 $0" >&2
    exit 1
}
