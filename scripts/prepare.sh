# shellcheck shell=sh
# The set-up that ./setup, ./demo, ./check and .ci/run share: sourced by them, never run.
# Owns: finding cargo and a C compiler, and putting DuckDB's library where `.duckdb` points.
# Does not own: building or running goldsmith.
#
# `prepare` does what is missing and returns at once when nothing is. Afterwards
# $cargo_features holds the arguments that cargo needs on this machine (mostly none).
#
# Where the library comes from, in this order:
#   1. npm's package for this platform, where its SHA-256 is pinned below. The archive and the
#      library in it are both checked; anything else is refused. npm's own settings choose the registry.
#   2. DuckDB's own release. Its hash is NOT pinned: what is checked is the TLS connection and the
#      version that the library itself reports. The hash of the first download is remembered,
#      and a library that changes later is fetched again.
#   3. None: goldsmith is built with `--features bundled`, which compiles DuckDB.
# In all cases the library is loaded once, to see that it runs on this machine.
#
# What can be set:
#   GOLDSMITH_DUCKDB_DIR        a folder that holds the library already; nothing is fetched
#   GOLDSMITH_DUCKDB_RELEASES   a mirror of https://github.com/duckdb/duckdb/releases/download
#   XDG_CACHE_HOME              where the library is kept (default: ~/.cache)

