//! Files encrypted with age (age-encryption.org/v1), which the age tool opens and makes too.

use std::io::{Read, Write};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient};
use sealwright_crypto::Plaintext;

use crate::error::{Cause, Error, Result, io_reason};
use crate::table::printable;

/// Who can open a file.
pub(super) enum Lock {
    /// Whoever has the identity of one of these.
    Recipients(Vec<Box<dyn Recipient + Send + Sync>>),
    /// Whoever knows it.
    Passphrase(SecretString),
}

/// What opens a file.
pub(super) enum Unlock {
    Identities(Vec<Box<dyn Identity>>),
    Passphrase(SecretString),
}

/// A recipient as age writes it: `age1…`, `age1tag1…`, or `age1tagpq1…`, which withstands quantum
/// computers.
///
/// # Errors
/// What is wrong with it.
pub(super) fn recipient(text: &str) -> Result<Box<dyn Recipient + Send + Sync>> {
    if let Ok(recipient) = text.parse::<age::x25519::Recipient>() {
        return Ok(Box::new(recipient));
    }
    if let Ok(recipient) = text.parse::<age::tag::Recipient>() {
        return Ok(Box::new(recipient));
    }
    if let Ok(recipient) = text.parse::<age::tagpq::Recipient>() {
        return Ok(Box::new(recipient));
    }
    if text.to_uppercase().starts_with("AGE-SECRET-KEY-") {
        return Err(Error::usage("that is an identity, which is secret, not a recipient")
            .hint("`age-keygen -y FILE` prints the recipient of an identity")
            .of(Cause::Policy));
    }
    let shown: String = printable(text.chars().take(24).collect());
    Err(Error::usage(format!("{shown} is no age recipient"))
        .hint("one begins with age1; those of plugins and SSH keys are for the age tool: give it a recipient of its own"))
}

/// An identity as `age-keygen` writes it; `None` when it is something else.
pub(super) fn identity(text: &str) -> Option<Box<dyn Identity>> {
    let identity: age::x25519::Identity = text.parse().ok()?;
    Some(Box::new(identity))
}

/// Encrypts, as text.
///
/// # Errors
/// When recipients cannot stand together.
pub(super) fn encrypt(plaintext: &[u8], lock: &Lock) -> Result<String> {
    let encryptor = match lock {
        Lock::Passphrase(passphrase) => Encryptor::with_user_passphrase(passphrase.clone()),
        Lock::Recipients(all) => {
            Encryptor::with_recipients(all.iter().map(|recipient| &**recipient as &dyn Recipient))
                .map_err(|error| incompatible(&error))?
        }
    };
    let write = || {
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armor)?;
        writer.write_all(plaintext)?;
        writer.finish()?.finish()
    };
    let bytes = write().map_err(|error: std::io::Error| {
        Error::new(format!("cannot encrypt the backup: {}", io_reason(&error)))
    })?;
    Ok(String::from_utf8(bytes).expect("armor is ASCII"))
}

/// Whether bytes are a file of age's, as text or binary.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"age-encryption.org/") || start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE")
}

/// Decrypts; `unlock` is asked with whether it is a passphrase that opens.
///
/// # Errors
/// When it is cut short or changed, or not to be opened with what there is.
pub(super) fn decrypt(
    bytes: &[u8],
    unlock: impl FnOnce(bool) -> Result<Unlock>,
) -> Result<Plaintext> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(bytes.trim_ascii_start()))
        .map_err(|error| refused(&error))?;
    let unlock = unlock(decryptor.is_scrypt())?;
    let reader = match &unlock {
        Unlock::Identities(all) => decryptor.decrypt(all.iter().map(|identity| &**identity)),
        Unlock::Passphrase(passphrase) => {
            let identity = age::scrypt::Identity::new(passphrase.clone());
            decryptor.decrypt(std::iter::once(&identity as &dyn Identity))
        }
    };
    let mut plaintext = Vec::new();
    let mut reader = reader.map_err(|error| refused(&error))?;
    reader.read_to_end(&mut plaintext).map_err(|_| {
        Error::new("cannot decrypt the backup: it is cut short or was changed")
            .hint("take another copy of it")
    })?;
    Ok(Plaintext::new(plaintext))
}

