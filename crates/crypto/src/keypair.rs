//! RSA keys as files hold them, parsed once and checked here.

use std::fmt;
use std::sync::OnceLock;

use pkcs1::der::{Decode, Encode};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::memory::{MemoryKey, TAG_LEN};
use crate::{Backend, Fingerprint, KeyError, Refused, oaep, pem};

/// `rsaEncryption` (RFC 8017 appendix A.1).
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The lengths that new keys may have, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySize {
    /// 2048 bits.
    Rsa2048,
    /// 3072 bits.
    Rsa3072,
    /// 4096 bits, the default of upstream and of ours.
    Rsa4096,
    /// 8192 bits.
    Rsa8192,
}

impl KeySize {
    /// The length in bits.
    pub fn bits(self) -> usize {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
            Self::Rsa8192 => 8192,
        }
    }
}

impl TryFrom<usize> for KeySize {
    type Error = KeyError;

    fn try_from(bits: usize) -> Result<Self, KeyError> {
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096, Self::Rsa8192]
            .into_iter()
            .find(|size| size.bits() == bits)
            .ok_or(KeyError::NewSize { bits })
    }
}

/// An RSA public key of 2048 to 8192 bits: what seals.
#[derive(Clone)]
pub struct PublicKey {
    key: oaep::Public,
    spki: Vec<u8>,
    modulus_len: usize,
    fingerprint: Fingerprint,
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// When it is no RSA key, or one of a length that is not allowed.
    pub fn from_spki_der(backend: Backend, spki: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| KeyError::Malformed)?;
        if info.algorithm.oid != RSA_ENCRYPTION {
            return Err(KeyError::NotRsa { found: algorithm_name(&info.algorithm) });
        }
        let numbers = info.subject_public_key.as_bytes().ok_or(KeyError::Malformed)?;
        let numbers = pkcs1::RsaPublicKeyRef::from_der(numbers).map_err(|_| KeyError::Malformed)?;
        let (modulus, exponent) = (numbers.modulus.as_bytes(), numbers.public_exponent.as_bytes());
        let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
        if !(2048..=8192).contains(&bits) {
            return Err(KeyError::Size { bits });
        }
        Ok(Self {
            key: oaep::Public::from_spki_der(backend, spki)?,
            spki: spki.to_vec(),
            modulus_len: modulus.len(),
            fingerprint: Fingerprint::of_rsa(modulus, exponent),
        })
    }

    /// The key's name.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The DER `SubjectPublicKeyInfo` it was read from.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Bytes of the modulus, and so of each sealed session key.
    pub fn modulus_len(&self) -> usize {
        self.modulus_len
    }

    pub(crate) fn backend(&self) -> Backend {
        self.key.backend()
    }

    pub(crate) fn encrypt(&self, label: &[u8], message: &[u8]) -> Vec<u8> {
        self.key.encrypt(label, message)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify(message, signature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint)
    }
}

/// An RSA private key of 2048 to 8192 bits: what opens.
pub struct PrivateKey {
    key: oaep::Private,
    public: PublicKey,
    memory: OnceLock<MemoryKey>,
}

impl PrivateKey {
    /// Makes a new key with the default backend. Takes from a tenth of a second (2048 bits) to
    /// some ten seconds (8192).
    pub fn generate(size: KeySize) -> Self {
        Self::generate_with(Backend::default(), size)
    }

    /// Makes a new key with the given backend.
    pub fn generate_with(backend: Backend, size: KeySize) -> Self {
        let key = oaep::Private::generate(backend, size.bits()).expect("every KeySize is known");
        Self::new(key).expect("a new key is well-formed")
    }