duckdb_version=1.5.6
npm_version=1.5.6-r.1
release_url=${GOLDSMITH_DUCKDB_RELEASES:-https://github.com/duckdb/duckdb/releases/download}
space_needed_kb=250000
retry= # `yes`: try at once to fetch the library even where compiling it was settled on before
# shellcheck disable=SC2034 # read by those who source this file
cargo_features=

say() { printf 'setup: %s\n' "$*" >&2; }

# fail MESSAGE [HELP...]
fail() {
    printf 'setup: error: %s\n' "$1" >&2
    shift
    for help_line in "$@"; do printf 'setup:   %s\n' "$help_line" >&2; done
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

prepare() {
    root=$(pwd -P)
    user_home=${HOME:-$(account_home)}
    find_cargo
    have "${CC:-cc}" || fail "no C compiler: '${CC:-cc}' was not found" "On Debian: apt-get install gcc libc6-dev"
    name_platform
    choose_place
    # In a subshell, so that the lock and the temporary folder end with it.
    is_prepared || (settle)
    [ "$place" = "$root/.duckdb" ] || link_place
    if [ -f "$place/bundled" ]; then
        # shellcheck disable=SC2034
        cargo_features='--features bundled'
    fi
}

# --- tools ---------------------------------------------------------------------------------------

find_cargo() {
    if ! have cargo; then
        for bin in "${CARGO_HOME:-}/bin" "$user_home/.cargo/bin" "$(account_home)/.cargo/bin" /usr/local/cargo/bin; do
            if [ -x "$bin/cargo" ]; then
                PATH=$bin:$PATH
                export PATH
                break
            fi
        done
    fi
    have cargo || fail "cargo was not found" "Install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer: https://rustup.rs"
    # HOME may be an empty folder that rustup knows nothing of (CI jobs, sudo): its toolchains
    # are then still in the home that the `cargo` on the PATH belongs to.
    if [ -z "${RUSTUP_HOME:-}" ] && [ ! -d "$user_home/.rustup" ]; then
        cargo_path=$(command -v cargo)
        owner_home=${cargo_path%/.cargo/bin/cargo}
        if [ -d "$owner_home/.rustup/toolchains" ]; then
            RUSTUP_HOME=$owner_home/.rustup
            export RUSTUP_HOME
        fi
    fi
    cargo --version >/dev/null 2>&1 || fail "cargo is there but does not run: $(cargo --version 2>&1 | head -n 1)"
}

account_home() {
    if have getent; then getent passwd "$(id -u)" | cut -d: -f6; fi
}

sha256() {
    if have sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

size_of() { wc -c <"$1" | tr -d ' '; }

# A little program of our own stands in where curl, wget or unzip are missing.
helper() {
    cargo run --quiet --locked --release --manifest-path "$root/scripts/helper/Cargo.toml" \
        --target-dir "$root/target/setup-helper" -- "$@"
}

# download URL FILE; the reason of a failure is in $work/log
download() {
    if have curl; then
        curl -fsSL --retry 2 --connect-timeout 15 --speed-limit 1000 --speed-time 30 -o "$2" "$1" 2>"$work/log" 9>&-
    elif have wget; then
        wget -nv --tries=2 --timeout=30 -O "$2" "$1" 2>"$work/log" 9>&-
    else
        say "neither curl nor wget is here: compiling a small helper instead"
        helper get "$1" "$2" 2>"$work/log" 9>&-
    fi
}

# unzip_member ARCHIVE MEMBER FILE
unzip_member() {
    if have unzip; then
        unzip -p "$1" "$2" >"$3" 2>"$work/log"
    elif have bsdtar; then
        bsdtar -xOf "$1" "$2" >"$3" 2>"$work/log"
    else
        say "unzip is not here: compiling a small helper instead"
        helper unzip "$1" "$2" "$3" 2>"$work/log"
    fi
}

# Adds a line to what is told when no source worked.
unavailable() {
    reason=$2
    if [ -s "$work/log" ]; then reason="$reason: $(tail -n 1 "$work/log" | without_password)"; fi
    if [ "$(free_kb "$work")" -lt 1000 ]; then fail "the disk is full: $work" "Set XDG_CACHE_HOME to a folder on a larger disk, or free some space."; fi
    say "$1: $reason"
    : >"$work/log"
    return 1
}

without_password() { sed 's#//[^/@]*@#//#g'; }

# --- what and where ------------------------------------------------------------------------------

# Hashes are of the file on registry.npmjs.org. Other platforms' packages exist, but without a
# pinned hash they would be no safer than DuckDB's own release, so that is where they come from.
name_platform() {
    library=libduckdb.so
    package_sha256=
    library_sha256=
    release_file=
    case $(uname -s)/$(uname -m) in
    Linux/x86_64)
        platform=linux-x64
        release_file=libduckdb-linux-amd64.zip
        package_sha256=1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff
        library_sha256=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633
        ;;
    Linux/aarch64 | Linux/arm64)
        platform=linux-arm64
        release_file=libduckdb-linux-arm64.zip
        ;;
    Darwin/*)
        platform=darwin-universal
        library=libduckdb.dylib
        release_file=libduckdb-osx-universal.zip
        ;;
    MINGW* | MSYS* | CYGWIN*) fail "this is Windows: run setup.ps1 in PowerShell" ;;
    *) platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m) ;;
    esac
    # The prebuilt libraries need glibc.
    for musl in /lib/ld-musl-*.so.1; do
        if [ -e "$musl" ] && [ ! -e /lib64/ld-linux-x86-64.so.2 ] && [ ! -e /lib/ld-linux-aarch64.so.1 ]; then
            platform=$platform-musl
            package_sha256=
            release_file=
        fi
    done
}

choose_place() {
    fetches=yes
    if [ -n "${GOLDSMITH_DUCKDB_DIR:-}" ]; then
        place=$(cd "$GOLDSMITH_DUCKDB_DIR" 2>/dev/null && pwd -P) || fail "GOLDSMITH_DUCKDB_DIR is no folder: $GOLDSMITH_DUCKDB_DIR"
        fetches=
    elif [ -d .duckdb ] && [ ! -L .duckdb ]; then
        place=$root/.duckdb
        fetches=
    else
        cache=${XDG_CACHE_HOME:-${user_home:+$user_home/.cache}}
        place=$cache/goldsmith/duckdb-$duckdb_version/$platform
        if [ -z "$cache" ] || { [ ! -d "$place" ] && ! mkdir -p "$place" 2>/dev/null; }; then
            place=$root/target/duckdb-$duckdb_version/$platform
            mkdir -p "$place" 2>/dev/null || fail "can write neither to the cache folder nor to $root/target" \
                "Set XDG_CACHE_HOME to a folder that can be written to."
        fi
    fi
}

# Quick, without hashing 70 MB: the library has the size that was checked, and was not written to since.
is_prepared() {
    if [ -z "$fetches" ]; then
        [ -f "$place/$library" ] || fail "there is no $library in $place" "Put DuckDB $duckdb_version's library there, or unset GOLDSMITH_DUCKDB_DIR."
        return 0
    fi
    if [ -f "$place/bundled" ]; then
        # The network may be back: looked for again by ./setup at once, by the others after an hour.
        if [ -n "$retry" ] || [ -n "$(find "$place/bundled" -mmin +60)" ]; then return 1; else return 0; fi
    fi
    read_stamp && [ "$(size_of "$place/$library")" = "$stamp_size" ] &&
        [ -z "$(find "$place/$library" -newer "$place/verified")" ]
}

# The stamp is written after the library was checked: hash, size, source.
read_stamp() {
    [ -f "$place/$library" ] && [ -f "$place/verified" ] && read -r stamp_sha256 stamp_size stamp_source <"$place/verified" &&
        [ -n "$stamp_source" ]
}

link_place() {
    if [ "$(readlink .duckdb)" = "$place" ]; then return; fi
    if [ -z "$fetches" ]; then (examine_given); fi
    # A rename replaces the link in one step; `mv` needs -T (GNU) not to move into the folder.
    if ln -s "$place" ".duckdb.$$" 2>/dev/null && mv -Tf ".duckdb.$$" .duckdb 2>/dev/null; then return; fi
    rm -f ".duckdb.$$"
    ln -sfn "$place" .duckdb 2>/dev/null || [ "$(readlink .duckdb)" = "$place" ] ||
        fail "can't make the link $root/.duckdb" "Is the folder read-only?"
}

# --- getting it ----------------------------------------------------------------------------------

# Without `flock` (macOS) two set-ups at once both fetch; each still renames a finished file into place.
settle() {
    if [ ! -w "$place" ]; then
        if same_after_all; then return; fi
        fail "can't write to $place" "Set XDG_CACHE_HOME to a folder that can be written to."
    fi
    if have flock; then
        exec 9>"$place/lock"
        flock -n 9 || {
            say "another set-up is at work: waiting for it"
            flock 9
        }
        if is_prepared; then return; fi
    fi
    if same_after_all; then return; fi
    # What killed set-ups left behind: under the lock nobody is at work; without one, a day is long enough.
    if have flock; then rm -rf "$place"/tmp.*; else find "$place" -maxdepth 1 -name 'tmp.*' -mtime +0 -exec rm -rf {} +; fi
    check_space
    open_work_folder "$place"
    if from_npm || from_release; then
        keep
    else
        compile_instead
    fi
}

open_work_folder() {
    work=$(mktemp -d "$1/tmp.XXXXXX") || fail "can't write to $1"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    : >"$work/log"
}

# The library in GOLDSMITH_DUCKDB_DIR: the user answers for its origin, its version is checked.
examine_given() {
    open_work_folder "${TMPDIR:-/tmp}"
    ln -s "$place/$library" "$work/$library"
    runs_here GOLDSMITH_DUCKDB_DIR || exit 1
}

# A library that was copied or touched, but is the one that was checked, only needs a new stamp.
same_after_all() {
    read_stamp || return 1
    if [ "$(sha256 "$place/$library")" = "${library_sha256:-$stamp_sha256}" ]; then
        if [ -w "$place" ]; then
            printf '%s %s %s\n' "$stamp_sha256" "$(size_of "$place/$library")" "$stamp_source" >"$place/verified"
        fi
        return 0
    fi
    say "the library in $place is not the one that was checked: fetching it again"
    return 1
}

check_space() {
    free=$(free_kb "$place")
    if [ "$free" -lt "$space_needed_kb" ]; then
        fail "not enough disk space: $((free / 1000)) MB free in $place, $((space_needed_kb / 1000)) MB needed" \
            "Set XDG_CACHE_HOME to a folder on a larger disk, or free some space."
    fi
}

free_kb() { df -Pk "$1" | tail -n 1 | tr -s ' ' | cut -d' ' -f4; }

from_npm() {
    if [ -z "$package_sha256" ]; then return 1; fi
    package=node-bindings-$platform
    archive=$work/package.tgz
    if have npm; then
        say "fetching DuckDB $duckdb_version (24 MB) with npm"
        if packed=$(cd "$work" && npm pack --silent --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000 \
            "@duckdb/$package@$npm_version" 2>"$work/log" </dev/null 9>&-); then
            mv "$work/$(printf '%s\n' "$packed" | tail -n 1)" "$archive" 2>"$work/log"
        else
            sed -n 's/^npm error //p' "$work/log" | grep -v -E '^(code|errno|syscall) ' | head -n 1 >"$work/line" || true
            mv "$work/line" "$work/log"
            unavailable "npm" "no package" || true
        fi
    fi
    if [ ! -f "$archive" ]; then
        registry=$(npm_registry)
        url=${registry%/}/@duckdb/$package/-/$package-$npm_version.tgz
        say "fetching DuckDB $duckdb_version (24 MB) from $(printf '%s\n' "${registry%/}" | without_password)"
        download "$url" "$archive" || unavailable "npm package" "can't be fetched" || return 1
    fi
    gzip -t "$archive" 2>"$work/log" || unavailable "npm package" "what came is no archive" || return 1
    demand_hash "$archive" "$package_sha256" "the npm package"
    tar -xzOf "$archive" "package/$library" >"$work/$library" 2>"$work/log" || unavailable "npm package" "can't be unpacked" || return 1
    demand_hash "$work/$library" "$library_sha256" "the library in the npm package"
    source=npm
    runs_here "npm package"
}

# The registry as npm would choose it, for machines without npm.
npm_registry() {
    if have npm; then
        for key in @duckdb:registry registry; do
            value=$(npm config get "$key" 2>/dev/null </dev/null) || value=
            case $value in http*) printf '%s\n' "$value" && return ;; esac
        done
    fi
    for value in "${NPM_CONFIG_REGISTRY:-}" "${npm_config_registry:-}" "$(npmrc @duckdb:registry)" "$(npmrc registry)"; do
        case $value in
        *\$\{*) ;; # a variable inside .npmrc: only npm reads those
        http*) printf '%s\n' "$value" && return ;;
        esac
    done
    printf '%s\n' https://registry.npmjs.org
}

npmrc() {
    sed -n "s#^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\{0,1\}\([^\"'[:space:]]*\).*#\1#p" \
        "${NPM_CONFIG_USERCONFIG:-$user_home/.npmrc}" 2>/dev/null | tail -n 1
}

from_release() {
    if [ -z "$release_file" ]; then return 1; fi
    say "fetching DuckDB $duckdb_version from DuckDB's own release (version checked, hash not pinned)"
    download "$release_url/v$duckdb_version/$release_file" "$work/release.zip" || unavailable "DuckDB's release" "can't be fetched" || return 1
    unzip_member "$work/release.zip" "$library" "$work/$library" || unavailable "DuckDB's release" "can't be unpacked" || return 1
    source=release
    runs_here "DuckDB's release"
}

# A file that is whole but different is never used, and not passed over in silence either.
demand_hash() {
    actual=$(sha256 "$1")
    if [ "$actual" = "$2" ]; then return; fi
    fail "$3 has the wrong SHA-256; nothing was installed" "expected $2" "got      $actual" \
        "The registry, or a proxy on the way, delivers another file. Choose another registry (npm_config_registry)," \
        "or put a library that you trust into a folder and set GOLDSMITH_DUCKDB_DIR to it."
}

# Loads the library and asks for its version. Tells at once when it needs a newer system.
runs_here() {
    cat >"$work/probe.c" <<'PROBE'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    const char *(*version)(void) = NULL;
    if (library) *(void **)&version = dlsym(library, "duckdb_library_version");
    if (!version) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    puts(version());
    return 0;
}
PROBE
    "${CC:-cc}" -o "$work/probe" "$work/probe.c" -ldl 2>"$work/log" ||
        fail "the C compiler does not work: $(grep -m 1 error "$work/log" || tail -n 1 "$work/log")" "On Debian: apt-get install gcc libc6-dev"
    reported=$("$work/probe" "$work/$library" 2>"$work/log") || unavailable "$1" "the library does not load here" || return 1
    [ "$reported" = "v$duckdb_version" ] || unavailable "$1" "the library says that it is $reported, not v$duckdb_version"
}

keep() {
    chmod 644 "$work/$library"
    printf '%s %s %s\n' "$(sha256 "$work/$library")" "$(size_of "$work/$library")" "$source" >"$work/verified"
    if ! mv -f "$work/$library" "$place/$library" || ! mv -f "$work/verified" "$place/verified"; then
        fail "can't write to $place"
    fi
    rm -f "$place/bundled"
    say "DuckDB $duckdb_version is in $place"
}

compile_instead() {
    rm -f "$place/$library" "$place/verified"
    : >"$place/bundled"
    say "no prebuilt DuckDB library could be had for $platform, so DuckDB has to be compiled:"
    say "  this takes about an hour of CPU, once for each build folder, and has no time zones (ICU)."
    say "  Plain cargo needs it said: cargo build --features bundled. ./demo and ./check do it by themselves."
    say "  To avoid it: stop now (Ctrl-C), then run ./setup with a network, or set GOLDSMITH_DUCKDB_DIR."
}
