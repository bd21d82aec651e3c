//! The certificates and keys of one run. ECDSA throughout: a key costs next to nothing to make.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

use super::network::{CONTROL_PLANE_ADDRESS, SERVER};
use crate::kubeconfig::{Credential, Kubeconfig};
use crate::{Context, Result};

/// The kubeconfig of a member of `system:masters`, in the state folder.
pub(crate) const ADMIN_KUBECONFIG: &str = "admin.kubeconfig";
/// What the API server's certificate is verified against, in the state folder.
pub(crate) const CA_CERTIFICATE: &str = "pki/ca.crt";

/// The first address of the service range is the `kubernetes` Service's.
const NAMES: [&str; 5] =
    [CONTROL_PLANE_ADDRESS, "10.96.0.1", "127.0.0.1", "localhost", "kubernetes.default.svc"];

/// Where each file lies.
pub(super) struct Pki {
    pub(super) ca_certificate: PathBuf,
    pub(super) serving_certificate: PathBuf,
    pub(super) serving_key: PathBuf,
    pub(super) service_account_key: PathBuf,
    pub(super) service_account_public_key: PathBuf,
    pub(super) admin_kubeconfig: PathBuf,
}

impl Pki {
    /// The names of the files in a state folder.
    pub(super) fn of(state: &Path) -> Self {
        let file = |name: &str| state.join("pki").join(name);
        Self {
            ca_certificate: state.join(CA_CERTIFICATE),
            serving_certificate: file("serving.crt"),
            serving_key: file("serving.key"),
            service_account_key: file("service-account.key"),
            service_account_public_key: file("service-account.pub"),
            admin_kubeconfig: state.join(ADMIN_KUBECONFIG),
        }
    }
}

pub(super) fn create(state: &Path) -> Result<Pki> {
    let folder = state.join("pki");
    std::fs::create_dir(&folder).context(|| format!("cannot create {}", folder.display()))?;
    let pki = Pki::of(state);
    let write = |path: &PathBuf, pem: &str| write_private(path.clone(), pem).map(drop);

    let ca = authority().context(|| "cannot make the certificate authority")?;
    let (certificate, key) = serving(&ca).context(|| "cannot make the serving certificate")?;
    let (admin, admin_key) = admin(&ca).context(|| "cannot make the admin's certificate")?;
    let tokens = KeyPair::generate().context(|| "cannot make the service account key")?;
    let kubeconfig = Kubeconfig {
        server: SERVER.to_owned(),
        ca_pem: ca.pem(),
        namespace: "default".to_owned(),
        credential: Credential::Certificate { pem: admin, key_pem: admin_key },
    };
    write(&pki.ca_certificate, &ca.pem())?;
    write(&pki.serving_certificate, &certificate)?;
    write(&pki.serving_key, &key)?;
    write(&pki.service_account_key, &tokens.serialize_pem())?;
    write(&pki.service_account_public_key, &tokens.public_key_pem())?;
    write(&pki.admin_kubeconfig, &kubeconfig.to_yaml()?)?;
    Ok(pki)
}

type Authority = CertifiedIssuer<'static, KeyPair>;
type Pems = (String, String);

fn authority() -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "sealwright test control plane");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn serving(ca: &Authority) -> Result<Pems, rcgen::Error> {
    let mut params = CertificateParams::new(NAMES.map(String::from))?;
    params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signed(params, ca)
}

fn admin(ca: &Authority) -> Result<Pems, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "system:masters");
    params.distinguished_name.push(DnType::CommonName, "admin");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    signed(params, ca)
}

fn signed(mut params: CertificateParams, ca: &Authority) -> Result<Pems, rcgen::Error> {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, ca)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Writes a file that only this user may read, and returns its path.
pub(crate) fn write_private(path: PathBuf, text: &str) -> Result<PathBuf> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
