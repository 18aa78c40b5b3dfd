//! Certificates: whom a TLS connection trusts, why a certificate was refused, and how it is shown to a person.
//!
//! [`client_config`] gives the TLS settings for one host. Its [`Recorder`] keeps what the server showed, refused or
//! not, because TLS libraries report a refusal without the certificate it was about.
//!
//! Not here: asking a person (`sites/`), remembering the answer (the site's file).

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jiff::Timestamp;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

use crate::model::Fingerprint;

/// Bytes of a file with certificate authorities that are read at most; a whole system's bundle has a quarter of it.
const CA_FILE_LIMIT: u64 = 1 << 20;
/// Names of a certificate that are kept for showing, and characters of each.
const SHOWN_NAMES: usize = 100;
const SHOWN_CHARACTERS: usize = 300;

/// Whom a connection trusts besides the system's certificate authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// A PEM file with more authorities.
    pub ca_file: Option<PathBuf>,
    /// The one certificate to accept, whoever issued it and for whatever name. Any other is [`TlsFault::Changed`].
    pub pinned: Option<Fingerprint>,
}

/// A certificate as shown to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's distinguished name.
    pub subject: String,
    /// DNS names and addresses it is valid for.
    pub names: Vec<String>,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// SHA-256 of its DER form.
    pub sha256: Fingerprint,
}

/// Why TLS does not stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// No authority that we trust issued it.
    #[error("the certificate was issued by {}, which this computer does not know", .shown.issuer)]
    UnknownIssuer {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// It is for another host.
    #[error("{}", wrong_name(asked, shown))]
    WrongName {
        /// The host that was asked for.
        asked: String,
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// Its time is over.
    #[error("the certificate expired on {}", .shown.not_after)]
    Expired {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// Its time has not come.
    #[error("the certificate is valid only from {} on", .shown.not_before)]
    NotYetValid {
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// It is not the one pinned for the site.
    #[error("the certificate is not the one that was trusted for this site")]
    Changed {
        /// The one trusted.
        pinned: Fingerprint,
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// Something else is wrong with it: a broken signature, a use it is not made for.
    #[error("the certificate cannot be accepted: {text}")]
    Unacceptable {
        /// The library's words.
        text: String,
        /// What the server showed.
        shown: Box<Certificate>,
    },
    /// The file with authorities cannot be used.
    #[error("the file with certificate authorities, {}, cannot be used: {why}", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The host is neither a DNS name nor an address, so no certificate can be for it.
    #[error("{host} is neither a DNS name nor an address")]
    HostName {
        /// The host.
        host: String,
    },
    /// Anything else that ends a handshake: no common version, not TLS at all.
    #[error("TLS did not come about: {text}")]
    Handshake {
        /// The library's words.
        text: String,
    },
}

/// Keeps what the server of one connection showed, and why it was refused.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    shown: Option<Certificate>,
    fault: Option<TlsFault>,
}

/// The TLS settings for a connection to `host`, which the certificate must be for, whatever name the caller's TLS
/// library hands on. Versions 1.2 and 1.3.
///
/// # Errors
/// [`TlsFault::CaFile`] when the file with authorities cannot be used, [`TlsFault::HostName`].
pub fn client_config(trust: &Trust, host: &str, recorder: &Recorder) -> Result<Arc<ClientConfig>, TlsFault> {
    let provider = Arc::new(ring::default_provider());
    let name = server_name(host)?;
    let is_address = matches!(name, ServerName::IpAddress(_));
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system_roots().iter().cloned());
    if let Some(path) = &trust.ca_file {
        for certificate in read_ca_file(path)? {
            roots
                .add(certificate)
                .map_err(|error| ca_file(path, format!("a certificate in it is damaged ({error})")))?;
        }
    }
    let chain = (!roots.is_empty())
        .then(|| WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build())
        .transpose()
        .map_err(|error| TlsFault::Handshake { text: error.to_string() })?;
    let verifier = Verifier {
        host: host.to_owned(),
        name,
        pinned: trust.pinned,
        chain,
        provider: Arc::clone(&provider),
        recorder: recorder.clone(),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsFault::Handshake { text: error.to_string() })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.enable_sni = !is_address; // RFC 6066, section 3: only DNS names
    Ok(Arc::new(config))
}

/// `host` as certificates name it.
///
/// # Errors
/// [`TlsFault::HostName`] when it is neither a DNS name nor an address.
pub fn server_name(host: &str) -> Result<ServerName<'static>, TlsFault> {
    // A trailing dot marks a name as complete (RFC 1034, 3.1); certificates do not have it.
    let bare = host.strip_suffix('.').unwrap_or(host);
    ServerName::try_from(bare.to_owned()).map_err(|_invalid| TlsFault::HostName { host: host.to_owned() })
}

impl Recorder {
    /// The certificate shown in the last handshake.
    pub fn certificate(&self) -> Option<Certificate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).shown.clone()
    }

    /// Why a handshake failed, from the library's `error` and from what was shown.
    pub fn fault(&self, error: &std::io::Error) -> TlsFault {
        let recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner).fault.clone();
        recorded.unwrap_or_else(|| TlsFault::Handshake { text: error.to_string() })
    }
}

