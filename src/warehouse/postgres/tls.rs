//! Encrypted connections.

use std::sync::Arc;

use camino::Utf8Path;
use postgres::{CancelToken, Client, Config, NoTls};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::{Encryption, Settings};
use crate::warehouse::{Error, ErrorKind};

/// How connections are encrypted.
#[derive(Clone)]
pub(super) enum Tls {
    /// Not at all.
    Plain,
    /// By rustls.
    Rustls(MakeRustlsConnect),
}

impl Tls {
    /// As the settings say. Fails when the file of certificates can't be used.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let wanted = match &settings.encryption {
            _ if settings.is_local() => return Ok(Self::Plain),
            Encryption::Disable => return Ok(Self::Plain),
            Encryption::Require => None,
            Encryption::Verify(file) => Some(roots(file.as_deref())?),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::new(ErrorKind::Connection, e.to_string()))?;
        let config = match wanted {
            Some(roots) => builder.with_root_certificates(roots).with_no_client_auth(),
            None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
                .with_no_client_auth(),
        };
        Ok(Self::Rustls(MakeRustlsConnect::new(config)))
    }

    pub(super) fn connect(&self, config: &Config) -> Result<Client, postgres::Error> {
        match self {
            Self::Plain => config.connect(NoTls),
            Self::Rustls(tls) => config.connect(tls.clone()),
        }
    }

    pub(super) fn cancel(&self, token: &CancelToken) -> Result<(), postgres::Error> {
        match self {
            Self::Plain => token.cancel_query(NoTls),
            Self::Rustls(tls) => token.cancel_query(tls.clone()),
        }
    }
}

/// The authorities of the system, and those of a file.
fn roots(file: Option<&Utf8Path>) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    // One that can't be read is one that is not trusted: the handshake tells.
    for certificate in rustls_native_certs::load_native_certs().certs {
        let _ = store.add(certificate);
    }
    let Some(file) = file else { return Ok(store) };
    let wrong = |why: String| {
        Error::new(
            ErrorKind::Connection,
            format!("the certificates of sslrootcert, {file}, can't be used: {why}"),
        )
    };
    let text = fs_err::read(file).map_err(|e| wrong(e.kind().to_string()))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
        store.add(certificate).map_err(|e| wrong(e.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(wrong("it holds none in the form of PEM".into())) } else { Ok(store) }
}

/// Takes whoever answers for the server: `sslmode: require`.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
