//! The scripts of a release: an archive and a wheel of a program and its library, which pip installs.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn python(args: &[&str]) -> Option<Output> {
    let output = Command::new("python3").args(args).current_dir(root()).output().ok();
    if output.is_none() {
        eprintln!("skipped: there is no python3");
    }
    output
}

#[track_caller]
fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}

fn find(folder: &Path, ending: &str) -> PathBuf {
    let mut files = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path());
    files.find(|p| p.to_string_lossy().ends_with(ending)).unwrap_or_else(|| panic!("no {ending}"))
}

#[test]
fn a_wheel_carries_the_program_and_its_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(
        path("goldsmith"),
        "#!/bin/sh\nls \"$(dirname \"$0\")/../lib/goldsmith\"\n# GLIBC_2.34 GLIBC_2.9\n",
    )
    .expect("a file");
    std::fs::write(path("libduckdb.so"), "a library").expect("a file");
    let args = [
        "scripts/release/package.py",
        "--program",
        &path("goldsmith"),
        "--library",
        &path("libduckdb.so"),
        "--output",
        &path("dist"),
        "--system",
        "Linux",
        "--machine",
        "x86_64",
    ];
    let Some(packed) = python(&args) else { return };
    said(&packed);
    let dist = folder.path().join("dist");
    let version = env!("CARGO_PKG_VERSION");
    let wheel = find(&dist, ".whl");
    let name = format!("goldsmith-{version}-py3-none-manylinux_2_34_x86_64.whl");
    assert_eq!(wheel.file_name().expect("a name").to_string_lossy(), name);
    let list = said(&Command::new("tar").arg("-tvzf").arg(find(&dist, ".tar.gz")).output().expect("tar"));
    assert!(
        list.contains("-rwxr-xr-x")
            && list.contains(&format!("goldsmith-{version}-x86_64-linux/libduckdb.so")),
        "{list}"
    );
    let sums =
        Command::new("sha256sum").arg("-c").arg(find(&dist, ".whl.sha256")).current_dir(&dist).output();
    said(&sums.expect("sha256sum"));
    // The same build packs to the same bytes.
    let before = std::fs::read(&wheel).expect("the wheel");
    said(&python(&args).expect("python3"));
    assert_eq!(std::fs::read(&wheel).expect("the wheel"), before);
    // As a stranger would use it.
    let Some(made) = python(&["-m", "venv", &path("venv")]).filter(|o| o.status.success()) else {
        eprintln!("skipped: there is no venv");
        return;
    };
    said(&made);
    let pip = [
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
        &wheel.display().to_string(),
    ];
    let installed = Command::new(path("venv/bin/pip")).args(pip).output().expect("pip");
    let told = String::from_utf8_lossy(&installed.stderr).into_owned();
    if told.contains("not a supported wheel") {
        eprintln!("skipped: this machine is another one: {told}");
        return;
    }
    said(&installed);
    assert_eq!(
        said(&Command::new(path("venv/bin/goldsmith")).output().expect("the program")),
        "libduckdb.so\n"
    );
}

#[test]
fn the_notes_are_what_the_changelog_says() {
    let Some(unknown) = python(&["scripts/release/notes.py", "v99.0.0"]) else { return };
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("CHANGELOG.md has no `## [99.0.0]`"));
    let notes = said(&python(&["scripts/release/notes.py", "Unreleased"]).expect("python3"));
    assert!(notes.starts_with("### Added") && notes.len() > 1000, "{notes}");
}