impl TlsFault {
    /// The certificate that was refused, which a person may choose to pin.
    pub fn shown(&self) -> Option<&Certificate> {
        match self {
            Self::UnknownIssuer { shown }
            | Self::WrongName { shown, .. }
            | Self::Expired { shown }
            | Self::NotYetValid { shown }
            | Self::Changed { shown, .. }
            | Self::Unacceptable { shown, .. } => Some(shown),
            Self::CaFile { .. } | Self::HostName { .. } | Self::Handshake { .. } => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UnknownIssuer { .. } => {
                "Choose the certificate file of your authority for this site, or compare the fingerprint with the \
                 server's administrator and trust this certificate."
            }
            Self::WrongName { shown, .. } if shown.names.is_empty() => {
                "Have a certificate issued that names the host as a subject alternative name, or compare the fingerprint \
                 with the server's administrator and trust this certificate."
            }
            Self::WrongName { .. } => "Use a name that the certificate is for, or have it issued for this one.",
            Self::Expired { .. } => "Have the certificate renewed on the server, and check this computer's clock.",
            Self::NotYetValid { .. } => "Check this computer's clock and the server's.",
            Self::Changed { .. } => {
                "If the server's certificate was renewed, compare the fingerprint with its administrator and trust the \
                 new one. If not, somebody may stand between you and the server."
            }
            Self::Unacceptable { .. } => "Have a certificate for servers issued, or trust this one for the site.",
            Self::CaFile { .. } => "Choose a PEM file that holds the certificate of your authority.",
            Self::HostName { .. } => "Correct the host of this site.",
            Self::Handshake { .. } => {
                "Check that this port speaks TLS: ldaps is usually on 636, StartTLS and plain LDAP on 389."
            }
        }
    }
}

impl Certificate {
    /// Reads what a person needs to know. A certificate that cannot be read still has its fingerprint.
    pub fn read(der: &[u8]) -> Self {
        let sha256 = Fingerprint(Sha256::digest(der).into());
        let Ok((_rest, parsed)) = X509Certificate::from_der(der) else {
            return Self {
                subject: "unreadable".to_owned(),
                names: Vec::new(),
                issuer: "unreadable".to_owned(),
                not_before: Timestamp::UNIX_EPOCH,
                not_after: Timestamp::UNIX_EPOCH,
                sha256,
            };
        };
        let moment = |seconds, beyond| Timestamp::from_second(seconds).unwrap_or(beyond);
        Self {
            subject: text_of(parsed.subject()),
            names: names_of(&parsed),
            issuer: text_of(parsed.issuer()),
            not_before: moment(parsed.validity().not_before.timestamp(), Timestamp::MIN),
            not_after: moment(parsed.validity().not_after.timestamp(), Timestamp::MAX),
            sha256,
        }
    }
}

