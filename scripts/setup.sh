# The project's own virtual environment: sourced by start, test and reindex, which run with `sh -eu`.
#
# Takes $project, the folder of the checkout; gives $venv and the functions `say` and `set_up`.
# Needs a Python of at least 3.11 and nothing else: pip comes from that Python (ensurepip or its own
# pip), or else with Debian's python3-venv.

venv=$project/.venv

# say ENGLISH CHINESE: one line on standard error, in the language of the locale.
say() {
    case ${SEARCHSVC_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in
        zh* | ZH*) printf '%s\n' "$2" >&2 ;;
        *) printf '%s\n' "$1" >&2 ;;
    esac
}

fail() {
    say "error: $1" "错误：$2"
    exit 1
}

# Names the first Python that is new enough.
find_python() {
    for name in python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer was found; on Debian: apt install python3 python3-venv" \
        "没有找到 Python 3.11 或更新的版本；在 Debian 上请运行：apt install python3 python3-venv"
}

# Debian splits ensurepip off into python3-venv, so that `python3 -m venv` alone may give no pip.
make_environment() {
    python=$(find_python)
    say "Making the virtual environment .venv with $("$python" --version)" \
        "正在用 $("$python" --version) 建立虚拟环境 .venv"
    if "$python" -m venv --clear "$venv" >/dev/null 2>&1; then return; fi
    "$python" -m venv --clear --without-pip "$venv" >&2
    if "$python" -m pip --python "$venv/bin/python" --version >/dev/null 2>&1; then
        "$python" -m pip --python "$venv/bin/python" install --quiet pip >&2 && return
    fi
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "This Python has no pip; installing Debian's python3-venv" \
            "这个 Python 没有 pip，正在安装 Debian 的 python3-venv"
        { apt-get update && apt-get install -y python3-venv; } >/dev/null 2>&1 &&
            "$python" -m venv --clear "$venv" >/dev/null 2>&1 && return
    fi
    rm -rf "$venv"
    fail "pip could not be had; on Debian, run this and try again: apt install python3-venv" \
        "无法取得 pip；在 Debian 上请先运行：apt install python3-venv，然后重试"
}

# set_up EXTRA...: an environment with the first of these extras installed (`base` is none of them).
# The further ones, where already there, serve as well. Does nothing when all is in place.
set_up() {
    stamp=$(printf '%s\n' "$project" | cat - "$project/setup.cfg" "$project/pyproject.toml" | cksum)
    for extra in "$@"; do
        if [ "$(cat "$venv/installed-$extra" 2>/dev/null)" = "$stamp" ] && [ -x "$venv/bin/searchsvc" ]; then
            return
        fi
    done
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_environment
    case $1 in base) wanted=$project ;; *) wanted="$project[$1]" ;; esac
    say "Installing searchsvc and what it needs into .venv (once, about a minute)" \
        "正在把 searchsvc 及其依赖安装到 .venv（只需一次，约一分钟）"
    PYTHONWARNINGS=ignore "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --use-pep517 --editable "$wanted" >&2 ||
        fail "the installation did not succeed; see above, then run this again" \
            "安装没有成功；请看上面的信息，然后重新运行"
    "$venv/bin/searchsvc" --help >/dev/null # imports all: where numba is installed it compiles now, not later
    printf '%s\n' "$stamp" >"$venv/installed-$1"
}

# The index of this checkout, wherever the script is called from, unless settings say otherwise.
if [ -z "${SEARCHSVC_INDEX_DIR:-}${SEARCHSVC_CONFIG:-}" ] && [ ! -e searchsvc.toml ]; then
    if [ -e "$project/searchsvc.toml" ]; then
        SEARCHSVC_CONFIG=$project/searchsvc.toml
        export SEARCHSVC_CONFIG
    else
        SEARCHSVC_INDEX_DIR=$project/index
        export SEARCHSVC_INDEX_DIR
    fi
fi
