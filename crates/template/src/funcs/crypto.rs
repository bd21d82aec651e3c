//! Sprig's functions on keys, certificates and passwords.

mod aes;
mod certificate;
mod der;
mod derive;
mod generator;
mod key;
mod password;
mod pem;

use Type::{Int, List, Object, Text, Uint32};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};
use certificate::CERTIFICATE;
use key::PrivateKey;

const CERT: Type = Object(&CERTIFICATE);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("bcrypt", &[Text], Text, password::bcrypt).unsteady(),
    Function::new("htpasswd", &[Text, Text], Text, password::htpasswd).unsteady(),
    Function::new("derivePassword", &[Uint32, Text, Text, Text, Text], Text, derive::derive),
    Function::new("encryptAES", &[Text, Text], Text, aes::encrypt).unsteady(),
    Function::new("decryptAES", &[Text, Text], Text, aes::decrypt),
    Function::new("genPrivateKey", &[Text], Text, gen_private_key).unsteady(),
    Function::new("buildCustomCert", &[Text, Text], CERT, certificate::build_custom),
    Function::new("genCA", &[Text, Int], CERT, certificate::ca).unsteady(),
    Function::new("genCAWithKey", &[Text, Int, Text], CERT, certificate::ca_with_key).unsteady(),
    Function::new("genSelfSignedCert", &[Text, List, List, Int], CERT, certificate::self_signed)
        .unsteady(),
    Function::new(
        "genSelfSignedCertWithKey",
        &[Text, List, List, Int, Text],
        CERT,
        certificate::self_signed_with_key,
    )
    .unsteady(),
    Function::new("genSignedCert", &[Text, List, List, Int, CERT], CERT, certificate::signed)
        .unsteady(),
    Function::new(
        "genSignedCertWithKey",
        &[Text, List, List, Int, CERT, Text],
        CERT,
        certificate::signed_with_key,
    )
    .unsteady(),
];

/// A new private key of the named type, in PEM.
fn gen_private_key(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let key = match &**args.text(0) {
        b"" | b"rsa" => PrivateKey::generate_rsa(context, 4096)?,
        b"dsa" => return key::generate_dsa(context).map(Value::from),
        b"ecdsa" => PrivateKey::generate_ec(context)?,
        b"ed25519" => PrivateKey::generate_ed25519(context)?,
        unknown => {
            context.room(unknown.len() + 13)?;
            return Ok([b"Unknown type ", unknown].concat().into());
        }
    };
    Ok(key.to_pem()?.into())
}
