//! Certificates made for a test: an authority, and servers that are right or wrong in one way.

use std::{
    fs,
    path::{Path, PathBuf},
};

use photodesk::model::Fingerprint;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use sha2::{Digest, Sha256};

/// Someone who issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub sha256: Fingerprint,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Its own certificate, written to `path`.
    pub fn write_to(&self, path: &Path) -> PathBuf {
        fs::write(path, &self.pem).unwrap();
        path.to_owned()
    }

    /// A certificate that is its own authority, as `openssl req -x509` makes them.
    pub fn self_made(folder: &Path, names: &[&str]) -> Identity {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Identity::write(folder, "self-made", &params.self_signed(&key).unwrap(), &key)
    }

    /// A certificate for `names` that is valid now.
    pub fn issue(&self, folder: &Path, file: &str, names: &[&str]) -> Identity {
        self.issue_until(folder, file, names, 2900)
    }

    /// A certificate for `names` that ends with the beginning of `year`.
    pub fn issue_until(&self, folder: &Path, file: &str, names: &[&str], year: i32) -> Identity {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, file);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let issued = params.signed_by(&key, &self.issuer).unwrap();
        Identity::write(folder, file, &issued, &key)
    }
}

impl Identity {
    fn write(folder: &Path, file: &str, issued: &Certificate, key: &KeyPair) -> Self {
        let identity = Self {
            certificate: folder.join(format!("{file}.pem")),
            key: folder.join(format!("{file}.key")),
            sha256: Fingerprint(Sha256::digest(issued.der()).into()),
        };
        fs::write(&identity.certificate, issued.pem()).unwrap();
        fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }
}
