//! Sprig's certificates: a value of two fields, and the functions that make it.

mod extensions;
mod names;
mod read;
mod time;
mod write;

use super::key::PrivateKey;
use super::{Args, pem};
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::Function;
use crate::value::{Kind, Object, ObjectType, Text, Value};
use names::Names;
use read::Certificate;
use write::{Issuer, Wanted};

/// `sprig.certificate`.
pub(super) static CERTIFICATE: ObjectType =
    ObjectType { name: "sprig.certificate", kind: Kind::Struct, integer: None };

/// A certificate and its private key, both in PEM.
struct Pair {
    cert: Text,
    key: Text,
}

impl Object for Pair {
    fn object_type(&self) -> &'static ObjectType {
        &CERTIFICATE
    }

    fn method(&self, _: &str) -> Option<&'static Function> {
        None
    }

    fn size(&self) -> usize {
        self.cert.len() + self.key.len()
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", self.cert.clone().into()), ("Key", self.key.clone().into())]
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| self.cert == other.cert && self.key == other.key)
    }
}

/// The bits of keys that Sprig makes for certificates.
const BITS: usize = 2048;

/// Takes certificate and key from Base64, once both could be read. Whether they belong together
/// is not asked.
pub(super) fn build_custom(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    context.room((args.text(0).len() + args.text(1).len()) * 3)?;
    context.spend(args.text(0).len() as u64)?;
    let cert = pem::base64(args.text(0)).ok_or("the certificate is not Base64")?;
    let key = pem::base64(args.text(1)).ok_or("the private key is not Base64")?;
    let block = pem::decode(&cert).ok_or("no PEM data in the certificate")?;
    Certificate::read(&block.bytes).ok_or("malformed certificate")?;
    PrivateKey::from_pem(context, &key)?;
    Ok(Value::object(Pair { cert: cert.into(), key: key.into() }))
}

pub(super) fn ca(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let key = PrivateKey::generate_rsa(context, BITS)?;
    authority(context, args, &key)
}

pub(super) fn ca_with_key(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let key = PrivateKey::from_pem(context, args.text(2))?;
    authority(context, args, &key)
}

fn authority(context: &mut Context<'_>, args: &Args<'_>, key: &PrivateKey) -> Result<Value, Fault> {
    let names = Names::default();
    let wanted = Wanted { name: args.text(0), names, days: args.int(1), authority: true };
    issue(context, &wanted, key, Issuer::Itself)
}

pub(super) fn self_signed(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let wanted = leaf(context, args)?;
    let key = PrivateKey::generate_rsa(context, BITS)?;
    issue(context, &wanted, &key, Issuer::Itself)
}

pub(super) fn self_signed_with_key(
    context: &mut Context<'_>,
    args: &mut Args<'_>,
) -> Result<Value, Fault> {
    let wanted = leaf(context, args)?;
    let key = PrivateKey::from_pem(context, args.text(4))?;
    issue(context, &wanted, &key, Issuer::Itself)
}

pub(super) fn signed(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let wanted = leaf(context, args)?;
    let key = PrivateKey::generate_rsa(context, BITS)?;
    signed_by(context, args, &wanted, &key)
}

pub(super) fn signed_with_key(
    context: &mut Context<'_>,
    args: &mut Args<'_>,
) -> Result<Value, Fault> {
    let wanted = leaf(context, args)?;
    let key = PrivateKey::from_pem(context, args.text(5))?;
    signed_by(context, args, &wanted, &key)
}

/// A certificate of no authority, from the arguments name, IP addresses, DNS names and days.
fn leaf<'a>(context: &mut Context<'_>, args: &'a Args<'_>) -> Result<Wanted<'a>, Fault> {
    let names = Names::read(context, args.list(1), args.list(2))?;
    Ok(Wanted { name: args.text(0), names, days: args.int(3), authority: false })
}

/// Issued by the certificate in argument 4.
fn signed_by(
    context: &mut Context<'_>,
    args: &Args<'_>,
    wanted: &Wanted<'_>,
    key: &PrivateKey,
) -> Result<Value, Fault> {
    let pair = args.any(4).downcast::<Pair>().ok_or("the issuer is no certificate")?;
    context.spend(pair.cert.len() as u64)?;
    let block = pem::decode(&pair.cert).ok_or("no PEM data in the issuer's certificate")?;
    let certificate = Certificate::read(&block.bytes).ok_or("malformed issuer's certificate")?;
    let signer = PrivateKey::from_pem(context, &pair.key)?;
    issue(context, wanted, key, Issuer::Other(&certificate, &signer))
}

fn issue(
    context: &mut Context<'_>,
    wanted: &Wanted<'_>,
    key: &PrivateKey,
    issuer: Issuer<'_>,
) -> Result<Value, Fault> {
    context.room(wanted.name.len() * 8)?;
    context.spend(wanted.name.len() as u64)?;
    let cert = pem::encode("CERTIFICATE", &wanted.issue(context, key, issuer)?);
    Ok(Value::object(Pair { cert: cert.into(), key: key.to_pem()?.into() }))
}
