//! `encryptAES` and `decryptAES`: AES-256-CBC (SP 800-38A), the IV in front, in Base64.
//!
//! The key is the password, cut or padded with zeros: upstream's choice, and weak.

use aes::Aes256;
use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Args, pem};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Text, Value};

const BLOCK: usize = 16;

fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let used = password.len().min(key.len());
    key[..used].copy_from_slice(&password[..used]);
    Aes256::new(&key.into())
}

/// `IV ‖ AES-CBC[password, IV](text ‖ padding)`; empty for an empty text.
pub(super) fn encrypt(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (password, text) = (args.text(0), args.text(1));
    if text.is_empty() {
        return Ok(Text::EMPTY.into());
    }
    context.room(text.len() * 3 + 64)?;
    context.spend(text.len() as u64)?;
    let cipher = cipher(password);
    let mut bytes = vec![0; BLOCK];
    context.random(&mut bytes)?;
    let padding = BLOCK - text.len() % BLOCK;
    bytes.extend_from_slice(text);
    bytes.extend(std::iter::repeat_n(padding as u8, padding));
    for at in (BLOCK..bytes.len()).step_by(BLOCK) {
        let mut block = mixed(&bytes, at);
        cipher.encrypt_block(&mut block);
        bytes[at..at + BLOCK].copy_from_slice(&block);
    }
    Ok(STANDARD.encode(bytes).into_bytes().into())
}

/// The text again. Of the padding only the last byte is looked at, as upstream does.
pub(super) fn decrypt(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (password, text) = (args.text(0), args.text(1));
    if text.is_empty() {
        return Ok(Text::EMPTY.into());
    }
    context.room(text.len() * 2)?;
    context.spend(text.len() as u64)?;
    let mut bytes = pem::base64(text).ok_or("the ciphertext is not Base64")?;
    if bytes.len() < 2 * BLOCK || !bytes.len().is_multiple_of(BLOCK) {
        return Err("the ciphertext is not an IV and whole blocks".into());
    }
    let cipher = cipher(password);
    // From the end, so that the block before is still encrypted.
    for at in (BLOCK..bytes.len()).step_by(BLOCK).rev() {
        let mut block = block(&bytes[at..at + BLOCK]);
        cipher.decrypt_block(&mut block);
        bytes[at..at + BLOCK].copy_from_slice(&block);
        let plain = mixed(&bytes, at);
        bytes[at..at + BLOCK].copy_from_slice(&plain);
    }
    let padding = bytes.last().copied().map_or(0, usize::from);
    let plain = &bytes[BLOCK..];
    let length = plain.len().checked_sub(padding).ok_or("the padding is longer than the text")?;
    Ok(plain[..length].to_vec().into())
}

fn block(bytes: &[u8]) -> Block<Aes256> {
    let mut block = Block::<Aes256>::default();
    block.copy_from_slice(bytes);
    block
}

/// The block at `at`, xor the one before.
fn mixed(bytes: &[u8], at: usize) -> Block<Aes256> {
    let mut block = block(&bytes[at..at + BLOCK]);
    for (byte, before) in block.iter_mut().zip(&bytes[at - BLOCK..at]) {
        *byte ^= before;
    }
    block
}