    /// Reads the first private key of a PEM text: PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8
    /// (`PRIVATE KEY`).
    ///
    /// # Errors
    /// When there is none, or it is encrypted, damaged, not RSA or of a length not allowed.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        Self::from_pem_with(Backend::default(), text)
    }

    /// [`PrivateKey::from_pem`] with the given backend.
    ///
    /// # Errors
    /// As there.
    pub fn from_pem_with(backend: Backend, text: &str) -> Result<Self, KeyError> {
        let der = pem::blocks(text)
            .find_map(|block| match block.kind.as_str() {
                "RSA PRIVATE KEY" | "EC PRIVATE KEY" if block.is_encrypted => {
                    Some(Err(KeyError::Encrypted))
                }
                "RSA PRIVATE KEY" => Some(wrap_pkcs1(&block.der)),
                "PRIVATE KEY" => Some(check_pkcs8(block.der)),
                "ENCRYPTED PRIVATE KEY" => Some(Err(KeyError::Encrypted)),
                "EC PRIVATE KEY" => Some(Err(KeyError::NotRsa { found: "EC".to_owned() })),
                _ => None,
            })
            .unwrap_or_else(|| Err(KeyError::NoKey { found: pem::found(text) }))?;
        Self::new(oaep::Private::from_pkcs8_der(backend, &der)?)
    }

    fn new(key: oaep::Private) -> Result<Self, KeyError> {
        let public = PublicKey::from_spki_der(key.backend(), &key.public_spki_der())?;
        Ok(Self { key, public, memory: OnceLock::new() })
    }

    /// PKCS#1 PEM, `RSA PRIVATE KEY`: the form in which upstream stores keys. Wiped when dropped.
    pub fn to_pkcs1_pem(&self) -> Zeroizing<String> {
        let pkcs8 = self.key.to_pkcs8_der();
        let info = PrivateKeyInfoRef::from_der(&pkcs8).expect("the backend writes PKCS#8");
        pem::encode("RSA PRIVATE KEY", info.private_key.as_bytes())
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A tag by which this key's holder knows the message again: an HMAC under a key derived from
    /// it (see `memory.rs`).
    pub fn tag(&self, message: &[u8]) -> [u8; TAG_LEN] {
        self.memory().tag(message)
    }

    /// Whether [`PrivateKey::tag`] made `tag` of the message.
    pub fn knows(&self, message: &[u8], tag: &[u8]) -> bool {
        self.memory().holds(message, tag)
    }

    fn memory(&self) -> &MemoryKey {
        self.memory.get_or_init(|| {
            let pkcs8 = self.key.to_pkcs8_der();
            let info = PrivateKeyInfoRef::from_der(&pkcs8).expect("the backend writes PKCS#8");
            MemoryKey::derive(info.private_key.as_bytes())
        })
    }

    pub(crate) fn backend(&self) -> Backend {
        self.key.backend()
    }

    pub(crate) fn decrypt(
        &self,
        label: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.key.decrypt(label, sealed)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public.fingerprint)
    }
}

/// PKCS#1 (RFC 8017 appendix A.1.2) inside PKCS#8 (RFC 5958): the form both backends read.
fn wrap_pkcs1(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let algorithm = AlgorithmIdentifierRef {
        oid: RSA_ENCRYPTION,
        parameters: Some(pkcs1::der::asn1::AnyRef::NULL),
    };
    let octets = pkcs1::der::asn1::OctetStringRef::new(der).map_err(|_| KeyError::Malformed)?;
    let info = PrivateKeyInfoRef::new(algorithm, octets);
    info.to_der().map(Zeroizing::new).map_err(|_| KeyError::Malformed)
}

fn check_pkcs8(der: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let info = PrivateKeyInfoRef::from_der(&der).map_err(|_| KeyError::Malformed)?;
    if info.algorithm.oid != RSA_ENCRYPTION {
        return Err(KeyError::NotRsa { found: algorithm_name(&info.algorithm) });
    }
    Ok(der)
}

/// What people call a key's algorithm (RFC 5480, RFC 8410, SEC 2), or its object identifier.
fn algorithm_name(algorithm: &AlgorithmIdentifierRef<'_>) -> String {
    let curve = algorithm
        .parameters
        .and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok())
        .map(|oid| oid.to_string());
    match (algorithm.oid.to_string().as_str(), curve.as_deref()) {
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => "EC P-256".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => "EC P-384".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => "EC P-521".to_owned(),
        ("1.2.840.10045.2.1", _) => "EC".to_owned(),
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        ("1.3.101.113", _) => "Ed448".to_owned(),
        ("1.2.840.113549.1.1.10", _) => "RSA-PSS".to_owned(),
        ("1.2.840.10040.4.1", _) => "DSA".to_owned(),
        (oid, _) => format!("algorithm {oid}"),
    }
}
