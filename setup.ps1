# Makes plain `cargo build`, `cargo run` and `cargo test` work in this clone on Windows: fetches DuckDB's
# library once for each user and links `.duckdb` to it. The Windows counterpart of ./setup.
#
# NOT VERIFIED: written without a Windows machine at hand. Please report what does not work.
#
#   powershell -ExecutionPolicy Bypass -File setup.ps1
#
# npm's package for Windows has no import library (duckdb.lib), so DuckDB's own release is used. Its hash
# is NOT pinned: what is checked is the TLS connection and the version that the library itself reports.
#
#   $env:GOLDSMITH_DUCKDB_DIR        a folder that holds duckdb.dll and duckdb.lib already; nothing is fetched
#   $env:GOLDSMITH_DUCKDB_RELEASES   a mirror of https://github.com/duckdb/duckdb/releases/download
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$version = '1.5.6'
$files = 'duckdb.dll', 'duckdb.lib'

function Say($text) { [Console]::Error.WriteLine("setup: $text") }
function Fail($text) { Say "error: $text"; exit 1 }
function Holds($folder) { -not ($files | Where-Object { -not (Test-Path (Join-Path $folder $_)) }) }

# The version as the library itself reports it, asked in a process of its own: a loaded DLL can't be moved.
function Get-DuckDbVersion($folder) {
    $dll = (Join-Path $folder 'duckdb.dll').Replace('\', '\\')
    $probe = @"
Add-Type -TypeDefinition 'using System; using System.Runtime.InteropServices; public static class Probe { [DllImport("$dll")] public static extern IntPtr duckdb_library_version(); }'
[Runtime.InteropServices.Marshal]::PtrToStringAnsi([Probe]::duckdb_library_version())
"@
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($probe))
    $shell = (Get-Process -Id $PID).Path
    (& $shell -NoProfile -EncodedCommand $encoded | Select-Object -Last 1)
}

if (-not (Get-Command cargo -ErrorAction SilentlyContinue)) {
    Fail 'cargo was not found. Install the current Rust: https://rustup.rs'
}
switch ($env:PROCESSOR_ARCHITECTURE) {
    'AMD64' { $platform = 'win32-x64'; $archive = 'libduckdb-windows-amd64.zip' }
    'ARM64' { $platform = 'win32-arm64'; $archive = 'libduckdb-windows-arm64.zip' }
    default { Fail "there is no prebuilt DuckDB for $env:PROCESSOR_ARCHITECTURE. Use: cargo build --features bundled (about an hour of CPU)" }
}

if ($env:GOLDSMITH_DUCKDB_DIR) {
    $place = $env:GOLDSMITH_DUCKDB_DIR
    if (-not (Holds $place)) { Fail "GOLDSMITH_DUCKDB_DIR ($place) does not hold $($files -join ' and ')" }
}
else {
    $cache = if ($env:XDG_CACHE_HOME) { $env:XDG_CACHE_HOME } else { $env:LOCALAPPDATA }
    $place = Join-Path $cache "goldsmith\duckdb-$version\$platform"
}

if (-not (Holds $place)) {
    $releases = if ($env:GOLDSMITH_DUCKDB_RELEASES) { $env:GOLDSMITH_DUCKDB_RELEASES } else { 'https://github.com/duckdb/duckdb/releases/download' }
    New-Item -ItemType Directory -Force -Path $place | Out-Null
    $work = Join-Path $place "tmp.$PID"
    New-Item -ItemType Directory -Force -Path $work | Out-Null
    try {
        Say "fetching DuckDB $version from DuckDB's own release (version checked, hash not pinned)"
        [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
        try { Invoke-WebRequest -UseBasicParsing -Uri "$releases/v$version/$archive" -OutFile (Join-Path $work 'release.zip') }
        catch {
            Fail ("DuckDB's release can't be fetched: $($_.Exception.Message)`n" +
                "setup:   Set GOLDSMITH_DUCKDB_DIR to a folder with duckdb.dll and duckdb.lib of $version, or compile it,`n" +
                'setup:   which takes about an hour of CPU: cargo build --features bundled')
        }
        Expand-Archive -Path (Join-Path $work 'release.zip') -DestinationPath $work
        if (-not (Holds $work)) { Fail "DuckDB's release does not hold $($files -join ' and ')" }
        $reported = Get-DuckDbVersion $work
        if ($reported -ne "v$version") { Fail "the library says that it is $reported, not v$version" }
        # The import library last: its presence says that both are there. A run beside this one brings the same files.
        foreach ($file in $files) {
            try { Move-Item -Force (Join-Path $work $file) (Join-Path $place $file) }
            catch { if (-not (Test-Path (Join-Path $place $file))) { throw } }
        }
    }
    finally { Remove-Item -Recurse -Force $work -ErrorAction SilentlyContinue }
    Say "DuckDB $version is in $place"
}

# A junction needs no administrator. `.duckdb` is ignored by git.
$link = Join-Path $PSScriptRoot '.duckdb'
$there = Get-Item $link -Force -ErrorAction SilentlyContinue
if ($there -and -not $there.LinkType) { Fail "$link is a folder, not a link: move it away" }
if (-not $there -or $there.Target -ne $place) {
    if ($there) { [IO.Directory]::Delete($link) }
    New-Item -ItemType Junction -Path $link -Target $place | Out-Null
}
Say 'ready: "cargo run -- run" runs the platform, "cargo test" the tests'
