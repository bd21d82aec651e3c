//! Digests, in small hexadecimal digits (Adler-32 in decimal ones).

use Type::Text;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("adler32sum", &[Text], Text, adler32sum),
    Function::new("sha1sum", &[Text], Text, sum::<Sha1>),
    Function::new("sha256sum", &[Text], Text, sum::<Sha256>),
    Function::new("sha512sum", &[Text], Text, sum::<Sha512>),
];

fn sum<D: Digest>(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.spend(64 + text.len() as u64 / 2)?;
    let digit = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
    let digest = D::digest(&**text);
    let hex = digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    Ok(hex.collect::<Vec<_>>().into())
}

/// Adler-32 (RFC 1950): `b·2¹⁶ + a`, a sum of the bytes and a sum of those sums, modulo 65,521.
fn adler32sum(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    const MODULUS: u32 = 65_521;
    context.spend(args.text(0).len() as u64 / 4)?;
    let (a, b) = args.text(0).iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % MODULUS;
        (a, (a + b) % MODULUS)
    });
    Ok((b << 16 | a).to_string().into_bytes().into())
}
