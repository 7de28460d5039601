//! Stands in for curl, wget and unzip during set-up: `get URL FILE` and `unzip ARCHIVE MEMBER FILE`.
//! It checks nothing; `scripts/prepare.sh` does.

use std::error::Error;
use std::fs::File;
use std::io;
use std::time::Duration;

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["get", url, file] => get(url, file),
        ["unzip", archive, member, file] => unzip(archive, member, file),
        _ => Err("usage: setup-helper get URL FILE | unzip ARCHIVE MEMBER FILE".into()),
    }
}

/// Certificates are the system's, so that a company's own proxy works; the proxy comes from the environment.
fn get(url: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_global(Some(Duration::from_secs(900)))
        .build()
        .into();
    let mut response = agent.get(url).call()?;
    io::copy(&mut response.body_mut().as_reader(), &mut File::create(file)?)?;
    Ok(())
}

fn unzip(archive: &str, member: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let mut archive = zip::ZipArchive::new(File::open(archive)?)?;
    io::copy(&mut archive.by_name(member)?, &mut File::create(file)?)?;
    Ok(())
}
