//! bcrypt, and the lines of htpasswd files.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use blowfish::Blowfish;

use super::Args;
use crate::context::Context;
use crate::error::Fault;
use crate::value::Value;

const COST: u32 = 10;
const LONGEST: usize = 72;
const MAGIC: &[u8; 24] = b"OrpheanBeholderScryDoubt";
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

pub(super) fn bcrypt(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(hash(context, args.text(0))?.into())
}

pub(super) fn htpasswd(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (user, password) = (args.text(0), args.text(1));
    context.room(user.len() + 80)?;
    if user.contains(&b':') {
        return Ok([b"invalid username: ", &**user].concat().into());
    }
    Ok([&**user, b":", &hash(context, password)?].concat().into())
}

/// `$2a$10$salt,hash`, or why not: Sprig renders that too.
fn hash(context: &mut Context<'_>, password: &[u8]) -> Result<Vec<u8>, Fault> {
    if password.len() > LONGEST {
        return Ok(b"failed to encrypt string with bcrypt: \
            bcrypt: password length exceeds 72 bytes"
            .to_vec());
    }
    context.spend_costly(1)?;
    let mut salt = [0; 16];
    context.random(&mut salt)?;
    let digest = digest(password, &salt);
    Ok(format!("$2a${COST}${}{}", BASE64.encode(salt), BASE64.encode(digest)).into_bytes())
}

/// `Blowfish[expensive schedule of password ‖ 0 and salt]⁶⁴(magic)` (Provos and Mazières, 1999),
/// less the last byte, which no implementation writes.
fn digest(password: &[u8], salt: &[u8; 16]) -> [u8; 23] {
    let key = [password, &[0]].concat();
    let mut cipher: Blowfish = Blowfish::bc_init_state();
    cipher.salted_expand_key(salt, &key);
    for _ in 0..1 << COST {
        cipher.bc_expand_key(&key);
        cipher.bc_expand_key(salt);
    }
    let mut digest = [0; 23];
    for (from, to) in MAGIC.chunks_exact(8).zip(digest.chunks_mut(8)) {
        let half =
            |at: usize| from[at..at + 4].iter().fold(0, |half, byte| half << 8 | u32::from(*byte));
        let block = (0..64).fold([half(0), half(4)], |block, _| cipher.bc_encrypt(block));
        let bytes = [block[0].to_be_bytes(), block[1].to_be_bytes()].concat();
        to.copy_from_slice(&bytes[..to.len()]);
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test vectors of OpenWall's crypt_blowfish and of jBCrypt, cost 10.
    #[test]
    fn digests_are_those_of_others() {
        for (password, known) in [
            ("", "$2a$10$k1wbIrmNyFAPwPVPSVa/zecw2BCEnBwVS2GbrmgzxFUOqW9dk4TCW"),
            ("a", "$2a$10$k87L/MF28Q673VKh8/cPi.SUl7MU/rWuSiIDDFayrKk/1tBsSQu4u"),
            ("abc", "$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi"),
        ] {
            let salt: [u8; 16] = BASE64.decode(&known[7..29]).unwrap().try_into().unwrap();
            assert_eq!(BASE64.encode(digest(password.as_bytes(), &salt)), known[29..]);
        }
    }
}
