//! `derivePassword`: the Master Password algorithm, from a master password to one for a site.

use hmac::{Hmac, KeyInit, Mac};
use scrypt::Params;
use sha2::Sha256;

use super::Args;
use crate::context::Context;
use crate::error::Fault;
use crate::value::Value;

const SEED: &[u8] = b"com.lyndir.masterpassword";
/// log₂N, r and p of scrypt.
const SCRYPT: (u8, u32, u32) = (15, 8, 2);

/// What scrypt holds while it runs.
const MEMORY: usize = 32 << 20;

/// `HMAC-SHA-256[scrypt(password, seed ‖ user)](seed ‖ site ‖ counter)`, one byte to choose the
/// template, one for each character.
pub(super) fn derive(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let kind = args.text(1);
    let Some(templates) = templates(kind) else {
        context.room(kind.len() + 30)?;
        return Ok([b"cannot find password template ", &**kind].concat().into());
    };
    let (password, user, site) = (args.text(2), args.text(3), args.text(4));
    let counter = u32::try_from(args.int(0)).map_err(|_| "the counter is no uint32")?;
    context.check(MEMORY)?;
    context.spend_costly(1)?;
    // scrypt hashes the salt once for each 32 of 2048 bytes.
    context.spend((password.len() + user.len() * 64 + site.len()) as u64 / 4)?;
    let failed = "scrypt failed";
    let mut key = [0; 64];
    let params = Params::new(SCRYPT.0, SCRYPT.1, SCRYPT.2).map_err(|_| failed)?;
    scrypt::scrypt(password, &salted(user), &params, &mut key).map_err(|_| failed)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| failed)?;
    mac.update(&salted(site));
    mac.update(&counter.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let template = templates[usize::from(bytes[0]) % templates.len()];
    let character = |(class, byte): (u8, &u8)| {
        let characters = characters(class);
        characters[usize::from(*byte) % characters.len()]
    };
    Ok(template.bytes().zip(&bytes[1..]).map(character).collect::<Vec<u8>>().into())
}

/// The seed, and a name after its length.
fn salted(name: &[u8]) -> Vec<u8> {
    let length = (name.len() as u32).to_be_bytes();
    [SEED, &length, name].concat()
}

fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => LONG,
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

const LONG: &[&str] = &[
    "CvcvnoCvcvCvcv",
    "CvcvCvcvnoCvcv",
    "CvcvCvcvCvcvno",
    "CvccnoCvcvCvcv",
    "CvccCvcvnoCvcv",
    "CvccCvcvCvcvno",
    "CvcvnoCvccCvcv",
    "CvcvCvccnoCvcv",
    "CvcvCvccCvcvno",
    "CvcvnoCvcvCvcc",
    "CvcvCvcvnoCvcc",
    "CvcvCvcvCvccno",
    "CvccnoCvccCvcv",
    "CvccCvccnoCvcv",
    "CvccCvccCvcvno",
    "CvcvnoCvccCvcc",
    "CvcvCvccnoCvcc",
    "CvcvCvccCvccno",
    "CvccnoCvcvCvcc",
    "CvccCvcvnoCvcc",
    "CvccCvcvCvccno",
];

/// What a letter of a template stands for.
fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}