/// Judges one host's certificate; signatures of the handshake are checked whatever the judgement rests on.
struct Verifier {
    host: String,
    name: ServerName<'static>,
    pinned: Option<Fingerprint>,
    /// `None` when there is no authority at all.
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    recorder: Recorder,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("host", &self.host).field("pinned", &self.pinned).finish_non_exhaustive()
    }
}

impl Verifier {
    fn judge(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        ocsp: &[u8],
        now: UnixTime,
        shown: &Certificate,
    ) -> Result<(), (TlsFault, CertificateError)> {
        let shown = || Box::new(shown.clone());
        if let Some(pinned) = self.pinned {
            let fault = || TlsFault::Changed { pinned, shown: shown() };
            return if shown().sha256 == pinned {
                Ok(())
            } else {
                Err((fault(), CertificateError::ApplicationVerificationFailure))
            };
        }
        let Some(chain) = &self.chain else {
            return Err((TlsFault::UnknownIssuer { shown: shown() }, CertificateError::UnknownIssuer));
        };
        let error = match chain.verify_server_cert(end, intermediates, &self.name, ocsp, now) {
            Ok(_verified) => return Ok(()),
            Err(rustls::Error::InvalidCertificate(error)) => error,
            Err(other) => {
                let fault = TlsFault::Unacceptable { text: other.to_string(), shown: shown() };
                return Err((fault, CertificateError::ApplicationVerificationFailure));
            }
        };
        let fault = match &error {
            // A signature that does not fit is that of another authority by the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsFault::UnknownIssuer { shown: shown() }
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::WrongName { asked: self.host.clone(), shown: shown() }
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired { shown: shown() },
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsFault::NotYetValid { shown: shown() }
            }
            other => TlsFault::Unacceptable { text: words(other), shown: shown() },
        };
        Err((fault, error))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name_of_the_caller: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Certificate::read(end_entity);
        let judgement = self.judge(end_entity, intermediates, ocsp_response, now, &shown);
        let mut seen = self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.shown = Some(shown);
        match judgement {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err((fault, error)) => {
                seen.fault = Some(fault);
                Err(rustls::Error::InvalidCertificate(error))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A name in the subject counts no more (RFC 9525, 2); Samba's own certificates have no other.
fn wrong_name(asked: &str, shown: &Certificate) -> String {
    match shown.names.as_slice() {
        [] => format!("the certificate names no host, so it is not for {asked}; its subject is {}", shown.subject),
        names => format!("the certificate is for {}, not for {asked}", names.join(", ")),
    }
}

/// The library's words; its own name for the one fault that certificates made by hand have (`openssl req -x509` marks
/// them so) says nothing to people.
fn words(error: &CertificateError) -> String {
    let text = match error {
        CertificateError::Other(inner) => inner.to_string(),
        other => other.to_string(),
    };
    match text.as_str() {
        "CaUsedAsEndEntity" => "it is marked as an authority's, which no server may use".to_owned(),
        _ => text,
    }
}

/// The system's authorities, read once a process: it takes tens of milliseconds. A broken one is left out.
fn system_roots() -> &'static [CertificateDer<'static>] {
    static ROOTS: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| rustls_native_certs::load_native_certs().certs)
}

fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let unreadable = |error: std::io::Error| ca_file(path, format!("it cannot be read ({error})"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > CA_FILE_LIMIT {
        return Err(ca_file(path, format!("it has {size} bytes, which is too long for a list of certificates")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let certificates = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| ca_file(path, format!("it is damaged ({error})")))?;
    if certificates.is_empty() {
        return Err(ca_file(path, "it holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\")".to_owned()));
    }
    Ok(certificates)
}

fn ca_file(path: &Path, why: String) -> TlsFault {
    TlsFault::CaFile { path: path.to_owned(), why }
}

fn text_of(name: &X509Name<'_>) -> String {
    let text = name.to_string();
    if text.is_empty() { "nobody named".to_owned() } else { text.chars().take(SHOWN_CHARACTERS).collect() }
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(text) => Some(text.chars().take(SHOWN_CHARACTERS).collect()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).take(SHOWN_NAMES).collect()
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(std::net::IpAddr::from);
    four.or_else(|_other_length| <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from)).ok()
}