fn incompatible(error: &EncryptError) -> Error {
    let reason = match error {
        EncryptError::IncompatibleRecipients { .. } => {
            "recipients that withstand quantum computers cannot stand beside others, which do not"
        }
        _ => "one of the recipients cannot be used",
    };
    Error::usage(format!("cannot encrypt the backup: {reason}"))
}

fn refused(error: &DecryptError) -> Error {
    let (reason, hint, cause) = match error {
        // Of an x25519 key it is NoMatchingKeys.
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            ("the passphrase is another one", "try again", Cause::Sealed)
        }
        DecryptError::NoMatchingKeys => (
            "none of the identities opens it",
            "give the identity of one of its recipients with --identity",
            Cause::Sealed,
        ),
        DecryptError::ExcessiveWork { .. } => (
            "its passphrase takes more work than this machine should be asked to do",
            "is it a backup that you trust? the age tool opens it",
            Cause::Policy,
        ),
        DecryptError::InvalidMac => {
            ("its header was changed", "take another copy of it", Cause::Local)
        }
        _ => ("it is cut short, or no file of age's", "take another copy of it", Cause::Local),
    };
    Error::new(format!("cannot decrypt the backup: {reason}")).hint(hint).of(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(identity: &age::x25519::Identity) -> impl FnOnce(bool) -> Result<Unlock> {
        let identity = identity.clone();
        move |_| Ok(Unlock::Identities(vec![Box::new(identity)]))
    }

    fn told(bytes: &[u8], identity: &age::x25519::Identity) -> (Cause, String) {
        let error = decrypt(bytes, with(identity)).unwrap_err();
        (error.cause(), error.message().to_owned())
    }

    #[test]
    fn each_recipient_opens_it_and_nobody_else() {
        let [one, other, stranger] = [0, 1, 2].map(|_| age::x25519::Identity::generate());
        let recipients = [&one, &other].map(|key| recipient(&key.to_public().to_string()).unwrap());
        let text = encrypt(b"keys", &Lock::Recipients(recipients.into())).unwrap();
        assert!(is_encrypted(text.as_bytes()) && !text.contains("keys"));
        for identity in [&one, &other] {
            assert_eq!(decrypt(text.as_bytes(), with(identity)).unwrap().expose(), b"keys");
        }
        let (cause, message) = told(text.as_bytes(), &stranger);
        assert_eq!(cause, Cause::Sealed);
        assert!(message.contains("none of the identities"), "{message}");
    }

    #[test]
    fn what_was_changed_or_cut_short_is_told_from_what_does_not_open() {
        let key = age::x25519::Identity::generate();
        let recipients = vec![recipient(&key.to_public().to_string()).unwrap()];
        let text = encrypt(&[7; 100_000], &Lock::Recipients(recipients)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let half = lines[..lines.len() / 2].join("\n");
        let mut other = text.clone().into_bytes();
        let at = other.len() / 2;
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        for bytes in
            [half.as_bytes(), &other, b"", b"age-encryption.org/v9\n", &text.as_bytes()[..40]]
        {
            let (cause, message) = told(bytes, &key);
            assert_eq!(cause, Cause::Local);
            assert!(message.starts_with("cannot decrypt the backup: it is cut short"), "{message}");
        }
    }

    #[test]
    fn a_word_that_is_no_recipient_is_refused_and_an_identity_is_not_shown() {
        use age::secrecy::ExposeSecret;
        let secret = age::x25519::Identity::generate().to_string();
        let error = recipient(secret.expose_secret()).err().unwrap();
        assert_eq!(error.cause(), Cause::Policy);
        assert!(!error.to_string().contains(&secret.expose_secret()[15..]), "{error}");
        for text in ["", "age1", "age1qqqq", "ssh-ed25519 AAAA", "someone@example.org"] {
            assert!(recipient(text).err().unwrap().message().ends_with("is no age recipient"));
        }
        assert!(identity(secret.expose_secret()).is_some());
        assert!(identity("AGE-SECRET-KEY-1QQQ").is_none());
    }
}
